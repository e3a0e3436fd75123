"""A run: one client, all scenarios, then random lives; what comes out is a report of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from .judge.docket import Docket
from .judge.trial import StageFault, Trial
from .machine import RandomRun, run_random
from .ports import AnyStage, ClientUnderTest
from .scenarios.families import DEFAULT
from .scenarios.story import Scenario, tell
from .verdict import Judged, Verdict


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a run may cost: a number of random examples, and a ceiling in seconds for them."""

    examples: int = 25
    ceiling: float = 60.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one scenario.

    Attributes:
        scenario: Which.
        played: Whether it was played to its end; not, where the client does not offer what it needs.
        broken: The requirements that it showed to be broken.

    """

    scenario: Scenario
    played: bool
    broken: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found out.

    Attributes:
        client: Name and version of who was judged.
        verdicts: One for each requirement.
        told: One for each scenario.
        random: What came of the random lives; None where none were asked for.
        seed: What reproduces them.
        seconds: How long it all took.
        fault: What went wrong with the harness itself, which is never counted against the client.

    """

    client: str
    verdicts: tuple[Judged, ...]
    told: tuple[Told, ...]
    random: RandomRun | None
    seed: int
    seconds: float
    fault: str = ""

    def count(self, verdict: Verdict) -> int:
        """How many requirements have this verdict."""
        return sum(judged.verdict is verdict for judged in self.verdicts)

    @property
    def conformant(self) -> bool:
        """Whether no must was broken."""
        return not self.count(Verdict.FAIL)

    @property
    def judged_anything(self) -> bool:
        """Whether there is any verdict at all."""
        return any(self.count(verdict) for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.SHOULD_FAIL))


def run(stage: AnyStage, client: ClientUnderTest, *, budget: Budget, scenarios: Sequence[Scenario] = DEFAULT) -> Report:
    """Judge a client; the stage and the client stay open."""
    begun = monotonic()
    docket = Docket()
    told: list[Told] = []
    random: RandomRun | None = None
    fault = ""
    try:
        trial = Trial(stage, client, docket)
        told.extend(_tell(scenario, trial) for scenario in scenarios)
        trial.charge_introduction()
        if budget.examples and not trial.hopeless:
            random = run_random(trial, examples=budget.examples, run_seed=budget.seed, ceiling=budget.ceiling)
    except StageFault as error:
        fault = str(error)
    return Report(client.name, tuple(docket.judged()), tuple(told), random, budget.seed, monotonic() - begun, fault)


def _tell(scenario: Scenario, trial: Trial) -> Told:
    if trial.hopeless:
        return Told(scenario, played=False, broken=())
    played = tell(scenario, trial)
    return Told(scenario, played, tuple(sorted(trial.broken)))
