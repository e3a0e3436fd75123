"""What one tool fires at every file of every application: each answer makes sense, and none costs a try."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import common, jpki, juki, licence, text, visual
from mynacard_emulator.card import Card, Profile
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.spec import LicenceSpec
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import ISD

PROBES = (
    "00 B0 00 00 00",
    "00 B2 01 04 00",
    "00 B2 01 05 00",
    "00 88 00 80",
    "00 88 00 80 01 AA 00",
    "80 82 00 80",
    "00 20 00 80",
    "80 2A 03 80",
    "80 2A 03 80 01 AA 00",
    *(f"00 2A {p1p2} 01 AA 00" for p1p2 in ("9E 9A", "80 86", "80 84", "90 86", "00 80")),
    "80 A2 00 C1",
    "80 A2 00 C1 00 01 00" + "00" * 256,
    "00 CA DF 30 05",
    "80 FC 00 00",
)
ANSWERS = {"6D00", "6700", "6981", "6982", "6985", "6986", "6A82", "6A88", "63C0", "63C3", "63C5", "63CA"}


@pytest.fixture(scope="module")
def everything() -> Profile:
    """An adult's card that is a driving licence too: every application there is."""
    spec = replace(profiles.spec("adult"), licence=LicenceSpec(installed=True, pin="4567"))
    return personalise(spec, today=date(2026, 11, 20)).profile()


@pytest.mark.parametrize("aid", [common.AID, jpki.AID, juki.AID, text.AID, visual.AID, licence.AID, ISD], ids=bytes.hex)
def test_every_answer_to_a_probe_makes_sense_and_costs_nothing(everything: Profile, aid: bytes) -> None:
    card = Card(everything)
    memory = card.state.memory
    for fid in range(0x30):
        hold(card, f"> 00 A4 04 0C {len(aid):02X} [aid] -> 9000", aid=aid)
        assert ask(card, f"00 A4 02 0C 02 {fid:04X}") in {"9000", "6A82"}
        for probe in PROBES:
            answer = ask(card, probe)
            assert answer in ANSWERS or answer.endswith("9000"), probe

    assert card.state.memory is memory


def test_every_application_of_the_card_is_probed(everything: Profile) -> None:
    assert set(everything.by_aid) == {common.AID, jpki.AID, juki.AID, text.AID, visual.AID, licence.AID}
