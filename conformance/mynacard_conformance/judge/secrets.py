"""Looks for PINs in what a client printed."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mynacard_conformance.outcome import PinKind


def find_leak(output: str, pins: Mapping[PinKind, str]) -> PinKind | None:
    """Name the PIN whose value stands in the output, as text or as hex bytes; None where there is none.

    Four digits alone on a line, or in the middle of a number, may be anything; a word of their own is not.
    """
    for pin, value in pins.items():
        encoded = r"[\s:,]*".join(f"(?:0x)?{byte:02x}" for byte in value.encode())
        if re.search(rf"(?<!\w){re.escape(value)}(?!\w)|(?<![0-9a-f]){encoded}", output, re.IGNORECASE):
            return pin
    return None
