"""One row of a table of verbs: method, path, what is asked and what is answered. Routes and OpenAPI are made of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from .schema import JSON, Schema, text, thing

C = TypeVar("C")

Given: TypeAlias = Mapping[str, Any]
"""What a request says: path, query and body as one."""

ERROR = thing({"error": text("A name for programs."), "message": text("A sentence for people.")})
"""What comes back when nothing is done."""


@dataclass(frozen=True, slots=True)
class Verb(Generic[C]):
    """One thing that can be asked for, of a `C`.

    Attributes:
        name: What OpenAPI calls it.
        method: HTTP's.
        path: With the names of its parameters in braces.
        act: What it does.
        summary: A sentence for people.
        answer: What comes back when it is done.
        status: With which status; 201 where something new is there.
        body: What may be sent; None where nothing is.
        query: What may stand behind the question mark.
        parts: What may stand in the braces of a path; more than one path has is no harm.

    """

    name: str
    method: str
    path: str
    act: Callable[[C, Given], JSON]
    summary: str
    answer: Schema
    status: int = 200
    body: Schema | None = None
    query: Mapping[str, Schema] = field(default_factory=dict)
    parts: Mapping[str, Schema] = field(default_factory=dict)

    @property
    def parameters(self) -> Mapping[str, Schema]:
        """What stands in the path."""
        return {name: self.parts[name] for name in re.findall(r"{(\w+)}", self.path)}
