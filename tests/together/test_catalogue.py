"""The verbs that list scenarios and requirements."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mynacard_conformance.card_checks.lives import card_requirements
from mynacard_conformance.cli.catalogue import requirements, scenarios
from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.scenarios.families import SCENARIOS
from mynacard_conformance.source_requirements import source_requirements

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"en": DOCS / "requirements.md", "ja": DOCS / "requirements.ja.md"}


def run(command: object, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(command, [*arguments])  # type: ignore[arg-type]  # a decorated function is a Command
    return done.exit_code, done.output


def test_every_scenario_is_listed_with_its_title_in_both_languages() -> None:
    english, japanese = run(scenarios, "--lang", "en")[1], run(scenarios, "--lang", "ja")[1]

    assert [line.split()[0] for line in english.splitlines()] == [scenario.id for scenario in SCENARIOS]
    assert all(scenario.title_ja in japanese for scenario in SCENARIOS)


def test_one_scenario_tells_the_requirements_behind_it() -> None:
    assert "R-035  " in run(scenarios, "RESET-11", "--lang", "en")[1]


def test_a_family_is_listed_by_its_name() -> None:
    listed = run(scenarios, "portal", "--lang", "en")[1]

    assert all(f"PORTAL-0{number}" in listed for number in range(1, 8))
    assert "MYKEY-01" not in listed


def test_what_is_not_played_yet_is_said() -> None:
    assert "not played yet" in run(scenarios, "LOCK-14", "--lang", "en")[1]


def test_coverage_can_be_read_the_other_way_round() -> None:
    status, listed = run(requirements, "R-035", "--coverage", "--lang", "en")

    assert status == 0
    assert "RESET-11" in listed


def test_all_requirements_are_listed_for_programs() -> None:
    entries = json.loads(run(requirements, "--json")[1])
    of_cards = [requirement.id for requirement in card_requirements()]

    assert [entry["id"] for entry in entries] == [*REQUIREMENTS, *of_cards, *source_requirements()]


def test_an_unknown_id_is_refused_with_the_way_on() -> None:
    assert run(scenarios, "LOCK-99")[0] == 2
    assert "no scenario LOCK-99; `mynacard scenarios` lists them" in run(scenarios, "LOCK-99")[1]
    assert "no requirement R-999" in run(requirements, "R-999")[1]


@pytest.mark.parametrize("language", PAGES)
def test_the_page_of_requirements_is_what_the_command_prints(language: str) -> None:
    """Where it is not: `mynacard requirements --markdown --lang en > docs/requirements.md`, and so in Japanese."""
    status, printed = run(requirements, "--markdown", "--lang", language)

    assert status == 0
    assert PAGES[language].read_text(encoding="utf-8") == printed


@pytest.mark.parametrize("language", PAGES)
def test_every_link_within_the_page_leads_to_one_place(language: str) -> None:
    page = PAGES[language].read_text(encoding="utf-8")
    places, links = re.findall(r'<a id="([^"]+)">', page), re.findall(r"\]\(#([^)]+)\)", page)

    assert len(set(places)) == len(places)
    assert set(links) <= set(places)


def test_the_page_of_requirements_is_printed_alone() -> None:
    for others in (["R-035"], ["--json"]):
        assert run(requirements, "--markdown", *others)[0] == 2
        assert "prints a whole page" in run(requirements, "--markdown", *others)[1]


def test_whatever_can_be_tried_out_is_and_nothing_else() -> None:
    entries = json.loads(run(requirements, "--json")[1])
    of_sources = [entry for entry in entries if entry["id"].startswith("R-")]

    assert [entry["id"] for entry in of_sources if bool(entry["scenarios"]) is not entry["testable"]] == []


def test_a_scenario_covers_only_requirements_that_there_are() -> None:
    named = {name for scenario in SCENARIOS for name in scenario.covers if name.startswith("R-")}

    assert named <= set(source_requirements())
