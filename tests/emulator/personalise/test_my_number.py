"""My Numbers: the check digit, and numbers that can be nobody's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.personalise.my_number import check_digit, complete, is_valid

ELEVEN = st.text("0123456789", min_size=11, max_size=11)


@pytest.mark.parametrize(
    ("eleven", "digit"),
    [("00000000000", 0), ("00000000001", 9), ("00000000005", 1), ("10000000000", 5), ("12345678901", 8)],
)
def test_the_check_digit_is_as_worked_out_by_hand(eleven: str, digit: int) -> None:
    assert check_digit(eleven) == digit


@given(ELEVEN)
def test_the_check_digit_follows_the_ordinance(eleven: str) -> None:
    # P1 is the digit next to the check digit; its weight is n + 1 up to the sixth, n - 5 after that.
    total = sum(int(p) * (n + 1 if n <= 6 else n - 5) for n, p in enumerate(reversed(eleven), start=1))

    assert check_digit(eleven) == (0 if total % 11 <= 1 else 11 - total % 11)


@given(ELEVEN, st.booleans())
def test_a_completed_number_is_valid_only_on_request(
    eleven: str,
    valid: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    number = complete(eleven, valid=valid)

    assert len(number) == 12
    assert number.startswith(eleven)
    assert is_valid(number) is valid
