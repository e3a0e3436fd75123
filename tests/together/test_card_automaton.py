"""The card is learned from its answers alone, and is the machine that the published table describes."""

from __future__ import annotations

from pathlib import Path

import pytest

from mynacard_conformance.card_checks.automaton import (
    AUTH_KEY_USE,
    SIGN_KEY_USE,
    Alphabet,
    Guarded,
    Mealy,
    computed,
    diagram,
    pair,
)
from mynacard_conformance.card_checks.learning import learn
from mynacard_conformance.card_checks.places import (
    AUTH_PIN,
    COMMON,
    INTEGRITY,
    JPKI,
    JUKI,
    JUKI_PIN,
    SIGN_PIN,
    TEXT,
    TEXT_PIN,
)
from mynacard_emulator.card import Card
from mynacard_fixtures.cards import FAULTY, FaultyCard

from .on_the_bench import bench_for, profile

PAIR = pair(COMMON)
ONE = Alphabet((AUTH_PIN,), (AUTH_KEY_USE,), (JPKI, COMMON))
FOUR = Alphabet(
    (AUTH_PIN, SIGN_PIN, TEXT_PIN, JUKI_PIN),
    (AUTH_KEY_USE, SIGN_KEY_USE, Guarded("text-integrity", TEXT_PIN, INTEGRITY)),
    (JPKI, TEXT, JUKI),
)


def learned(card: Card, alphabet: Alphabet) -> Mealy:
    return learn(bench_for(card), alphabet)


def test_the_two_pins_of_the_jpki_application_are_the_machine_of_the_table() -> None:
    machine, table = learned(Card(profile("adult")), PAIR), computed(PAIR)

    assert machine.difference(table) is None
    assert machine.states == table.states


def test_the_table_gives_a_machine_in_which_no_state_is_another() -> None:
    table = computed(ONE)

    assert table.minimised() == table
    assert table.difference(table) is None


def test_a_careless_learner_stops_short_of_it() -> None:
    machine = learn(bench_for(Card(profile("adult"))), PAIR, care="careless")

    assert machine.states < computed(PAIR).states
    assert machine.difference(computed(PAIR)) is not None


@pytest.mark.parametrize(
    ("name", "shown_by"),
    [
        ("HealsWithPower", "power-off"),
        ("SuccessRestoresNothing", "right auth"),
        ("OneStatusForBoth", "right auth"),
        ("ReselectLogsOut", "select JPKI"),
        ("RightOpensALock", "right auth"),
    ],
)
def test_a_faulty_card_is_another_machine_and_words_say_where(name: str, shown_by: str) -> None:
    faulty: type[FaultyCard] = next(each for each in FAULTY if each.__name__ == name)

    difference = learned(faulty(profile("adult")), PAIR).difference(computed(PAIR))

    assert difference is not None
    assert shown_by in difference


@pytest.mark.deep
def test_four_pins_in_three_applications_are_the_machine_of_the_table() -> None:
    assert learned(Card(profile("adult")), FOUR).difference(computed(FOUR)) is None


def test_the_picture_in_the_document_is_the_machine_that_is_learned() -> None:
    document = (Path(__file__).parents[2] / "docs" / "proof.md").read_text(encoding="utf-8")

    assert f"```mermaid\n{diagram(learned(Card(profile('adult')), ONE))}```" in document
    assert f"that machine has {computed(PAIR).states} states" in document
