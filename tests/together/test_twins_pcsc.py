"""Faulty clients as programs of their own, judged through a private PC/SC stack."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_fixtures.clients import FAULTY, HONEST, THROUGH_A_READER, Twin

pytestmark = pytest.mark.pcsc

A_DOZEN = (
    "KnowsOnly6983",
    "DoesNotKnow63C0",
    "CountsForItself",
    "TriesAgain",
    "ChecksTheLengthOnly",
    "KeepsTheFiller",
    "HashesTwice",
    "SelectsOnce",
    "DiesAtALock",
    "TracesCommands",
    "ChangesAnyway",
    "TakesSilenceForAMiss",
    "LeavesTheCardOpen",
)
A_FEW = {"KnowsOnly6983": "LOCK-01", "LeavesTheCardOpen": "READER-05", "TakesNoReaderForNoCard": "READER-07"}


def twin(name: str) -> type[Twin]:
    return next(each for each in (*FAULTY, *THROUGH_A_READER) if each.__name__ == name)


def judged(name: str, *arguments: str) -> dict[str, str]:
    driver = f"{sys.executable} -m mynacard_fixtures.clients.driver {name}"
    done = subprocess.run(
        [sys.executable, "-m", "mynacard_emulator", "check", "--driver", driver, "--json", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=400,
        check=False,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["harness_error"] is None
    return {each["id"]: each["verdict"] for each in report["requirements"] if "fail" in each["verdict"]}


@pytest.mark.parametrize(("name", "story"), A_FEW.items())
def test_a_mistake_is_caught_in_a_process_of_its_own(name: str, story: str) -> None:
    broken = judged(name, "--scenario", story)

    assert twin(name).fault in broken
    assert set(broken) <= {twin(name).fault} | twin(name).also


def test_a_client_that_never_lets_go_of_the_card_is_caught_and_holds_nobody_up() -> None:
    name = "KeepsTheCardToItself"

    assert set(judged(name, "--scenario", "READER-06", "--scenario", "LOCK-01")) == {twin(name).fault}


@pytest.mark.deep
@pytest.mark.parametrize("name", A_DOZEN)
def test_a_dozen_mistakes_are_caught_within_the_default_budget(name: str) -> None:
    broken = judged(name, "--workers", "2")

    assert twin(name).fault in broken
    assert set(broken) <= {twin(name).fault} | twin(name).also


@pytest.mark.deep
@pytest.mark.parametrize("client", HONEST, ids=lambda client: client.__name__)
def test_nobody_honest_is_accused_in_a_process_of_its_own(client: type) -> None:
    assert judged(client.__name__, "--workers", "2") == {}


def test_every_requirement_has_somebody_who_breaks_it() -> None:
    assert set(REQUIREMENTS) == {each.fault for each in (*FAULTY, *THROUGH_A_READER)}
