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


def test_each_name_has_the_number_of_the_standard() -> None:
    assert {sw.name: str(sw) for sw in SW} == {
        "NO_ERROR": "9000",
        "NO_INFORMATION_GIVEN": "6300",
        "NO_SECURE_MESSAGING_ENVIRONMENT": "66F1",
        "WRONG_LENGTH": "6700",
        "LOGICAL_CHANNEL_NOT_SUPPORTED": "6881",
        "SECURE_MESSAGING_NOT_SUPPORTED": "6882",
        "COMMAND_CHAINING_NOT_SUPPORTED": "6884",
        "COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE": "6981",
        "SECURITY_STATUS_NOT_SATISFIED": "6982",
        "AUTHENTICATION_METHOD_BLOCKED": "6983",
        "REFERENCE_DATA_NOT_USABLE": "6984",
        "CONDITIONS_OF_USE_NOT_SATISFIED": "6985",
        "COMMAND_NOT_ALLOWED_NO_CURRENT_EF": "6986",
        "SECURE_MESSAGING_OBJECTS_MISSING": "6987",
        "SECURE_MESSAGING_OBJECTS_INCORRECT": "6988",
        "SECURE_MESSAGING_NOT_ALLOWED": "69FC",
        "INCORRECT_DATA": "6A80",
        "FUNCTION_NOT_SUPPORTED": "6A81",
        "FILE_OR_APPLICATION_NOT_FOUND": "6A82",
        "RECORD_NOT_FOUND": "6A83",
        "INCORRECT_P1_P2": "6A86",
        "REFERENCED_DATA_NOT_FOUND": "6A88",
        "WRONG_P1_P2": "6B00",
        "INSTRUCTION_NOT_SUPPORTED": "6D00",
        "CLASS_NOT_SUPPORTED": "6E00",
        "NO_PRECISE_DIAGNOSIS": "6F00",
    }


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
