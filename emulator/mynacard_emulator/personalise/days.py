"""The days of one card: when it was made and when each thing on it ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .dates import age, birthday, card_not_after, cert_not_after
from .errors import ProfileError
from .spec import ProfileSpec

FIRST_CARDS = date(2016, 1, 1)
LAST_DAY = date(2049, 12, 31)
"""The last day of the test CAs."""
SIGN_CERTIFICATE_AGE = 15


@dataclass(frozen=True, slots=True)
class Days:
    """The days of one card; no certificate's end where there is none."""

    made: date
    handed_over: date
    card_end: date
    auth_end: date | None
    sign_end: date | None

    @property
    def first_end(self) -> date:
        """The last day on which everything on the card is good."""
        return min(end for end in (self.card_end, self.auth_end, self.sign_end) if end)


def reckon(spec: ProfileSpec, today: date) -> Days:
    """The days of a card made from this profile, so that nothing on it has run out by `today`.

    A profile may name fixed days. They hold as long as everything on the card is good; then the card is made as many
    whole years later as it takes, so that a profile never goes out of date. With `keep_dates` the named days are final.
    Raises `ProfileError`, also for a card from the future.
    """
    made = spec.card.made or today
    handed_over = spec.card.handed_over or made
    _refuse_impossible(spec, made, handed_over)
    if not spec.card.keep_dates:
        _refuse_future(spec, made, handed_over, today)
    years = 0
    days = _ends(spec, made, handed_over, years)
    while days.first_end < today and not spec.card.keep_dates:
        years += 1
        days = _ends(spec, made, handed_over, years)
    if days.sign_end and age(days.made, spec.holder.born) < SIGN_CERTIFICATE_AGE:
        problem = f"a holder under {SIGN_CERTIFICATE_AGE} gets no signature certificate; set it to false"
        raise ProfileError(f"{spec.source}: certificates.sign: {problem}")
    return days


def _ends(spec: ProfileSpec, made: date, handed_over: date, years: int) -> Days:
    """The days of a card made so many years later than it was said."""
    made, handed_over = _later(made, years), _later(handed_over, years)
    stay_end = spec.card.stay_until and _later(spec.card.stay_until, years)
    birth = spec.holder.born
    card_end = card_not_after(made, birth, stay_end=stay_end)
    auth_end = cert_not_after(made, birth, card_end) if spec.certificates.auth else None
    sign_end = cert_not_after(made, birth, card_end, auth_end=auth_end) if spec.certificates.sign else None
    return Days(made, handed_over, card_end, auth_end, sign_end)


def _later(day: date, years: int) -> date:
    return birthday(day.year + years, day)


def _refuse_impossible(spec: ProfileSpec, made: date, handed_over: date) -> None:
    if not FIRST_CARDS <= made <= LAST_DAY:
        raise ProfileError(f"{spec.source}: card.made: {made} is not between {FIRST_CARDS} and {LAST_DAY}")
    if handed_over < made:
        raise ProfileError(f"{spec.source}: card.handed_over: {handed_over} is before card.made, {made}")
    if spec.card.stay_until and spec.card.stay_until < handed_over:
        problem = f"{spec.card.stay_until} is before the card was handed over, {handed_over}"
        raise ProfileError(f"{spec.source}: card.stay_until: {problem}")
    if spec.holder.born > made:
        raise ProfileError(f"{spec.source}: holder.born: {spec.holder.born} is after the card was made, {made}")


def _refuse_future(spec: ProfileSpec, made: date, handed_over: date, today: date) -> None:
    if today > LAST_DAY:
        raise ProfileError(f"{spec.source}: today, {today}, is after the last day of the test CAs, {LAST_DAY}")
    for key, day in (("made", made), ("handed_over", handed_over)):
        if day > today:
            cure = "name an earlier day, or set card.keep_dates = true"
            raise ProfileError(f"{spec.source}: card.{key}: {day} is after today, {today}; {cure}")
