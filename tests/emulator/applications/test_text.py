"""The text application: its files, and which of three numbers opens which."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mynacard_emulator import profiles
from mynacard_emulator.applications import text
from mynacard_emulator.card import Card, Profile
from mynacard_emulator.iso7816 import tlv
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import DIGEST_INFO, content, given

SELECT = "> 00 A4 04 0C 0A [text_ap] -> 9000\n"
NOTHING, PIN, A, B = "", "00 20 00 91 04 [text]", "00 20 00 94 0C [number_a]", "00 20 00 95 0E [number_b]"


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


SIZES = {0x01: 17, 0x02: 1024, 0x03: 336, 0x04: 568, 0x05: 256, 0x06: 269, 0x07: 536, 0x08: 16}
INTERNAL = (0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x1C, 0x1E)
FREE = {0x04, 0x05}


@pytest.mark.parametrize(
    ("verify", "opens"),
    [
        pytest.param(NOTHING, FREE, id="nothing"),
        pytest.param(PIN, FREE | {0x01, 0x02, 0x03, 0x06, 0x07, 0x08}, id="the PIN"),
        pytest.param(A, FREE | {0x01, 0x03, 0x06, 0x07, 0x08}, id="number A: not the attributes"),
        pytest.param(B, FREE | {0x02, 0x03, 0x06, 0x07, 0x08}, id="number B: not the My Number"),
    ],
)
def test_each_number_opens_its_files_and_no_other(adult: Profile, verify: str, opens: set[int]) -> None:
    card, words = Card(adult), given(adult)
    hold(card, SELECT + (f"> {verify} -> 9000" if verify else ""), **words)
    for fid, size in SIZES.items():
        answer = ask(card, f"00 B0 {0x80 | fid:02X} 00 00 00 00")
        if fid in opens:
            assert bytes.fromhex(answer) == content(adult, text.AID, fid) + b"\x90\x00"
            assert len(answer) == 2 * (size + 2)
        else:
            assert answer == "6982"


@pytest.mark.parametrize("fid", range(0x30), ids="{:04X}".format)
def test_each_file_can_be_selected_and_no_other(adult: Profile, fid: int) -> None:
    answer = "9000" if fid in SIZES or fid in INTERNAL else "6A82"

    hold(Card(adult), SELECT + f"> 00 A4 02 0C 02 {fid:04X} -> {answer}", **given(adult))


@pytest.mark.parametrize("fid", INTERNAL, ids="{:04X}".format)
def test_an_internal_file_cannot_be_read(adult: Profile, fid: int) -> None:
    hold(Card(adult), SELECT + f"> {PIN} -> 9000\n> 00 B0 {0x80 | fid:02X} 00 00 -> 6981", **given(adult))


def test_the_numbers_have_ten_tries_and_the_pin_three_each_for_itself(adult: Profile) -> None:
    hold(
        Card(adult),
        SELECT
        + """
        > 00 20 00 91                           -> 63C3
        > 00 20 00 94                           -> 63CA
        > 00 20 00 95                           -> 63CA
        > 00 20 00 94 0C 303030303030303030303030 -> 63C9
        > 00 20 00 95 0E [number_b]             -> 9000
        > 00 20 00 94                           -> 63C9
        > 00 20 00 91 0E [number_b]             -> 63C2
        > 00 20 00 94 0C [number_a]             -> 9000
        > 00 20 00 94                           -> 63CA
        > 00 20 00 91                           -> 63C2
        """,
        **given(adult),
    )


def test_one_pin_of_the_application_is_blocked_on_every_card(adult: Profile) -> None:
    hold(
        Card(adult),
        SELECT + "> 00 20 00 92 -> 63C0\n> 00 20 00 92 04 [text] -> 6984\n> 00 20 00 92 -> 63C0",
        **given(adult),
    )


def test_number_a_is_the_my_number_and_number_b_begins_with_the_birth_date_by_era(adult: Profile) -> None:
    words = given(adult)

    assert content(adult, text.AID, text.MY_NUMBER) == b"\xff\x10\x0c" + words["number_a"] + b"\xff\xff"
    assert words["number_b"][:6] == b"550217"


def test_the_internal_key_signs_without_a_pin_and_its_public_half_is_on_the_card(adult: Profile) -> None:
    card, words = Card(adult), given(adult)
    hold(card, SELECT, **words)
    signature = bytes.fromhex(ask(card, "80 2A 00 93 33 [digest_info] 00", **words))[:256]
    record, _ = tlv.decode(content(adult, text.AID, text.INTERNAL_PUBLIC_KEY))
    exponent, modulus = tlv.decode_all(next(tlv.decode_all(record.value)).value)
    numbers = rsa.RSAPublicNumbers(int.from_bytes(exponent.value, "big"), int.from_bytes(modulus.value, "big"))

    assert numbers.public_key().recover_data_from_signature(signature, padding.PKCS1v15(), None) == DIGEST_INFO


def test_the_offset_table_of_the_attributes_leads_to_each_of_them(adult: Profile) -> None:
    whole = content(adult, text.AID, text.ATTRIBUTES)
    record, filler = tlv.decode(whole)
    table, *attributes = tlv.decode_all(record.value)
    offsets = [int.from_bytes(table.value[at : at + 2], "big") for at in range(0, 8, 2)]

    assert [tlv.decode(whole[offset:])[0] for offset in offsets] == attributes
    assert [item.tag for item in (table, *attributes)] == [0xDF21, 0xDF22, 0xDF23, 0xDF24, 0xDF25]
    assert set(filler) == {0xFF}
