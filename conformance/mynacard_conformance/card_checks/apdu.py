"""The suite's own pen: command APDUs written, answers read (ISO 7816-3:2006, 12.1; ISO 7816-4:2020, 5.1)."""

from __future__ import annotations

from dataclasses import dataclass, field

_HIDDEN = "••"
_CARRIES_PIN = (0x20, 0x24, 0x2C, 0x32)
"""VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, CHANGE KEY."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response APDU, taken apart; the status word of what is too short to have one is 0."""

    data: bytes = field(repr=False)
    sw: int

    @classmethod
    def of(cls, response: bytes) -> Answer:
        """Take a response apart."""
        return cls(response[:-2], int.from_bytes(response[-2:], "big")) if len(response) >= 2 else cls(b"", 0)

    @property
    def done(self) -> bool:
        """Whether it is 9000."""
        return self.sw == 0x9000

    @property
    def refused(self) -> bool:
        """Whether it says that nothing was done: 66XX, or a checking error (ISO 7816-4, 5.6)."""
        return 0x6600 <= self.sw <= 0x6FFF

    @property
    def tries(self) -> int | None:
        """The X of 63CX."""
        return self.sw & 0x0F if self.sw & 0xFFF0 == 0x63C0 else None


def command(  # noqa: PLR0913, PLR0917 - a command has these parts
    cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = None, *, extended: bool = False
) -> bytes:
    """Write a command APDU; `le` is a number of bytes, 0 for none named but as many as there may be.

    It is extended where a length asks for that, or where it is asked for.
    """
    extended = extended or len(data) > 255 or (le or 0) > 256
    width = 2 if extended else 1
    body = b"\x00" if extended and (data or le is not None) else b""
    if data:
        body += len(data).to_bytes(width, "big") + data
    if le is not None:
        body += (le % (1 << 8 * width)).to_bytes(width, "big")
    return bytes((cla, ins, p1, p2)) + body


def select(aid: bytes, *, p2: int = 0x0C, le: int | None = None) -> bytes:
    """SELECT an application by its name, or by the beginning of it."""
    return command(0x00, 0xA4, 0x04, p2, aid, le)


def select_file(fid: int) -> bytes:
    """SELECT an EF of the current application."""
    return command(0x00, 0xA4, 0x02, 0x0C, fid.to_bytes(2, "big"))


def read(offset: int = 0, le: int = 0, *, extended: bool = False) -> bytes:
    """READ BINARY of the current EF."""
    return command(0x00, 0xB0, offset >> 8, offset & 0xFF, le=le, extended=extended)


def read_by_name(sfi: int, offset: int = 0, le: int = 0) -> bytes:
    """READ BINARY of the EF that a short identifier names."""
    return command(0x00, 0xB0, 0x80 | sfi, offset, le=le)


def read_record(number: int, *, sfi: int = 0) -> bytes:
    """READ RECORD of one record."""
    return command(0x00, 0xB2, number, sfi << 3 | 0x04, le=0)


def query(sfi: int = 0) -> bytes:
    """Ask for the tries left: VERIFY without anything, of the current EF or of one that is named."""
    return command(0x00, 0x20, 0x00, 0x80 | sfi)


def verify(value: bytes, sfi: int = 0) -> bytes:
    """VERIFY a value."""
    return command(0x00, 0x20, 0x00, 0x80 | sfi, value)


def sign(mode: int, data: bytes, sfi: int = 0) -> bytes:
    """COMPUTE DIGITAL SIGNATURE in the form of this card; the mode is P1."""
    return command(0x80, 0x2A, mode, 0x80 | sfi, data, 0)


def get_data(tag: int, le: int = 0, *, extended: bool = False) -> bytes:
    """GET DATA of an object."""
    return command(0x00, 0xCA, tag >> 8, tag & 0xFF, le=le, extended=extended)


def carries_pin(raw: bytes) -> bool:
    """Whether a command could have a PIN in it."""
    return len(raw) > 5 and raw[1] in _CARRIES_PIN


def written(raw: bytes) -> str:
    """Write a command in hex, a PIN as dots."""
    return raw[:5].hex().upper() + _HIDDEN * (len(raw) - 5) if carries_pin(raw) else raw.hex().upper()


def summed_up(response: bytes) -> str:
    """Write an answer in hex, with no more of its data than their number: they may be a person's."""
    sw = response[-2:].hex().upper()
    return f"({len(response) - 2} bytes) {sw}" if len(response) > 2 else sw
