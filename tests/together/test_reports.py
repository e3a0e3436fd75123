"""What is made of a verdict: files that say the same to people, build servers and the next run, and never a PIN."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from referencing import Registry, Resource

from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.model.holder import N1, WRONG
from mynacard_conformance.report import as_json, folder, junit, page, text, transcript
from mynacard_conformance.report.files import UnusableFileError
from mynacard_conformance.report.messages import Language
from mynacard_conformance.report.setup import file_name
from mynacard_conformance.report.standing import Standing
from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.run import Report
from mynacard_conformance.verdict import CallLine, Finding, Verdict
from mynacard_emulator import transcript as emulated
from mynacard_fixtures.clients import CarefulClient
from mynacard_fixtures.clients.changes import ChangesAnyway, NeverAsksWhatIsThere
from mynacard_fixtures.clients.entries import QueriesWithAGuess, TriesAgain
from mynacard_fixtures.clients.sessions import DiesAtALock, PrintsThePin, TracesCommands
from mynacard_fixtures.clients.values import PadsWithFF, SendsAsTyped
from mynacard_fixtures.clients.words import KnowsOnly6983

from .reported import DIRECT, Repeats, report
from .test_cli import MYNACARD, PATIENCE, environment

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"
LANGUAGES: tuple[Language, ...] = ("en", "ja")
FAILING = (KnowsOnly6983, NeverAsksWhatIsThere, DiesAtALock, TriesAgain)
SECRETIVE = (
    *FAILING,
    QueriesWithAGuess,
    PadsWithFF,
    SendsAsTyped,
    ChangesAnyway,
    PrintsThePin,
    TracesCommands,
    Repeats,
)
PINS = {*N1.pins.values(), *WRONG.values(), "7391", "NEW456", "ABC-123", "12a4"}
SECRET = re.compile(
    "|".join(rf"(?<![\w.]){pin}(?!\w)|{pin.encode().hex()}|{pin.encode().hex(' ')}" for pin in PINS), re.IGNORECASE
)

BLOCKED = "client/lock/blocked"


def finding(client: type[ReferenceClient], requirement: str) -> Finding:
    found = next(judged.finding for judged in report(client).verdicts if judged.requirement.id == requirement)
    assert found
    return found


def written(directory: Path, judged: Report, **how: Any) -> Path:
    folder.write(directory / "report", Standing(judged, **how), DIRECT, "en")
    return directory / "report"


# ---------------------------------------------------------------- the folder


def test_a_report_has_a_page_two_files_for_programs_and_three_for_each_finding(tmp_path: Path) -> None:
    there = written(tmp_path, report(KnowsOnly6983))

    assert {str(path.relative_to(there)) for path in there.rglob("*") if path.is_file()} == {
        "index.html",
        "junit.xml",
        "verdict.json",
        "findings/client.lock.blocked.json",
        "findings/client.lock.blocked.scriptor",
        "traces/client.lock.blocked.txt",
    }
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_an_older_report_is_replaced_with_its_findings(tmp_path: Path) -> None:
    written(tmp_path, report(KnowsOnly6983))
    there = written(tmp_path, report(CarefulClient))

    assert sorted(path.name for path in there.iterdir()) == ["index.html", "junit.xml", "verdict.json"]


def test_what_cannot_be_written_whole_leaves_the_older_report(tmp_path: Path) -> None:
    there = written(tmp_path, report(CarefulClient))
    before = (there / "verdict.json").read_text(encoding="utf-8")
    unwritable = replace(report(KnowsOnly6983), seed=cast("int", object()))

    with pytest.raises(TypeError):
        written(tmp_path, unwritable)

    assert (there / "verdict.json").read_text(encoding="utf-8") == before
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda place: place.write_text("mine"), "is a file"),
        (lambda place: (place.mkdir(), (place / "thesis.txt").write_text("mine")), "'thesis.txt' in it"),
        (lambda place: (place.mkdir(), (place / "index.html").write_text("mine")), "no report of this mynacard"),
        (lambda place: (place.mkdir(), (place / "verdict.json").write_text("{}")), "no report of this mynacard"),
    ],
    ids=["a file", "somebody's papers", "somebody's page", "another verdict"],
)
def test_what_is_no_report_is_not_replaced(tmp_path: Path, make: Any, said: str) -> None:
    place = tmp_path / "report"
    make(place)
    before = sorted(place.rglob("*"))

    with pytest.raises(UnusableFileError, match=re.escape(said)) as refused:
        written(tmp_path, report(CarefulClient))

    assert "\n" not in str(refused.value)
    assert sorted(place.rglob("*")) == before


def test_two_requirements_never_share_a_file() -> None:
    assert len({file_name(requirement) for requirement in REQUIREMENTS}) == len(REQUIREMENTS)


@pytest.mark.parametrize("client", SECRETIVE, ids=lambda client: client.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_pin_is_in_any_file_of_a_report(client: type[ReferenceClient], language: Language, tmp_path: Path) -> None:
    judged = report(client)
    folder.write(tmp_path / "report", Standing(judged), DIRECT, language)
    contents = {path: path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.*") if path.is_file()}

    assert {verdict.verdict for verdict in judged.verdicts} & {Verdict.FAIL, Verdict.SHOULD_FAIL}
    assert {str(path): found[0] for path, content in contents.items() if (found := SECRET.search(content))} == {}


def test_what_a_client_says_of_a_pin_is_told_without_it() -> None:
    lines = [line for judged in report(Repeats).verdicts if judged.finding for line in judged.finding.conversation]
    said = [line.answer.message for line in lines if isinstance(line, CallLine) and line.answer.message]

    assert said
    assert all("you typed '▮', in hex ▮" in message for message in said)


# ---------------------------------------------------------------- JSON


def validator(name: str) -> jsonschema.Draft202012Validator:
    schemas = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in SCHEMAS.glob("*.json")}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    registry = Registry().with_resources((key, Resource.from_contents(schema)) for key, schema in schemas.items())
    return jsonschema.Draft202012Validator(schemas[name], registry=registry)


def undescribed(value: Any, described: set[str]) -> set[str]:
    """The members, at any depth, that no schema names."""
    if isinstance(value, list):
        return {name for each in value for name in undescribed(each, described)}
    if isinstance(value, dict):
        below = {name for each in value.values() for name in undescribed(each, described)}
        return (set(value) - described) | below
    return set()


def described() -> set[str]:
    both = "".join(path.read_text(encoding="utf-8") for path in SCHEMAS.glob("*.json"))
    pins = {pin.value for pin in N1.pins}
    return set(re.findall(r'"(\w+)": ?(?:\{|true)', both)) | pins


@pytest.mark.parametrize("client", [CarefulClient, *FAILING, Repeats], ids=lambda client: client.__name__)
def test_a_report_is_what_its_schemas_say(client: type[ReferenceClient], tmp_path: Path) -> None:
    there = written(tmp_path, report(client), expected={BLOCKED: "known"})
    verdict = json.loads((there / "verdict.json").read_text(encoding="utf-8"))
    findings = [json.loads(path.read_text(encoding="utf-8")) for path in there.glob("findings/*.json")]

    validator("verdict-1.json").validate(verdict)
    for each in findings:
        validator("finding-1.json").validate(each)
    assert undescribed([verdict, *findings], described()) == set()


def test_a_schema_refuses_what_is_no_verdict() -> None:
    verdict = as_json.describe(Standing(report(CarefulClient)), DIRECT)
    verdict["requirements"][0]["verdict"] = "perhaps"

    assert not validator("verdict-1.json").is_valid(verdict)


def test_an_error_of_the_harness_is_no_verdict_anywhere(tmp_path: Path) -> None:
    judged = report(KnowsOnly6983)
    told = (replace(judged.told[0], played=False, broken=(), fault="the stage fell down"), *judged.told[1:])
    there = written(tmp_path, replace(judged, told=told, fault="the stage fell down"))
    verdict = json.loads((there / "verdict.json").read_text(encoding="utf-8"))
    suite = parsed((there / "junit.xml").read_text(encoding="utf-8"))

    validator("verdict-1.json").validate(verdict)
    assert (verdict["verdict"], verdict["conformant"]) == ("harness error", False)
    assert suite.get("errors") == "1"
    assert [error.get("message") for error in suite.iter("error")] == ["the stage fell down"]
    assert verdict["scenarios"][0]["harness_error"] == "the stage fell down"
    assert "the stage fell down" in (there / "index.html").read_text(encoding="utf-8")
    lines = text.write(Standing(replace(judged, told=told)), "en", DIRECT)
    assert f"{told[0].scenario.id}," not in next(line for line in lines if line.startswith("scenarios"))


# ---------------------------------------------------------------- JUnit


def parsed(content: str) -> ET.Element:
    return ET.fromstring(content)  # noqa: S314 - our own


def cases(standing: Standing) -> dict[str, str]:
    root = parsed(junit.write(standing, "en", DIRECT))
    return {
        f"{case.get('classname')}.{case.get('name')}": next((child.tag for child in case), "passed")
        for case in root.iter("testcase")
    }


def test_junit_has_a_case_for_each_requirement_with_the_text_of_the_terminal() -> None:
    standing = Standing(report(KnowsOnly6983))
    root = parsed(junit.write(standing, "en", DIRECT))
    (failure,) = root.iter("failure")

    assert root.get("tests") == str(len(REQUIREMENTS))
    assert (root.get("failures"), root.get("errors")) == ("1", "0")
    assert failure.text == "\n".join(text.finding(standing.findings[0], "en", DIRECT.rerun))


def test_junit_skips_what_does_not_make_the_run_fail() -> None:
    broken_should = "client.absent.reported"

    assert cases(Standing(report(NeverAsksWhatIsThere)))[broken_should] == "skipped"
    assert cases(Standing(report(NeverAsksWhatIsThere), strict=True))[broken_should] == "failure"
    assert cases(Standing(report(KnowsOnly6983), {BLOCKED: "known"}))["client.lock.blocked"] == "skipped"
    assert cases(Standing(report(CarefulClient), {BLOCKED: "known"}))["client.lock.blocked"] == "passed"
    assert cases(Standing(report(CarefulClient), {BLOCKED: "known"}, strict=True))["client.lock.blocked"] == "failure"


def test_junit_can_say_whatever_a_client_says() -> None:
    root = parsed(junit.write(Standing(replace(report(Repeats), client="\x00\ud800<&")), "en", DIRECT))

    assert [suite.get("name") for suite in root] == ["\ufffd\ufffd<&"]
    assert len(list(root.iter("failure"))) > 1


# ---------------------------------------------------------------- the page


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("client", [CarefulClient, *FAILING, Repeats], ids=lambda client: client.__name__)
def test_the_page_loads_nothing_runs_nothing_and_says_everything(
    client: type[ReferenceClient], language: Language
) -> None:
    judged = report(client)
    html = page.write(Standing(replace(judged, client="<script>alert(1)</script>")), DIRECT, language)

    assert not re.search(r"<script|\ssrc=|@import|url\(|https?:|<link|<b>you typed", html)
    assert f'<html lang="{language}">' in html
    for each in judged.verdicts:
        assert each.requirement.id in html
    for told in judged.told:
        assert told.scenario.id in html
    for lives in judged.lives:
        assert f"<code>{lives.concern}</code>" in html


def test_a_page_speaks_one_language() -> None:
    english, japanese = (page.write(Standing(report(KnowsOnly6983)), DIRECT, language) for language in LANGUAGES)

    assert not re.search(r"[぀-ヿ]", english.partition("</style>")[2])
    assert "must" not in re.sub(r"<[^>]*>", "", japanese.partition("</style>")[2])


def test_a_finding_on_the_page_has_the_apdus_in_words_and_the_commands_that_play_it_again() -> None:
    html = page.write(Standing(report(KnowsOnly6983)), DIRECT, "en")

    for said in (
        "SELECT the JPKI application",
        "VERIFY the auth PIN",
        "blocked",
        "mynacard check --reference --transport direct --scenario LOCK-",
        "mynacard replay findings/client.lock.blocked.json",
        "opensc-tool -s 00A4040C0AD392F000260100000001",
    ):
        assert said in html


# ---------------------------------------------------------------- the terminal


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("client", [CarefulClient, *FAILING], ids=lambda client: client.__name__)
def test_a_summary_fits_on_a_screen_and_names_all_that_is_no_pass(
    client: type[ReferenceClient], language: Language
) -> None:
    standing = Standing(report(client))
    lines = list(text.write(standing, language, DIRECT))
    summary = lines[len(lines) - lines[::-1].index("") :]
    no_pass = [judged.requirement.id for judged in standing.report.verdicts if judged.verdict is not Verdict.PASS]

    assert len(summary) <= 10 + len(standing.findings)
    assert [name for name in no_pass if not any(name in line for line in summary)] == []
    assert not any("client/tries/query-costs-nothing" in line for line in lines)
    for judged in standing.findings:
        assert judged.finding
        assert any(line.endswith(f"{judged.requirement.id}  {DIRECT.rerun(judged.finding)}") for line in summary)


def test_requirements_that_were_kept_are_listed_on_demand() -> None:
    lines = list(text.write(Standing(report(CarefulClient)), "en", DIRECT, verbose=True))

    assert [name for name in REQUIREMENTS if not any(name in line for line in lines)] == []


def test_what_is_expected_is_told_with_its_reason_and_what_is_gone_too() -> None:
    standing = Standing(report(KnowsOnly6983), {BLOCKED: "its author knows", "client/sign/valid": "was once"})
    lines = list(text.write(standing, "en", DIRECT))

    assert f"FAIL            {BLOCKED}  expected: its author knows" in lines
    assert "unexpected pass client/sign/valid (take it out of the baseline)" in lines
    assert lines[-1].startswith("verdict: conformant, but for what was expected (")


def test_a_terminal_sees_how_far_a_run_is_and_the_verdict_stays_apart() -> None:
    """Standard error is a terminal, standard output a pipe."""
    terminal, end = os.openpty()
    command = [str(MYNACARD), "check", "--reference", "--transport", "direct", "--scenario", "LOCK-01"]
    with os.fdopen(terminal, "rb", buffering=0) as seen:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=end,
            text=True,
            timeout=PATIENCE,
            check=True,
            env=environment(TERM="xterm"),
        )
        os.close(end)
        progress = seen.read(1 << 16).decode()

    assert "LOCK-01" in progress
    assert "0/1" in progress
    assert "\x1b" not in done.stdout
    assert done.stdout.splitlines()[-1].startswith("verdict: conformant")


# ---------------------------------------------------------------- the card's side


def test_a_trace_is_a_transcript_that_can_be_read_back() -> None:
    conversation = finding(KnowsOnly6983, BLOCKED).conversation
    exchanges = list(emulated.read(transcript.transcript(conversation, "ja")))
    shown = [apdu for line in conversation for apdu in line.apdus]

    assert [exchange.response.hex().upper() for exchange in exchanges] == [apdu.response for apdu in shown]
    assert [exchange.command[:4].hex().upper() for exchange in exchanges] == [apdu.command[:8] for apdu in shown]


@pytest.mark.parametrize(
    ("client", "requirement", "names"),
    [
        (KnowsOnly6983, BLOCKED, {"SOME_AUTH_PIN"}),
        (TriesAgain, "client/pin/one-verify-per-action", {"WRONG_TEXT_PIN"}),
        (ChangesAnyway, "client/change/only-when-verified", {"WRONG_AUTH_PIN", "NEW_AUTH_PIN"}),
    ],
    ids=["blocked", "wrong", "new"],
)
def test_a_script_has_names_where_pins_belong(client: type[ReferenceClient], requirement: str, names: set[str]) -> None:
    lines = list(transcript.scriptor(finding(client, requirement).conversation, "en"))
    sent = [line for line in lines if not line.startswith("#")]

    assert {word for line in sent for word in line.split() if not re.fullmatch("[0-9A-F]{2}", word)} == names
    assert not any("•" in line or "exit" in line for line in lines)  # `scriptor` ends at the word, even in a comment
    for name in names:
        assert f"${{{name}:?}}" in transcript.opensc_tool(finding(client, requirement).conversation)
