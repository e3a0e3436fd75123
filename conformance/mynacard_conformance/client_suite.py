"""The whole suite as ordinary tests of pytest, for somebody else's test suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from .requirements import REQUIREMENTS, Level

if TYPE_CHECKING:
    from .judge.trial import Trial
    from .ports import AnyStage, ClientUnderTest, Connection
    from .run import Budget
    from .suites import Suite
    from .verdict import Judged


class ClientSuite:
    """Judges a Python client: a subclass whose name begins with `Test` says how it is made.

    Attributes:
        suites: Names of suites, as for `mynacard check --suite`; without any, all that needs no office.
        transport: `direct`, or `private` for a client that has to meet its card in a PC/SC reader; else the option's.
        expected: Requirements that this client is known to break, each with the reason: a baseline.
        strict: Whether a should that is broken fails; the option can say so for all.

    """

    suites: ClassVar[Sequence[str]] = ()
    transport: ClassVar[str | None] = None
    expected: ClassVar[Mapping[str, str]] = {}
    strict: ClassVar[bool] = False

    def __init_subclass__(cls, **named: Any) -> None:  # noqa: ANN401 - Python's own
        """Have a test for each thing that there is to be played, and no empty one."""
        super().__init_subclass__(**named)
        for name, cases in _cases(cls).items():
            setattr(cls, name, getattr(ClientSuite, name) if cases else None)

    def make_client(self, connection: Connection) -> object:
        """Make the client that is judged, whose methods are named as the operations of docs/drivers.md.

        It is called again wherever a user would start the program anew, and the reader may be empty then. `connection`
        has `transmit(bytes) -> bytes`, and `reader`: the PC/SC name of the reader, or None.
        """
        raise NotImplementedError(f"{type(self).__name__} has to say how its client is made: def make_client(…)")

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each scenario, concern and expected finding an id of its own."""
        cases = _cases(type(self)).get(metafunc.function.__name__)
        if cases is None:
            return
        if unknown := sorted(set(self.expected) - set(REQUIREMENTS)):
            raise pytest.Collector.CollectError(
                f"{type(self).__name__}.expected: no requirement {', '.join(unknown)};"
                " `mynacard requirements` lists them"
            )
        metafunc.parametrize("case", cases)

    def test_scenario(self, case: str, mynacard_bench: Bench, request: pytest.FixtureRequest) -> None:
        """Play a story."""
        mynacard_bench.play_scenario(case, request.node.nodeid)

    def test_lives(self, case: str, mynacard_bench: Bench, request: pytest.FixtureRequest) -> None:
        """Play random lives."""
        mynacard_bench.play_lives(case, request.node.nodeid)

    def test_expected(self, case: str, mynacard_bench: Bench) -> None:
        """Fail where what is expected to be broken no longer is."""
        mynacard_bench.demand_still_broken(case)


def _cases(suite: type[ClientSuite]) -> Mapping[str, Sequence[str]]:
    """What each test of a class is played with."""
    chosen = _chosen(suite)
    return {
        "test_scenario": [scenario.id for scenario in chosen.scenarios],
        "test_lives": [life.concern for life in chosen.concerns],
        "test_expected": list(suite.expected),
    }


def _chosen(suite: type[ClientSuite]) -> Suite:
    from .suites import DEFAULT_SUITE, SUITES, chosen  # noqa: PLC0415 - Hypothesis comes with it

    if unknown := sorted(set(suite.suites) - set(SUITES)):
        raise pytest.Collector.CollectError(
            f"{suite.__name__}.suites: no suite {', '.join(unknown)}; there are {', '.join(SUITES)}"
        )
    return chosen(suite.suites) if suite.suites else DEFAULT_SUITE


# ---------------------------------------------------------------- playing


