"""State as values: what is the same stays the same object, and what changed is a new one."""

from __future__ import annotations

import pytest

from mynacard_emulator.card import CardState, CheckingError, ReferenceData, RetryCounter, Session
from mynacard_emulator.iso7816 import SW, StatusWord, retries_left

from . import small

ISSUED = CardState.issued(small.profile())


@pytest.mark.parametrize("sw", [SW.NO_ERROR, retries_left(0), StatusWord(0x66FF), StatusWord(0x7000)])
def test_only_a_status_word_that_says_so_can_say_that_nothing_changed(sw: StatusWord) -> None:
    with pytest.raises(ValueError, match=str(sw)):
        CheckingError(sw)


def test_a_refusal_prints_as_its_status_word() -> None:
    assert str(CheckingError(SW.REFERENCE_DATA_NOT_USABLE)) == "6984"


def test_a_memory_in_which_nothing_changes_is_the_same_one() -> None:
    data = ISSUED.memory.reference_data[small.PIN_PATH]

    assert ISSUED.memory.with_pin(small.PIN_PATH, data) is ISSUED.memory


def test_a_change_of_one_pin_leaves_the_others_and_the_old_memory_alone() -> None:
    missed = ReferenceData(small.VALUE, RetryCounter(3, 2))
    changed = ISSUED.memory.with_pin(small.PIN_PATH, missed)

    assert changed.reference_data == {**ISSUED.memory.reference_data, small.PIN_PATH: missed}
    assert ISSUED.memory.reference_data[small.PIN_PATH].counter.left == 3


def test_a_state_at_the_same_file_is_the_same_state() -> None:
    there = ISSUED.in_session(Session(small.FIRST, small.PIN))

    assert there.at_ef(small.PIN) is there
    assert there.at_ef(small.FREE).session == Session(small.FIRST, small.FREE)
