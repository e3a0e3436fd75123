"""Pictures that were drawn before: those of the built-in holders come with the package.

Pillow takes as long to import as the rest of a card takes to make, and nobody should wait for it to talk to a card.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from hashlib import sha256
from importlib.resources import files
from typing import TypeVar

S = TypeVar("S")


def kept(draw: Callable[[S], bytes]) -> Callable[[S], bytes]:
    """Look for a picture among the kept ones, and draw it where there is none; `inspect.unwrap` gives the drawing."""

    @cache
    @wraps(draw)
    def picture(subject: S) -> bytes:
        found = files("mynacard_fixtures") / "pictures" / file_name(draw, subject)
        return found.read_bytes() if found.is_file() else draw(subject)

    return picture


def file_name(draw: Callable[[S], bytes], subject: S) -> str:
    """Where the picture of a subject is kept."""
    return f"{draw.__name__}-{sha256(repr(subject).encode()).hexdigest()[:16]}"
