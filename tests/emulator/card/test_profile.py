"""What a card is: access rules, files by identifier, PINs by path, and no secret in what is printed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mynacard_emulator.card import ALWAYS, NEVER, After, Application, Behaviour, Card, CardState, InternalEF, Memory
from mynacard_emulator.card.commands import parse
from mynacard_emulator.card.profile import AccessRule, grants
from mynacard_emulator.iso7816 import CommandAPDU

from . import small


@pytest.mark.parametrize(
    ("rule", "verified", "open_"),
    [
        (ALWAYS, set(), True),
        (NEVER, {1, 2, 3}, False),
        (After(1), set(), False),
        (After(1), {1}, True),
        (After(1), {2}, False),
        (After(1, 2), {2}, True),
        (After(1, 2), {1, 2}, True),
        (After(), {1}, False),
    ],
)
def test_a_rule_asks_which_pins_are_verified(rule: AccessRule, verified: set[int], *, open_: bool) -> None:
    assert grants(rule, frozenset(verified)) is open_


def test_files_applications_and_pins_are_found_by_their_identifiers() -> None:
    profile = small.profile()

    assert set(profile.by_aid) == {small.FIRST, small.SECOND, small.THIRD}
    assert set(profile.by_aid[small.FIRST].by_fid) == {*range(0x01, 0x0A), *range(0x0B, 0x0F)}
    assert profile.by_aid[small.SECOND].by_fid[small.FREE].fid == small.FREE
    assert set(profile.pins) == {small.PIN_PATH, small.OTHER_PATH, small.UNSET_PATH, small.SECOND_PATH}


def test_an_application_does_not_have_two_files_of_one_identifier() -> None:
    twice = Application("twice", b"\xf0", (InternalEF(1), InternalEF(1)))

    with pytest.raises(ValueError, match="twice: a file identifier is declared twice"):
        _ = twice.by_fid


def test_nothing_that_is_printed_shows_a_pin_or_what_a_pin_guards() -> None:
    card = Card(small.profile())
    card.transmit(bytes.fromhex("00A4040C06F00102030401"))
    verify, change = CommandAPDU(0, 0x20, 0, 0x84, small.VALUE), CommandAPDU(0, 0x24, 1, 0x80, small.VALUE)
    reset = parse(CommandAPDU(0x80, 0x2C, 2, 0x84, small.VALUE), Behaviour(test_only_administration=True))
    shown = repr((card.profile, card.state, parse(verify), parse(change), reset, verify))

    for secret in (small.VALUE, small.OTHER_VALUE, small.SECOND_VALUE, small.CONTENT):
        assert secret.decode() not in shown
        assert secret.hex() not in shown


def test_what_is_printed_of_a_card_is_the_same_in_every_process() -> None:
    assert " at 0x" not in repr(small.profile())  # where functions are in memory


def test_two_cards_that_differ_in_their_dice_alone_are_equal() -> None:
    ones, twos = (
        replace(small.profile(), random=lambda n: b"1" * n),
        replace(small.profile(), random=lambda n: b"2" * n),
    )

    assert (ones.random(2), twos.random(2)) == (b"11", b"22")
    assert ones == twos


def test_the_state_of_a_new_card_has_all_tries_and_none_for_a_pin_that_was_never_set() -> None:
    memory = CardState.issued(small.profile()).memory

    assert isinstance(memory, Memory)
    assert {path.fid: data.counter.left for path, data in memory.reference_data.items() if path.aid == small.FIRST} == {
        small.PIN: 3,
        small.OTHER: 5,
        small.UNSET: 0,
    }
