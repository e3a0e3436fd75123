"""Several clients side by side."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mynacard_conformance.report import compare, folder
from mynacard_conformance.report.files import UnusableFileError
from mynacard_conformance.report.standing import Standing
from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.verdict import Verdict
from mynacard_fixtures.clients import CarefulClient
from mynacard_fixtures.clients.changes import NeverAsksWhatIsThere
from mynacard_fixtures.clients.words import KnowsOnly6983

from .reported import DIRECT, report
from .test_cli import mynacard

BLOCKED, ABSENT = "client/lock/blocked", "client/absent/reported"


@pytest.fixture
def reports(tmp_path: Path) -> list[Path]:
    """The folders of three clients' reports."""
    clients = (CarefulClient, KnowsOnly6983, NeverAsksWhatIsThere)
    for client in clients:
        folder.write(tmp_path / client.__name__, Standing(report(client)), DIRECT, "en")
    return [tmp_path / client.__name__ for client in clients]


def test_what_differs_comes_first(reports: list[Path]) -> None:
    rows = compare.rows([compare.read(path) for path in reports])

    assert {row.id: row.verdicts for row in rows if row.differs}.items() >= {
        BLOCKED: [Verdict.PASS, Verdict.FAIL, Verdict.PASS],
        ABSENT: [Verdict.PASS, Verdict.PASS, Verdict.SHOULD_FAIL],
    }.items()
    assert [row.differs for row in rows] == sorted((row.differs for row in rows), reverse=True)
    assert {row.id for row in rows} == set(REQUIREMENTS)


def test_a_requirement_that_one_run_did_not_know_has_a_row(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text(
        json.dumps(
            {
                "format": "mynacard verdict",
                "version": 1,
                "client": "old",
                "requirements": [{"id": "client/tea/hot", "verdict": "pass"}],
            }
        )
    )
    old = compare.read(tmp_path / "old.json")

    assert [row.verdicts for row in compare.rows([old, compare.Column("new", {})])] == [[Verdict.PASS, None]]


def test_a_client_has_a_letter_however_many_there_are() -> None:
    letters = compare.letters_for([compare.Column("it", {})] * 60)

    assert letters[:2] == ["A", "B"]
    assert len(set(letters)) == 60


def test_the_command_compares_folders_and_files_on_the_terminal_for_programs_and_as_a_page(
    reports: list[Path], tmp_path: Path
) -> None:
    files = (reports[0], reports[1] / "verdict.json")
    told = mynacard("compare", *files)
    page = mynacard("compare", *files, "--json", "--html", tmp_path / "table.html", "--lang", "ja")

    assert (told.status, page.status) == (0, 0)
    assert re.search(r"^different +A +B\n  client/lock/blocked +pass +FAIL$", told.out, re.MULTILINE)
    assert page.json["requirements"][0] == {"id": BLOCKED, "differs": True, "verdicts": ["pass", "fail"]}
    html = (tmp_path / "table.html").read_text(encoding="utf-8")
    assert "クライアントの比較" in html
    assert not re.search(r"<script|\ssrc=|@import|url\(|https?:|<link", html)


@pytest.mark.parametrize(
    "content",
    [
        "{}",
        '{"format": "mynacard verdict", "version": 1}',
        '{"format": "mynacard verdict", "version": 1, "client": 3, "requirements": []}',
        '{"format": "mynacard verdict", "version": 1, "client": "it", "requirements": [3]}',
        '{"format": "mynacard verdict", "version": 1, "client": "it", "requirements": [{"id": [], "verdict": "pass"}]}',
        '{"format": "mynacard verdict", "version": 1, "client": "it", "requirements": [{"id": "a", "verdict": {}}]}',
        '{"format": "mynacard verdict", "version": 1, "client": "it", "requirements": 3}',
    ],
)
def test_what_is_no_verdict_is_refused_in_one_line(content: str, tmp_path: Path) -> None:
    (tmp_path / "verdict.json").write_text(content)

    with pytest.raises(UnusableFileError) as refused:
        compare.read(tmp_path)

    assert "\n" not in str(refused.value)


def test_the_command_refuses_what_it_cannot_compare_or_write(reports: list[Path], tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("mine")

    for arguments in ((tmp_path / "mine.json",), (tmp_path / "none",), (reports[0], "--html", tmp_path / "mine.json")):
        ran = mynacard("compare", *arguments)
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert (tmp_path / "mine.json").read_text() == "mine"
