"""Random lives: what is found in one can be played again, and what is played does not depend on who plays it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import pytest

from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.cli.check import check
from mynacard_conformance.cli.opening import ClientChoice
from mynacard_conformance.cli.workers import Place, deal, play_here, play_in_processes
from mynacard_conformance.concerns.acts import UnknownActError, play
from mynacard_conformance.concerns.machine import Life, replay
from mynacard_conformance.concerns.table import CONCERNS, OFFICE_CONCERNS
from mynacard_conformance.judge.docket import Docket
from mynacard_conformance.judge.trial import Conditions, Trial
from mynacard_conformance.run import Budget, Plan, Report, run
from mynacard_conformance.scenarios.families import DEFAULT
from mynacard_conformance.suites import SUITES
from mynacard_conformance.verdict import Finding
from mynacard_emulator.world import open_world
from mynacard_fixtures.clients import FAULTY, CarefulClient, Twin

ALL = (*CONCERNS.values(), *OFFICE_CONCERNS.values())


def twin(name: str) -> type[Twin]:
    return next(twin for twin in FAULTY if twin.__name__ == name)


def lives_of(client: type, *concerns: type[Life], conditions: Conditions | None = None) -> Report:
    with open_world("direct") as world:
        plan = Plan(Budget(examples=100), (), concerns, conditions or Conditions())
        return run(world, InProcessClient(client, world.connect), plan)


def finding_of(report: Report, requirement: str) -> Finding:
    found = next(judged.finding for judged in report.verdicts if judged.requirement.id == requirement)
    assert found is not None
    return found


@pytest.mark.parametrize("life", ALL, ids=lambda life: life.concern)
def test_an_honest_client_is_not_accused_in_any_life(life: type[Life]) -> None:
    report = lives_of(CarefulClient, life)

    assert [judged.requirement.id for judged in report.verdicts if judged.finding] == []
    assert (report.fault, report.lives[0].examples >= 100) == ("", True)


@pytest.mark.parametrize(
    ("name", "concern"),
    [
        ("KnowsOnly6983", "counter"),
        ("TakesARefusalForNothing", "status"),
        ("HashesTwice", "content"),
        ("ForgetsTheNewValue", "change"),
        ("LeavesTheCardOpen", "closing"),
        ("TakesSilenceForALock", "removal"),
        ("SendsAgainAfterSilence", "accidents"),
    ],
)
def test_what_a_life_has_shown_is_shown_by_its_acts_again(name: str, concern: str) -> None:
    life = {life.concern: life for life in ALL}[concern]
    finding = finding_of(lives_of(twin(name), life), twin(name).fault)
    with open_world("direct") as world:
        docket = Docket()
        replay(Trial(world, InProcessClient(twin(name), world.connect), docket), life, finding.acts)

    assert twin(name).fault in docket.findings
    assert docket.findings[twin(name).fault].conversation == finding.conversation


def test_a_finding_stands_for_itself_though_the_client_remembers() -> None:
    on_trial = twin("RemembersTheWrongPin")
    finding = finding_of(lives_of(on_trial, CONCERNS["counter"]), on_trial.fault)

    assert finding.steady
    assert len([act for act in finding.acts if act[0] == "enter"]) == 2


@pytest.mark.parametrize(
    "act",
    [
        (),
        ("enter", "auth"),
        ("enter", "nobody", "right"),
        ("enter", "auth", "new-9"),
        ("sign", "auth", "sha256", "xyz", "right"),
    ],
)
def test_words_that_are_no_act_are_refused(act: Sequence[str]) -> None:
    with open_world("direct") as world:
        trial = Trial(world, InProcessClient(CarefulClient, world.connect), Docket())

        with pytest.raises(UnknownActError):
            play(tuple(act), trial)


@pytest.mark.parametrize("how", ["wide", "right", "wrong"])
def test_a_current_pin_may_be_typed_in_other_characters_at_a_change(how: str) -> None:
    with open_world("direct") as world:
        docket = Docket()
        trial = Trial(world, InProcessClient(CarefulClient, world.connect), docket)
        replay(trial, CONCERNS["change"], [("card", "adult"), ("change", "auth", how, "new-0"), ("query", "auth")])

    assert docket.findings == {}


def test_acts_of_nobody_are_no_life() -> None:
    with open_world("direct") as world:
        trial = Trial(world, InProcessClient(CarefulClient, world.connect), Docket())

        with pytest.raises(ValueError, match="one of its cards"):
            replay(trial, CONCERNS["counter"], [("enter", "auth", "wrong")])


def test_faults_that_the_user_orders_happen_in_every_life() -> None:
    conditions = Conditions(faults=("verify:1:tear-after",))

    assert twin("CallsALossAnError").fault in {
        judged.requirement.id
        for judged in lives_of(twin("CallsALossAnError"), CONCERNS["counter"], conditions=conditions).verdicts
        if judged.finding
    }


# ---------------------------------------------------------------- several processes


@pytest.mark.parametrize("workers", [1, 2, 3, 16])
def test_each_piece_is_dealt_to_one_process(workers: int) -> None:
    plan = Plan(Budget(), DEFAULT, ALL)
    shares = deal(plan, workers)

    assert sorted(story.id for share in shares for story in share.scenarios) == sorted(story.id for story in DEFAULT)
    assert sorted(life.concern for share in shares for life in share.concerns) == sorted(life.concern for life in ALL)
    assert len(shares) == workers


def test_two_processes_play_what_one_plays() -> None:
    place = Place(ClientChoice(), "direct", isolate=False, timeout=5.0)
    plan = Plan(Budget(examples=3), SUITES["content"].scenarios, (CONCERNS["counter"], CONCERNS["change"]))
    one, two = play_here(place, plan), play_in_processes(place, plan, 2)

    assert (one.docket.tested, [each.scenario for each in one.told]) == (
        two.docket.tested,
        [each.scenario for each in two.told],
    )
    assert [(each.concern, each.examples) for each in one.lives] == [
        (each.concern, each.examples) for each in two.lives
    ]


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("--fault", "nonsense"), "write KIND:NUMBER:EFFECT"), (("--noise", "nonsense"), "no noise is called")],
)
def test_what_cannot_be_ordered_is_said(arguments: tuple[str, ...], words: str) -> None:
    command = [sys.executable, "-m", "mynacard_emulator", "check", "--reference", "--transport", "direct", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (ran.returncode, words in ran.stderr, ran.stderr.count("\n")) == (2, True, 1)


def test_every_suite_can_be_named() -> None:
    named = next(option for option in check.params if option.name == "suites").type

    assert sorted(getattr(named, "choices", ())) == sorted(SUITES)
