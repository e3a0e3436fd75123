"""BER-TLV data objects (ISO 7816-4:2020, 6.3; ISO/IEC 8825-1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_MORE_TAG_BYTES = 0x1F
_LONG_FORM = 0x80


class MalformedTLV(ValueError):
    """Bytes that are no data object, or end in the middle of one."""


@dataclass(frozen=True, slots=True)
class TLV:
    """One data object; the tag is the number its bytes spell, such as 0x7F21 or 0xDF22."""

    tag: int
    value: bytes

    def encode(self) -> bytes:
        """Tag, shortest length, value."""
        return encode(self.tag, self.value)


def encode(tag: int, value: bytes) -> bytes:
    """Write one data object with the shortest length form."""
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + encode_length(len(value)) + value


def encode_length(length: int, *, width: int = 0) -> bytes:
    """Write a length field; `width` forces the long form with that many bytes (0: the shortest form)."""
    if not width and length < _LONG_FORM:
        return bytes((length,))
    width = width or (length.bit_length() + 7) // 8
    return bytes((_LONG_FORM | width,)) + length.to_bytes(width, "big")


def decode(raw: bytes) -> tuple[TLV, bytes]:
    """Split the first data object off; return it and the bytes behind it."""
    tag, rest = _decode_tag(raw)
    length, rest = _decode_length(rest)
    if length > len(rest):
        raise MalformedTLV(f"tag {tag:X} says {length} bytes, {len(rest)} follow")
    return TLV(tag, rest[:length]), rest[length:]


def decode_all(raw: bytes) -> Iterator[TLV]:
    """Yield the data objects of a concatenation, to its last byte."""
    while raw:
        item, raw = decode(raw)
        yield item


def _decode_tag(raw: bytes) -> tuple[int, bytes]:
    if not raw:
        raise MalformedTLV("no tag")
    end = 1
    # FF is constructed, private, with number bits 11111: the card's records use two-byte tags such as FF 20.
    if raw[0] & _MORE_TAG_BYTES == _MORE_TAG_BYTES:
        while end < len(raw) and raw[end] & _LONG_FORM:
            end += 1
        end += 1
        if end > len(raw):
            raise MalformedTLV("the tag does not end")
    return int.from_bytes(raw[:end], "big"), raw[end:]


def _decode_length(raw: bytes) -> tuple[int, bytes]:
    if not raw:
        raise MalformedTLV("no length")
    first = raw[0]
    if first < _LONG_FORM:
        return first, raw[1:]
    width = first & ~_LONG_FORM
    if not 1 <= width <= 4 or len(raw) < 1 + width:
        raise MalformedTLV(f"length form {first:02X} is not one of 81 to 84, or is cut short")
    return int.from_bytes(raw[1 : 1 + width], "big"), raw[1 + width :]
