"""What one tool fires at every file of every application: each answer makes sense, and none costs a try."""

from __future__ import annotations

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Profile
from tests.emulator.card.conversation import ask, hold

PROBES = (
    "00 B0 00 00 00",
    "00 B2 01 04 00",
    "00 B2 01 05 00",
    "00 88 00 80",
    "00 88 00 80 01 AA 00",
    "80 82 00 80",
    "00 20 00 80",
    "80 2A 03 80 01 AA 00",
    "00 2A 9E 9A 01 AA 00",
    "80 A2 00 C1 00 01 00" + "00" * 256,
    "00 CA DF 30 05",
    "80 FC 00 00",
)
ANSWERS = {"6D00", "6700", "6981", "6982", "6985", "6986", "6A82", "6A88", "63C0", "63C3", "63C5", "63CA"}


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


@pytest.mark.parametrize("number", range(4), ids=["JPKI", "text", "juki", "common"])
def test_every_answer_to_a_probe_makes_sense_and_costs_nothing(adult: Profile, number: int) -> None:
    card = Card(adult)
    memory = card.state.memory
    for fid in range(0x30):
        hold(card, "> 00 A4 04 0C 0A [aid] -> 9000", aid=adult.applications[number].aid)
        ask(card, f"00 A4 02 0C 02 {fid:04X}")
        for probe in PROBES:
            answer = ask(card, probe)
            assert answer in ANSWERS or answer.endswith("9000"), probe

    assert card.state.memory is memory
