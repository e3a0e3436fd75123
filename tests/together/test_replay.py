"""A finding is played again: with the client that it is about, and with one that was mended."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.judge.trial import Conditions
from mynacard_conformance.replay import Replayed, UnplayableError, replay
from mynacard_conformance.report import as_json, finding_file
from mynacard_conformance.report.files import LARGEST, UnusableFileError
from mynacard_conformance.report.replayed import describe, summary, write
from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.verdict import Judged
from mynacard_emulator.world import open_world
from mynacard_fixtures.clients import CarefulClient
from mynacard_fixtures.clients.entries import TriesAgain
from mynacard_fixtures.clients.reading import KnowsOneDigest
from mynacard_fixtures.clients.words import KnowsOnly6983

from .reported import DIRECT, report
from .test_cli import mynacard

BLOCKED, SIGNATURE = "client/lock/blocked", "client/sign/valid"


def judged(client: type[ReferenceClient], requirement: str, *, stories: bool) -> Judged:
    verdicts = report(client, stories=stories, examples=0 if stories else 25).verdicts
    return next(each for each in verdicts if each.requirement.id == requirement and each.finding)


def written(path: Path, client: type[ReferenceClient], requirement: str, *, stories: bool = True) -> Path:
    found = as_json.describe_finding(judged(client, requirement, stories=stories), client.__name__, DIRECT)
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


def played_again(path: Path, client: type[ReferenceClient]) -> Replayed:
    recorded = finding_file.read(path)
    with open_world("direct") as world:
        on_trial = InProcessClient(client, world.connect)
        return replay(world, on_trial, recorded.requirement, recorded.told_by, recorded.acts)


@pytest.mark.parametrize(
    ("twin", "requirement", "stories"),
    [(KnowsOnly6983, BLOCKED, True), (KnowsOneDigest, SIGNATURE, False)],
    ids=["a story", "a random life"],
)
def test_a_finding_still_fails_with_its_client_and_is_fixed_with_an_honest_one(
    twin: type[ReferenceClient], requirement: str, tmp_path: Path, *, stories: bool
) -> None:
    path = written(tmp_path / "finding.json", twin, requirement, stories=stories)
    again, mended = played_again(path, twin), played_again(path, CarefulClient)

    assert (summary(again), summary(mended)) == ("still-fails", "fixed")
    found = judged(twin, requirement, stories=stories).finding
    assert found
    assert again.finding
    assert again.finding.violation == found.violation
    assert next(write(again, "", "it", "en")).startswith(f"STILL FAILS  {requirement}")
    assert next(write(mended, "", "it", "ja")).startswith(f"解消  {requirement}")
    assert mended.conversation


def test_a_life_can_be_written_by_hand() -> None:
    requirement = REQUIREMENTS["client/pin/one-verify-per-action"]
    acts = (("card", "adult"), ("enter", "text", "wrong"))
    with open_world("direct") as world:
        again = replay(world, InProcessClient(TriesAgain, world.connect), requirement, "counter", acts)
        mended = replay(world, InProcessClient(CarefulClient, world.connect), requirement, "counter", acts)

    assert (summary(again), summary(mended)) == ("still-fails", "fixed")


def test_what_was_ordered_for_every_conversation_is_ordered_again(tmp_path: Path) -> None:
    setup = replace(DIRECT, conditions=Conditions(("verify:1:lose-answer",), "opensc"))
    found = as_json.describe_finding(judged(KnowsOnly6983, BLOCKED, stories=True), "it", setup)
    (tmp_path / "finding.json").write_text(json.dumps(found))
    recorded = finding_file.read(tmp_path / "finding.json")

    assert recorded.setup.conditions == setup.conditions
    assert "--fault verify:1:lose-answer --noise opensc --scenario" in found["rerun"]
    with open_world("direct") as world:
        on_trial = InProcessClient(CarefulClient, world.connect)
        replayed = replay(world, on_trial, REQUIREMENTS[BLOCKED], "LOCK-01", conditions=recorded.setup.conditions)
    assert "verify:1:lose-answer" in [getattr(line, "detail", "") for line in replayed.conversation]


def test_a_client_that_does_not_come_so_far_is_not_taken_for_mended(tmp_path: Path) -> None:
    path = written(tmp_path / "finding.json", KnowsOnly6983, BLOCKED)
    document = json.loads(path.read_text(encoding="utf-8"))
    document["finding"] |= {"told_by": "counter", "acts": [["card", "adult"], ["query", "auth"]]}
    path.write_text(json.dumps(document), encoding="utf-8")

    replayed = played_again(path, CarefulClient)

    assert summary(replayed) == "not-judged"
    assert describe(replayed, "it")["result"] == "NOT JUDGED"


def test_what_a_client_announced_wrongly_is_judged_again_without_any_story() -> None:
    class Boasts(InProcessClient):
        """Announces what does not exist."""

        @property
        def findings(self) -> tuple[str, ...]:
            """What is held against it."""
            return ("it announces an operation 'fly'",)

    answers = REQUIREMENTS["client/answer/comes"]
    with open_world("direct") as world:
        boasting = replay(world, Boasts(CarefulClient, world.connect), answers, "")
        modest = replay(world, InProcessClient(CarefulClient, world.connect), answers, "")

    assert (summary(boasting), summary(modest)) == ("still-fails", "fixed")


@pytest.mark.parametrize(
    ("told_by", "acts"),
    [
        ("LOCK-99", ()),
        ("weather", (("card", "adult"),)),
        ("counter", (("enter", "auth", "wrong"),)),
        ("counter", (("card", "adult"), ("fly",))),
        ("counter", (("card", "adult"), ("enter", "auth", "malformed-99"))),
        ("sharing", (("card", "adult"), ("other-enters", "juki", "new-0"))),
    ],
    ids=["no scenario", "no concern", "no card", "no act", "no way to type", "no way to type there"],
)
def test_what_cannot_be_played_is_refused(told_by: str, acts: tuple[tuple[str, ...], ...]) -> None:
    with open_world("direct") as world, pytest.raises(UnplayableError):
        replay(world, InProcessClient(CarefulClient, world.connect), REQUIREMENTS[BLOCKED], told_by, acts)


# ---------------------------------------------------------------- files


GOOD: dict[str, Any] = {
    "format": "mynacard finding",
    "version": 1,
    "setup": {"client": "--reference", "transport": "direct", "timeout": 5.0},
    "requirement": {"id": BLOCKED},
    "finding": {"told_by": "LOCK-01", "acts": []},
}


def without(*names: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(GOOD))
    *way, last = names
    below = document
    for name in way:
        below = below[name]
    del below[last]
    return document


DAMAGED = {
    "empty": "",
    "cut short": json.dumps(GOOD)[:-9],
    "no text": "\udcff",
    "a list": "[]",
    "another program's": '{"version": 1}',
    "a verdict": json.dumps(GOOD | {"format": "mynacard verdict"}),
    "of a newer one": json.dumps(GOOD | {"version": 2}),
    "of no version": json.dumps(GOOD | {"version": True}),
    "deep": "[" * 100_000,
    "about something unknown": json.dumps(GOOD | {"requirement": {"id": "client/tea/hot"}}),
    "without its client": json.dumps(without("setup", "client")),
    "without its story": json.dumps(without("finding", "told_by")),
    "with other acts": json.dumps(GOOD | {"finding": {"told_by": "counter", "acts": [[]]}}),
    "for ever": json.dumps(GOOD | {"setup": GOOD["setup"] | {"timeout": float("inf")}}),
    "through the air": json.dumps(GOOD | {"setup": GOOD["setup"] | {"transport": "radio"}}),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_file_that_is_no_finding_is_refused_in_one_line(content: str, tmp_path: Path) -> None:
    path = tmp_path / "finding.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(UnusableFileError) as refused:
        finding_file.read(path)

    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "finding.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)

    with pytest.raises(UnusableFileError, match="larger than any file of ours"):
        finding_file.read(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=5,
)


@pytest.mark.property
@given(
    name=st.sampled_from(sorted(GOOD)),
    member=st.sampled_from(["", "client", "timeout", "id", "acts"]),
    value=json_values,
)
def test_whatever_stands_in_a_finding_it_is_read_or_refused(
    name: str, member: str, value: object, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "finding.json"
    inner = GOOD[name]
    path.write_text(json.dumps(GOOD | {name: inner | {member: value} if isinstance(inner, dict) and member else value}))

    with suppress(UnusableFileError):
        assert finding_file.read(path).requirement.id == BLOCKED


# ---------------------------------------------------------------- the command


def test_the_command_says_fixed_and_ends_so(tmp_path: Path) -> None:
    written(tmp_path / "finding.json", KnowsOnly6983, BLOCKED)
    ran = mynacard("replay", "finding.json", cwd=tmp_path)

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith(f"FIXED  {BLOCKED}  the reference client\n")
    assert mynacard("replay", "finding.json", "--json", cwd=tmp_path).json["result"] == "FIXED"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"finding": {"told_by": "LOCK-99", "acts": []}}, "there is no scenario 'LOCK-99' here"),
        ({"setup": GOOD["setup"] | {"client": "--driver"}}, "does not say which client it is about"),
        ({"setup": GOOD["setup"] | {"client": "'"}}, "does not say which client it is about"),
        ({"setup": GOOD["setup"] | {"client": "--driver true"}}, "--transport direct is for Python clients"),
        ({"version": 7}, "a finding of version 7, and this mynacard reads 1: update it"),
    ],
    ids=["no story", "no client", "no arguments", "no stack", "newer"],
)
def test_the_command_refuses_in_one_line(change: dict[str, Any], said: str, tmp_path: Path) -> None:
    (tmp_path / "finding.json").write_text(json.dumps(GOOD | change))
    ran = mynacard("replay", "finding.json", cwd=tmp_path)

    assert (ran.status, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
