"""Command and response APDUs, decoded and encoded both ways (ISO 7816-4:2020, 5.1 to 5.3)."""

from __future__ import annotations

from dataclasses import dataclass, field

from .status import SW, StatusWord

SHORT_MAX_DATA = 255
SHORT_MAX_NE = 256
EXTENDED_MAX_DATA = 65_535
EXTENDED_MAX_NE = 65_536

READER_CLASS = b"\xff"
"""The class byte that no card's command has (5.4.1), and that PC/SC part 3 gives to commands for the reader."""

_HEADER = 4


class MalformedAPDU(ValueError):
    """Bytes that are no APDU: too short, or with lengths that contradict one another."""


@dataclass(frozen=True, slots=True)
class CommandAPDU:
    """A command as a card reads it.

    Attributes:
        cla, ins, p1, p2: The header, one byte each.
        data: The command data field; its length is Nc. It may be a PIN, so that it is not shown.
        ne: How many response bytes are expected at most: 0 when Le is absent, 256 for the short byte 00,
            65,536 for the extended bytes 0000.
        extended: Whether the lengths were (are to be) written in the extended form.

    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    ne: int = 0
    extended: bool = False

    @property
    def p1p2(self) -> int:
        """Both parameters as one 16-bit number."""
        return self.p1 << 8 | self.p2

    @property
    def case(self) -> int:
        """1 (nothing follows the header), 2 (Le), 3 (data) or 4 (data and Le)."""
        return 1 + (self.ne > 0) + 2 * (len(self.data) > 0)

    @classmethod
    def decode(cls, raw: bytes) -> CommandAPDU:
        """Read the four cases, short and extended; raise `MalformedAPDU` where the lengths do not add up."""
        if len(raw) < _HEADER:
            raise MalformedAPDU(f"{len(raw)} bytes are no command header")
        body = raw[_HEADER:]
        if not body:
            return cls(raw[0], raw[1], raw[2], raw[3])
        data, ne, extended = _decode_extended(body) if body[0] == 0 and len(body) > 1 else _decode_short(body)
        return cls(raw[0], raw[1], raw[2], raw[3], data, ne, extended)

    def encode(self) -> bytes:
        """Write the command; the extended form is taken where asked for or where a length needs it.

        Raises `ValueError` for lengths that no APDU can carry.
        """
        if len(self.data) > EXTENDED_MAX_DATA or not 0 <= self.ne <= EXTENDED_MAX_NE:
            raise ValueError(f"no APDU carries {len(self.data)} data bytes with Ne {self.ne}")
        header = bytes((self.cla, self.ins, self.p1, self.p2))
        extended = self.extended or len(self.data) > SHORT_MAX_DATA or self.ne > SHORT_MAX_NE
        return header + (self._extended_body() if extended else self._short_body())

    def _short_body(self) -> bytes:
        lc = bytes((len(self.data),)) if self.data else b""
        le = bytes((self.ne % SHORT_MAX_NE,)) if self.ne else b""
        return lc + self.data + le

    def _extended_body(self) -> bytes:
        lc = len(self.data).to_bytes(2, "big") if self.data else b""
        le = (self.ne % EXTENDED_MAX_NE).to_bytes(2, "big") if self.ne else b""
        return b"\0" + lc + self.data + le if lc or le else b""


def _decode_short(body: bytes) -> tuple[bytes, int, bool]:
    lc = body[0]
    if len(body) == 1:
        return b"", lc or SHORT_MAX_NE, False
    if len(body) == 1 + lc:
        return body[1:], 0, False
    if len(body) == 2 + lc:
        return body[1:-1], body[-1] or SHORT_MAX_NE, False
    raise MalformedAPDU(f"Lc says {lc}, {len(body) - 1} bytes follow")


def _decode_extended(body: bytes) -> tuple[bytes, int, bool]:
    if len(body) < 3:  # 00 and one byte: neither form
        raise MalformedAPDU("an extended length needs three bytes")
    length = int.from_bytes(body[1:3], "big")
    if len(body) == 3:
        return b"", length or EXTENDED_MAX_NE, True
    if length and len(body) == 3 + length:
        return body[3:], 0, True
    if length and len(body) == 5 + length:
        return body[3:-2], int.from_bytes(body[-2:], "big") or EXTENDED_MAX_NE, True
    raise MalformedAPDU(f"extended Lc says {length}, {len(body) - 3} bytes follow")


@dataclass(frozen=True, slots=True)
class ResponseAPDU:
    """What a card answers: data, which may be empty, and the status word."""

    data: bytes = b""
    sw: StatusWord = SW.NO_ERROR

    @classmethod
    def decode(cls, raw: bytes) -> ResponseAPDU:
        """Split the last two bytes off; raise `MalformedAPDU` where there are not two."""
        if len(raw) < 2:
            raise MalformedAPDU(f"{len(raw)} bytes are no response")
        return cls(raw[:-2], StatusWord.from_bytes(raw[-2:], "big"))

    def encode(self) -> bytes:
        """Data, then SW1 SW2."""
        return self.data + self.sw.to_bytes(2, "big")
