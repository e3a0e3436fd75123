"""When the authority is open, and how long its doors stay so: the rules of the calendar as pure functions.

A time is an aware datetime of any time zone, and every rule is about the time in Japan; one without a time zone is a
ValueError.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import cache

from mynacard_emulator.personalise.dates import JST

KIOSK_SIGN_RESET_SINCE = date(2022, 2, 1)
"""Convenience stores reset the signature PIN (R-035)."""
KIOSK_AUTH_RESET_SINCE = date(2024, 7, 25)
"""Some of them reset the authentication PIN (R-036)."""
ANDROID_CERTIFICATES_SINCE = date(2023, 5, 11)
"""Certificates for smartphones with Android (F-072)."""
IPHONE_CERTIFICATES_SINCE = date(2025, 6, 24)
"""Certificates for the iPhone (F-072)."""
FACE_AUTHENTICATION_CARD_SINCE = date(2023, 12, 15)
"""The card without PINs (F-069)."""
OVERSEAS_CONTINUATION_SINCE = date(2024, 5, 27)
"""A card goes on after its holder moved abroad (F-065)."""
EXPRESS_SINCE = date(2024, 12, 2)
"""A card in about a week (F-063)."""

DESK_OPENS, DESK_CLOSES = time(9), time(17)
KIOSK_OPENS, KIOSK_CLOSES = time(6, 30), time(23)

RESERVATION = timedelta(hours=24)
CONTINUATION = timedelta(days=90)
EXPRESS_AFTER_REPORT = timedelta(days=30)
RENEWAL_MONTHS = 3


def is_working_day(day: date) -> bool:
    """Whether a municipal office works: no Saturday, Sunday, public holiday, nor 29 December to 3 January (R-032).

    Public holidays are known from 1949 to 2099; in other years there are none.
    """
    saturday = 5
    year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < saturday and not year_end and day not in _public_holidays(day.year)


def desk_is_open(at: datetime) -> bool:
    """Whether the counter takes who arrives: on working days from 9:00:00 to 17:00:00, both included (R-031, D-10)."""
    here = _in_japan(at)
    return is_working_day(here.date()) and DESK_OPENS <= here.time() <= DESK_CLOSES


def next_opening(at: datetime) -> datetime:
    """The first time from `at` on, in Japan, at which the desk is open; `at` itself when it is."""
    here = _in_japan(at)
    if desk_is_open(here):
        return here
    day = here.date()
    if here.time() > DESK_CLOSES:
        day += timedelta(days=1)
    while not is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, DESK_OPENS, JST)


def kiosk_is_open(at: datetime) -> bool:
    """Whether the store's terminal works: every day from 6:30:00 to 23:00:00, both included (F-031)."""
    return KIOSK_OPENS <= _in_japan(at).time() <= KIOSK_CLOSES


def renewal_opens(end: date) -> date:
    """The first day on which what ends on `end` is renewed: the day after the day three months before (F-044).

    Where that month has no such day it is counted from its last one: for 31 May it is 1 March.
    """
    months = end.year * 12 + end.month - 1 - RENEWAL_MONTHS
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(end.day, monthrange(year, month)[1])) + timedelta(days=1)


def reservation_end(made: datetime) -> datetime:
    """The last second at which the kiosk accepts a reservation, in Japan: 24 hours after it was made (F-031, D-06)."""
    return _in_japan(made) + RESERVATION


def reservation_is_good(made: datetime, at: datetime) -> bool:
    """Whether the kiosk accepts at that time a reservation made then."""
    return _in_japan(made) <= _in_japan(at) <= reservation_end(made)


def continuation_deadline(moved: date) -> date:
    """The last day on which the card of somebody who moved can be continued; after it the card ends (F-064)."""
    return moved + CONTINUATION


def express_is_offered(reported: date, on: date) -> bool:
    """Whether a lost card's successor can be asked for by express: up to 30 days after the report (F-063)."""
    return on >= EXPRESS_SINCE and reported <= on <= reported + EXPRESS_AFTER_REPORT


def _in_japan(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time without a time zone; say datetime(…, tzinfo=JST)")
    return at.astimezone(JST)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    """The public holidays of a year, substitute holidays and days between two holidays included."""
    from holidays import country_holidays  # noqa: PLC0415 - a third of a second, and only the office asks

    return frozenset(country_holidays("JP", years=year))
