"""One accident at one command, and the line in which it is written: `verify:1:tear-after`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from typing import Final

from mynacard_emulator.iso7816 import INS, READER_CLASS, CommandAPDU, MalformedAPDU, ProprietaryINS
from mynacard_emulator.readers.port import ReaderError

LONGEST = 60.0
"""Seconds that a card may be made to wait at most: long enough for every client's patience, and no run is stuck."""

_HIGHEST = 1_000_000


class NoFault(ReaderError):
    """A line that orders no fault; the message says what may be written."""


@unique
class Kind(Enum):
    """Which commands a fault waits for."""

    COMMAND = "command"  # the one with this number, counted since the reader was set up
    ANY = "any"  # the next ones, whatever they are
    SELECT = "select"
    READ = "read"
    VERIFY = "verify"
    QUERY = "query"  # the empty VERIFY, which spends no try
    CHANGE = "change"
    SIGN = "sign"


@unique
class Moment(Enum):
    """Where in a command it happens."""

    BEFORE = "before"  # the chip never sees the command
    DURING = "during"
    AFTER = "after"  # the chip has acted


@unique
class Effect(Enum):
    """What happens."""

    EJECT = "eject"
    TEAR_BEFORE = "tear-before"
    LOSE_COMMAND = "lose-command"
    HANG = "hang"
    ZERO_BYTES = "zero-bytes"
    RESET = "reset"
    POWER_CYCLE = "power-cycle"
    POWER_CUT = "power-cut"
    TEAR_AFTER = "tear-after"
    EJECT_AFTER = "eject-after"
    LOSE_ANSWER = "lose-answer"
    DELAY = "delay"
    TRUNCATE = "truncate"
    EMPTY = "empty"
    GARBAGE = "garbage"
    FLIP_BIT = "flip-bit"
    GET_RESPONSE = "61xx"
    WRONG_LE = "6Cxx"

    @property
    def moment(self) -> Moment:
        """Where in the command it happens."""
        if self is Effect.POWER_CUT:
            return Moment.DURING
        return Moment.BEFORE if self in _BEFORE else Moment.AFTER

    @property
    def amount(self) -> Amount | None:
        """What has to be said with it, if anything."""
        return _AMOUNTS.get(self)


@dataclass(frozen=True, slots=True)
class Amount:
    """What a number behind `=` means, and its limits."""

    unit: str
    lowest: float
    highest: float
    whole: bool = True

    def __str__(self) -> str:
        return f"{self.unit}, {_plain(self.lowest)} to {_plain(self.highest)}"


_BEFORE = (
    Effect.EJECT,
    Effect.TEAR_BEFORE,
    Effect.LOSE_COMMAND,
    Effect.HANG,
    Effect.ZERO_BYTES,
    Effect.RESET,
    Effect.POWER_CYCLE,
)
_SECONDS = Amount("SECONDS", 0, LONGEST, whole=False)
_AMOUNTS: Final = {
    Effect.HANG: _SECONDS,
    Effect.DELAY: _SECONDS,
    Effect.TRUNCATE: Amount("BYTES", 1, 65_537),
    Effect.FLIP_BIT: Amount("BIT", 0, 8 * 65_538 - 1),
}
_KIND_OF: Final[Mapping[int, Kind]] = {
    INS.SELECT: Kind.SELECT,
    INS.READ_BINARY: Kind.READ,
    INS.READ_RECORD: Kind.READ,
    INS.GET_DATA: Kind.READ,
    INS.CHANGE_REFERENCE_DATA: Kind.CHANGE,
    ProprietaryINS.CHANGE_KEY: Kind.CHANGE,
    ProprietaryINS.RESET_RETRY_COUNTER: Kind.CHANGE,
    ProprietaryINS.COMPUTE_DIGITAL_SIGNATURE: Kind.SIGN,
}
_LINE = re.compile(
    r"(?P<kind>[a-z]+):(?P<number>[0-9]{1,9}):(?P<effect>[0-9A-Za-z-]+)(?:=(?P<amount>[0-9]{1,9}(?:\.[0-9]{1,9})?))?"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One accident, ordered in advance.

    Attributes:
        kind: Which commands count.
        number: At which of them it happens, from 1: the next one is 1, and of `Kind.COMMAND` the first there ever was.
        effect: What happens.
        amount: Seconds, bytes or the number of a bit, where the effect has such; else None.

    Raises `NoFault` for a number or an amount that cannot be.

    """

    kind: Kind
    number: int
    effect: Effect
    amount: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.number <= _HIGHEST:
            raise NoFault(f"fault {self}: count commands from 1 to {_HIGHEST}")
        meant = self.effect.amount
        if meant is None:
            if self.amount is not None:
                raise NoFault(f"fault {self}: {self.effect.value} has no number behind it")
        elif self.amount is None or not meant.lowest <= self.amount <= meant.highest or not self._fits(meant):
            raise NoFault(f"fault {self}: write {self.effect.value}={meant.unit} ({meant})")

    def __str__(self) -> str:
        amount = "" if self.amount is None else f"={_plain(self.amount)}"
        return f"{self.kind.value}:{self.number}:{self.effect.value}{amount}"

    @classmethod
    def parse(cls, line: str) -> Fault:
        """Read `KIND:NUMBER:EFFECT`, with `=AMOUNT` where the effect has one. Raises `NoFault`."""
        found = _LINE.fullmatch(line)
        if found is None:
            raise NoFault(f"fault {line!r}: write KIND:NUMBER:EFFECT, such as verify:1:tear-after or any:3:delay=0.2")
        kind, effect = _KINDS.get(found["kind"]), _EFFECTS.get(found["effect"])
        if kind is None:
            raise NoFault(f"fault {line!r}: no commands are called {found['kind']}; there are {', '.join(_KINDS)}")
        if effect is None:
            raise NoFault(f"fault {line!r}: nothing is called {found['effect']}; there are {', '.join(_EFFECTS)}")
        return cls(kind, int(found["number"]), effect, None if found["amount"] is None else float(found["amount"]))

    def waits_for(self, command: bytes) -> bool:
        """Tell whether it counts this command; those to the reader (class FF) never count."""
        if command[:1] == READER_CLASS:
            return False
        return self.kind in (Kind.ANY, Kind.COMMAND) or self.kind is kind_of(command)

    def _fits(self, meant: Amount) -> bool:
        return not meant.whole or self.amount == int(self.amount or 0)


_KINDS = {kind.value: kind for kind in Kind}
_EFFECTS = {effect.value: effect for effect in Effect}


def kind_of(command: bytes) -> Kind | None:
    """Tell which kind of command this is; None where no fault waits for it but by its number."""
    try:
        apdu = CommandAPDU.decode(command)
    except MalformedAPDU:
        return None
    if apdu.ins == INS.VERIFY:
        return Kind.VERIFY if apdu.data else Kind.QUERY
    return _KIND_OF.get(apdu.ins)


def _plain(number: float) -> str:
    """The shortest way to write it that is read as the same again."""
    return str(int(number)) if number == int(number) else f"{number:.9f}".rstrip("0")
