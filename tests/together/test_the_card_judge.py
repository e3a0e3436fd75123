"""The judge of cards is judged: every faulty card is caught for its own fault, and an honest one survives any life."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mynacard_conformance.card_checks.bench import Bench
from mynacard_conformance.card_checks.judging import judge
from mynacard_conformance.card_checks.lives import REQUIREMENTS, Lives, replay
from mynacard_conformance.card_checks.table import CHECKS
from mynacard_conformance.verdict import Act
from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Memory, PinPath, Question, questions
from mynacard_emulator.cards import CardInHand, with_state
from mynacard_emulator.cli.choose import spoil
from mynacard_fixtures.cards import BY_NAME, FAULTY, WITH_A_PAST, FaultyCard

from .on_the_bench import all_known, bench_for, judge_card, profile

ALTERNATIVES = [(question, answer) for question in questions() for answer in question.alternatives]

PASTS: dict[str, tuple[Act, ...]] = {
    "HealsAfterTwoResets": (("select", "JPKI"), ("wrong", "sign"), ("reset",), ("reset",), ("query", "sign")),
    "HealsByAsking": (("select", "JPKI"), ("wrong", "sign"), *[("query", "sign")] * 3),
    "StatusComesBack": (
        ("select", "JPKI"),
        ("right", "sign"),
        ("select", "common"),
        ("select", "text"),
        ("select", "JPKI"),
        ("use", "sign-key"),
    ),
    "SuccessOutlivesAMiss": (
        ("select", "JPKI"),
        ("right", "auth"),
        ("wrong", "auth"),
        ("reset",),
        ("use", "auth-key"),
    ),
}
"""The shortest lives in which each fault shows, as random lives were shrunk to them."""


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda faulty: faulty.__name__)
def test_a_faulty_card_is_caught_for_its_own_fault_and_for_nothing_else(faulty: type[FaultyCard]) -> None:
    report = judge_card(faulty(profile("adult")))

    assert {faulty.fault} | faulty.also == report.broken
    assert not report.fault


@pytest.mark.parametrize("name", BY_NAME)
def test_a_faulty_card_for_other_tests_remembers_what_its_own_issuer_wrote_and_what_was_chosen(name: str) -> None:
    hand = CardInHand.in_memory(profiles.load("adult"))
    own = BY_NAME[name](hand.card.profile).state.memory
    spoil(hand, name, "")
    assert (type(hand.card), hand.card.state.memory) == (BY_NAME[name], own)

    spoil(hand, name, "auth=1,sign=locked")
    assert hand.card.state.memory == with_state(own, {"auth": 1, "sign": "locked"})


def test_every_requirement_has_a_faulty_twin() -> None:
    ids = {check.id for check in CHECKS} | {requirement.id for requirement in REQUIREMENTS}
    of_readers = {each for each in ids if each.startswith("reader/")}  # docs/readers.md says why these have none

    assert ids - of_readers == {faulty.fault for faulty in (*FAULTY, *WITH_A_PAST)}


# ---------------------------------------------------------------- random lives


@pytest.mark.parametrize("faulty", WITH_A_PAST, ids=lambda faulty: faulty.__name__)
def test_a_fault_that_needs_a_past_is_shown_by_the_life_that_was_found(faulty: type[FaultyCard]) -> None:
    bench = bench_for(faulty(profile("adult")))
    assert judge(bench, "faulty").broken == frozenset()  # the directed checks do not see it

    surprise = replay(bench, PASTS[faulty.__name__])

    assert surprise is not None
    assert surprise.requirement.id == faulty.fault


def test_an_honest_card_surprises_nobody_in_these_lives() -> None:
    bench = bench_for(Card(profile("adult")))
    judge(bench, "honest")

    assert [replay(bench, acts) for acts in PASTS.values()] == [None] * len(PASTS)


def test_a_life_that_breaks_a_requirement_is_found_and_shrunk() -> None:
    faulty = next(each for each in WITH_A_PAST if each.__name__ == "HealsByAsking")

    report = judge(bench_for(faulty(profile("adult"))), "faulty", lives=Lives(400, steps=20))

    (finding,) = (judged.finding for judged in report.verdicts if judged.finding)
    assert report.broken == {faulty.fault}
    assert 5 <= len(finding.acts) <= 8


@pytest.mark.deep
@pytest.mark.parametrize("faulty", WITH_A_PAST, ids=lambda faulty: faulty.__name__)
def test_random_lives_find_every_fault_that_needs_a_past(faulty: type[FaultyCard]) -> None:
    reports = (
        judge(bench_for(faulty(profile("adult"))), "faulty", lives=Lives(400, seed=seed, ceiling=600))
        for seed in range(10)
    )

    assert next(report.broken for report in reports if report.broken) == {faulty.fault}


@pytest.mark.parametrize("name", profiles.names())
def test_the_honest_card_of_every_profile_surprises_nobody(name: str) -> None:
    report = judge(bench_for(Card(profile(name))), name, lives=Lives(20))

    assert report.broken == frozenset()
    assert report.lives >= 20 or name == "other-card"


@pytest.mark.parametrize(("question", "answer"), ALTERNATIVES, ids=lambda value: getattr(value, "name", str(value)))
def test_no_documented_alternative_surprises_anybody(question: Question, answer: Any) -> None:
    base = profile("adult")
    card = Card(replace(base, behaviour=replace(base.behaviour, **{question.name: answer})))

    assert judge(bench_for(card), "alternative", lives=Lives(2)).broken == frozenset()


@pytest.mark.deep
@pytest.mark.parametrize("name", profiles.names())
def test_the_honest_card_of_every_profile_surprises_nobody_in_a_thousand_lives(name: str) -> None:
    report = judge(bench_for(Card(profile(name))), name, lives=Lives(1000, seed=1, ceiling=3600))

    assert report.broken == frozenset()


@pytest.mark.deep
@pytest.mark.parametrize(("question", "answer"), ALTERNATIVES, ids=lambda value: getattr(value, "name", str(value)))
def test_no_documented_alternative_surprises_anybody_in_fifty_lives(question: Question, answer: Any) -> None:
    base = profile("adult")
    card = Card(replace(base, behaviour=replace(base.behaviour, **{question.name: answer})))

    assert judge(bench_for(card), "alternative", lives=Lives(50, seed=1, ceiling=3600)).broken == frozenset()


def test_the_figures_of_the_documents_are_those_of_the_code() -> None:
    docs = Path(__file__).parents[2] / "docs"
    proof, guide = ((docs / name).read_text(encoding="utf-8") for name in ("proof.md", "readers.md"))
    of_readers = sum(check.id.startswith("reader/") for check in CHECKS)
    of_cards, faulty = len(CHECKS) - of_readers, len(FAULTY) + len(WITH_A_PAST)

    assert f"| {of_cards}, and two that random lives try |" in proof
    assert f"| requirements on readers | {of_readers} |" in proof
    assert f"one mistake each | {faulty} |" in proof
    assert f"not the same mistake | {faulty} |" in proof
    assert f"no PIN locked or changed | {len(FAULTY)} |" in proof
    assert f"There are {faulty} mistakes" in guide
    assert f"| {len(profiles.names())} | a test; 1,000 lives" in proof
    assert f"| {len(ALTERNATIVES)}, on three kinds of card |" in proof
    assert f"against {of_cards} requirements, by bare commands, and its reader against {of_readers} more" in guide


# ---------------------------------------------------------------- mercy, also for the faulty


def spent_on(faulty: type[FaultyCard]) -> tuple[frozenset[str], set[PinPath], bool]:
    """Judge a card that has to be given back: what it breaks, which PINs were ever locked, whether one was changed."""
    locked: set[PinPath] = set()

    def look(_old: Memory, new: Memory) -> None:
        locked.update(path for path, data in new.reference_data.items() if data.counter.blocked and data.value)

    card = faulty(profile("adult"), on_memory=look)
    report = judge(Bench(card, all_known(card.profile, spends=True, expendable=False)), "to be given back")
    data = card.state.memory.reference_data
    return report.broken, locked, any(data[path].value != pin.initial for path, pin in card.profile.pins.items())


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda faulty: faulty.__name__)
def test_even_a_faulty_card_is_given_back_unlocked(faulty: type[FaultyCard]) -> None:
    broken, locked, changed = spent_on(faulty)

    assert (locked, changed) == (set(), False)
    assert broken <= {faulty.fault} | faulty.also


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda faulty: faulty.__name__)
def test_a_faulty_card_that_nobody_can_renew_is_caught_for_its_own_fault_too(faulty: type[FaultyCard]) -> None:
    card = faulty(profile("adult"))

    report = judge(Bench(card, all_known(card.profile, spends=True, expendable=True)), "expendable")

    assert {faulty.fault} <= report.broken <= {faulty.fault} | faulty.also
