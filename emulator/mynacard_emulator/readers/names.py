"""How readers are called: the prefixes that pcscd is given, and the names that clients see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .port import ReaderError

MOST_READERS, MOST_NAMES = 16, 8
"""Pcscd has places for 16 readers, and each of ours comes with a second slot, a reader of its own to clients."""

_LONGEST = 121  # bytes; pcscd cuts what is longer


def prefixes(count: int, prefix: str = "Virtual PCD") -> list[str]:
    """Name so many readers: each differently while there are names, else two slots of each."""
    if count == 1:
        return [prefix]
    shared = 1 if count <= MOST_NAMES else 2
    return [f"{prefix} {number // shared + 1}" for number in range(count)]


def check(names: Sequence[str]) -> tuple[str, ...]:
    """Return prefixes that pcscd takes as they are. Raises `ReaderError`."""
    if not 0 < len(names) <= MOST_READERS:
        raise ReaderError(f"{len(names)} readers are asked for; a stack has from one to {MOST_READERS}")
    for name in names:
        if not name.isprintable() or '"' in name or not name.strip() or len(name.encode()) > _LONGEST:
            raise ReaderError(f"{name!r} cannot be a reader's name; use up to {_LONGEST} bytes without quotes")
    if any(slot > 1 for _, slot in slots(names)):
        raise ReaderError("three readers have the same name; a reader has two slots, name the third differently")
    if len(set(names)) > MOST_NAMES:
        raise ReaderError(f"{len(set(names))} names are given; a stack has {MOST_NAMES}, and two readers of each name")
    return tuple(names)


def slots(names: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield each prefix with how often it was there before, which is the slot."""
    return ((name, names[:number].count(name)) for number, name in enumerate(names))


def full_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names that clients see."""
    return tuple(f"{name} 00 0{slot}" for name, slot in slots(names))
