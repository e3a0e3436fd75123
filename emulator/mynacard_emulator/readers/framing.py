"""The vpcd wire without a socket: a two-byte big-endian length, then the payload.

Four payloads of one byte are control. Everything else is a command that waits for an answer: an unknown single byte
and an empty payload too, because a reader that got none would wait for ever. So every stream of bytes has a meaning,
and there is no such thing as a framing error.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, unique

MAX_PAYLOAD = 0xFFFF
_HEADER = 2


class PayloadTooLong(ValueError):
    """More bytes than a two-byte length can announce."""


@unique
class Control(Enum):
    """What the reader does to the card outside any APDU; only the question for the ATR is answered."""

    POWER_OFF = 0
    POWER_ON = 1
    RESET = 2
    ATR = 4


@dataclass(frozen=True, slots=True)
class Command:
    """A command APDU of any length, perhaps malformed."""

    apdu: bytes = field(repr=False)  # it may carry a PIN


Event = Control | Command

_CONTROLS = {bytes([control.value]): control for control in Control}


class FrameDecoder:
    """Events out of a stream that may arrive in any slices."""

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> list[Event]:
        """Take the next slice; return the events that it completes.

        Between calls at most one unfinished message is kept: less than 64 KiB.
        """
        if self._pending:
            data = self._pending + data
        events: list[Event] = []
        start, size = 0, len(data)
        while size - start >= _HEADER:
            end = start + _HEADER + (data[start] << 8 | data[start + 1])
            if end > size:
                break
            payload = data[start + _HEADER : end]
            events.append(_CONTROLS.get(payload) or Command(payload))
            start = end
        self._pending = data[start:]
        return events


def encode(payload: bytes) -> bytes:
    """Put the length in front; raise `PayloadTooLong` beyond 65,535 bytes."""
    size = len(payload)
    if size > MAX_PAYLOAD:
        raise PayloadTooLong(f"{size} bytes do not fit into one message of at most {MAX_PAYLOAD}")
    return size.to_bytes(_HEADER, "big") + payload
