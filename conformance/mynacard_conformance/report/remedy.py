"""What the holder of a card would have to do now, after what a client did to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from mynacard_conformance.outcome import PinKind
from mynacard_conformance.verdict import Finding


class Remedy(Enum):
    """Where a locked PIN is set anew (R-018, R-035 to R-045)."""

    KIOSK_OR_COUNTER = "kiosk or counter"
    SOME_KIOSK_OR_COUNTER = "kiosk of a participating store, or counter"
    COUNTER = "counter"


_AT_KIOSKS: Mapping[PinKind, tuple[PinKind, Remedy]] = {
    PinKind.SIGN: (PinKind.AUTH, Remedy.KIOSK_OR_COUNTER),
    PinKind.AUTH: (PinKind.SIGN, Remedy.SOME_KIOSK_OR_COUNTER),
}
"""What can be set anew at a kiosk, the PIN that has to be entered there, and where."""


def remedies(finding: Finding) -> Iterator[tuple[PinKind, Remedy]]:
    """Yield each PIN that ended up locked, and what helps; nothing where the holder has nothing to do."""
    for pin, left in finding.tries_left.items():
        if not left:
            other, at_kiosk = _AT_KIOSKS.get(pin, (pin, Remedy.COUNTER))
            yield pin, at_kiosk if finding.tries_left.get(other) else Remedy.COUNTER
