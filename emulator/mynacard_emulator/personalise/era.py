"""Japanese eras: the digit in a certificate's birth date, and the year in 照合番号B."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Era:
    """An era that some holder may have been born in.

    Attributes:
        digit: How a certificate writes it (K-28).
        first_day: The first day of its year 1.

    """

    digit: int
    name: str
    first_day: date

    def year(self, day: date) -> int:
        """The year of `day` in this era; year 1 ends with the calendar year."""
        return day.year - self.first_day.year + 1


ERAS = (
    Era(5, "Reiwa", date(2019, 5, 1)),
    Era(4, "Heisei", date(1989, 1, 8)),
    Era(3, "Showa", date(1926, 12, 25)),
    Era(2, "Taisho", date(1912, 7, 30)),
    Era(1, "Meiji", date(1868, 1, 25)),
)
EARLIEST_BIRTH = ERAS[-1].first_day


def era(day: date) -> Era:
    """The era of `day`; a day on which two eras met belongs to the new one. Raises `ValueError` before Meiji."""
    for candidate in ERAS:
        if day >= candidate.first_day:
            return candidate
    raise ValueError(f"{day} is before the Meiji era")


def certificate_birth_date(birth: date) -> str:
    """Era digit and Gregorian date: 1980-02-17 is `319800217` (K-28)."""
    return f"{era(birth).digit}{birth:%Y%m%d}"


def era_birth_date(birth: date) -> str:
    """Era year, month and day in six digits: 1980-02-17 is `550217`."""
    return f"{era(birth).year(birth):02}{birth:%m%d}"
