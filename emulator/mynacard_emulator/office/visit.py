"""What came of an errand: done, refused, or stopped by a PIN that was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .refusal import Refusal
from .registry import AgentCase


@dataclass(frozen=True, slots=True)
class PinFailure:
    """A PIN that was typed at a desk, at a kiosk or into an app was not accepted by the card.

    Attributes:
        pin: Its name.
        tries_left: What the card said; 0 where it is locked now, or was before.

    """

    pin: str
    tries_left: int


class WrongPin(Exception):
    """Raised where a typed PIN was not accepted; the try is spent, and nothing else has changed."""

    def __init__(self, failure: PinFailure) -> None:
        super().__init__(f"the {failure.pin} PIN was not accepted")
        self.failure = failure


class FirstVisit(Exception):
    """Raised where an agent's first visit ends: the form is posted, the case is entered, and nothing else changes."""

    def __init__(self, case: AgentCase) -> None:
        super().__init__("the form goes to the holder by post; come again with it")
        self.case = case


@dataclass(frozen=True, slots=True)
class Visit:
    """What came of an errand.

    Attributes:
        refusal: Why the desk said no.
        pin: The PIN that stopped it.
        advice: Words for the visitor, such as that a PIN is easily guessed.
        card: The card that was handed over, as whoever holds cards knows it.
        ready_on: The day on which a card that was applied for can be collected.

    """

    refusal: Refusal | None = None
    pin: PinFailure | None = None
    advice: tuple[str, ...] = ()
    card: object = None
    ready_on: date | None = None

    @property
    def done(self) -> bool:
        """Whether it was carried out."""
        return self.refusal is None and self.pin is None

    @property
    def outcome(self) -> str:
        """In one word: `ok`, a refusal's name, `wrong_pin` or `locked`."""
        if self.refusal is not None:
            return self.refusal.value
        if self.pin is not None:
            return "wrong_pin" if self.pin.tries_left else "locked"
        return "ok"

    @property
    def tries_left(self) -> int | None:
        """What the card said of a PIN that was not accepted."""
        return None if self.pin is None else self.pin.tries_left
