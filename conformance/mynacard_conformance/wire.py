"""The harness's own reading of APDUs, shared with nobody; what it needs to judge clients and no more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from .outcome import PinKind
from .ports import Exchange

JPKI = bytes.fromhex("D392F000260100000001")
TEXT = bytes.fromhex("D3921000310001010408")
JUKI = bytes.fromhex("D3921000310001010401")
COMMON = bytes.fromhex("D3921000310001010100")

PIN_FILES: dict[tuple[bytes, int], PinKind] = {
    (JPKI, 0x0018): PinKind.AUTH,
    (JPKI, 0x001B): PinKind.SIGN,
    (TEXT, 0x0011): PinKind.TEXT,
    (TEXT, 0x0014): PinKind.NUMBER_A,
    (TEXT, 0x0015): PinKind.NUMBER_B,
    (JUKI, 0x001C): PinKind.JUKI,
    (COMMON, 0x001C): PinKind.JUKI,
}
"""Where the PINs are: application and file."""

_APPLICATIONS = (JPKI, TEXT, JUKI, COMMON)

_HEADER = 4
_VERIFY, _RESET_RETRY_COUNTER = b"\x20", b"\x2c"
_SETTING = (b"\x24", _RESET_RETRY_COUNTER, b"\x32")
"""CHANGE REFERENCE DATA, RESET RETRY COUNTER, CHANGE KEY: what they carry is a new value, and tried against nothing."""

_FOR_READER = b"\xff"
"""The class of commands that the reader answers itself (PC/SC part 3): no card ever sees them."""


@dataclass(frozen=True, slots=True)
class PinCommand:
    """A command that carried a PIN to the card: VERIFY, or one that sets a new value.

    Attributes:
        pin: The PIN that it hit; None where it hit something else.
        data: What it carried.
        sw: The card's answer; None where the card did not answer.
        changes: Whether it would set a new value, rather than present one.

    """

    pin: PinKind | None
    data: bytes = field(repr=False)
    sw: int | None
    changes: bool = False

    @property
    def cut_short(self) -> bool:
        """Whether the power went before the card answered: whether a try is spent is not known from this."""
        return not self.changes and self.sw is None

    @property
    def counts(self) -> bool:
        """Whether the card compared the data: a miss cost a try, a hit restored all."""
        return not self.changes and self.sw is not None and (self.sw == 0x9000 or self.sw & 0xFFF0 == 0x63C0)

    @property
    def is_miss(self) -> bool:
        """Whether the card said that it was wrong, which cost a try."""
        return not self.changes and self.sw is not None and self.sw & 0xFFF0 == 0x63C0


def data_field(command: bytes) -> bytes:
    """The data of a command APDU, short or extended; empty where there is none or the lengths do not add up."""
    body = command[4:]
    if len(body) < 2:
        return b""
    if body[0]:
        return body[1 : 1 + body[0]] if len(body) in (1 + body[0], 2 + body[0]) else b""
    length = int.from_bytes(body[1:3], "big")
    return body[3 : 3 + length] if len(body) in (3 + length, 5 + length) else b""


def status(response: bytes) -> int | None:
    """The status word of a response APDU; None where there is no response."""
    return int.from_bytes(response[-2:], "big") if len(response) >= 2 else None


def asked_last(exchanges: Sequence[Exchange]) -> bool:
    """Whether the card told its tries (the empty VERIFY) after the last VERIFY that carried something."""
    asked = False
    for exchange in exchanges:
        if exchange.event == "command" and exchange.command[1:2] == _VERIFY:
            asked = len(exchange.command) == _HEADER and bool(exchange.response)
    return asked


def was_refused(exchanges: Sequence[Exchange]) -> bool:
    """Whether the card refused something for want of a PIN (6982, ISO 7816-4: security status not satisfied)."""
    return any(status(exchange.response) == 0x6982 for exchange in exchanges if exchange.event == "command")


class Observer:
    """Follows what is selected on the card, so that a VERIFY's target is known however it was named."""

    def __init__(self) -> None:
        self._application = b""
        self._file = 0

    def pin_commands(self, exchanges: Iterable[Exchange]) -> Iterator[PinCommand]:
        """Yield the PIN commands among the exchanges, which are taken in order and each only once."""
        for exchange in exchanges:
            if exchange.event != "command":
                if exchange.event != "reset":
                    self._application, self._file = b"", 0
                continue
            command, sw = exchange.command, status(exchange.response)
            if command[:1] == _FOR_READER:
                continue
            if command[1:2] == b"\xa4" and sw == 0x9000:
                self._select(command)
            elif command[1:2] == b"\xb0" and command[2] & 0x80 and sw == 0x9000:
                self._file = command[2] & 0x1F
            elif command[1:2] in (_VERIFY, *_SETTING) and (data := data_field(command)):
                self._file = command[3] & 0x1F or self._file
                pin = PIN_FILES.get((self._application, self._file))
                yield PinCommand(pin, data, sw, changes=command[1:2] in _SETTING)
            elif command[1:2] == _RESET_RETRY_COUNTER and sw == 0x9000:
                self._file = command[3] & 0x1F or self._file

    def _select(self, command: bytes) -> None:
        data = data_field(command)
        if command[2] == 0x04:
            self._application = next((aid for aid in _APPLICATIONS if aid.startswith(data)), b"")
            self._file = 0
        elif command[2] == 0x02:
            self._file = int.from_bytes(data, "big")
