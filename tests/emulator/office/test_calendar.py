"""The authority's calendar: desks, kiosks, reservations, windows of renewal, deadlines."""

from __future__ import annotations

import calendar
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mynacard_emulator.office.calendar import (
    continuation_deadline,
    desk_is_open,
    express_is_offered,
    is_working_day,
    kiosk_is_open,
    next_opening,
    renewal_opens,
    reservation_end,
    reservation_is_good,
)
from mynacard_emulator.personalise.dates import JST, birthday, card_not_after, cert_not_after

D = date.fromisoformat
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
DAYS = st.dates(date(2016, 1, 1), date(2060, 12, 31))
TIMES = st.datetimes(datetime(2016, 1, 1), datetime(2060, 12, 31), timezones=st.sampled_from([JST, UTC]))  # noqa: DTZ001 - the bounds are given their zones


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JST)


# ---------------------------------------------------------------- desks
@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-16 08:59:59", False),
        ("2026-11-16 09:00:00", True),
        ("2026-11-20 17:00:00", True),
        ("2026-11-20 17:00:01", False),
        ("2026-11-21 10:00:00", False),
        ("2026-11-22 10:00:00", False),
        ("2026-11-23 10:00:00", False),
        ("2026-12-28 10:00:00", True),
        ("2026-12-29 10:00:00", False),
        ("2027-01-04 10:00:00", True),
        ("2025-01-03 10:00:00", False),
    ],
)
def test_the_desk_is_open_on_weekdays_from_nine_to_five(when: str, is_open: bool) -> None:  # noqa: FBT001 - pytest passes keywords
    assert desk_is_open(at(when)) is is_open


@pytest.mark.parametrize(
    "day",
    ["2026-01-12", "2026-02-11", "2026-03-20", "2026-05-06", "2026-09-22", "2026-09-23", "2027-03-22", "2019-05-01"],
    ids=["second Monday", "fixed", "equinox", "substitute", "between two", "autumn", "substitute Monday", "accession"],
)
def test_an_office_does_not_work_on_a_public_holiday(day: str) -> None:
    assert D(day).weekday() < 5
    assert not is_working_day(D(day))


@given(DAYS)
@example(date(2020, 2, 29))
def test_no_office_works_at_weekends_and_round_new_year(day: date) -> None:
    closed = day.weekday() >= 5 or f"{day:%m-%d}" >= "12-29" or f"{day:%m-%d}" <= "01-03"
    assert not (closed and is_working_day(day))


@pytest.mark.parametrize("year", [1900, 2150])
def test_outside_the_years_whose_holidays_are_known_there_are_none(year: int) -> None:
    days = [date(year, 4, 1) + timedelta(days=n) for n in range(200)]
    assert [is_working_day(day) for day in days] == [day.weekday() < 5 for day in days]
    assert not is_working_day(date(year, 12, 31))


@pytest.mark.parametrize(
    ("when", "opening"),
    [
        ("2026-11-19 06:00:00", "2026-11-19 09:00:00"),
        ("2026-11-19 12:34:56", "2026-11-19 12:34:56"),
        ("2026-11-20 17:00:01", "2026-11-24 09:00:00"),
        ("2026-12-28 17:30:00", "2027-01-04 09:00:00"),
    ],
    ids=["the same morning", "now", "after a long weekend", "after new year"],
)
def test_the_next_opening(when: str, opening: str) -> None:
    assert next_opening(at(when)) == at(opening)


@given(TIMES)
def test_the_next_opening_is_open_and_nothing_before_it_is(when: datetime) -> None:
    opening = next_opening(when)
    assert desk_is_open(opening)
    assert when <= opening
    if opening != when:
        assert opening.timetz() == time(9, tzinfo=JST)
        day = when.astimezone(JST).date()
        between = [datetime.combine(day + n * DAY, time(hour), JST) for n in range(12) for hour in (9, 13, 17)]
        assert not any(desk_is_open(moment) for moment in (when, *between) if when <= moment < opening)


@pytest.mark.parametrize("rule", [desk_is_open, next_opening, kiosk_is_open, reservation_end])
def test_a_time_without_a_time_zone_is_refused(rule: object) -> None:
    assert callable(rule)
    with pytest.raises(ValueError, match="without a time zone"):
        rule(datetime(2026, 11, 20, 10))  # noqa: DTZ001 - the fault to be found


def test_hours_are_those_of_japan() -> None:
    assert desk_is_open(datetime(2026, 11, 20, 0, tzinfo=UTC))
    assert not desk_is_open(datetime(2026, 11, 20, 10, tzinfo=UTC))
    assert not kiosk_is_open(datetime(2026, 11, 20, 20, tzinfo=UTC))


def test_the_rules_wait_for_the_table_of_holidays_only_when_they_need_it() -> None:
    program = "import sys, mynacard_emulator.office.calendar; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


