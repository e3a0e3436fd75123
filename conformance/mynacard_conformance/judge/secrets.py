"""Looks for PINs in what a client printed, and takes them out of what it said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mynacard_conformance.outcome import PinKind


def find_leak(output: str, pins: Mapping[PinKind, str]) -> PinKind | None:
    """Name the PIN whose value stands in the output, as text or as hex bytes; None where there is none.

    Four digits alone on a line, or in the middle of a number, may be anything; a word of their own is not.
    """
    return next((pin for pin, value in pins.items() if _written(value).search(output)), None)


def without_pins(words: str, values: Iterable[str]) -> str:
    """Put dots in the place of these values wherever `find_leak` would find them."""
    for value in filter(None, values):
        words = _written(value).sub("••••", words)
    return words


def _written(value: str) -> re.Pattern[str]:
    encoded = r"[\s:,]*".join(f"(?:0x)?{byte:02x}" for byte in value.encode())
    return re.compile(rf"(?<!\w){re.escape(value)}(?!\w)|(?<![0-9a-f]){encoded}", re.IGNORECASE)
