"""Secure messaging with a personalised card: what is read and entered under a session key."""

from __future__ import annotations

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import text
from mynacard_emulator.card import Card, Profile
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import content, given
from tests.emulator.card.protected import SEED, Client, set_session_key

SELECT = "> 00 A4 04 0C 0A [text_ap] -> 9000\n"
VERIFIED = SELECT + "> 00 20 00 91 04 [text] -> 9000\n"


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


def modulus(card: Card) -> bytes:
    """From EF 0006, as a client reads it."""
    answer = card.transmit(bytes.fromhex("00B08600000000"))
    assert answer.startswith(bytes.fromhex("A1820109 9003010001 91820100"))
    return answer[-258:-2]


def begin(profile: Profile) -> Client:
    card = Card(profile)
    hold(card, VERIFIED, **given(profile))
    assert card.transmit(set_session_key(modulus(card))) == b"\x90\x00"
    return Client(card)


def test_my_number_and_attributes_are_read_under_a_session_key(adult: Profile) -> None:
    client = begin(adult)

    assert client.read("08B08100") == (content(adult, text.AID, text.MY_NUMBER), "9000")
    assert client.read("08B08200") == (content(adult, text.AID, text.ATTRIBUTES), "9000")
    assert client.read("08B00003", 12) == (content(adult, text.AID, text.ATTRIBUTES)[3:15], "9000")


def test_a_file_is_selected_and_a_number_entered_under_a_session_key(adult: Profile) -> None:
    client = begin(adult)

    assert client.send("08A4020C", bytes.fromhex("0014")) == (b"", "9000")
    assert client.send("08200080", b"0" * 12) == (b"", "63C9")
    assert client.send("08200080", given(adult)["number_a"]) == (b"", "9000")
    assert client.send("08200095", given(adult)["number_b"]) == (b"", "9000")
    assert client.card.state.session.verified == {text.PIN, text.NUMBER_A, text.NUMBER_B}


@pytest.mark.parametrize("verify", ["94 0C [number_a]", "95 0E [number_b]"])
def test_no_other_number_than_the_pin_begins_secure_messaging(adult: Profile, verify: str) -> None:
    card = Card(adult)
    hold(card, SELECT + f"> 00 20 00 {verify} -> 9000", **given(adult))

    assert card.transmit(set_session_key(modulus(card))).hex().upper() == "6982"


@pytest.mark.parametrize(
    ("plain", "answer"),
    [
        pytest.param(b"\xa0\x22\x80\x20" + SEED, "9000", id="32 bytes of seed"),
        pytest.param(b"\xa0\x12\x80\x10" + SEED[:16], "6A80", id="16 bytes"),
        pytest.param(SEED, "6A80", id="without structure"),
    ],
)
def test_what_is_encrypted_has_a_structure(adult: Profile, plain: bytes, answer: str) -> None:
    card = Card(adult)
    hold(card, VERIFIED, **given(adult))

    assert card.transmit(set_session_key(modulus(card), plain)).hex().upper() == answer


def test_a_session_key_for_another_card_is_6a80_and_a_number_beyond_the_modulus_6f00(adult: Profile) -> None:
    other = profiles.load("adult", fresh_keys=True).profile()
    card, stranger = Card(adult), Card(other)
    hold(card, VERIFIED, **given(adult))
    hold(stranger, VERIFIED, **given(other))
    tries = (set_session_key(modulus(stranger)) for _ in range(1000))
    command = next(command for command in tries if command[7:] < modulus(card))  # half of them and more are

    assert stranger.transmit(command).hex().upper() == "9000"
    assert card.transmit(command).hex().upper() == "6A80"
    assert ask(card, "80 AE 00 00 00 01 00 [modulus]", modulus=modulus(card)) == "6F00"
    assert ask(card, "80 AE 00 00 00 01 00 [zeros]", zeros=bytes(256)) == "6A80"


def test_an_incorrect_message_ends_it_and_the_pin_stays_verified(adult: Profile) -> None:
    client = begin(adult)

    assert client.say("08B08100", bytes.fromhex("97 03 00 00 00")) == (b"", "6988")
    assert client.read("08B08100") == (b"", "69FC")
    assert ask(client.card, "00 B0 81 00 03") == "FF100C9000"
    assert client.card.transmit(set_session_key(modulus(client.card))) == b"\x90\x00"


def test_no_other_application_hears_protected_commands(adult: Profile) -> None:
    client = begin(adult)
    hold(client.card, "> 00 A4 04 0C 0A [jpki] -> 9000\n", **given(adult))

    assert client.read("08B08A00") == (b"", "69FC")
    assert client.send("08A4020C", b"\0\x18") == (b"", "6882")
