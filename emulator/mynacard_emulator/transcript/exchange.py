"""What a reader or the card in it sees, one thing after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mynacard_emulator.iso7816 import READER_CLASS

Event = Literal["command", "power_on", "power_off", "reset", "insert", "eject"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing that a reader or the card in it saw: an event, or a command and its response.

    Attributes:
        reader: The number of the reader in its world; a transcript is about one, and does not tell it.
        card: The number of the card in its world; likewise.
        hidden: Whether the data of the response was left out of a recording; there are zeros in its place.

    """

    event: Event
    command: bytes = field(default=b"", repr=False)
    response: bytes = b""
    reader: int = 0
    card: int = 0
    hidden: bool = False

    @property
    def for_reader(self) -> bool:
        """Whether the reader answered itself, and the card saw nothing."""
        return self.command[:1] == READER_CLASS
