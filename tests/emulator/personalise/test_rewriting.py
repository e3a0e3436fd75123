"""Writing a card anew changes what it says of its holder and of the town, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.personalise.days import reckon
from mynacard_emulator.personalise.holder import Municipality
from mynacard_emulator.personalise.issue import another, personalise
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.rewriting import rewritten
from mynacard_emulator.pki import shipped

DAY = date(2026, 11, 20)
TOWN = Municipality("99002", "Osaka-fu", "Betsu-shi")
SPEC = profiles.spec("adult")


def moved(card: IssuedCard) -> IssuedCard:
    holder = replace(card.holder, address="大阪府別市１－２", address_substitutes="0" * 8)
    return rewritten(card, holder=holder, municipality=TOWN)


@pytest.mark.parametrize("name", profiles.names())
def test_a_card_that_is_written_anew_with_what_it_says_is_the_same_to_the_byte(name: str) -> None:
    card = profiles.load(name, today=DAY)

    assert rewritten(card, holder=card.holder, municipality=card.municipality) == card


@pytest.mark.parametrize("name", ["adult", "long-text", "new-chip"])
def test_a_card_written_anew_is_what_a_new_one_would_say_but_for_its_certificates(name: str) -> None:
    spec = profiles.spec(name)
    card = personalise(spec, today=DAY)
    after = moved(card)
    fresh = personalise(replace(spec, holder=after.holder, municipality=TOWN), today=DAY)

    assert (after.text, after.visual, after.common, after.issuer) == (
        fresh.text,
        fresh.visual,
        fresh.common,
        fresh.issuer,
    )
    assert after.jpki == card.jpki


def test_a_later_card_of_one_day_and_holder_has_the_same_my_number_and_another_serial() -> None:
    first = personalise(SPEC, today=DAY)
    spec = replace(SPEC, card=replace(SPEC.card, my_number=first.my_number))
    days, keys = reckon(SPEC, DAY), shipped.card_keys()
    cards = [another(spec, days, number=number, serial_numbers=(1, 2), keys=keys) for number in (1, 2)]

    assert {card.my_number for card in cards} == {first.my_number}
    assert len({card.common.card_record for card in (first, *cards) if card.common}) == 3
    assert [found.serial_number for kind in ("auth", "sign") if (found := cards[0].certificate(kind))] == [1, 2]


def test_a_later_card_needs_the_my_number_of_the_first() -> None:
    with pytest.raises(ValueError, match="My Number"):
        another(SPEC, reckon(SPEC, DAY), number=1, serial_numbers=(1, 2), keys=shipped.card_keys())
