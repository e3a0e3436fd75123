"""The counter of the municipality: what a visitor can have done there."""

from __future__ import annotations

from .certificate_errands import CertificateErrands
from .counter_cards import CardErrands
from .desk import CarryOut
from .pin_errands import PinErrands


class Counter(PinErrands, CertificateErrands, CardErrands):
    """The counter, open on weekdays from 9 to 17 (R-031)."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out
