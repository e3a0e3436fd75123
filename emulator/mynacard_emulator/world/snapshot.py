"""A world at one moment, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from mynacard_emulator.card import Memory
from mynacard_emulator.pki.errors import IssuerError

if TYPE_CHECKING:
    from mynacard_emulator.office.registry import Registry
    from mynacard_emulator.personalise.issued import IssuedCard
    from mynacard_emulator.services.ledger import Ledger


class SnapshotError(IssuerError):
    """A text that no snapshot can be read from; one line that says why."""


class CardSnapshot(NamedTuple):
    """A card at that moment: what it was, which many snapshots share, and what it remembered."""

    issued: IssuedCard
    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A world at one moment: all but the sessions of its cards, which any power cut ends.

    Two are equal when the worlds were, whatever was seen until then.

    Attributes:
        cards: Every card, in the order in which they came into the world; elsewhere a card is its number here.
        readers: The names of the readers.
        inside: The card that was in each reader.
        current: The card that was inserted last.
        registry: What the office knew; None if it was not opened.
        policy: The office's switches that were chosen.
        now: The time.
        seed: What decides the cards that are issued next.
        services: What the relying parties knew; None if none was ever asked.
        seen: How long the trace was.

    """

    cards: tuple[CardSnapshot, ...]
    readers: tuple[str, ...]
    inside: tuple[int | None, ...]
    current: int | None
    registry: Registry | None
    policy: Mapping[str, object]
    now: datetime
    seed: int
    seen: int = field(compare=False)
    services: Ledger | None = None

    def to_json(self, *, reveal: bool = False) -> str:
        """Write it down for a person; with `reveal` also PIN values and private keys, so that it can be read back."""
        from .written import written  # noqa: PLC0415 - most snapshots are never written

        return written(self, reveal=reveal)

    @classmethod
    def from_json(cls, text: str | bytes) -> Snapshot:
        """Read what `to_json(reveal=True)` wrote; raise `SnapshotError` for anything else."""
        from .written import read  # noqa: PLC0415 - likewise

        return read(text)
