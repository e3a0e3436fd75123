"""Baselines: the findings that are known of a client, kept beside its code, each with the reason why it is left so."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.verdict import Judged

from .files import UnusableFileError, is_object, read_json, read_text
from .messages import say

VERSION = 1
"""The form of the file; it stands in it as `version`."""

_HEADER = """\
# What is known to be broken, by requirement, and why it is left so: `mynacard check --baseline` does not fail for it.
version = 1

[expected]
"""


def read(path: Path) -> dict[str, str]:
    """Read expected findings, TOML or (as its name says) JSON; raise `UnusableFileError`."""
    document = read_json(path) if path.suffix == ".json" else _read_toml(path)
    if not is_object(document) or set(document) != {"version", "expected"} or not is_object(document["expected"]):
        raise UnusableFileError(f"{path} is no baseline: it has `version = {VERSION}` and a table `expected`")
    if document["version"] != VERSION:
        raise UnusableFileError(f"{path} is a baseline of version {document['version']!r}, and {VERSION} is known here")
    expected = document["expected"]
    if unknown := sorted(set(expected) - set(REQUIREMENTS)):
        known = "`mynacard requirements` lists them"
        raise UnusableFileError(f"{path}: no requirement {', '.join(map(repr, unknown))}; {known}")
    if bare := [key for key, reason in expected.items() if not (isinstance(reason, str) and reason.strip())]:
        raise UnusableFileError(f"{path}: {bare[0]} needs a reason, in words")
    return expected


def reasons(found: tuple[Judged, ...], known: Mapping[str, str]) -> dict[str, str]:
    """The findings as a baseline has them: a reason that was known stays, else it is what was seen."""
    return {
        judged.requirement.id: known.get(judged.requirement.id) or f"seen: {say(judged.finding.violation.seen, 'en')}"
        for judged in found
        if judged.finding
    }


def written(expected: Mapping[str, str], path: Path) -> str:
    """A baseline as the content of such a file."""
    if path.suffix == ".json":
        return json.dumps({"version": VERSION, "expected": expected}, ensure_ascii=False, indent=2) + "\n"
    return _HEADER + "".join(f"{_quoted(key)} = {_quoted(reason)}\n" for key, reason in expected.items())


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise UnusableFileError(f"{path} is no TOML: {error}") from None
    except RecursionError:
        raise UnusableFileError(f"{path} is nested deeper than any file of ours") from None


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's, which escapes all that must be, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
