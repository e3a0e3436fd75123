"""Several clients side by side, from their verdicts: a row a requirement, those that differ first."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.verdict import Verdict

from .as_json import VERSION
from .files import UnusableFileError, is_object, read_document
from .messages import Language, sentence, text, word
from .templating import render
from .text import pad


@dataclass(frozen=True, slots=True)
class Column:
    """A client, and the verdict on each requirement by its id."""

    client: str
    verdicts: Mapping[str, Verdict]


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement by its id, and the verdict on it for each client; None for a run that did not know it."""

    id: str
    verdicts: Sequence[Verdict | None]

    @property
    def differs(self) -> bool:
        """Whether the clients are not all the same."""
        return len(set(self.verdicts)) > 1


def read(path: Path) -> Column:
    """Read a verdict, or that in a report's folder; raise `UnusableFileError`."""
    file = path / "verdict.json" if path.is_dir() else path
    document = read_document(file, "verdict", VERSION)
    try:
        return Column(_text(document["client"]), dict(_judged(each) for each in document["requirements"]))
    except (KeyError, TypeError, ValueError):
        raise UnusableFileError(f"{file} is a damaged verdict; let `mynacard check --report` write it anew") from None


def rows(columns: Sequence[Column]) -> tuple[Row, ...]:
    """Every requirement that any of them was judged by: first those that differ, each in the order of reports."""
    ids = dict.fromkeys((*REQUIREMENTS, *(key for column in columns for key in column.verdicts)))
    judged = (Row(key, [column.verdicts.get(key) for column in columns]) for key in ids)
    return tuple(sorted((row for row in judged if any(row.verdicts)), key=lambda row: not row.differs))


def write(columns: Sequence[Column], language: Language) -> Iterator[str]:
    """Write a table for a terminal, with a letter for each client."""
    letters = letters_for(columns)
    yield from (f"{letter}  {column.client}" for letter, column in zip(letters, columns, strict=True))
    for differs, key in ((True, "different"), (False, "the-same")):
        chosen = [row for row in rows(columns) if row.differs is differs]
        if chosen:
            yield ""
            yield pad(text(key, language), 38) + "".join(pad(letter, 14) for letter in letters).rstrip()
        for row in chosen:
            named = (word(verdict, language) if verdict else text("no-row", language) for verdict in row.verdicts)
            yield (pad(f"  {row.id}", 38) + "".join(pad(each, 14) for each in named)).rstrip()


def describe(columns: Sequence[Column]) -> dict[str, Any]:
    """Turn the table into JSON values."""
    return {
        "format": "mynacard comparison",
        "version": VERSION,
        "clients": [column.client for column in columns],
        "requirements": [
            {
                "id": row.id,
                "differs": row.differs,
                "verdicts": [verdict.value if verdict else None for verdict in row.verdicts],
            }
            for row in rows(columns)
        ],
    }


def write_page(columns: Sequence[Column], language: Language) -> str:
    """Write the table as a page."""
    sentences = {key: sentence(requirement, language) for key, requirement in REQUIREMENTS.items()}
    return render(
        "compare.html",
        language,
        columns=columns,
        letters=letters_for(columns),
        rows=rows(columns),
        sentences=sentences,
    )


def letters_for(columns: Sequence[Column]) -> list[str]:
    """A short name for each: A to Z, then A1 and so on."""
    alphabet = string.ascii_uppercase
    return [alphabet[at % 26] + (str(at // 26) if at >= 26 else "") for at in range(len(columns))]


def _judged(each: object) -> tuple[str, Verdict]:
    if not is_object(each):
        raise TypeError
    return _text(each["id"]), Verdict(each["verdict"])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
