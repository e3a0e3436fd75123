"""Answer to reset (ISO 7816-3:2006, 8.2): parsed with its checksum."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import reduce
from operator import xor

_DIRECT, _INVERSE = 0x3B, 0x3F
_MAX_LENGTH = 33
_MAPPED = re.compile(rb"\x3B[\x80-\x8F]\x80\x01")  # every contactless ATR after PC/SC part 3, 3.1.3.2.3, to its TD2
_TYPE_B_READER = bytes.fromhex("3BF59100FF918171FE4000420001")  # before two bytes of the card's answer to request B


class MalformedATR(ValueError):
    """Bytes that are no answer to reset: the first byte, a length or the checksum is wrong."""


@dataclass(frozen=True, slots=True)
class ATR:
    """An answer to reset, taken apart.

    Attributes:
        raw: All bytes, TS to TCK.
        protocols: The protocols offered, in the order of the TD bytes (0 alone where there is no TD).
        historical: The historical bytes.

    """

    raw: bytes
    protocols: tuple[int, ...]
    historical: bytes

    @classmethod
    def parse(cls, raw: bytes) -> ATR:
        """Check structure and checksum; raise `MalformedATR` otherwise."""
        if not 2 <= len(raw) <= _MAX_LENGTH or raw[0] not in (_DIRECT, _INVERSE):
            raise MalformedATR("an ATR has 2 to 33 bytes and begins with 3B or 3F")
        protocols, position = _walk_interface_bytes(raw)
        checked = any(protocols)  # TCK is absent only where T=0 alone is offered (8.2.5)
        end = position + (raw[1] & 0x0F)
        if len(raw) != end + checked:
            raise MalformedATR(f"{len(raw)} bytes where T0 and TD announce {end + checked}")
        if checked and checksum(raw[:-1]) != raw[-1]:
            raise MalformedATR(f"TCK {raw[-1]:02X} should be {checksum(raw[:-1]):02X}")
        return cls(raw, protocols, raw[position:end])


def checksum(raw: bytes) -> int:
    """TCK: the exclusive-or of all bytes from T0 on (8.2.5); `raw` still has TS in front."""
    return reduce(xor, raw[1:], 0)


def is_contactless(raw: bytes) -> bool:
    """Whether a reader made up this ATR for a card in its field; a contactless card has none of its own.

    Two forms are known: the one of PC/SC part 3 (3B 8n 80 01, n historical bytes, TCK), and one that a family of
    readers gives to Type B cards. OpenSC lists the second with the contact ATRs, but it was also seen with passports
    and driving licences, which have no contacts, and ends with bytes of the radio protocol.
    """
    return _MAPPED.match(raw) is not None or raw.startswith(_TYPE_B_READER)


def _walk_interface_bytes(raw: bytes) -> tuple[tuple[int, ...], int]:
    """Follow the chain of TD bytes; return the protocols and where the historical bytes begin."""
    protocols: list[int] = []
    indicator, position = raw[1] >> 4, 2
    while True:
        position += indicator.bit_count()
        if not indicator & 0x8:
            return tuple(protocols) or (0,), position
        if position > len(raw):
            raise MalformedATR("the interface bytes do not end")
        td = raw[position - 1]
        protocols.append(td & 0x0F)
        indicator = td >> 4
