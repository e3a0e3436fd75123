"""The dates of a card's life, counted by hand: birthdays one after the other, days one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from itertools import count, islice

JST = timezone(timedelta(hours=9), "JST")
DAY = timedelta(days=1)


def birthdays(born: date) -> Iterator[date]:
    """Every birthday from the first on; who was born on 29 February has it on the 28th in common years (D-17)."""
    for year in count(born.year + 1):
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        yield date(year, 2, 28) if (born.month, born.day) == (2, 29) and not leap else born.replace(year=year)


def age(born: date, on: date) -> int:
    """How many birthdays somebody has had, that of the day itself among them (D-12)."""
    return next(had for had, birthday in enumerate(birthdays(born)) if birthday > on)


def birthday_after(day: date, born: date, number: int) -> date:
    """The birthday of that number after a day; one on the day itself is not counted (D-17)."""
    later = (birthday for birthday in birthdays(born) if birthday > day)
    return next(islice(later, number - 1, None))


def card_end(made: date, born: date, stay_end: date | None = None) -> date:
    """The last day of a card (F-041, F-042)."""
    adult = 18 if made >= date(2022, 4, 1) else 20
    end = birthday_after(made, born, 10 if age(born, made) >= adult else 5)
    return min(end, stay_end or end)


def certificate_end(issued: date, born: date, *ceilings: date, in_time: bool = False) -> date:
    """The last day of a certificate (F-037 to F-039).

    Args:
        issued: The day on which it was issued.
        born: The holder's birth date.
        *ceilings: The card's last day; for a sign certificate the auth certificate's, too.
        in_time: Whether it was issued in the place of one that was still good.

    """
    return min(birthday_after(issued, born, 6 if in_time else 5), *ceilings)


def renewal_opens(end: date) -> date:
    """The first day of renewal: the day after the same day three months before, or after that month's last (F-044)."""
    month = end.month - 3
    first = date(end.year, month, 1) if month > 0 else date(end.year - 1, month + 12, 1)
    in_month = [first + DAY * ahead for ahead in range(end.day) if (first + DAY * ahead).month == first.month]
    return in_month[-1] + DAY


def last_second(day: date) -> datetime:
    """The last second of a day in Japan (F-040)."""
    return datetime.combine(day, time(23, 59, 59), JST)


def desk_is_open(at: datetime) -> bool:
    """Whether the counter is (R-031, R-032, D-10)."""
    here = at.astimezone(JST)
    new_year = (here.month, here.day) in {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}
    free = here.strftime("%w") in "06" or new_year or here.date() in _holidays(here.year)
    return not free and time(9) <= here.time() <= time(17)


def kiosk_is_open(at: datetime) -> bool:
    """Whether the terminals in the stores are (F-031)."""
    return time(6, 30) <= at.astimezone(JST).time() <= time(23)


@cache
def _holidays(year: int) -> frozenset[date]:
    from holidays import country_holidays  # noqa: PLC0415 - a third of a second, and most runs never ask

    return frozenset(country_holidays("JP", years=year))
