"""The verb `check-card`, as a user types it."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mynacard_conformance.card_checks.table import CHECKS
from mynacard_conformance.report.card_messages import phrases

from .test_cli import Ran, mynacard

ROOM = Path(__file__).parents[2] / "conformance" / "mynacard_conformance" / "card_checks"
EMULATED = ("check-card", "--emulated", "adult")


def report(ran: Ran) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(ran.out)
    return described


def test_the_emulators_card_conforms() -> None:
    ran = mynacard(*EMULATED, "--lang", "en")

    assert ran.status == 0
    assert "verdict: conformant" in ran.out
    assert "random lives: 2" in ran.out
    assert "  warm-reset                kept" in ran.out


def test_a_verdict_is_written_in_japanese_too() -> None:
    ran = mynacard(*EMULATED, "--lang", "ja", "--examples", "0")

    assert ran.status == 0
    assert "判定: 適合" in ran.out or "適合" in ran.out
    assert "PC/SCリーダーなし" in ran.out


def test_programs_read_json() -> None:
    ran = mynacard(*EMULATED, "--json", "--examples", "0")

    described = report(ran)
    assert described["conformant"] is True
    assert {each["id"] for each in described["requirements"]} == {check.id for check in CHECKS}
    assert described["ways"]["verified-query"] == "63CX"


def test_one_requirement_can_be_tried_alone() -> None:
    ran = mynacard(*EMULATED, "--json", "--requirement", "card/lock/using-up")

    assert [each["verdict"] for each in report(ran)["requirements"]] == ["pass"]


def test_pins_come_from_standard_input_or_a_file(tmp_path: Path) -> None:
    written = tmp_path / "pins"
    written.write_text("# of a test card\nauth=1234\n\nsign=ABC123\n", encoding="ascii")

    from_file = mynacard(*EMULATED, "--json", "--examples", "0", "--pins", str(written))
    from_stdin = mynacard(*EMULATED, "--json", "--examples", "0", "--pins", "-", given=b"auth=9999\n")

    assert (from_file.status, report(from_file)["refuted_pins"]) == (0, [])
    assert (from_stdin.status, report(from_stdin)["refuted_pins"]) == (0, ["auth"])


@pytest.mark.parametrize(
    ("arguments", "given", "says"),
    [
        (("check-card",), b"", "name one card"),
        (("check-card", "--emulated", "adult", "--private", "adult"), b"", "name one card"),
        (("check-card", "--emulated", "adlut"), b"", "did you mean 'adult'?"),
        ((*EMULATED, "--requirement", "card/none"), b"", "no requirement card/none"),
        ((*EMULATED, "--pins", "-"), b"auth 1234\n", "line 1 of the PINs: write NAME=VALUE"),
        ((*EMULATED, "--pins", "-"), b"car=1234\n", "the names are sign, auth, text"),
        ((*EMULATED, "--pins", "/nowhere/pins"), b"", "/nowhere/pins"),
        (("check-card", "--reader", "none", "--expendable"), b"", "give them by --pins FILE"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(arguments: tuple[str, ...], given: bytes, says: str) -> None:
    ran = mynacard(*arguments, given=given)

    assert ran.status == 2
    assert ran.out == ""
    assert says in ran.err
    assert ran.err.count("\n") == 1
    assert "1234" not in ran.err


def test_everything_that_a_check_can_say_is_in_the_catalogue() -> None:
    """And the catalogue says nothing that no check does."""
    said = set()
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                at = {"Phrase": 0, "CannotJudge": 0, "NotCovered": 0, "require_that": 1}.get(node.func.id)
                if at is not None and len(node.args) > at:
                    said |= {each.value for each in ast.walk(node.args[at]) if isinstance(each, ast.Constant)}

    assert said - {True, False} == phrases()


# ---------------------------------------------------------------- through PC/SC


def through_pcsc(*arguments: str, stdin: str = "") -> tuple[int, dict[str, Any]]:
    """Judge a card in a private stack, as a user with a reader would."""
    within = [sys.executable, "-m", "mynacard_emulator", "check-card", "--reader", "Virtual PCD", "--json", *arguments]
    done = subprocess.run(
        [sys.executable, "-m", "mynacard_emulator", "exec", "--", *within],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.mark.pcsc
def test_a_card_and_its_reader_are_judged_on_a_stage_of_their_own() -> None:
    ran = mynacard("check-card", "--private", "adult", "--json", "--examples", "5")

    others = {each["id"]: each["verdict"] for each in report(ran)["requirements"] if each["verdict"] != "pass"}
    assert ran.status == 0
    assert others == {"reader/removed-meanwhile": "should-fail"}  # Debian's driver says success, with no bytes


@pytest.mark.pcsc
def test_a_card_in_a_reader_is_judged_without_a_pin() -> None:
    status, described = through_pcsc("--examples", "3")

    verdicts = {each["id"]: each["verdict"] for each in described["requirements"]}
    assert status == 0
    assert verdicts["card/query/free"] == verdicts["reader/transaction"] == "pass"
    assert verdicts["card/verify/miss-costs-one"] == verdicts["reader/removed"] == "not covered"
    assert set(verdicts.values()) == {"pass", "not covered"}


@pytest.mark.pcsc
def test_an_expendable_card_in_a_reader_is_judged_to_the_end() -> None:
    pins = "auth=1234\nsign=ABC123\ntext=3456\njuki=2345\n"

    status, described = through_pcsc("--expendable", "--pins", "-", "--examples", "0", stdin=pins)

    verdicts = {each["id"]: each["verdict"] for each in described["requirements"]}
    assert status == 0
    assert verdicts["card/lock/using-up"] == verdicts["card/change/new-value"] == "pass"
    assert set(verdicts.values()) == {"pass", "not covered"}


@pytest.mark.pcsc
def test_a_faulty_card_in_a_reader_is_caught(tmp_path: Path) -> None:
    (tmp_path / "pins").write_text("auth=1234\nsign=ABC123\n", encoding="ascii")
    within = ("mynacard", "check-card", "--reader", "Virtual PCD", "--expendable", "--pins", "pins")

    ran = mynacard("exec", "--faulty", "heals-with-power", "--", *within, cwd=tmp_path)

    assert ran.status == 1
    assert "FAIL  card/verify/survives-power-off" in ran.out
    assert "1 FAIL" in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--faulty", "heals-with-powr"), "near it are heals-with-power"),
        (("--faulty", "heals-with-power", "--card", "card.json"), "--faulty is for new cards"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    assert mynacard("new", "card.json", cwd=tmp_path).status == 0

    ran = mynacard("exec", *arguments, "--", "true", cwd=tmp_path)

    assert ran.status == 125
    assert says in ran.err


@pytest.mark.pcsc
@pytest.mark.parametrize(
    ("reader", "says"),
    [
        ("Other", "no reader is called 'Other'; there are: Virtual PCD 00 00"),
        ("Virtual PCD 00 01", "no card is in Virtual PCD 00 01; put one in"),
    ],
)
def test_a_reader_without_a_card_and_one_that_is_not_there_are_said_in_one_line(reader: str, says: str) -> None:
    ran = mynacard("exec", "--", "mynacard", "check-card", "--reader", reader)

    assert ran.status == 2
    assert says in ran.err
    assert ran.err.count("\n") == 1
