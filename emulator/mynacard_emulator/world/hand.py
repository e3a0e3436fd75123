"""The world's cards as the office gets hold of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mynacard_emulator.cards import CardInHand

from .things import WorldCard

if TYPE_CHECKING:
    from mynacard_emulator.personalise.issued import IssuedCard

    from .world import World


@dataclass(frozen=True, slots=True)
class HandOfWorld:
    """The world's cards as the office gets hold of them: brought out of the reader, and put back."""

    world: World

    def look(self, card: object) -> IssuedCard:
        """Tell what a card is; None is the current one."""
        return self._card(card).in_hand.issued

    @contextmanager
    def take(self, card: object) -> Iterator[CardInHand]:
        """Bring a card to a desk; while it is away, its reader is empty."""
        taken = self._card(card)
        with self.world.away(taken):
            yield taken.in_hand

    def receive(self, issued: IssuedCard, pins: Mapping[str, str | None]) -> WorldCard:
        """Bring a new card into the world."""
        del pins  # they are on the card already
        return self.world.admit(CardInHand.in_memory(issued))

    def _card(self, card: object) -> WorldCard:
        return card if isinstance(card, WorldCard) else self.world.current