# ---------------------------------------------------------------- kiosks
@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-21 06:29:59", False),
        ("2026-11-21 06:30:00", True),
        ("2026-11-23 23:00:00", True),
        ("2026-11-23 23:00:01", False),
        ("2027-01-01 12:00:00", True),
    ],
)
def test_a_kiosk_works_every_day(when: str, is_open: bool) -> None:  # noqa: FBT001 - pytest passes keywords
    assert kiosk_is_open(at(when)) is is_open


def test_a_reservation_is_good_for_24_hours_to_the_second() -> None:
    made = at("2026-11-20 18:00:00")
    assert reservation_end(made) == at("2026-11-21 18:00:00")
    assert not reservation_is_good(made, made - SECOND)
    assert reservation_is_good(made, made)
    assert reservation_is_good(made, made + timedelta(hours=24))
    assert not reservation_is_good(made, made + timedelta(hours=24) + SECOND)


# ---------------------------------------------------------------- windows and deadlines
@pytest.mark.parametrize(
    ("end", "opens"),
    [
        ("2027-06-15", "2027-03-16"),
        ("2027-08-01", "2027-05-02"),
        ("2027-05-31", "2027-03-01"),
        ("2028-05-31", "2028-03-01"),
        ("2028-05-29", "2028-03-01"),
        ("2028-05-28", "2028-02-29"),
        ("2027-02-17", "2026-11-18"),
        ("2027-03-31", "2027-01-01"),
    ],
)
def test_renewal_opens_the_day_after_the_day_three_months_before(end: str, opens: str) -> None:
    assert renewal_opens(D(end)) == D(opens)


@given(DAYS)
@example(date(2028, 2, 29))
@example(date(2027, 11, 30))
def test_a_window_opens_in_the_three_months_before_the_end_and_never_earlier(end: date) -> None:
    opens = renewal_opens(end)
    eve = opens - DAY
    assert 88 <= (end - opens).days <= 91
    assert (end.year - eve.year) * 12 + end.month - eve.month == 3
    assert eve.day == min(end.day, calendar.monthrange(eve.year, eve.month)[1])


@given(DAYS)
def test_of_two_ends_the_later_is_never_renewed_earlier(end: date) -> None:
    assert renewal_opens(end) <= renewal_opens(end + DAY)


def test_a_card_is_continued_within_90_days_of_a_move() -> None:
    assert continuation_deadline(D("2026-11-21")) == D("2027-02-19")


@pytest.mark.parametrize(
    ("reported", "on", "offered"),
    [
        ("2026-11-21", "2026-11-20", False),
        ("2026-11-21", "2026-11-21", True),
        ("2026-11-21", "2026-12-21", True),
        ("2026-11-21", "2026-12-22", False),
        ("2024-11-20", "2024-12-01", False),
        ("2024-11-20", "2024-12-02", True),
    ],
)
def test_express_issue_is_offered_for_30_days_after_the_report(reported: str, on: str, offered: bool) -> None:  # noqa: FBT001 - pytest passes keywords
    assert express_is_offered(D(reported), D(on)) is offered


# ---------------------------------------------------------------- the last days of cards and certificates
BIRTHS = st.dates(date(1910, 1, 1), date(2015, 12, 31)) | st.sampled_from([date(y, 2, 29) for y in (1960, 2000, 2012)])


@given(birth=BIRTHS, made=DAYS, wait=st.integers(0, 3000), stay=st.none() | st.integers(1, 4000), renewed=st.booleans())
def test_no_signature_outlives_the_authentication_and_no_certificate_the_card(
    birth: date,
    made: date,
    wait: int,
    stay: int | None,
    renewed: bool,  # noqa: FBT001 - Hypothesis passes keywords
) -> None:
    stay_end = None if stay is None else made + stay * DAY
    card_end = card_not_after(made, birth, stay_end=stay_end)
    issued = min(made + wait * DAY, card_end)
    auth_end = cert_not_after(issued, birth, card_end, renewal_before_expiry=renewed)
    sign_end = cert_not_after(issued + DAY, birth, card_end, renewal_before_expiry=renewed, auth_end=auth_end)

    assert sign_end <= auth_end <= card_end
    assert stay_end is None or card_end <= stay_end
    assert card_end in {stay_end, birthday(card_end.year, birth)}
    assert auth_end in {card_end, birthday(auth_end.year, birth)}


@given(birth=BIRTHS, made=DAYS)
def test_a_card_lasts_between_nine_and_ten_years_or_four_and_five_for_a_minor(birth: date, made: date) -> None:
    majority = 18 if made >= date(2022, 4, 1) else 20
    years = 10 if made >= birthday(birth.year + majority, birth) else 5
    first_day, last_day = made + timedelta(days=365 * (years - 1)), made + timedelta(days=366 * years)

    assert first_day < card_not_after(made, birth) <= last_day


@given(birth=BIRTHS, made=DAYS)
def test_a_card_is_not_renewable_when_it_is_made(birth: date, made: date) -> None:
    assert renewal_opens(card_not_after(made, birth)) > made
