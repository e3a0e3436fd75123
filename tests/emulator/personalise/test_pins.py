"""Which PIN values may be set, and that no value ever gets into a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.personalise.pins import PinKind, Pins, format_problem

FOUR_DIGITS = [PinKind.AUTH, PinKind.JUKI, PinKind.TEXT]
ALPHABET = "must be 6 to 16 characters of A-Z and 0-9"
MIX = "must have at least one letter and at least one digit"


@pytest.mark.parametrize("kind", FOUR_DIGITS)
@pytest.mark.parametrize("value", ["0000", "1234", "1111", "9999"])
def test_four_digits_are_four_digits_however_weak(kind: PinKind, value: str) -> None:
    assert format_problem(kind, value) is None


@pytest.mark.parametrize("kind", FOUR_DIGITS)
@pytest.mark.parametrize("value", ["", "123", "12345", "12a4", "1234\n", "１２３４", " 1234", "٣٣٣٣"])
def test_anything_else_is_not(kind: PinKind, value: str) -> None:
    assert format_problem(kind, value) == "must be exactly four ASCII digits"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("ABC123", None),
        ("A2345678901234Z6", None),
        ("ABC12", ALPHABET),
        ("A2345678901234567", ALPHABET),
        ("abc123", ALPHABET),
        ("ABC 123", ALPHABET),
        ("ABC123\n", ALPHABET),
        ("ＡＢＣ１２３", ALPHABET),
        ("ABCDEF", MIX),
        ("123456", MIX),
    ],
)
def test_a_sign_pin_mixes_upper_case_letters_and_digits(value: str, problem: str | None) -> None:
    assert format_problem(PinKind.SIGN, value) == problem


@given(st.sampled_from(PinKind), st.text(min_size=3))
def test_no_problem_repeats_the_value(kind: PinKind, value: str) -> None:
    problem = format_problem(kind, value) or ""

    assert value not in problem or value in MIX + ALPHABET + "must be exactly four ASCII digits"


def test_pins_are_absent_unless_given_and_are_bytes_for_the_chip() -> None:
    pins = Pins(sign="ABC123", juki="2345")

    assert [pins.value(kind) for kind in PinKind] == [b"ABC123", None, b"2345", None]


def test_a_value_that_may_not_be_set_cannot_even_be_held() -> None:
    with pytest.raises(ValueError, match=r"^the text PIN must be exactly four ASCII digits$"):
        Pins(text="secret")


def test_a_repr_shows_no_value() -> None:
    assert repr(Pins(sign="ABC123", auth="1234", juki="2345", text="3456")) == "Pins()"
