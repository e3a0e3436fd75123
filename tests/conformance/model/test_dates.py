"""The oracle's own calendar, by the examples that the facts give."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from mynacard_conformance.model import dates

D = date.fromisoformat


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=dates.JST)


@pytest.mark.parametrize(
    ("issued", "in_time", "end"),
    [
        ("2025-10-27", False, "2030-02-17"),
        ("2029-12-01", True, "2035-02-17"),
        ("2026-12-01", True, "2032-02-17"),
        ("2026-02-17", False, "2031-02-17"),
    ],
    ids=["fifth birthday", "sixth birthday", "renewed early", "issued on a birthday"],
)
def test_a_certificate_ends_on_a_birthday(issued: str, in_time: bool, end: str) -> None:  # noqa: FBT001 - pytest passes keywords
    assert dates.certificate_end(D(issued), D("1980-02-17"), date.max, in_time=in_time) == D(end)


def test_a_certificate_never_outlives_the_card() -> None:
    assert dates.certificate_end(D("2025-10-27"), D("1980-02-17"), D("2028-05-01")) == D("2028-05-01")


@pytest.mark.parametrize(
    ("made", "born", "end"),
    [
        ("2026-11-21", "2000-11-22", "2035-11-22"),
        ("2026-11-21", "2008-11-22", "2030-11-22"),
        ("2026-11-22", "2008-11-22", "2036-11-22"),
        ("2022-03-31", "2003-01-01", "2027-01-01"),
        ("2022-04-01", "2003-01-01", "2032-01-01"),
    ],
    ids=["next day's birthday counts", "17 years 364 days", "18 today", "19 under the old law", "19 under the new"],
)
def test_a_card_ends_on_a_birthday(made: str, born: str, end: str) -> None:
    assert dates.card_end(D(made), D(born)) == D(end)


def test_a_card_never_outlives_the_stay() -> None:
    assert dates.card_end(D("2026-11-21"), D("1990-01-01"), D("2027-04-30")) == D("2027-04-30")


@pytest.mark.parametrize(
    ("end", "opens"),
    [
        ("2027-06-15", "2027-03-16"),
        ("2027-08-01", "2027-05-02"),
        ("2027-05-31", "2027-03-01"),
        ("2028-05-31", "2028-03-01"),
        ("2027-01-31", "2026-11-01"),
    ],
)
def test_renewal_opens_after_the_day_three_months_before(end: str, opens: str) -> None:
    assert dates.renewal_opens(D(end)) == D(opens)


def test_who_was_born_on_a_leap_day_has_a_birthday_every_year() -> None:
    assert dates.age(D("2012-02-29"), D("2027-02-27")) == 14
    assert dates.age(D("2012-02-29"), D("2027-02-28")) == 15
    assert dates.birthday_after(D("2027-01-01"), D("2012-02-29"), 2) == D("2028-02-29")


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-16 08:59:59", False),
        ("2026-11-16 09:00:00", True),
        ("2026-11-20 17:00:00", True),
        ("2026-11-20 17:00:01", False),
        ("2026-11-21 10:00:00", False),
        ("2026-11-23 10:00:00", False),
        ("2026-12-29 10:00:00", False),
        ("2027-01-04 10:00:00", True),
    ],
)
def test_the_counter_is_open_on_working_days(when: str, is_open: bool) -> None:  # noqa: FBT001 - pytest passes keywords
    assert dates.desk_is_open(at(when)) is is_open


@pytest.mark.parametrize(
    ("when", "is_open"),
    [("2026-11-22 06:29:59", False), ("2026-11-22 06:30:00", True), ("2026-11-22 23:00:01", False)],
)
def test_stores_are_open_every_day(when: str, is_open: bool) -> None:  # noqa: FBT001 - pytest passes keywords
    assert dates.kiosk_is_open(at(when)) is is_open
