"""Status words: how they print, and which of them say that nothing has changed."""

from __future__ import annotations

import pytest

from mynacard_emulator.iso7816 import SW, StatusWord, retries_left


@pytest.mark.parametrize(
    ("number", "nothing_changed"),
    [
        (0x9000, False),
        (0x6100, False),
        (0x6282, False),
        (0x63C0, False),
        (0x6581, False),
        (0x66FF, False),
        (0x6700, True),
        (0x6984, True),
        (0x6FFF, True),
        (0x7000, False),
    ],
)
def test_checking_errors_lie_between_67xx_and_6fxx(number: int, *, nothing_changed: bool) -> None:
    assert StatusWord(number).is_checking_error is nothing_changed


def test_a_status_word_prints_as_four_digits() -> None:
    assert f"{StatusWord(0x63C2)} {StatusWord(0x63C2)!r} {SW.NO_ERROR} {SW.NO_ERROR!r}" == "63C2 63C2 9000 9000"


def test_a_named_status_word_is_the_number_wherever_it_is_looked_up() -> None:
    words: dict[StatusWord, str] = {SW.NO_ERROR: "done"}

    assert words[StatusWord(0x9000)] == "done"
    assert SW(0x6984) is SW.REFERENCE_DATA_NOT_USABLE


@pytest.mark.parametrize("count", range(16))
def test_the_tries_left_are_the_last_digit(count: int) -> None:
    assert str(retries_left(count)) == f"63C{count:X}"


def test_no_counter_has_sixteen_tries_left() -> None:
    with pytest.raises(IndexError):
        retries_left(16)
