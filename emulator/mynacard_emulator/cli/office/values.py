"""What is typed behind the verbs of `mynacard office`: times, spans of time, papers, answers to questions."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import click

from mynacard_emulator.office.visitor import Document, DocumentKind
from mynacard_emulator.personalise.dates import JST

_HOUR = time(10)
_SPAN = re.compile(r"(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?")


def moment(text: str) -> datetime:
    """Read a time in Japan; a day alone is ten o'clock of it, when desks are open on a working day."""
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return datetime.combine(date.fromisoformat(text), _HOUR, JST)
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=JST)).astimezone(JST).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"{text!r} is no time; write 2026-11-20, or 2026-11-20T14:30") from None


def day(text: str) -> date:
    """Read a day."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is no day; write 2026-11-20") from None


def span(text: str) -> timedelta:
    """Read a span of time, such as `3d` or `1d12h`."""
    found = _SPAN.fullmatch(text)
    if not text or found is None:
        raise click.BadParameter(f"{text!r} is no span of time; write 3d, 12h, 30m, 2w, or 1d12h")
    weeks, days, hours, minutes = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


def paper(text: str) -> Document | None:
    """Read a document that is shown; `none` is none."""
    if text == "none":
        return None
    try:
        return Document.parse(text)
    except ValueError:
        known = ", ".join(kind.replace("_", "-") for kind in DocumentKind)
        raise click.BadParameter(
            f"{text!r} is no document; write KIND or KIND:2027-03-31, where KIND is one of {known}"
        ) from None


def pair(text: str) -> tuple[str, str]:
    """Read `NAME=VALUE`; no message repeats the value, which may be a PIN."""
    name, equals, word = text.partition("=")
    if not name or not equals:
        raise click.BadParameter("write NAME=VALUE")
    return name, word


def from_standard_input(given: Mapping[str, object]) -> dict[str, object]:
    """Replace each value that is `-` by the next line of standard input, which no list of processes shows."""
    return {name: _line() if value == "-" else value for name, value in given.items()}


def _line() -> str:
    try:
        line = sys.stdin.readline() if sys.stdin else ""
    except UnicodeDecodeError:
        raise click.UsageError("what is on standard input is not text") from None
    if not line:
        raise click.UsageError("standard input has ended: give it a line for each -")
    return line.rstrip("\r\n")
