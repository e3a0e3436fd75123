"""The suite's own reading of BER data objects (ISO 7816-4:2020, 6.3); lengths may be longer than they need be."""

from __future__ import annotations

from typing import NamedTuple


class MalformedError(ValueError):
    """These bytes are no data objects."""


class Item(NamedTuple):
    """A data object: tag, value, and where in what was read it begins."""

    tag: bytes
    value: bytes
    at: int


def objects(data: bytes, *, filler: bytes = b"") -> list[Item]:
    """Read data objects to the end, or to filler of this byte; raise `MalformedError`."""
    found, at = [], 0
    while at < len(data) and not (filler and data[at : at + 1] == filler and not data[at:].strip(filler)):
        item, at = _one(data, at)
        found.append(item)
    return found


def first(data: bytes) -> Item:
    """Read the first data object; raise `MalformedError`."""
    return _one(data, 0)[0]


def end_of_first(data: bytes) -> int:
    """Where the first data object ends; raise `MalformedError`."""
    return _one(data, 0)[1]


def _one(data: bytes, at: int) -> tuple[Item, int]:
    head = at + (2 if at < len(data) and data[at] & 0x1F == 0x1F else 1)
    if head >= len(data):
        raise MalformedError
    size = data[head]
    body = head + 1
    if size & 0x80:
        more = size & 0x7F
        if not 1 <= more <= 2 or body + more > len(data):
            raise MalformedError
        size, body = int.from_bytes(data[body : body + more], "big"), body + more
    if body + size > len(data):
        raise MalformedError
    return Item(data[at:head], data[body : body + size], at), body + size
