"""What people call the PINs: each name is a PIN of the card, with the tries that it has."""

from __future__ import annotations

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import text
from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.card import PinPath, Profile


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


def test_every_name_is_a_pin_of_the_card_and_only_the_one_that_nobody_knows_has_none(adult: Profile) -> None:
    assert set(adult.pins) - set(PINS.values()) == {PinPath(text.AID, text.DELIVERED_BLOCKED)}
    assert set(PINS.values()) < set(adult.pins)


@pytest.mark.parametrize(
    ("name", "tries", "length"),
    [
        ("sign", 5, 6),
        ("auth", 3, 4),
        ("text", 3, 4),
        ("number_a", 10, 12),
        ("number_b", 10, 14),
        ("visual_number_a", 10, 12),
        ("visual_number_b", 10, 14),
        ("birth_date", 10, 6),
    ],
)
def test_each_pin_has_its_number_of_tries(adult: Profile, name: str, tries: int, length: int) -> None:
    pin = adult.pins[PINS[name]]

    assert pin.tries == tries
    assert len(pin.initial or b"") == length
    assert length in pin.lengths
