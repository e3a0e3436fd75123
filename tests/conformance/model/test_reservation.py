"""A reservation is for one card, for 24 hours and for one use."""

from __future__ import annotations

from datetime import datetime, timedelta

from mynacard_conformance.model.dates import JST
from mynacard_conformance.model.reservation import Reservation
from mynacard_conformance.outcome import PinKind

MADE = datetime(2026, 11, 20, 20, tzinfo=JST)
DAY, SECOND = timedelta(hours=24), timedelta(seconds=1)


def test_it_is_good_for_24_hours_to_the_second() -> None:
    reservation = Reservation("A", PinKind.SIGN, MADE)
    assert [reservation.problem("A", MADE + DAY), reservation.problem("A", MADE + DAY + SECOND)] == [
        None,
        "reservation_expired",
    ]


def test_it_is_good_once() -> None:
    assert Reservation("A", PinKind.SIGN, MADE, used=True).problem("A", MADE) == "reservation_used"


def test_it_is_of_no_use_to_another_card() -> None:
    reservation = Reservation("A", PinKind.SIGN, MADE)
    assert reservation.problem("B", MADE) == "reservation_other_card"
    assert reservation.problem("B", MADE + DAY + SECOND) == "reservation_missing"
