"""The visual application: its files, and which of three values opens which."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mynacard_emulator import profiles
from mynacard_emulator.applications import text, visual
from mynacard_emulator.card import Card, Profile
from mynacard_emulator.iso7816 import tlv
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import DIGEST_INFO, content, given

SELECT = "> 00 A4 04 0C 0A [visual_ap] -> 9000\n"
NOTHING, BIRTH = "", "00 20 00 91 06 [birth_date]"
B, A = "00 20 00 92 0E [visual_number_b]", "00 20 00 93 0C [visual_number_a]"

FILES = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06)
INTERNAL = (0x11, 0x12, 0x13, 0x1A, 0x1C, 0x1E)
FREE = {0x03, 0x04}


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


@pytest.mark.parametrize(
    ("verify", "opens"),
    [
        pytest.param((), FREE, id="nothing"),
        pytest.param((BIRTH,), FREE | {0x01}, id="the birth date: an age and nothing else"),
        pytest.param((A,), FREE | {0x02, 0x05, 0x06}, id="number A: not the age record"),
        pytest.param((B,), FREE | {0x02, 0x06}, id="number B: not the My Number either"),
        pytest.param((BIRTH, B), FREE | {0x01, 0x02, 0x06}, id="two of them, each what it opens"),
    ],
)
def test_each_value_opens_its_files_and_no_other(adult: Profile, verify: tuple[str, ...], opens: set[int]) -> None:
    card, words = Card(adult), given(adult)
    hold(card, SELECT + "\n".join(f"> {each} -> 9000" for each in verify), **words)
    for fid in FILES:
        answer = ask(card, f"00 B0 {0x80 | fid:02X} 00 00 00 00")
        if fid in opens:
            assert bytes.fromhex(answer) == content(adult, visual.AID, fid) + b"\x90\x00"
        else:
            assert answer == "6982"


@pytest.mark.parametrize("fid", range(0x30), ids="{:04X}".format)
def test_each_file_can_be_selected_and_no_other(adult: Profile, fid: int) -> None:
    answer = "9000" if fid in FILES or fid in INTERNAL else "6A82"

    hold(Card(adult), SELECT + f"> 00 A4 02 0C 02 {fid:04X} -> {answer}", **given(adult))


@pytest.mark.parametrize("fid", INTERNAL, ids="{:04X}".format)
def test_an_internal_file_cannot_be_read(adult: Profile, fid: int) -> None:
    hold(Card(adult), SELECT + f"> {A} -> 9000\n> 00 B0 {0x80 | fid:02X} 00 00 -> 6981", **given(adult))


def test_each_value_has_ten_tries_of_its_own_also_apart_from_the_text_application(adult: Profile) -> None:
    hold(
        Card(adult),
        SELECT
        + """
        > 00 20 00 91                             -> 63CA
        > 00 20 00 92                             -> 63CA
        > 00 20 00 93                             -> 63CA
        > 00 20 00 93 0C 303030303030303030303030 -> 63C9
        > 00 20 00 91 06 303030303030             -> 63C9
        > 00 20 00 92                             -> 63CA
        > 00 A4 04 0C 0A [text_ap]                -> 9000
        > 00 20 00 94                             -> 63CA
        > 00 A4 04 0C 0A [visual_ap]              -> 9000
        > 00 20 00 93 0C [visual_number_a]        -> 9000
        > 00 20 00 93                             -> 63CA
        > 00 20 00 91                             -> 63C9
        """,
        **given(adult),
    )


def test_verifying_in_the_text_application_opens_nothing_here(adult: Profile) -> None:
    hold(
        Card(adult),
        "> 00 A4 04 0C 0A [text_ap] -> 9000\n> 00 20 00 94 0C [number_a] -> 9000\n"
        + SELECT
        + "> 00 B0 85 00 04 -> 6982",
        **given(adult),
    )


def test_both_applications_know_the_same_numbers_in_other_files(adult: Profile) -> None:
    words = given(adult)

    assert words["number_a"] == words["visual_number_a"]
    assert words["number_b"] == words["visual_number_b"]
    assert words["number_b"].startswith(words["birth_date"])
    assert (visual.NUMBER_A, visual.NUMBER_B) == (0x13, 0x12) != (text.NUMBER_A, text.NUMBER_B)


def test_the_internal_key_signs_without_a_pin_and_three_files_hold_its_public_half(adult: Profile) -> None:
    card, words = Card(adult), given(adult)
    hold(card, SELECT, **words)
    signature = bytes.fromhex(ask(card, "80 2A 00 9A 33 [digest_info] 00", **words))[:256]
    holders = {visual.AGE_RECORD: 0xDF12, visual.CARD_FACE: 0xDF24, visual.MY_NUMBER_IMAGE: 0xDF42}
    found = {_object(content(adult, visual.AID, fid), tag) for fid, tag in holders.items()}

    assert len(found) == 1
    exponent, modulus = tlv.decode_all(found.pop())
    numbers = rsa.RSAPublicNumbers(int.from_bytes(exponent.value, "big"), int.from_bytes(modulus.value, "big"))
    assert numbers.public_key().recover_data_from_signature(signature, padding.PKCS1v15(), None) == DIGEST_INFO


def test_the_internal_key_is_the_one_that_a_signing_command_means_when_it_names_none(adult: Profile) -> None:
    words = given(adult)
    named, unnamed = Card(adult), Card(adult)
    hold(named, SELECT, **words)
    hold(unnamed, SELECT, **words)

    assert ask(unnamed, "80 2A 00 00 33 [digest_info] 00", **words) == ask(
        named, "80 2A 00 9A 33 [digest_info] 00", **words
    )


def test_there_is_no_environment_for_secure_messaging(adult: Profile) -> None:
    hold(Card(adult), SELECT + f"> {A} -> 9000\n> 80 AE 00 00 01 00 -> 66F1", **given(adult))


def test_the_offset_table_of_the_card_face_leads_to_each_object(adult: Profile) -> None:
    whole = content(adult, visual.AID, visual.CARD_FACE)
    record, filler = tlv.decode(whole)
    table, *objects = tlv.decode_all(record.value)
    offsets = [int.from_bytes(table.value[at : at + 2], "big") for at in range(0, 18, 2)]

    assert [tlv.decode(whole[offset:])[0] for offset in offsets] == objects
    assert [item.tag for item in (table, *objects)] == list(range(0xDF21, 0xDF2B))
    assert set(filler) == {0xFF}


def _object(file: bytes, tag: int) -> bytes:
    record, _ = tlv.decode(file)
    return next(item.value for item in tlv.decode_all(record.value) if item.tag == tag)
