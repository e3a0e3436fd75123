"""What is typed behind the verbs of `mynacard office`: times, spans of time, papers, answers to questions."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import click

from mynacard_emulator.office.visitor import Document, DocumentKind
from mynacard_emulator.personalise.dates import JST

_HOUR = time(10)
_SPAN = re.compile(r"(?:(\d{1,5})w)?(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?")


class Moment(click.ParamType):
    """A time in Japan; a day alone is ten o'clock of it, when desks are open on a working day."""

    name = "TIME"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:  # noqa: ANN401 - click's signature
        """Read it."""
        if isinstance(value, datetime):
            return value
        text = str(value)
        try:
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
                return datetime.combine(date.fromisoformat(text), _HOUR, JST)
            at = datetime.fromisoformat(text)
            return (at if at.tzinfo else at.replace(tzinfo=JST)).astimezone(JST).replace(microsecond=0)
        except (ValueError, OverflowError):
            self.fail(f"{text!r} is no time; write 2026-11-20, or 2026-11-20T14:30", param, ctx)


class Day(click.ParamType):
    """A day."""

    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401 - click's signature
        """Read it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no day; write 2026-11-20", param, ctx)


class Span(click.ParamType):
    """A span of time, such as `3d` or `1d12h`."""

    name = "SPAN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:  # noqa: ANN401 - click's signature
        """Read it."""
        if isinstance(value, timedelta):
            return value
        found = _SPAN.fullmatch(str(value))
        if not value or found is None:
            self.fail(f"{value!r} is no span of time; write 3d, 12h, 30m, 2w, or 1d12h", param, ctx)
        weeks, days, hours, minutes = (int(part or 0) for part in found.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)


class Paper(click.ParamType):
    """A document that is shown, or `none`."""

    name = "KIND[:DAY]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Document | None:  # noqa: ANN401 - click's signature
        """Read it."""
        if value is None or isinstance(value, Document):
            return value
        if value == "none":
            return None
        try:
            return Document.parse(str(value))
        except ValueError:
            known = ", ".join(kind.replace("_", "-") for kind in DocumentKind)
            self.fail(f"{value!r} is no document; write KIND or KIND:2027-03-31, where KIND is one of {known}", param, ctx)


class Pair(click.ParamType):
    """A name and a value, `NAME=VALUE`; no message repeats the value, which may be a PIN."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:  # noqa: ANN401 - click's signature
        """Read it."""
        if isinstance(value, tuple):
            return value
        name, equals, word = str(value).partition("=")
        if not name or not equals:
            self.fail("write NAME=VALUE", param, ctx)
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
