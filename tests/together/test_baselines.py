"""What is known of a client does not make its run fail, and what has changed is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mynacard_conformance.report import as_json, baseline
from mynacard_conformance.report.files import UnusableFileError
from mynacard_conformance.report.standing import Standing
from mynacard_fixtures.clients import CarefulClient
from mynacard_fixtures.clients.changes import NeverAsksWhatIsThere
from mynacard_fixtures.clients.words import KnowsOnly6983

from .reported import DIRECT, report
from .test_cli import is_refused, mynacard

BLOCKED, ABSENT = "client/lock/blocked", "client/absent/reported"
QUICK = ("check", "--reference", "--transport", "direct", "--scenario", "LOCK-01")


def test_only_what_is_not_expected_makes_a_run_fail() -> None:
    faulty, honest = report(KnowsOnly6983), report(CarefulClient)

    assert not Standing(faulty).conformant
    assert Standing(faulty, {BLOCKED: "known"}).conformant
    assert not Standing(faulty, {ABSENT: "known"}).conformant
    assert Standing(honest, {BLOCKED: "known"}).conformant
    assert not Standing(honest, {BLOCKED: "known"}, strict=True).conformant


def test_a_broken_should_fails_strictly_unless_it_is_expected() -> None:
    careless = report(NeverAsksWhatIsThere)

    assert Standing(careless).conformant
    assert not Standing(careless, strict=True).conformant
    assert Standing(careless, {ABSENT: "known"}, strict=True).conformant


def test_a_pass_that_was_not_expected_is_told_to_programs() -> None:
    verdict = as_json.describe(Standing(report(CarefulClient), {BLOCKED: "known"}), DIRECT)

    assert verdict["unexpected_passes"] == [BLOCKED]
    assert verdict["conformant"]


@pytest.mark.parametrize("name", ["known.toml", "known.json"])
def test_a_baseline_is_read_as_it_was_written(name: str, tmp_path: Path) -> None:
    expected = {BLOCKED: 'its "author"\nknows \x7f \x00 架空', ABSENT: "likewise"}
    (tmp_path / name).write_text(baseline.written(expected, Path(name)), encoding="utf-8")

    assert baseline.read(tmp_path / name) == expected


def test_a_reason_that_was_known_stays() -> None:
    findings = Standing(report(KnowsOnly6983)).findings

    assert baseline.reasons(findings, {BLOCKED: "known", ABSENT: "gone"}) == {BLOCKED: "known"}
    assert baseline.reasons(findings, {}) == {BLOCKED: "seen: protocol_error — the card answered 6984"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("version = ", "is no TOML"),
        ("", "is no baseline"),
        ("version = 2\n[expected]\n", "of version 2"),
        ("version = 1\nexpected = 3\n", "is no baseline"),
        ("version = 1\nelse = 1\n[expected]\n", "is no baseline"),
        ('version = 1\n[expected]\n"client/tea/hot" = "why not"\n', "no requirement 'client/tea/hot'"),
        (f'version = 1\n[expected]\n"{BLOCKED}" = " "\n', f"{BLOCKED} needs a reason"),
        (f'version = 1\n[expected]\n"{BLOCKED}" = 3\n', f"{BLOCKED} needs a reason"),
    ],
)
def test_what_is_no_baseline_is_refused_in_one_line(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "known.toml").write_text(content)

    with pytest.raises(UnusableFileError) as refused:
        baseline.read(tmp_path / "known.toml")

    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_the_command_writes_a_baseline_keeps_its_reasons_and_tells_what_is_gone(tmp_path: Path) -> None:
    known = tmp_path / "known.toml"
    known.write_text(f'version = 1\n[expected]\n"{BLOCKED}" = "known"\n')

    lenient = mynacard(*QUICK, "--baseline", known, "--json")
    strict = mynacard(*QUICK, "--baseline", known, "--strict")
    renewed = mynacard(*QUICK, "--write-baseline", known, "--report", tmp_path / "report")

    assert (lenient.status, lenient.json["unexpected_passes"]) == (0, [BLOCKED])
    assert (strict.status, "unexpected pass client/lock/blocked" in strict.out) == (1, True)
    assert renewed.status == 0
    assert baseline.read(known) == {}
    assert renewed.out.endswith(f"report: {tmp_path / 'report' / 'index.html'}\n")
    assert json.loads((tmp_path / "report" / "verdict.json").read_text(encoding="utf-8"))["conformant"]


@pytest.mark.parametrize(
    ("option", "content"),
    [("--baseline", None), ("--baseline", "mine"), ("--write-baseline", "mine"), ("--report", "mine")],
    ids=["none there", "no baseline", "somebody's file", "no folder"],
)
def test_the_command_refuses_what_it_cannot_use_before_it_plays(
    option: str, content: str | None, tmp_path: Path
) -> None:
    if content:
        (tmp_path / "known").write_text(content)
    ran = mynacard(*QUICK, option, tmp_path / "known")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.count("\n") == 1
    assert not content or (tmp_path / "known").read_text() == content


@pytest.mark.parametrize("option", ["--write-baseline", "--report"])
def test_a_place_that_is_not_there_is_refused_before_it_plays(option: str, tmp_path: Path) -> None:
    assert is_refused(mynacard(*QUICK, option, tmp_path / "nowhere" / "known"), "is no folder to put known into")
