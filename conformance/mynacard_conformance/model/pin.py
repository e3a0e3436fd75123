"""The oracle of the PIN counters, written from the facts (F-014 to F-017) and not from any card's code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from mynacard_conformance.outcome import PinKind

from .holder import MAX_TRIES, Holder, spellings, well_formed


class Prospect(Enum):
    """What an entry comes to when it is put to the card."""

    RIGHT = "right"
    WRONG = "wrong"
    USES_UP = "uses up the last try"
    BLOCKED = "blocked already"
    MALFORMED = "malformed"
    NEARLY = "right once it is normalised"
    ABSENT = "never set"
    AWAY = "no card there that could be asked"


@dataclass(slots=True)
class PinOracle:
    """The tries of every PIN, counted along."""

    holder: Holder
    left: dict[PinKind, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = {**{pin: MAX_TRIES[pin] for pin in self.holder.pins}, **self.left}

    def prospect(self, pin: PinKind, value: str) -> Prospect:
        """Foresee what an entry comes to; nothing is counted yet."""
        if not well_formed(pin, value):
            return Prospect.MALFORMED
        if pin not in self.left:
            return Prospect.ABSENT
        if not self.left[pin]:
            return Prospect.BLOCKED
        if self.holder.pins[pin] == value:
            return Prospect.RIGHT
        if self.holder.pins[pin] in spellings(pin, value):
            return Prospect.NEARLY
        return Prospect.USES_UP if self.left[pin] == 1 else Prospect.WRONG

    def count(self, pin: PinKind, value: str) -> None:
        """Count one entry that the card compared, byte for byte as it arrived."""
        if self.left[pin]:
            self.left[pin] = MAX_TRIES[pin] if value == self.holder.pins[pin] else self.left[pin] - 1

    def settle(self, pin: PinKind, truth: int) -> bool:
        """Learn whether an entry in which the power was lost has spent a try; tell whether it is one of the two."""
        possible = truth in (self.left[pin], self.left[pin] - 1)
        self.left[pin] = truth
        return possible

    def restore(self, pin: PinKind) -> None:
        """Give a PIN all its tries: it was entered right elsewhere, or unblocked."""
        self.left[pin] = MAX_TRIES[pin]

    def spend(self, pin: PinKind) -> None:
        """Take a try: it was entered wrong elsewhere."""
        self.left[pin] = max(0, self.left[pin] - 1)

    def set(self, values: Mapping[PinKind, str]) -> None:
        """Set PINs anew, with all their tries."""
        self.holder = replace(self.holder, pins={**self.holder.pins, **values})
        self.left.update({pin: MAX_TRIES[pin] for pin in values})

    def take_away(self, *pins: PinKind) -> None:
        """Take PINs away, as if they had never been set."""
        self.holder = replace(self.holder, pins={p: v for p, v in self.holder.pins.items() if p not in pins})
        self.left = {pin: left for pin, left in self.left.items() if pin not in pins}
