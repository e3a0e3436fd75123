"""The driving-licence application: there only where it was asked for, with a PIN of ten tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

from mynacard_emulator import profiles
from mynacard_emulator.applications import licence
from mynacard_emulator.card import Card
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.spec import LicenceSpec
from mynacard_emulator.pki import shipped
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import content

SELECT = f"> 00 A4 04 0C 10 {licence.AID.hex()} -> 9000\n"


def issued(pin: str | None = "4567") -> IssuedCard:
    """An adult's card that is a licence too."""
    spec = replace(profiles.spec("adult"), licence=LicenceSpec(installed=True, pin=pin))
    return personalise(spec, today=date(2026, 11, 20))


def test_a_card_is_no_licence_unless_that_was_asked_for() -> None:
    assert ask(Card(profiles.adult()), f"00 A4 04 0C 10 {licence.AID.hex()}") == "6A82"
    assert ask(Card(issued().profile()), "00 A4 04 0C 07 A0000002310400") == "6A82"


@pytest.mark.parametrize("fid", range(0x30), ids="{:04X}".format)
def test_each_file_can_be_selected_and_no_other(fid: int) -> None:
    answer = "9000" if fid in (0x06, 0x1A, 0x1B, 0x1C) else "6A82"

    hold(Card(CARD), SELECT + f"> 00 A4 02 0C 02 {fid:04X} -> {answer}")


CARD = issued().profile()


def test_the_pin_has_ten_tries_and_opens_the_licence() -> None:
    hold(
        Card(CARD),
        SELECT
        + """
        > 00 B0 9A 00 03             -> C1 01 01 9000
        > 00 B0 9B 00 00             -> 6982
        > 00 B0 9C 00 00             -> 6982
        > 00 20 00 86                -> 63CA
        > 00 20 00 86 04 30303030    -> 63C9
        > 00 20 00 86 04 34353637    -> 9000
        > 00 B0 9B 00 00             -> C2 00 C3 00 C5 07 35 30 37 31 31 31 30 9000
        > 00 B0 9C 00 00             -> {256} 9000
        """,
    )


def test_a_pin_that_was_never_set_is_four_stars() -> None:
    hold(
        Card(issued(None).profile()),
        SELECT + "> 00 B0 9A 00 03 -> C1 01 00 9000\n> 00 20 00 86 04 2A2A2A2A -> 9000\n> 00 B0 9B 00 02 -> C2 00 9000",
    )


def test_the_signature_is_over_the_data() -> None:
    data, signature = (content(CARD, licence.AID, fid) for fid in (licence.DATA, licence.SIGNATURE))

    shipped.key(shipped.LICENCE_ISSUER).public_key().verify(signature, data, padding.PKCS1v15(), SHA256())


def test_a_licence_comes_back_from_its_card_file() -> None:
    card = issued()

    assert IssuedCard.from_json(card.to_json()) == card
    assert CardInHand.in_memory(card, {"licence": 4}).tries_left("licence") == 4
