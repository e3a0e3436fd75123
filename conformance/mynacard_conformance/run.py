"""A run: one client, stories, then random lives; what comes out is a report of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType

from .concerns.machine import Life, Lives, play_lives
from .concerns.table import CONCERNS
from .judge.docket import Docket
from .judge.trial import StageFault, Trial
from .ports import AnyStage, ClientUnderTest
from .scenarios.families import DEFAULT
from .scenarios.story import Scenario, tell
from .verdict import Judged, Verdict


@dataclass(frozen=True, slots=True)
class Budget:
    """How much a run may cost: a number of random lives for each concern, and a ceiling in seconds for all of them.

    What is planned depends on the number and the seed alone, so that these reproduce it; the ceiling only cuts it
    short, and that is said.
    """

    examples: int = 25
    ceiling: float = 60.0
    seed: int = 0


BUDGETS: Mapping[str, Budget] = MappingProxyType(
    {
        "smoke": Budget(examples=6, ceiling=10.0),
        "default": Budget(examples=25, ceiling=200.0),
        "deep": Budget(examples=500, ceiling=3600.0),
    }
)
"""Budgets by name."""


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
class Progress:
    """How far a run has come.

    Attributes:
        name: The scenario, or the concern, that begins now.
        done: How many of both were played before it.
        of: How many there are.

    """

    name: str
    done: int
    of: int


def keep_quiet(_: Progress) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run found out.

    Attributes:
        client: Name and version of who was judged.
        verdicts: One for each requirement.
        told: One for each scenario.
        lives: What came of the random lives, by concern; empty where none were asked for.
        seed: What reproduces them.
        seconds: How long it all took.
        fault: What went wrong with the harness itself, which is never counted against the client.

    """

    client: str
    verdicts: tuple[Judged, ...]
    told: tuple[Told, ...]
    lives: tuple[Lives, ...]
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


def run(  # noqa: PLR0913 - who, where, and what
    stage: AnyStage,
    client: ClientUnderTest,
    *,
    budget: Budget,
    scenarios: Sequence[Scenario] = DEFAULT,
    concerns: Sequence[type[Life]] = tuple(CONCERNS.values()),
    tell_progress: Callable[[Progress], None] = keep_quiet,
) -> Report:
    """Judge a client; the stage and the client stay open. `tell_progress` hears of each part before it is played."""
    begun = monotonic()
    docket = Docket()
    told: list[Told] = []
    lives: list[Lives] = []
    fault = ""
    try:
        trial = Trial(stage, client, docket)
        concerns = concerns if budget.examples else ()
        parts = len(scenarios) + len(concerns)
        for scenario in scenarios:
            tell_progress(Progress(scenario.id, len(told), parts))
            told.append(_tell(scenario, trial))
        trial.charge_introduction()
        deadline = monotonic() + budget.ceiling
        for concern in concerns:
            tell_progress(Progress(concern.concern, len(told) + len(lives), parts))
            left = max(0.0, deadline - monotonic())
            lives.append(play_lives(trial, concern, examples=budget.examples, run_seed=budget.seed, ceiling=left))
    except StageFault as error:
        fault = str(error)
    return Report(
        client.name, tuple(docket.judged()), tuple(told), tuple(lives), budget.seed, monotonic() - begun, fault
    )


def _tell(scenario: Scenario, trial: Trial) -> Told:
    if trial.hopeless:
        return Told(scenario, played=False, broken=())
    played = tell(scenario, trial)
    return Told(scenario, played, tuple(sorted(trial.broken)))
