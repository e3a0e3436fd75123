"""A card file of every released format opens for ever, to the card it was."""

from __future__ import annotations

from pathlib import Path

import pytest

import mynacard_fixtures
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.storage.layout import VERSION

RECORDED = Path(mynacard_fixtures.__file__).parent / "snapshots"
SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")


def test_the_current_format_is_recorded() -> None:
    assert list((RECORDED / f"v{VERSION}").glob("*.json")), "record a card file of this format before it is released"


@pytest.mark.parametrize("path", sorted(RECORDED.glob("v*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_recorded_card_opens_to_the_card_it_was(path: Path) -> None:
    card = CardInHand.look(path)

    assert (card.tries_left("sign"), card.tries_left("auth")) == (1, 2)
    assert card.issued.jpki.auth is not None
    assert card.card.transmit(SELECT) == b"\x90\x00"
    assert card.card.transmit(bytes.fromhex("00B08A0004")) == card.issued.jpki.auth.der[:4] + b"\x90\x00"


def test_a_card_of_before_the_visual_application_has_none_and_stays_so() -> None:
    card = CardInHand.look(RECORDED / "v1" / "adult.json")

    assert card.issued.visual is None
    assert card.tries_left("birth_date") is None
    assert card.card.transmit(bytes.fromhex("00A4040C0AD3921000310001010402")) == b"\x6a\x82"
