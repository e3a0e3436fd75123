"""A card of a world, and what is wrong where there is none."""

from __future__ import annotations

from dataclasses import dataclass

from mynacard_emulator.cards import CardInHand
from mynacard_emulator.observed import ObservedCard
from mynacard_emulator.readers.port import CardPort


class EmptyReaderError(OSError):
    """An APDU was sent, and no card is in the reader."""

    outcome = "no_card"
    """What a client should make of it, in the words of the driver protocol."""


class NoCardError(Exception):
    """The world was asked about a card, and none was ever inserted."""


@dataclass(slots=True, eq=False)
class WorldCard:
    """A card of a world: as held in the hand, and as seen through the reader.

    Attributes:
        in_hand: The card itself.
        observed: The same, with every exchange noted.
        port: What a reader gets hold of.

    """

    in_hand: CardInHand
    observed: ObservedCard
    port: CardPort
