"""The oracle of one reservation: for one PIN of one card, for 24 hours, for one use (R-039 to R-044)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mynacard_conformance.outcome import PinKind

SINCE = {PinKind.SIGN: date(2022, 2, 1), PinKind.AUTH: date(2024, 7, 25)}
"""Which PINs stores reset, and since when (R-035, R-036); the others are the counter's (R-037)."""

OTHER = {PinKind.SIGN: PinKind.AUTH, PinKind.AUTH: PinKind.SIGN}
"""Which PIN is typed to have one reset (R-045)."""


@dataclass(slots=True)
class Reservation:
    """A reservation.

    Attributes:
        card: Which card's, as whoever keeps count knows it.
        pin: The PIN that is to be reset.
        made: When it was made.
        used: Whether the PIN was reset with it.

    """

    card: object
    pin: PinKind
    made: datetime
    used: bool = False

    @property
    def end(self) -> datetime:
        """The last second at which it is good (D-06)."""
        return self.made + timedelta(hours=24)

    def problem(self, card: object, at: datetime) -> str | None:
        """Why a kiosk does not take it; None where it does."""
        if card != self.card:
            return "reservation_missing" if self.used or at > self.end else "reservation_other_card"
        if self.used:
            return "reservation_used"
        return "reservation_expired" if at > self.end else None
