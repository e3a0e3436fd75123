"""Scenarios and requirements as lists: what tries out what, read both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mynacard_conformance.card_checks.lives import card_requirements
from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.scenarios.families import SCENARIOS
from mynacard_conformance.scenarios.story import Scenario
from mynacard_conformance.source_requirements import source_requirements

from .messages import Language, text

_SOURCE = re.compile(r"[RFKC]-\d+")
_CARD_VERB = "check-card"


@dataclass(frozen=True, slots=True)
class Entry:
    """A requirement, of a client, a card, a reader or a source document, with the scenarios that try it out.

    Attributes:
        sources: For one of a client or a card, the sources that it comes from.
        testable: Whether a scenario can try it out at all.
        scenarios: Their names; of a card and a reader the verb that does.

    """

    id: str
    sentence: str
    sentence_ja: str
    sources: tuple[str, ...]
    testable: bool
    scenarios: tuple[str, ...]


def requirements() -> tuple[Entry, ...]:
    """Every requirement: those of clients first, then of cards and readers, then those of the source documents."""
    of_clients = (
        Entry(each.id, each.sentence, each.sentence_ja, sources, True, covering(set(sources)))
        for each in REQUIREMENTS.values()
        for sources in [tuple(re.findall(_SOURCE, each.source))]
    )
    of_cards = (
        Entry(each.id, each.sentence, each.sentence_ja, tuple(re.findall(_SOURCE, each.source)), True, (_CARD_VERB,))
        for each in card_requirements()
    )
    of_sources = (
        Entry(each.id, each.sentence, each.sentence_ja, (), each.testable, covering({each.id}))
        for each in source_requirements().values()
    )
    return (*of_clients, *of_cards, *of_sources)


def requirement_lines(entry: Entry, language: Language, *, coverage: bool) -> Iterator[str]:
    """Write a requirement down."""
    yield f"{entry.id}  {entry.sentence if language == 'en' else entry.sentence_ja}"
    if coverage:
        tried = ", ".join(entry.scenarios) or text("untried" if entry.testable else "information", language)
        yield f"    {tried}"


def describe_requirement(entry: Entry) -> dict[str, Any]:
    """Turn a requirement into JSON values."""
    return {
        "id": entry.id,
        "sentence": entry.sentence,
        "sentence_ja": entry.sentence_ja,
        "sources": list(entry.sources),
        "testable": entry.testable,
        "scenarios": list(entry.scenarios),
    }


def scenario_lines(scenario: Scenario, language: Language, *, full: bool) -> Iterator[str]:
    """Write a scenario down: its title, or (`full`) all that is known of it."""
    yield f"{scenario.id:24}{scenario.title if language == 'en' else scenario.title_ja}"
    if not full:
        return
    yield f"    {text('covers', language)}: {', '.join(scenario.covers)}"
    for name in scenario.covers:
        if (source := source_requirements().get(name)) is not None:
            yield f"    {name}  {source.sentence if language == 'en' else source.sentence_ja}"
    if scenario.waits:
        yield f"    {text('waits', language)}: {scenario.waits}"


def describe_scenario(scenario: Scenario) -> dict[str, Any]:
    """Turn a scenario into JSON values."""
    return {
        "id": scenario.id,
        "family": scenario.family,
        "title": scenario.title,
        "title_ja": scenario.title_ja,
        "covers": list(scenario.covers),
        "steps": len(scenario.steps),
        "features": sorted(scenario.features),
        "waits": scenario.waits or None,
    }


def covering(wanted: set[str]) -> tuple[str, ...]:
    """Name the scenarios that try out one of these."""
    return tuple(scenario.id for scenario in SCENARIOS if wanted & set(scenario.covers))
