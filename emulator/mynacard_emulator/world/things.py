"""A card of a world, and what is wrong where there is none."""

from __future__ import annotations

from dataclasses import dataclass

from mynacard_emulator.cards import CardInHand
from mynacard_emulator.observed import ObservedCard
from mynacard_emulator.readers.faults import FaultyCard


class EmptyReaderError(OSError):
    """An APDU was sent, and no card is in the reader."""

    outcome = "no_card"
    """What a client should make of it, in the words of the driver protocol."""


class CardRemovedError(EmptyReaderError):
    """The card left while a command was on its way; whether it acted on it is not known."""

    outcome = "card_removed"


class CardUnreadableError(OSError):
    """A card is in the reader, and does not speak."""

    outcome = "card_unreadable"


class AnswerLostError(OSError):
    """The answer to a command was lost; the card is still there, and whether it acted is not known."""

    outcome = "unknown_outcome"


class NoReaderError(OSError):
    """There is no reader, for as long as it is away."""

    outcome = "no_reader"


class ReaderBusyError(OSError):
    """Another program has the card for itself."""

    outcome = "reader_busy"


class NoCardError(Exception):
    """The world was asked about a card, and none was ever inserted."""


@dataclass(slots=True, eq=False)
class WorldCard:
    """A card of a world: as held in the hand, as seen through the reader, and as clients see it on a bad day.

    Attributes:
        in_hand: The card itself.
        observed: The same, with every exchange noted.
        port: What a reader gets hold of: the card, and what was ordered to go wrong.

    """

    in_hand: CardInHand
    observed: ObservedCard
    port: FaultyCard
