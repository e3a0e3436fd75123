"""What is ordered before a client's first word: lines, faults drawn at random, and plan files, reader by reader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynacard_emulator.personalise.errors import ProfileError
from mynacard_emulator.personalise.toml_table import Table, document, no_such_key, text_of
from mynacard_emulator.readers.names import MOST_READERS
from mynacard_emulator.readers.port import ReaderError

from .accidents import NoAccident, named
from .drawn import drawn
from .fault import Fault, NoFault
from .noise import noise_named

MOST_DRAWN, USUALLY_DRAWN = 1000, 5
"""How many faults may be drawn at once, and how many are where nobody says."""

_HIGHEST_SEED: Final = (1 << 63) - 1
_RANDOM = re.compile(r"random:(?P<seed>[0-9]{1,18})(?::(?P<count>[0-9]{1,9}))?")
_KEYS = ("faults", "seed", "count", "accident", "noise")
_READERS = "readers"


class NoPlan(ReaderError):
    """A file from which no orders can be read; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What is ordered for one reader.

    Attributes:
        reader: Its number.
        faults: What goes wrong at commands.
        drawn: The same, drawn at random; whoever plays it tells which they are.
        accident: What happens on the desk, by name.
        noise: What a platform says to the card, by name.

    """

    reader: int = 0
    faults: tuple[Fault, ...] = ()
    drawn: tuple[Fault, ...] = ()
    accident: str | None = None
    noise: str | None = None


def orders(given: str) -> tuple[Orders, ...]:
    """Read one order: a fault's line, `random:SEED[:COUNT]`, or `@` and the path of a plan file.

    Raises `NoFault` and `NoPlan`.
    """
    if given.startswith("@"):
        return read(Path(given[1:]))
    if given.startswith("random:"):
        return (Orders(drawn=_at_random(given)),)
    return (Orders(faults=(Fault.parse(given),)),)


def read(path: Path) -> tuple[Orders, ...]:
    """Read a plan from a file; raise `NoPlan`."""
    try:
        text = text_of(path, "plan")
    except ProfileError as error:
        raise NoPlan(str(error)) from None
    return parse(text, source=str(path))


def parse(text: str, *, source: str) -> tuple[Orders, ...]:
    """Read a plan from its text; raise `NoPlan` for the first problem."""
    try:
        return tuple(_of_plan(document(text, source, "plan"), source))
    except (ProfileError, NoPlan) as error:
        raise NoPlan(str(error)) from None
    except (NoFault, NoAccident) as error:
        raise NoPlan(f"{source}: {error}") from None


def _of_plan(plan: Mapping[str, object], source: str) -> Iterator[Orders]:
    """What a plan has at its top is about the first reader, and each table `readers.NUMBER` about that one."""
    readers = plan.get(_READERS, {})
    if not isinstance(readers, dict):
        raise NoPlan(f"{source}: {_READERS}: must be tables, such as [{_READERS}.1]")
    top = {key: value for key, value in plan.items() if key != _READERS}
    if top:
        yield _of_reader(0, Table(source, "plan", top), (*_KEYS, _READERS))
    for number, content in readers.items():
        if number not in map(str, range(MOST_READERS)):
            raise NoPlan(f"{source}: {_READERS}: a reader is a number from 0 to {MOST_READERS - 1}")
        if not isinstance(content, dict):
            raise NoPlan(f"{source}: {_READERS}.{number}: must be a table: [{_READERS}.{number}]")
        yield _of_reader(int(number), Table(source, f"{_READERS}.{number}", content), _KEYS)


def _of_reader(reader: int, table: Table, known: tuple[str, ...]) -> Orders:
    for key in table.content:
        if key not in known:
            raise no_such_key(table.source, table.name, key, known)
    accident, noise = table.text("accident"), table.text("noise")
    return Orders(
        reader,
        faults=tuple(_lines(table)),
        drawn=_drawn(table),
        accident=None if accident is None else named(accident).name,
        noise=None if noise is None else noise_named(noise).name,
    )


def _lines(table: Table) -> Iterator[Fault]:
    lines = table.content.get("faults", [])
    if not isinstance(lines, list):
        raise table.error("faults", 'must be a list of lines, such as ["verify:1:tear-after"]')
    for line in lines:
        if not isinstance(line, str):
            raise table.error("faults", "must be a list of lines in quotes")
        yield Fault.parse(line)


def _drawn(table: Table) -> tuple[Fault, ...]:
    if "seed" not in table.content:
        table.refuse("count", "is for faults that are drawn; give their seed, too")
        return ()
    return drawn(
        table.number("seed", least=0, most=_HIGHEST_SEED, default=0),
        table.number("count", least=1, most=MOST_DRAWN, default=USUALLY_DRAWN),
    )


def _at_random(given: str) -> tuple[Fault, ...]:
    found = _RANDOM.fullmatch(given)
    count = int(found["count"] or USUALLY_DRAWN) if found else 0
    if found is None or not 1 <= count <= MOST_DRAWN:
        raise NoFault(f"fault {given!r}: write random:SEED or random:SEED:COUNT, with up to {MOST_DRAWN} of them")
    return drawn(int(found["seed"]), count)
