"""The shell that holds the state: power, and memory that is stored before an answer leaves."""

from __future__ import annotations

import pytest

from mynacard_emulator.card import Card, Memory, ReferenceData, RetryCounter, Session, step

from . import small
from .conversation import ask

SELECT, MISS, HIT = "00A4040C06F00102030401", "0020008404" + "30" * 4, "0020008404" + "31323334"


def lowered(memory: Memory, left: int) -> Memory:
    """The same memory with so many tries left for the PIN."""
    return memory.with_pin(small.PIN_PATH, ReferenceData(small.VALUE, RetryCounter(3, left)))


def test_a_new_card_is_powered_on_and_answers_its_atr_again_and_again() -> None:
    card = small.card()

    assert card.atr == card.power_on() == card.reset() == small.ATR
    assert ask(card, SELECT) == "9000"


def test_a_card_starts_from_the_memory_it_is_given() -> None:
    profile = small.profile()
    card = Card(profile, lowered(Card(profile).state.memory, 1))
    ask(card, SELECT)

    assert ask(card, "00200084") == "63C1"


def test_changed_memory_is_handed_over_before_the_answer_leaves() -> None:
    stored: list[tuple[int, int]] = []

    def store(old: Memory, new: Memory) -> None:
        assert card.state.memory is old
        stored.append(
            (old.reference_data[small.PIN_PATH].counter.left, new.reference_data[small.PIN_PATH].counter.left)
        )

    card = Card(small.profile(), on_memory=store)
    answers = [ask(card, command) for command in (SELECT, MISS, "00200084", MISS, HIT, HIT, "00B0820000")]

    assert answers[:6] == ["9000", "63C2", "63C2", "63C1", "9000", "9000"]
    assert stored == [(3, 2), (2, 1), (1, 3)]


def test_memory_that_cannot_be_stored_keeps_the_answer_and_the_change_from_happening() -> None:
    def refuse(_old: Memory, _new: Memory) -> None:
        raise OSError("no space left")

    card = Card(small.profile(), on_memory=refuse)
    ask(card, SELECT)
    before = card.state
    for command in (MISS, MISS, MISS, MISS):
        with pytest.raises(OSError, match="no space left"):
            card.transmit(bytes.fromhex(command))

    assert card.state is before
    assert ask(card, HIT) == "9000"  # nothing to store: all tries were left


def test_memory_can_be_written_from_outside_and_is_stored_if_it_is_another() -> None:
    stored: list[Memory] = []
    card = Card(small.profile(), on_memory=lambda _, new: stored.append(new))
    ask(card, SELECT)
    other = lowered(card.state.memory, 2)
    card.write(card.state.memory)
    card.write(other)

    assert stored == [other]
    assert card.state.session == Session(small.FIRST)
    assert ask(card, "00200084") == "63C2"


def test_memory_is_written_although_nobody_stores_it() -> None:
    card = small.card()
    card.write(lowered(card.state.memory, 0))
    ask(card, SELECT)

    assert ask(card, "00200084") == "63C0"


def test_power_off_forgets_the_session_and_nothing_else() -> None:
    card = small.card()
    for command in (SELECT, MISS, HIT, MISS):
        ask(card, command)
    memory = card.state.memory
    card.power_off()

    assert card.state.session == Session()
    assert card.state.memory is memory


@pytest.mark.parametrize("raw", ["", "00", "00A404", "00A4040C0AD3"])
def test_bytes_that_are_no_command_are_6700_and_change_nothing(raw: str) -> None:
    profile = small.profile()
    state = small.state_after(profile, SELECT, HIT)
    after, response = step(profile, state, bytes.fromhex(raw))

    assert after is state
    assert response.encode().hex() == "6700"


def test_the_issuer_can_make_another_card_of_it_which_begins_a_new_session() -> None:
    card = small.card()
    ask(card, SELECT)
    other = small.profile(blocked_query=0x6984)
    card.rewrite(other, lowered(card.state.memory, 2))

    assert card.state.session == Session()
    assert card.profile is other
    assert ask(card, SELECT) == "9000"
    assert ask(card, "00200084") == "63C2"
