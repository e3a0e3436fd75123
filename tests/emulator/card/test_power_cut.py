"""The power is lost in the middle of a command: the try is spent before anything is compared."""

from __future__ import annotations

import pytest

from mynacard_emulator.card import AbsentPin, Card, Memory, ReferenceData, RetryCounter

from . import small
from .conversation import ask

SELECT, QUERY = "00A4040C06F00102030401", "00200084"
MISS, HIT, CHANGE = "0020008404" + "30" * 4, "0020008404" + "31323334", "0024018404" + "35363738"


def tries(card: Card) -> int:
    return card.state.memory.reference_data[small.PIN_PATH].counter.left


@pytest.mark.parametrize("entered", [MISS, HIT])
def test_the_try_is_spent_whatever_was_typed(entered: str) -> None:
    card = small.card()
    ask(card, SELECT)

    card.cut_short(bytes.fromhex(entered))

    assert tries(card) == 2
    assert card.state.memory.reference_data[small.PIN_PATH].value == small.VALUE
    assert ask(card, SELECT) == "9000"
    assert ask(card, HIT) == "9000"


def test_the_session_is_over() -> None:
    card = small.card()
    ask(card, SELECT)
    assert ask(card, HIT) == "9000"

    card.cut_short(bytes.fromhex(SELECT))

    assert not card.state.session.verified
    assert card.state.session.aid is None


@pytest.mark.parametrize("command", [SELECT, QUERY, CHANGE, "00B0820000", "80", ""])
def test_nothing_else_is_written(command: str) -> None:
    card = small.card()
    ask(card, SELECT)
    ask(card, HIT)
    before = card.state.memory

    card.cut_short(bytes.fromhex(command))

    assert card.state.memory is before


def test_a_reset_of_the_counter_gives_nothing_back_and_costs_nothing() -> None:
    profile = small.profile(test_only_administration=True)
    memory = Card(profile).state.memory.with_pin(small.PIN_PATH, ReferenceData(small.VALUE, RetryCounter(3, 1)))
    card = Card(profile, memory)
    ask(card, SELECT)

    card.cut_short(bytes.fromhex("802C028404" + "35363738"))

    assert card.state.memory is memory


def test_a_locked_pin_has_no_try_to_spend() -> None:
    memory = small.card().state.memory.with_pin(small.PIN_PATH, ReferenceData(small.VALUE, RetryCounter(3, 0)))
    card = Card(small.profile(), memory)
    ask(card, SELECT)

    card.cut_short(bytes.fromhex(HIT))

    assert card.state.memory is memory


def test_the_spent_try_is_stored() -> None:
    stored: list[int] = []

    def store(_old: Memory, new: Memory) -> None:
        stored.append(new.reference_data[small.PIN_PATH].counter.left)

    card = Card(small.profile(), on_memory=store)
    ask(card, SELECT)
    card.cut_short(bytes.fromhex(HIT))

    assert stored == [2]


def test_a_card_that_hides_absent_pins_spends_the_try_of_one_that_is_set() -> None:
    profile = small.profile(absent_pin=AbsentPin.FILE_NOT_FOUND)
    issued = Card(profile).state.memory
    card = Card(profile, issued.with_pin(small.UNSET_PATH, ReferenceData.issued(small.VALUE, 3)))
    card.transmit(bytes.fromhex(SELECT))

    card.cut_short(bytes.fromhex(f"0020008604{small.VALUE.hex()}"))

    assert card.state.memory.reference_data[small.UNSET_PATH].counter.left == 2
