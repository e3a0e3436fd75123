"""Challenges, the key that answers them, and CHANGE KEY; by conversation with the small card."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from mynacard_emulator.card import Card
from mynacard_emulator.iso7816 import SW

from . import small
from .conversation import ask, hold

IN_FIRST = "> 00 A4 04 0C 06 [first] -> 9000\n"
VERIFIED = IN_FIRST + "> 00 20 00 84 04 [value] -> 9000\n"
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420") + sha256(b"\xaa").digest()
SIGNED = small.sign(DIGEST_INFO).hex().upper() + "9000"


@pytest.mark.parametrize("before", ["", IN_FIRST, VERIFIED], ids=["after power-on", "in an application", "verified"])
@pytest.mark.parametrize(("le", "length"), [("01", 1), ("08", 8), ("00", 256)])
def test_a_challenge_is_given_at_any_time(before: str, le: str, length: int) -> None:
    hold(small.card(), before + f"> 00 84 00 00 {le} -> {{{length}}} 9000", **small.GIVEN)


def test_an_extended_challenge_is_refused() -> None:
    hold(small.card(), "> 00 84 00 00 00 00 08 -> 6985")


def test_challenges_are_as_random_as_what_the_profile_gives() -> None:
    given = iter([b"\x01", b"\x02"])
    card = Card(replace(small.profile(), random=lambda length: next(given) * length))

    hold(card, "> 00 84 00 00 02 -> 01 01 9000\n> 00 84 00 00 03 -> 02 02 02 9000")


@pytest.mark.parametrize(
    ("before", "command", "answer"),
    [
        pytest.param(IN_FIRST, "00 88 00 8D 01 AA 00", SIGNED, id="by short identifier, without a PIN"),
        pytest.param(
            IN_FIRST + "> 00 A4 02 0C 02 00 0D -> 9000\n", "00 88 00 80 01 AA 00", SIGNED, id="the current EF"
        ),
        pytest.param(IN_FIRST, "00 88 00 80 01 AA 00", "6986", id="no current EF"),
        pytest.param(IN_FIRST, "00 88 00 8F 01 AA 00", "6A82", id="no such EF"),
        pytest.param(IN_FIRST, "00 88 00 87 01 AA 00", "6982", id="a signing key before its PIN"),
        pytest.param(VERIFIED, "00 88 00 87 01 AA 00", "6985", id="a signing key after its PIN"),
        pytest.param(VERIFIED, "00 88 00 84 01 AA 00", "6981", id="a PIN"),
        pytest.param(VERIFIED, "80 2A 00 8D 01 AA 00", "6981", id="nor does its key sign"),
        pytest.param("", "00 88 00 8D 01 AA 00", "6A82", id="after power-on"),
    ],
)
def test_one_kind_of_key_answers_challenges(before: str, command: str, answer: str) -> None:
    hold(small.card(), before + f"> {command} -> {answer}", **small.GIVEN)


def test_answering_a_challenge_by_short_identifier_makes_the_key_current_only_where_it_should() -> None:
    for sets, answer in ((True, SIGNED), (False, "6986")):
        card = small.card(sfi_sets_current_ef=sets)
        hold(card, IN_FIRST + f"> 00 88 00 8D 01 AA 00 -> {SIGNED}", **small.GIVEN)
        assert ask(card, "00 88 00 80 01 AA 00") == answer


def test_change_key_sets_a_new_value_as_change_reference_data_does() -> None:
    hold(
        small.card(change_by_other_command=SW.INSTRUCTION_NOT_SUPPORTED),
        """
        > 00 A4 04 0C 06 [second]    -> 9000
        > 00 A4 02 0C 02 00 04       -> 9000
        > 80 32 00 80 04 30303030    -> 6982
        > 00 20 00 80 04 39393939    -> 9000
        > 00 24 01 80 04 30303030    -> 6D00
        > 80 32 00 80 04 30303030    -> 9000
        > 00 20 00 80 04 39393939    -> 63C2
        > 00 20 00 80 04 30303030    -> 9000
        """,
        **small.GIVEN,
    )
