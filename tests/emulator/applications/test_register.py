"""The resident register and the common application: their files, and one PIN that is two."""

from __future__ import annotations

from hashlib import sha256

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import common
from mynacard_emulator.card import AuthenticationKeyEF, Card, Padding, Profile
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import given

COMMON, JUKI = "> 00 A4 04 0C 0A [common_ap] -> 9000\n", "> 00 A4 04 0C 0A [juki_ap] -> 9000\n"


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


@pytest.mark.parametrize("fid", range(0x30), ids="{:04X}".format)
@pytest.mark.parametrize(
    ("select", "files"), [(COMMON, (0x01, 0x02, 0x19, 0x1C, 0x1E)), (JUKI, (0x02, 0x1C))], ids=["common", "juki"]
)
def test_each_file_can_be_selected_and_no_other(adult: Profile, select: str, files: tuple[int, ...], fid: int) -> None:
    answer = "9000" if fid in files else "6A82"

    hold(Card(adult), select + f"> 00 A4 02 0C 02 {fid:04X} -> {answer}", **given(adult))


def test_the_first_record_names_the_card_its_municipality_and_its_last_day(adult: Profile) -> None:
    hold(
        Card(adult),
        COMMON
        + """
        > 00 B2 01 0C 00             -> 01 1C 39 {14} [rest] 9000
        > 00 A4 02 0C 02 00 01       -> 9000
        > 00 B2 01 04 00             -> 01 1C {15} [rest] 9000
        > 00 B2 01 05 00             -> 01 1C {15} [rest] 9000
        > 00 B2 02 04 00             -> 6A83
        > 00 B0 00 00 00             -> 6981
        """,
        rest=b"9900120350217",
        **given(adult),
    )


def test_both_applications_have_the_same_key_identifier(adult: Profile) -> None:
    key_id = b"9990011\x08\x05002" + bytes(4)

    hold(Card(adult), COMMON + "> 00 B2 01 14 00 -> [key_id] 9000", key_id=key_id, **given(adult))
    hold(Card(adult), JUKI + "> 00 B2 01 14 00 -> [key_id] 9000", key_id=key_id, **given(adult))


def test_the_register_pin_is_one_value_in_two_keys_that_count_and_change_each_for_itself(adult: Profile) -> None:
    hold(
        Card(adult),
        COMMON
        + """
        > 00 20 00 9C 04 30303030    -> 63C2
        > 00 20 00 9C 04 30303030    -> 63C1
        """
        + JUKI
        + """
        > 00 20 00 9C                -> 63C3
        > 00 20 00 9C 04 [juki]      -> 9000
        > 80 32 00 80 04 39393939    -> 9000
        """
        + COMMON
        + """
        > 00 20 00 9C                -> 63C1
        > 00 20 00 9C 04 39393939    -> 63C0
        > 00 20 00 9C 04 [juki]      -> 6984
        """,
        **given(adult),
    )


def test_the_register_pin_opens_nothing(adult: Profile) -> None:
    hold(
        Card(adult),
        COMMON
        + """
        > 00 20 00 9C 04 [juki]      -> 9000
        > 00 B0 9E 00 00             -> 6981
        > 00 B0 99 00 00             -> 6981
        > 80 2A 00 99 01 AA 00       -> 6981
        """,
        **given(adult),
    )


def test_the_common_application_answers_a_challenge_without_a_pin(adult: Profile) -> None:
    key = adult.by_aid[common.AID].by_fid[common.AUTHENTICATION_KEY]
    assert isinstance(key, AuthenticationKeyEF)
    digest_info = bytes.fromhex("3031300D060960864801650304020105000420") + sha256(b"challenge").digest()
    signature = key.sign(digest_info, Padding.PKCS1_V1_5)

    hold(
        Card(adult),
        COMMON + "> 00 88 00 99 09 [challenge] 00 -> [signature] 9000",
        challenge=b"challenge",
        signature=signature,
        **given(adult),
    )


@pytest.mark.parametrize(
    ("aid", "answer"), [("common_ap", "66F1"), ("juki_ap", "6982"), ("jpki", "6982"), ("text_ap", "6982")]
)
def test_each_application_refuses_a_session_key_in_its_own_way(adult: Profile, aid: str, answer: str) -> None:
    hold(Card(adult), f"> 00 A4 04 0C 0A [{aid}] -> 9000\n> 80 AE 00 00 -> {answer}", **given(adult))


def test_every_card_gives_other_challenges(adult: Profile) -> None:
    assert len({ask(Card(adult), "00 84 00 00 10") for _ in range(8)}) == 8


def test_a_key_of_the_text_application_answers_no_challenge(adult: Profile) -> None:
    hold(Card(adult), "> 00 A4 04 0C 0A [text_ap] -> 9000\n> 00 88 00 93 01 AA 00 -> 6985", **given(adult))
    hold(Card(adult), "> 00 A4 04 0C 0A [jpki] -> 9000\n> 00 88 00 97 01 AA 00 -> 6982", **given(adult))
