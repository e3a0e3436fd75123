"""The resident register and the common application: their files, and one PIN that is two."""

from __future__ import annotations

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Profile
from tests.emulator.card.conversation import hold
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
        > 00 24 01 80 04 39393939    -> 9000
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
