"""When a card is made and ends, and how a profile never goes out of date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.personalise.days import Days, reckon
from mynacard_emulator.personalise.errors import ProfileError
from mynacard_emulator.personalise.holder import Holder, Sex
from mynacard_emulator.personalise.pins import Pins
from mynacard_emulator.personalise.spec import CardSpec, CertificateSpec, ProfileSpec

D = date.fromisoformat
BORN, MADE, HANDED_OVER = D("1980-02-17"), D("2025-10-27"), D("2025-11-10")


def profile(*, born: date = BORN, sign: bool = True, auth: bool = True, **card: Any) -> ProfileSpec:
    return ProfileSpec(
        name="x",
        source="x.toml",
        holder=Holder("架空　太郎", Sex.MALE, born, "架空市", "00000", "000"),
        card=CardSpec(**card),
        certificates=CertificateSpec(sign=sign, auth=auth),
        pins=Pins(),
    )


FIXED = profile(made=MADE, handed_over=HANDED_OVER)


def days(*texts: str) -> Days:
    return Days(*(D(text) for text in texts))


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        pytest.param("2025-11-10", ("2025-10-27", "2025-11-10", "2035-02-17", "2030-02-17"), id="handed over today"),
        pytest.param("2026-11-20", ("2025-10-27", "2025-11-10", "2035-02-17", "2030-02-17"), id="in the first years"),
        pytest.param("2030-02-17", ("2025-10-27", "2025-11-10", "2035-02-17", "2030-02-17"), id="on the last day"),
        pytest.param("2030-02-18", ("2026-10-27", "2026-11-10", "2036-02-17", "2031-02-17"), id="the day after"),
        pytest.param("2049-12-31", ("2045-10-27", "2045-11-10", "2055-02-17", "2050-02-17"), id="in the end"),
    ],
)
def test_fixed_days_hold_while_everything_is_good_and_then_move_by_whole_years(
    today: str, expected: tuple[str, str, str, str]
) -> None:
    made, handed_over, card, certificates = expected

    assert reckon(FIXED, D(today)) == days(made, handed_over, card, certificates, certificates)


def test_without_certificates_only_the_card_can_run_out() -> None:
    spec = profile(made=MADE, handed_over=HANDED_OVER, sign=False, auth=False)

    assert reckon(spec, D("2035-02-17")) == Days(MADE, HANDED_OVER, D("2035-02-17"), None, None)
    assert reckon(spec, D("2035-02-18")).made == D("2026-10-27")


def test_without_days_a_card_is_made_and_handed_over_today() -> None:
    assert reckon(profile(), D("2028-02-29")) == days(
        "2028-02-29", "2028-02-29", "2038-02-17", "2033-02-17", "2033-02-17"
    )


def test_a_card_made_on_29_february_moves_to_the_28th() -> None:
    assert reckon(profile(made=D("2024-02-29")), D("2029-05-01")).made == D("2025-02-28")


def test_an_old_card_can_be_kept_old_and_a_future_one_future() -> None:
    kept = profile(made=MADE, handed_over=HANDED_OVER, keep_dates=True)

    for today in ("2024-01-01", "2045-01-01"):
        assert reckon(kept, D(today)) == days("2025-10-27", "2025-11-10", "2035-02-17", "2030-02-17", "2030-02-17")


def test_certificates_end_with_a_minors_card() -> None:
    born = D("2010-06-15")  # 15 when the card is made, and the 5th birthday after it is everything's end

    assert reckon(profile(born=born, made=MADE), MADE) == days(
        "2025-10-27", "2025-10-27", "2030-06-15", "2030-06-15", "2030-06-15"
    )


def test_nothing_outlasts_a_limited_period_of_stay() -> None:
    spec = profile(made=MADE, handed_over=HANDED_OVER, stay_until=D("2027-04-30"))

    assert reckon(spec, D("2027-04-30")) == days("2025-10-27", "2025-11-10", *["2027-04-30"] * 3)
    assert reckon(spec, D("2027-05-01")) == days("2026-10-27", "2026-11-10", *["2028-04-30"] * 3)


def test_a_long_period_of_stay_changes_nothing() -> None:
    spec = profile(made=MADE, handed_over=HANDED_OVER, stay_until=D("2040-01-01"))

    assert reckon(spec, D("2026-01-01")) == reckon(FIXED, D("2026-01-01"))


def test_under_15_there_is_no_signature_certificate() -> None:
    born = D("2010-10-28")  # 15 on the day after

    assert reckon(profile(born=born, made=MADE, sign=False), MADE).auth_end == D("2029-10-28")
    with pytest.raises(ProfileError) as refused:
        reckon(profile(born=born, made=MADE), MADE)
    line = "x.toml: certificates.sign: a holder under 15 gets no signature certificate; set it to false"
    assert str(refused.value) == line


CURE = "name an earlier day, or set card.keep_dates = true"
LAST = "2049-12-31"


@pytest.mark.parametrize(
    ("spec", "today", "problem"),
    [
        (FIXED, "2025-10-26", f"card.made: 2025-10-27 is after today, 2025-10-26; {CURE}"),
        (FIXED, "2025-11-09", f"card.handed_over: 2025-11-10 is after today, 2025-11-09; {CURE}"),
        (
            profile(made=HANDED_OVER, handed_over=MADE),
            "2026-01-01",
            "card.handed_over: 2025-10-27 is before card.made, 2025-11-10",
        ),
        (
            profile(made=MADE, handed_over=HANDED_OVER, stay_until=D("2025-11-09")),
            "2026-01-01",
            "card.stay_until: 2025-11-09 is before the card was handed over, 2025-11-10",
        ),
        (
            profile(made=D("2015-12-31")),
            "2026-01-01",
            f"card.made: 2015-12-31 is not between 2016-01-01 and {LAST}",
        ),
        (profile(), "2050-01-01", f"card.made: 2050-01-01 is not between 2016-01-01 and {LAST}"),
        (
            profile(made=D("9995-01-01"), keep_dates=True),
            "2026-01-01",
            f"card.made: 9995-01-01 is not between 2016-01-01 and {LAST}",
        ),
        (FIXED, "2050-01-01", f"today, 2050-01-01, is after the last day of the test CAs, {LAST}"),
        (
            profile(born=D("2025-10-28"), made=MADE),
            "2026-01-01",
            "holder.born: 2025-10-28 is after the card was made, 2025-10-27",
        ),
    ],
)
def test_an_impossible_day_is_named_with_its_cure(spec: ProfileSpec, today: str, problem: str) -> None:
    with pytest.raises(ProfileError) as refused:
        reckon(spec, D(today))

    assert str(refused.value) == f"x.toml: {problem}"


@given(
    born=st.dates(date(1900, 1, 1), date(2010, 1, 1)),
    made=st.dates(date(2016, 1, 1), D(LAST)),
    today=st.dates(date(2016, 1, 1), D(LAST)),
    sign=st.booleans(),
    auth=st.booleans(),
)
def test_nothing_on_a_card_has_run_out_or_is_still_to_come(
    born: date,
    made: date,
    today: date,
    sign: bool,  # noqa: FBT001 - drawn by Hypothesis
    auth: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    made, today = sorted((made, today))
    found = reckon(replace(profile(made=made, born=born, auth=auth, sign=sign and made.year >= 2025)), today)

    assert made <= found.made <= found.handed_over <= today <= found.first_end
    assert found.made.month == made.month
