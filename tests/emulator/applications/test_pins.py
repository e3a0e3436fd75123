"""What people call the PINs: each name is a PIN of the card, with the tries that it has."""

from __future__ import annotations

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import text
from mynacard_emulator.applications.pins import PINS, reference_data
from mynacard_emulator.card import Card, PinPath, Profile
from tests.emulator.card.conversation import hold
from tests.emulator.card.held import given


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


def test_every_name_is_a_pin_of_the_card_and_only_the_one_that_nobody_knows_has_none(adult: Profile) -> None:
    named = {path for name, paths in PINS.items() for path in paths if name != "licence"}

    assert set(adult.pins) - named == {PinPath(text.AID, text.DELIVERED_BLOCKED)}
    assert named < set(adult.pins)


@pytest.mark.parametrize(
    ("name", "tries", "length"),
    [
        ("sign", 5, 6),
        ("auth", 3, 4),
        ("juki", 3, 4),
        ("text", 3, 4),
        ("number_a", 10, 12),
        ("number_b", 10, 14),
        ("visual_number_a", 10, 12),
        ("visual_number_b", 10, 14),
        ("birth_date", 10, 6),
    ],
)
def test_each_pin_has_its_number_of_tries(adult: Profile, name: str, tries: int, length: int) -> None:
    for path in PINS[name]:
        pin = adult.pins[path]
        assert pin.tries == tries
        assert len(pin.initial or b"") == length
        assert length in pin.lengths


def test_of_a_pair_the_half_with_fewer_tries_counts(adult: Profile) -> None:
    card = Card(adult)
    hold(card, "> 00 A4 04 0C 0A [common_ap] -> 9000\n> 00 20 00 9C 04 30303030 -> 63C2", **given(adult))
    halves = [card.state.memory.reference_data[path].counter.left for path in PINS["juki"]]
    counted = reference_data(card.state.memory, "juki")

    assert halves == [3, 2]
    assert counted is not None
    assert counted.counter.left == 2


def test_a_name_that_is_none_has_no_reference_data(adult: Profile) -> None:
    assert reference_data(Card(adult).state.memory, "pin") is None