class Bench:
    """A stage with a client on it, which the tests of a class share; each test has a docket of its own.

    So every test comes to the same, whichever others were run before it.
    """

    def __init__(self, stage: AnyStage, client: ClientUnderTest, suite: ClientSuite, budget: Budget) -> None:
        self.strict = suite.strict
        self._stage, self._client, self._budget = stage, client, budget
        self._chosen = _chosen(type(suite))
        self._expected = suite.expected
        self._trial: Trial | None = None

    def play_scenario(self, name: str, node: str) -> None:
        """Play a story, and judge it as the test of this id."""
        from .run import play_scenario  # noqa: PLC0415 - Hypothesis comes with it
        from .scenarios.story import missing  # noqa: PLC0415 - likewise

        scenario = next(each for each in self._chosen.scenarios if each.id == name)
        trial = self._fresh_trial()
        if lacking := missing(scenario, trial):
            pytest.skip(f"the client does not offer {', '.join(lacking)}")
        told = play_scenario(scenario, trial)
        self._conclude(trial, told.fault, f"pytest '{node}'")
        if not told.played:
            pytest.skip("the client ended this story early, and did nothing wrong in it")

    def play_lives(self, name: str, node: str) -> None:
        """Play the random lives of a concern, and judge them as the test of this id."""
        from .concerns.machine import play_lives  # noqa: PLC0415 - likewise

        concern = next(each for each in self._chosen.concerns if each.concern == name)
        examples, seed, ceiling = self._budget.examples, self._budget.seed, self._budget.ceiling
        trial = self._fresh_trial()
        lives = play_lives(trial, concern, examples=examples, run_seed=seed, ceiling=ceiling)
        self._conclude(trial, lives.fault, f"pytest '{node}' --mynacard-seed {seed}")
        if lives.cut_short:
            pytest.skip(f"nothing was found in the {lives.examples} lives that {ceiling:.0f} s were enough for")

    def demand_still_broken(self, requirement: str) -> None:
        """Fail unless something that is played breaks the requirement."""
        from .run import Plan, play  # noqa: PLC0415 - likewise

        self._trial = None  # what is played now has a trial of its own on this stage
        scenarios, concerns = self._chosen.scenarios, self._chosen.concerns
        plan = Plan(self._budget, scenarios, concerns, until=frozenset({requirement}))
        if requirement not in play(self._stage, self._client, plan).docket.findings:
            pytest.fail(
                f"{requirement} is not broken any more by anything that was played: take it out of `expected`,"
                " or choose the budget that showed it",
                pytrace=False,
            )

    def _fresh_trial(self) -> Trial:
        """The trial with an empty docket; a new one after a client that stopped answering."""
        from .judge.docket import Docket  # noqa: PLC0415 - likewise
        from .judge.trial import Trial  # noqa: PLC0415 - likewise

        if self._trial is None or self._trial.hopeless:
            self._trial = Trial(self._stage, self._client, Docket())
        self._trial.docket = Docket()
        return self._trial

    def _conclude(self, trial: Trial, fault: str, rerun: str) -> None:
        """Make what was found the outcome of a test: no traceback of ours, but what a terminal is told."""
        from .report.messages import language_or_locale  # noqa: PLC0415 - likewise
        from .report.text import finding  # noqa: PLC0415 - likewise

        if fault:
            pytest.fail(f"harness error, not counted against the client: {fault}", pytrace=False)
        broken = [judged for judged in trial.docket.judged() if judged.finding]
        if bad := [judged for judged in broken if not self._excuse(judged)]:
            language = language_or_locale(None)
            texts = ["\n".join(finding(judged, language, lambda _: rerun)) for judged in bad]
            pytest.fail("\n\n".join(texts), pytrace=False)
        if broken:
            pytest.xfail("; ".join(f"{judged.requirement.id}: {self._excuse(judged)}" for judged in broken))
        if not trial.docket.tested:
            pytest.skip("the client offers nothing that this is about")

    def _excuse(self, judged: Judged) -> str:
        """Why a finding does not fail the test; nothing where it does."""
        requirement = judged.requirement
        should = "" if self.strict or requirement.level is Level.MUST else f"should: {requirement.sentence}"
        return self._expected.get(requirement.id, should)


@contextmanager
def open_bench(suite: ClientSuite, stage: AnyStage, *, budget: str, seed: int, strict: bool) -> Iterator[Bench]:
    """Open what the tests of a class share; an exception from the first `make_client` is its author's to see."""
    from .adapters.in_process import InProcessClient  # noqa: PLC0415 - only where something is played
    from .adapters.pcsc_connection import connector  # noqa: PLC0415 - likewise
    from .run import BUDGETS  # noqa: PLC0415 - likewise

    client = InProcessClient(suite.make_client, connector(stage))
    try:
        bench = Bench(stage, client, suite, replace(BUDGETS[budget], seed=seed))
        bench.strict = bench.strict or strict
        yield bench
    finally:
        client.shutdown()
