"""Japanese eras, as the certificate and 照合番号B write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.personalise.era import EARLIEST_BIRTH, certificate_birth_date, era, era_birth_date


@pytest.mark.parametrize(
    ("birth", "in_certificate", "in_number_b"),
    [
        pytest.param("1980-02-17", "319800217", "550217", id="Showa 55"),
        pytest.param("1985-07-07", "319850707", "600707", id="Showa 60"),
        pytest.param("2020-02-24", "520200224", "020224", id="Reiwa 2"),
        pytest.param("2019-05-01", "520190501", "010501", id="first day of Reiwa"),
        pytest.param("2019-04-30", "420190430", "310430", id="last day of Heisei"),
        pytest.param("1989-01-08", "419890108", "010108", id="first day of Heisei"),
        pytest.param("1989-01-07", "319890107", "640107", id="last day of Showa"),
        pytest.param("1926-12-25", "319261225", "011225", id="first day of Showa"),
        pytest.param("1926-12-24", "219261224", "151224", id="last day of Taisho"),
        pytest.param("1912-07-30", "219120730", "010730", id="first day of Taisho"),
        pytest.param("1912-07-29", "119120729", "450729", id="last day of Meiji"),
        pytest.param("1868-01-25", "118680125", "010125", id="first day of Meiji"),
    ],
)
def test_a_birth_date_is_written_with_its_era(birth: str, in_certificate: str, in_number_b: str) -> None:
    assert certificate_birth_date(date.fromisoformat(birth)) == in_certificate
    assert era_birth_date(date.fromisoformat(birth)) == in_number_b


@given(st.dates(EARLIEST_BIRTH, date(2060, 12, 31)))
def test_an_era_tells_the_gregorian_year_back(day: date) -> None:
    found = era(day)

    assert found.first_day <= day
    assert found.first_day.year + found.year(day) - 1 == day.year
    assert len(era_birth_date(day)) == 6


def test_nobody_is_born_before_meiji() -> None:
    with pytest.raises(ValueError, match="1868-01-24 is before the Meiji era"):
        era(date(1868, 1, 24))
