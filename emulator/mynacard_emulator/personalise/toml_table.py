"""One table of a TOML file, read key by key and strictly."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from .errors import ProfileError

T = TypeVar("T")

LONGEST = 1 << 16
"""Characters of a document."""

_LONGEST_SHOWN = 60
_MOST_DOTS = 100  # in a line: for a key of n parts the parser keeps n tuples of up to n names


@dataclass(frozen=True, slots=True)
class Table:
    """A table, the keys it may have, and the name of the file it stands in; a table that is not there is empty."""

    source: str
    name: str
    content: Mapping[str, object]

    def error(self, key: str, problem: str) -> ProfileError:
        """The line that says what is wrong with a key."""
        return ProfileError(f"{self.source}: {self.name}.{key}: {problem}")

    def text(self, key: str) -> str | None:
        """A text, or None where the key is not there."""
        value = self.content.get(key)
        if value is not None and not isinstance(value, str):
            raise self.error(key, "must be text in quotes")
        return value

    def day(self, key: str) -> date | None:
        """A date, or None where the key is not there."""
        value = self.content.get(key)
        if value is None or type(value) is date:  # a TOML date-time is a `date` too
            return value
        raise self.error(key, "must be a date without quotes, such as 1980-02-17")

    def digits(self, key: str, length: int) -> str | None:
        """A text of so many digits, or None where the key is not there."""
        value = self.text(key)
        if value is not None and not re.fullmatch(f"[0-9]{{{length}}}", value):
            raise self.error(key, f"must be {length} digits in quotes")
        return value

    def choice(self, key: str, known: Mapping[str, T], default: T) -> T:
        """What one of the known words stands for."""
        word = self.text(key)
        if word is None:
            return default
        if word not in known:
            raise self.error(key, f"unknown word; one of: {', '.join(known)}")
        return known[word]

    def refuse(self, key: str, problem: str) -> None:
        """Raise if the key is there."""
        if key in self.content:
            raise self.error(key, problem)

    def number(self, key: str, *, least: int, most: int, default: int) -> int:
        """A whole number between two others."""
        value = self.content.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.error(key, f"must be a whole number from {least} to {most}")
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.content.get(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "must be true or false, without quotes")
        return value


def text_of(path: Path, kind: str) -> str:
    """Read a file, which is a `profile` or another kind of document; raise `ProfileError`."""
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(LONGEST + 1)
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{path}: is not UTF-8 text; a {kind} is a TOML file") from None
    except ValueError:
        raise ProfileError(f"{str(path)!r}: is no path of a file") from None


def document(text: str, source: str, kind: str) -> dict[str, object]:
    """Parse a document of this kind, within limits; raise `ProfileError`."""
    if len(text) > LONGEST:
        raise ProfileError(f"{source}: is longer than {LONGEST:,} characters, as no {kind} is")
    if any(line.count(".") > _MOST_DOTS for line in text.split("\n")):
        raise ProfileError(f"{source}: has a line with more than {_MOST_DOTS} dots, as no {kind} does")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProfileError(f"{source}: is not TOML: {error}") from None


def no_such_key(source: str, table: str, key: str, known: Iterable[str]) -> ProfileError:
    """The line about a key that a table cannot have."""
    return ProfileError(f"{source}: {table}.{_shown(key)}: no such key; {_suggestion(key, known)}")


def tables(text: str, source: str, known: Mapping[str, Iterable[str]]) -> dict[str, Table]:
    """Parse a profile of which all tables and keys are known; raise `ProfileError` for any other."""
    found = document(text, source, "profile")
    for name, content in found.items():
        if name not in known:
            raise ProfileError(f"{source}: {_shown(name)}: no such table; {_suggestion(name, known)}")
        if not isinstance(content, dict):
            raise ProfileError(f"{source}: {name}: must be a table: [{name}]")
        for key in content:
            if key not in known[name]:
                raise no_such_key(source, name, key, known[name])
    return {name: Table(source, name, _table_in(found, name)) for name in known}


def _table_in(found: Mapping[str, object], name: str) -> Mapping[str, object]:
    content = found.get(name)
    return content if isinstance(content, dict) else {}


def _shown(key: str) -> str:
    """A key in one line: in quotes it may be anything."""
    return key if key.isprintable() and len(key) <= _LONGEST_SHOWN else ascii(key[:_LONGEST_SHOWN])


def _suggestion(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known are: {', '.join(known)}"
