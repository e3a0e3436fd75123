"""A Python client's way to a card of a world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mynacard_emulator.readers.port import ReaderError

if TYPE_CHECKING:
    from .world import World


@dataclass(frozen=True, slots=True)
class DirectConnection:
    """A way to the card that needs no PC/SC: APDUs in this process; `number` is the reader's in its world."""

    world: World
    reader: None = None
    number: int = 0

    @property
    def atr(self) -> bytes:
        """What the card answered to its last reset; raise `EmptyReaderError` where no card is."""
        return self.world.atr(self.number)

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU; raise `EmptyReaderError` where no card is."""
        return self.world.transmit(command, self.number)

    def power_cycle(self) -> None:
        """Cut the card's power for a moment; raise `EmptyReaderError` where no card is."""
        self.world.power_cycle(self.number)


@dataclass(frozen=True, slots=True)
class ReaderName:
    """The name of the world's reader, for a client that finds its own way through PC/SC."""

    reader: str

    def transmit(self, command: bytes) -> bytes:
        """Refuse: a card in a real reader is reached through PC/SC."""
        raise ReaderError(f"connect to the reader {self.reader!r} through PC/SC; {len(command)} bytes were not sent")
