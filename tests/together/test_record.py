"""The verb `record`: a card's answers, with nothing personal in them and at no cost."""

from __future__ import annotations

from pathlib import Path

import pytest

from mynacard_conformance.card_checks.recording import Recorder
from mynacard_emulator import profiles
from mynacard_emulator.card import Card
from mynacard_emulator.transcript import read
from mynacard_fixtures.cards import BY_NAME

from .on_the_bench import profile
from .test_cli import mynacard

HARMLESS = {0x20, 0xA4, 0xB0, 0xB2, 0xCA}
"""VERIFY, without data, SELECT, READ BINARY, READ RECORD, GET DATA."""


@pytest.mark.parametrize("name", profiles.names())
def test_a_recording_costs_nothing_and_is_a_transcript(name: str) -> None:
    card = Card(profile(name))
    before = card.state.memory

    exchanges = list(read(Recorder(card).lines()))

    assert card.state.memory is before
    commands = [exchange.command for exchange in exchanges if exchange.event == "command"]
    assert {command[1] for command in commands} <= HARMLESS
    assert {len(command) for command in commands if command[1] == 0x20} <= {4}
    assert len(commands) > 20


def test_nothing_of_a_person_is_in_a_recording() -> None:
    issued = profiles.load("adult")
    recording = "\n".join(Recorder(Card(issued.profile())).lines())

    shown = [line for line in recording.splitlines() if line.startswith("< ") and "•" not in line and len(line) > 6]
    assert all(line.startswith("< 6F") or line == "< E000FF8131FE45149000" for line in shown)
    assert issued.my_number.encode().hex().upper() not in recording
    assert "••9000" in recording


def test_a_card_on_which_asking_costs_a_try_is_asked_twice_and_no_more() -> None:
    card = BY_NAME["query-costs-a-try"](profile("adult"))
    full = {path: data.counter.left for path, data in card.state.memory.reference_data.items()}

    list(Recorder(card).lines())

    left = {path: data.counter.left for path, data in card.state.memory.reference_data.items()}
    assert sum(full.values()) - sum(left.values()) == 2


@pytest.mark.pcsc
def test_a_card_in_a_reader_is_recorded_and_explained(tmp_path: Path) -> None:
    record = ("exec", "--", "mynacard", "record", "card.trace", "--reader", "Virtual PCD")

    asked = mynacard(*record, cwd=tmp_path, given=b"n\n")
    assert (asked.status, (tmp_path / "card.trace").exists()) == (130, False)
    assert "Is it your own card, or a test card?" in asked.err

    assert mynacard(*record, cwd=tmp_path, given=b"y\n").status == 0
    assert (tmp_path / "card.trace").stat().st_mode & 0o777 == 0o600
    assert "SELECT the JPKI application" in mynacard("trace", "card.trace", cwd=tmp_path).out

    again = mynacard(*record, "--yes", cwd=tmp_path)
    assert (again.status, again.err) == (2, "mynacard: card.trace is there already; name a new file\n")
