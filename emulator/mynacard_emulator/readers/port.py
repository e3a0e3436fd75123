"""What a reader asks of a card: power, reset, bytes; and how anything with `transmit` becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

CONTACT_ATR = bytes.fromhex("3BE000FF8131FE4514")
"""The contact interface of the first card generation: T=1, no historical bytes."""


class ReaderError(Exception):
    """Something about a reader that its user can put right; the message is one line that says how."""


class CardEjected(Exception):
    """The card leaves the reader at this moment, and the connection closes.

    Attributes:
        answer: What still gets through; None where what was asked stays unanswered.
        torn: Whether the command was on its way already, so that nobody outside knows if the card acted on it.

    """

    def __init__(self, answer: bytes | None = None, *, torn: bool = False) -> None:
        super().__init__("the card left the reader")
        self.answer = answer
        self.torn = torn


class AnswerLost(Exception):
    """The answer was lost on the way, and the card stays: what it did, it has done.

    Attributes:
        empty: Whether the client is told of a success with no bytes, rather than of a failure.

    """

    def __init__(self, *, empty: bool = False) -> None:
        super().__init__("the answer was lost")
        self.empty = empty


class Transmits(Protocol):
    """Anything that answers a command APDU with a response APDU."""

    def transmit(self, command: bytes, /) -> bytes:
        """Answer one command APDU."""
        ...


class CardPort(Transmits, Protocol):
    """A card, seen by a reader.

    One binding calls it from one thread at a time. All but `power_off` may raise `CardEjected`, and `transmit` also
    `AnswerLost`.
    """

    @property
    def atr(self) -> bytes:
        """What the card answers to reset; the reader may ask at any time, powered or not."""
        ...

    def power_on(self) -> bytes:
        """Supply power (cold reset, a new session) and return the ATR."""
        ...

    def power_off(self) -> None:
        """Cut the power and forget the session; harmless when it is off already."""
        ...

    def reset(self) -> bytes:
        """Reset without cutting the power (warm) and return the ATR."""
        ...


@runtime_checkable
class Interruptible(Protocol):
    """A card that may take its time, and can be told from any thread that nobody waits any more."""

    def interrupt(self) -> None:
        """Take no more time until the power is supplied anew."""
        ...


@dataclass(frozen=True, slots=True)
class TransmitOnly:
    """A card that can only `transmit`, made fit for a reader: it has an ATR, and power means nothing to it."""

    card: Transmits
    atr: bytes = CONTACT_ATR

    def power_on(self) -> bytes:
        """Return the ATR; the card does not learn of it."""
        return self.atr

    def power_off(self) -> None:
        """Do nothing: the card does not learn of it."""

    def reset(self) -> bytes:
        """Return the ATR; the card does not learn of it."""
        return self.atr

    def transmit(self, command: bytes, /) -> bytes:
        """Hand the command on."""
        return self.card.transmit(command)
