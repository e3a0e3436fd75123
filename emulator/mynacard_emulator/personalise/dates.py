"""How long a card and its certificates last: the rules of the calendar as pure functions.

Japan is at +09:00 all year and has been for as long as there are cards, so `JST` is a fixed offset: no time zone
database has to be installed, and none can disagree.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")

CERTIFICATE_BIRTHDAYS, RENEWED_CERTIFICATE_BIRTHDAYS = 5, 6
ADULT_CARD_BIRTHDAYS, MINOR_CARD_BIRTHDAYS = 10, 5
AGE_OF_MAJORITY, FORMER_AGE_OF_MAJORITY = 18, 20
MAJORITY_LOWERED = date(2022, 4, 1)


def today() -> date:
    """The day it is in Japan now."""
    return datetime.now(JST).date()


def start_of_day(day: date) -> datetime:
    """00:00:00 in Japan."""
    return datetime.combine(day, time.min, JST)


def end_of_day(day: date) -> datetime:
    """23:59:59 in Japan: the last second of what ends on `day` (F-040)."""
    return datetime.combine(day, time(23, 59, 59), JST)


def birthday(year: int, birth: date) -> date:
    """The birthday in `year`; for a 29 February in a common year it is the 28th (D-17)."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def age(on: date, birth: date) -> int:
    """Completed years on that day; the birthday itself counts as reached (D-12)."""
    return on.year - birth.year - (on < birthday(on.year, birth))


def nth_birthday_after(day: date, birth: date, count: int) -> date:
    """The `count`-th birthday strictly after `day`: a birthday on the day itself is not counted (D-17)."""
    reached = birthday(day.year, birth) <= day
    return birthday(day.year + count - 1 + reached, birth)


def card_not_after(made: date, birth: date, *, stay_end: date | None = None) -> date:
    """The last day of a card: the 10th birthday after it was made, the 5th for a minor (F-041).

    It is counted from making, not from hand-over. `stay_end` is the end of a limited period of stay, which no card
    outlives (F-042).
    """
    majority = AGE_OF_MAJORITY if made >= MAJORITY_LOWERED else FORMER_AGE_OF_MAJORITY
    adult = age(made, birth) >= majority
    end = nth_birthday_after(made, birth, ADULT_CARD_BIRTHDAYS if adult else MINOR_CARD_BIRTHDAYS)
    return min(end, stay_end) if stay_end else end


def cert_not_after(
    issued: date, birth: date, card_end: date, *, renewal_before_expiry: bool = False, auth_end: date | None = None
) -> date:
    """The last day of a certificate: the 5th birthday after issue, but never later than the card (F-037).

    A certificate that replaces one which is still valid runs to the 6th birthday (F-038). For a signature certificate
    `auth_end` is the last day of the user-authentication certificate, which it never outlives (F-039).
    """
    count = RENEWED_CERTIFICATE_BIRTHDAYS if renewal_before_expiry else CERTIFICATE_BIRTHDAYS
    return min(nth_birthday_after(issued, birth, count), card_end, auth_end or date.max)
