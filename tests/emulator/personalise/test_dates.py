"""The calendar: birthdays, ages, and the last days of cards and certificates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mynacard_emulator.personalise.dates import (
    JST,
    age,
    birthday,
    card_not_after,
    cert_not_after,
    end_of_day,
    nth_birthday_after,
    start_of_day,
    today,
)

D = date.fromisoformat
BIRTHS = st.dates(date(1900, 1, 1), date(2015, 12, 31))
DAYS = st.dates(date(2016, 1, 1), date(2049, 12, 31))
FAR = date(9999, 1, 1)


def test_japan_is_nine_hours_ahead_summer_and_winter() -> None:
    for day in (date(2026, 1, 15), date(2026, 7, 15)):
        assert start_of_day(day) == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=9)
        assert end_of_day(day).astimezone(UTC).time().isoformat() == "14:59:59"
    assert start_of_day(date(2026, 1, 1)).tzname() == "JST"


def test_today_is_the_day_in_japan() -> None:
    before, found, after = datetime.now(JST).date(), today(), datetime.now(JST).date()

    assert before <= found <= after


@pytest.mark.parametrize(
    ("year", "birth", "expected"),
    [(2025, "1980-02-17", "2025-02-17"), (2024, "2000-02-29", "2024-02-29"), (2025, "2000-02-29", "2025-02-28")],
)
def test_a_birthday_on_29_february_falls_on_the_28th_in_a_common_year(year: int, birth: str, expected: str) -> None:
    assert birthday(year, D(birth)) == D(expected)


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2010-06-15", 0), ("2025-06-14", 14), ("2025-06-15", 15), ("2025-06-16", 15)],
    ids=["day of birth", "eve", "birthday", "day after"],
)
def test_a_year_of_age_is_reached_on_the_birthday_itself(on: str, expected: int) -> None:
    assert age(D(on), D("2010-06-15")) == expected


@pytest.mark.parametrize(
    ("made", "birth", "expected"),
    [
        pytest.param("2025-10-27", "1980-02-17", "2035-02-17", id="adult"),
        pytest.param("2026-11-21", "2000-11-22", "2035-11-22", id="the first birthday is the next day"),
        pytest.param("2026-11-22", "2000-11-22", "2036-11-22", id="a birthday on the day itself is not counted"),
        pytest.param("2026-11-21", "2008-11-21", "2036-11-21", id="18 today"),
        pytest.param("2026-11-20", "2008-11-21", "2030-11-21", id="18 tomorrow"),
        pytest.param("2022-03-31", "2003-01-01", "2027-01-01", id="19 while 20 was the age of majority"),
        pytest.param("2022-04-01", "2003-01-01", "2032-01-01", id="19 on the day it became 18"),
        pytest.param("2022-03-31", "2002-03-31", "2032-03-31", id="20 before that"),
    ],
)
def test_a_card_ends_on_the_10th_birthday_or_a_minors_5th(made: str, birth: str, expected: str) -> None:
    assert card_not_after(D(made), D(birth)) == D(expected)


def test_no_card_outlives_the_period_of_stay() -> None:
    made, birth = D("2025-10-27"), D("1980-02-17")

    assert card_not_after(made, birth, stay_end=D("2027-03-31")) == D("2027-03-31")
    assert card_not_after(made, birth, stay_end=D("2040-03-31")) == D("2035-02-17")


@pytest.mark.parametrize(
    ("issued", "renewal", "expected"),
    [("2025-10-27", False, "2030-02-17"), ("2029-12-01", True, "2035-02-17"), ("2029-12-01", False, "2034-02-17")],
)
def test_a_certificate_ends_on_the_5th_birthday_and_renewed_in_time_on_the_6th(
    issued: str,
    renewal: bool,  # noqa: FBT001 - a column of the table
    expected: str,
) -> None:
    assert cert_not_after(D(issued), D("1980-02-17"), FAR, renewal_before_expiry=renewal) == D(expected)


@given(issued=DAYS, birth=BIRTHS, card_end=DAYS, auth_end=DAYS, renewal=st.booleans())
def test_sign_ends_no_later_than_auth_and_auth_no_later_than_the_card(
    issued: date,
    birth: date,
    card_end: date,
    auth_end: date,
    renewal: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    auth = cert_not_after(issued, birth, card_end, renewal_before_expiry=renewal)
    sign = cert_not_after(issued, birth, card_end, renewal_before_expiry=renewal, auth_end=auth_end)

    assert sign <= auth <= card_end
    assert sign == min(auth, auth_end)


@given(day=DAYS, birth=BIRTHS, count=st.integers(1, 20))
def test_between_a_day_and_the_nth_birthday_after_it_lie_just_n_birthdays(day: date, birth: date, count: int) -> None:
    end = nth_birthday_after(day, birth, count)
    birthdays = [birthday(year, birth) for year in range(day.year, end.year + 1)]

    assert sum(day < one <= end for one in birthdays) == count
    assert end in birthdays


@given(made=DAYS, birth=BIRTHS)
def test_a_card_lasts_nine_to_ten_years_or_four_to_five(made: date, birth: date) -> None:
    adult = age(made, birth) >= (18 if made >= date(2022, 4, 1) else 20)
    end = card_not_after(made, birth)

    assert made < end
    assert end.year - made.year in ((9, 10) if adult else (4, 5))
    assert age(end, birth) - age(made, birth) in ((10,) if adult else (5,))


@given(day=DAYS, birth=BIRTHS)
def test_age_grows_by_one_on_the_birthday_and_on_no_other_day(day: date, birth: date) -> None:
    assume(day > birth)

    grown = age(day, birth) - age(day - timedelta(days=1), birth)
    assert grown == (day == birthday(day.year, birth))
