"""The whole suite as ordinary tests of pytest, for somebody else's test suite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from .requirements import REQUIREMENTS, Level

if TYPE_CHECKING:
    from .concerns.machine import Life
    from .judge.trial import Trial
    from .ports import AnyStage, ClientUnderTest, Connection
    from .run import Budget
    from .scenarios.story import Scenario
    from .suites import Suite
    from .verdict import Finding, Judged


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
        chosen = _chosen(type(suite))
        self.strict = suite.strict
        self._stage, self._client, self._budget = stage, client, budget
        self._scenarios: Mapping[str, Scenario] = {scenario.id: scenario for scenario in chosen.scenarios}
        self._concerns: Mapping[str, type[Life]] = {life.concern: life for life in chosen.concerns}
        self._expected = suite.expected
        self._trial: Trial | None = None

    def play_scenario(self, name: str, node: str) -> None:
        """Play a story, and judge it as the test of this id."""
        from .scenarios.story import missing, tell  # noqa: PLC0415 - Hypothesis comes with them

        scenario = self._scenarios[name]
        with self._lend_trial() as trial:
            lacking = missing(scenario, trial)
            told = not lacking and tell(scenario, trial)
        if lacking:
            pytest.skip(f"the client does not offer {', '.join(lacking)}")
        self._conclude(trial, f"pytest '{node}'")
        if not told:
            pytest.skip("the client ended this story early, and did nothing wrong in it")

    def play_lives(self, concern: str, node: str) -> None:
        """Play the random lives of a concern, and judge them as the test of this id."""
        from .concerns.machine import play_lives  # noqa: PLC0415 - likewise

        ceiling = self._budget.ceiling / len(self._concerns)
        with self._lend_trial() as trial:
            lives = play_lives(
                trial,
                self._concerns[concern],
                examples=self._budget.examples,
                run_seed=self._budget.seed,
                ceiling=ceiling,
            )
        self._conclude(trial, f"pytest '{node}' --mynacard-seed {self._budget.seed}")
        if lives.cut_short and not lives.examples:
            pytest.skip(f"the first life was not over in {ceiling:.0f} s; choose a larger budget")

    def demand_still_broken(self, requirement: str) -> None:
        """Fail unless something that is played breaks the requirement."""
        if not any(requirement in findings for findings in self._play_all()):
            pytest.fail(
                f"{requirement} is not broken any more by anything that was played: take it out of `expected`,"
                " or choose the budget that showed it",
                pytrace=False,
            )

    def _play_all(self) -> Iterator[Mapping[str, Finding]]:
        """Play one thing after the other, and tell what each has found."""
        from .concerns.machine import play_lives  # noqa: PLC0415 - likewise
        from .scenarios.story import tell  # noqa: PLC0415 - likewise

        for scenario in self._scenarios.values():
            with self._lend_trial() as trial:
                tell(scenario, trial)
            yield trial.docket.findings
        examples, seed, ceiling = self._budget.examples, self._budget.seed, self._budget.ceiling
        for concern in self._concerns.values():
            with self._lend_trial() as trial:
                play_lives(trial, concern, examples=examples, run_seed=seed, ceiling=ceiling)
            yield trial.docket.findings

    @contextmanager
    def _lend_trial(self) -> Iterator[Trial]:
        """Lend the trial with an empty docket; a new one after a client that stopped answering, or a harness error."""
        from .judge.docket import Docket  # noqa: PLC0415 - likewise
        from .judge.trial import StageFault, Trial  # noqa: PLC0415 - likewise

        trial, self._trial = self._trial or Trial(self._stage, self._client, Docket()), None
        trial.docket = Docket()
        try:
            yield trial
        except StageFault as fault:
            pytest.fail(f"harness error, not counted against the client: {fault}", pytrace=False)
        if not trial.hopeless:
            self._trial = trial

    def _conclude(self, trial: Trial, rerun: str) -> None:
        """Make what was found the outcome of a test: no traceback of ours, but what a terminal is told."""
        from .report.messages import language_or_locale  # noqa: PLC0415 - likewise
        from .report.text import finding  # noqa: PLC0415 - likewise

        broken = [judged for judged in trial.docket.judged() if judged.finding]
        if bad := [judged for judged in broken if not self._excuse(judged)]:
            language = language_or_locale(None)
            texts = ["\n".join(finding(judged, language, rerun=rerun)) for judged in bad]
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
