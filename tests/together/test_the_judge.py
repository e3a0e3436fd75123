"""The judge is judged: every faulty twin is caught for its own fault, and nobody honest is accused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.concerns.table import CONCERNS
from mynacard_conformance.judge.blind import NEEDS_TRACE
from mynacard_conformance.requirements import IDLE_IS_SILENT, NO_HOLD, ONE_VERIFY, REQUIREMENTS, TRIES_ARE_THE_CARDS
from mynacard_conformance.run import BUDGETS, Budget, Plan, Report, run
from mynacard_conformance.scenarios.families import DEFAULT, SCENARIOS
from mynacard_conformance.suites import SMOKE_SUITE, SUITES
from mynacard_conformance.verdict import Verdict
from mynacard_emulator.world import open_world
from mynacard_fixtures.clients import AT_THE_PORTAL, FAULTY, HONEST, MINIMAL, CarefulClient, ReferenceClient, Twin

OF_READERS = {NO_HOLD.id}
"""What no client can break that needs no reader: it is tried through PC/SC."""
BROKEN = (Verdict.FAIL, Verdict.SHOULD_FAIL)


def judge(client: type[ReferenceClient], *, seed: int = 0, until: frozenset[str] = frozenset(), **more: int) -> Report:
    with open_world("direct") as world:
        on_trial = InProcessClient(client, world.connect)
        budget = replace(BUDGETS["default"], seed=seed, **more)
        return run(world, on_trial, Plan(budget=budget, until=until))


def broken(report: Report) -> set[str]:
    return {judged.requirement.id for judged in report.verdicts if judged.verdict in BROKEN}


@pytest.mark.parametrize("twin", FAULTY, ids=lambda twin: twin.__name__)
def test_a_faulty_client_is_caught_for_its_own_fault(twin: type[Twin]) -> None:
    report = judge(twin, until=frozenset({twin.fault}))

    assert twin.fault in broken(report)
    assert broken(report) <= {twin.fault} | twin.also


@pytest.mark.deep
@pytest.mark.parametrize("twin", FAULTY, ids=lambda twin: twin.__name__)
def test_a_faulty_client_is_accused_of_nothing_else(twin: type[Twin]) -> None:
    report = judge(twin)

    assert twin.fault in broken(report)
    assert broken(report) <= {twin.fault} | twin.also
    assert not report.fault


@pytest.mark.parametrize("client", HONEST, ids=lambda client: client.__name__)
def test_an_honest_client_is_never_accused(client: type[ReferenceClient]) -> None:
    report = judge(client, seed=1)

    assert set() == broken(report)
    assert not report.fault


@pytest.mark.parametrize("client", HONEST, ids=lambda client: client.__name__)
def test_an_honest_client_is_never_accused_in_any_story(client: type[ReferenceClient]) -> None:
    with open_world("direct") as world:
        plan = Plan(Budget(examples=0), SCENARIOS)
        report = run(world, InProcessClient(client, world.connect), plan)

    assert set() == broken(report)
    assert not report.fault


@pytest.mark.parametrize("twin", AT_THE_PORTAL, ids=lambda twin: twin.__name__)
def test_who_logs_in_at_the_portal_is_caught_there_for_its_own_fault(twin: type[Twin]) -> None:
    with open_world("direct") as world:
        report = run(world, InProcessClient(twin, world.connect), Plan(Budget(examples=0), SUITES["portal"].scenarios))

    assert {twin.fault} == broken(report)
    assert not report.fault


THREE = (ReferenceClient, CarefulClient, MINIMAL)


def smoke(client: type[ReferenceClient], seed: int) -> Report:
    with open_world("direct") as world:
        plan = Plan(replace(BUDGETS["smoke"], seed=seed), SMOKE_SUITE.scenarios if seed == 0 else ())
        return run(world, InProcessClient(client, world.connect), plan)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("client", THREE, ids=lambda client: client.__name__)
def test_three_honest_clients_pass_ten_smoke_runs(client: type[ReferenceClient], seed: int) -> None:
    report = smoke(client, seed)

    assert (set(), "") == (broken(report), report.fault)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(200))
@pytest.mark.parametrize("client", THREE, ids=lambda client: client.__name__)
def test_three_honest_clients_pass_two_hundred_smoke_runs(client: type[ReferenceClient], seed: int) -> None:
    report = smoke(client, 1000 + seed)

    assert (set(), "") == (broken(report), report.fault)


def test_the_minimal_client_offers_four_operations() -> None:
    with open_world("direct") as world:
        assert len(InProcessClient(MINIMAL, world.connect).operations) == 4


def test_every_requirement_has_a_faulty_twin() -> None:
    assert set(REQUIREMENTS) - OF_READERS == {twin.fault for twin in FAULTY}


def test_the_reference_client_exercises_every_requirement() -> None:
    report = judge(CarefulClient)

    assert {judged.requirement.id for judged in report.verdicts if judged.verdict is not Verdict.PASS} == OF_READERS


def test_every_story_goes_as_it_is_told_with_an_honest_client() -> None:
    report = judge(CarefulClient, examples=0)

    assert [scenario.id for scenario in DEFAULT] == [told.scenario.id for told in report.told if told.played]


class Unseen:
    """A truth that nobody knows: whatever it is asked, it shrugs."""

    def mishaps(self, _since: int = 0) -> tuple[str, ...]:
        return ()

    def __getattr__(self, _name: str) -> Callable[..., None]:
        return lambda *_: None


def judged_unseen(client: type[ReferenceClient]) -> Report:
    with open_world("direct") as world:
        world.truth = Unseen()  # type: ignore[assignment]
        plan = Plan(BUDGETS["smoke"], SMOKE_SUITE.scenarios, (CONCERNS["counter"], CONCERNS["change"]))
        return run(world, InProcessClient(client, world.connect), plan)


@pytest.mark.parametrize("client", HONEST, ids=lambda client: client.__name__)
def test_nobody_is_accused_of_what_nobody_sees(client: type[ReferenceClient]) -> None:
    report = judged_unseen(client)

    assert (set(), "") == (broken(report), report.fault)
    inconclusive = {each.requirement.id for each in report.verdicts if each.verdict is Verdict.INCONCLUSIVE}
    assert (
        {ONE_VERIFY.id, IDLE_IS_SILENT.id, TRIES_ARE_THE_CARDS.id}
        <= inconclusive
        <= NEEDS_TRACE | {TRIES_ARE_THE_CARDS.id}
    )


def test_what_a_client_says_is_judged_though_nobody_sees_the_card() -> None:
    twin = next(each for each in FAULTY if each.__name__ == "KnowsOnly6983")

    assert twin.fault in broken(judged_unseen(twin))


def test_a_finding_of_the_random_lives_is_shrunk_to_the_calls_that_matter() -> None:
    def knows_only_one_digest_in_random_lives() -> Report:
        with open_world("direct") as world:
            twin = next(twin for twin in FAULTY if twin.__name__ == "KnowsOneDigest")
            return run(world, InProcessClient(twin, world.connect), Plan(budget=Budget(), scenarios=()))

    report = knows_only_one_digest_in_random_lives()
    finding = next(judged.finding for judged in report.verdicts if judged.finding)

    assert len(finding.conversation) == 1


def test_the_same_seed_plays_the_same_lives() -> None:
    first, second = judge(ReferenceClient, seed=7), judge(ReferenceClient, seed=7)

    assert [judged.times for judged in first.verdicts] == [judged.times for judged in second.verdicts]
