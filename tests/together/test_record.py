"""The verb `record`: a card's answers, with nothing personal in them and at no cost."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_conformance.card_checks.recording import Recorder
from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Profile, questions
from mynacard_emulator.personalise.answers import as_word, behaviour
from mynacard_emulator.replay import against_card
from mynacard_emulator.transcript import read
from mynacard_fixtures.cards import BY_NAME
from tests.emulator.card.test_behaviour import EXPERIMENTS, GIVEN, Experiment

from .on_the_bench import profile
from .test_cli import mynacard

GUIDE = Path(__file__).parents[2] / "docs" / "readers.md"
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


# ---------------------------------------------------------------- what it tells of a card that is not as ours


def recorded(chosen: Profile) -> list[str]:
    """The recording of a fresh card."""
    return list(Recorder(Card(chosen)).lines())


def answering(name: str = "", answer: object = None) -> Profile:
    """A card with a PIN that was never set; one that answers an open question otherwise."""
    usual = profile("child")
    return replace(usual, behaviour=behaviour({name: as_word(answer)})) if name else usual


def explained(exchanges: Iterable[str]) -> tuple[dict[str, str], Sequence[str]]:
    """The answers to open questions that a profile is to have, and all that was told of the difference."""
    told = against_card(read(exchanges), answering()).lines
    _, found, table = "\n".join(told).partition("[behaviour]\n")
    answers: dict[str, dict[str, str]] = tomllib.loads(found + table)
    return answers.get("behaviour", {}), told


ALTERNATIVES = [(question.name, answer) for question in questions() for answer in question.alternatives]


@cache
def seen() -> list[tuple[str, object]]:
    """The alternatives that a recording shows."""
    usual = recorded(answering())
    return [(name, answer) for name, answer in ALTERNATIVES if recorded(answering(name, answer)) != usual]


@pytest.mark.parametrize(("name", "answer"), ALTERNATIVES, ids=[f"{name}={as_word(it)}" for name, it in ALTERNATIVES])
def test_a_recording_is_explained_by_just_the_answer_that_the_card_was_made_with(name: str, answer: object) -> None:
    exchanges = recorded(answering(name, answer))
    named, told = explained(exchanges)

    if exchanges == recorded(answering()):
        assert told == ("no difference",)
    else:
        assert named == {name: as_word(answer)}
        assert sum(line.startswith("  an open question") for line in told) == 1


@pytest.mark.property
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_recording_is_explained_by_answers_that_give_the_same_recording(data: st.DataObject) -> None:
    """One answer can hide another: then it is not named."""
    together = st.lists(st.sampled_from(seen()), min_size=2, max_size=4, unique_by=lambda each: each[0])
    made = {name: as_word(answer) for name, answer in data.draw(together)}
    exchanges = recorded(replace(answering(), behaviour=behaviour(made)))
    named, _ = explained(exchanges)

    assert recorded(replace(answering(), behaviour=behaviour(named))) == exchanges
    assert named.items() <= made.items()


def test_what_a_recording_does_not_show_takes_more_than_reading() -> None:
    """The experiment about each has a command that the script does not know, or a value for a PIN."""
    unseen = {name for name, _ in ALTERNATIVES} - {name for name, _ in seen()}

    assert unseen
    assert [name for name in unseen if all(map(is_harmless, commands(EXPERIMENTS[name])))] == []


def commands(experiment: Experiment) -> list[bytes]:
    """What is said in an experiment."""
    said = [line.removeprefix("> ").partition("->")[0] for line in experiment.first.splitlines() if line[:1] == ">"]
    named = {name: value.hex() for name, value in GIVEN.items()}
    return [
        bytes.fromhex(re.sub(r"\[(\w+)\]", lambda found: named[found[1]], each)) for each in (*said, experiment.then)
    ]


def is_harmless(command: bytes) -> bool:
    """Whether the script may say something like it."""
    return command[0] == 0 and command[1] in HARMLESS and (command[1] != 0x20 or len(command) == 4)


def test_the_guide_tells_how_many_answers_a_recording_shows() -> None:
    assert f"{len(seen())} of the {len(ALTERNATIVES)} documented answers" in GUIDE.read_text(encoding="utf-8")


@pytest.mark.pcsc
def test_a_recording_is_held_against_a_profile(tmp_path: Path) -> None:
    other = mynacard("profiles", "--show", "adult", cwd=tmp_path, reveals=True).out
    (tmp_path / "other.toml").write_text(other.replace("[behaviour]\n", '[behaviour]\ncontrol_information = "empty"\n'))
    record = ("mynacard", "record", "card.trace", "--reader", "Virtual PCD", "--yes")
    assert mynacard("exec", "--profile", "other.toml", "--", *record, cwd=tmp_path).status == 0

    told = mynacard("trace", "card.trace", "--against", "adult", cwd=tmp_path)

    assert (told.status, told.err) == (1, "")
    assert "  recorded < 6F009000  ; 2 bytes, done\n  now      < 6F0C84" in told.out
    assert f"```\n{told.out}```" in GUIDE.read_text(encoding="utf-8")
    assert mynacard("trace", "card.trace", "--against", "other.toml", cwd=tmp_path).out == "no difference\n"


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
