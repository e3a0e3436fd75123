"""A run: one client, stories, then random lives; what comes out is a report of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from types import MappingProxyType

from .concerns.machine import Life, Lives, play_lives
from .concerns.table import CONCERNS
from .judge.docket import Docket
from .judge.trial import UNDISTURBED, Conditions, StageFault, Trial
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
class Plan:
    """What is to be played, and under what conditions."""

    budget: Budget
    scenarios: Sequence[Scenario] = DEFAULT
    concerns: Sequence[type[Life]] = tuple(CONCERNS.values())
    conditions: Conditions = UNDISTURBED
    until: frozenset[str] = frozenset()
    """Requirements of which one broken ends it; empty for all that can be found."""

    @property
    def parts(self) -> int:
        """How many stories and concerns there are to be played."""
        return len(self.scenarios) + (len(self.concerns) if self.budget.examples else 0)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one scenario.

    Attributes:
        scenario: Which.
        played: Whether it was played to its end; not, where the client does not offer what it needs.
        broken: The requirements that it showed to be broken.
        fault: What went wrong with the stage, which ended it.

    """

    scenario: Scenario
    played: bool
    broken: tuple[str, ...] = ()
    fault: str = ""


@dataclass(slots=True)
class Played:
    """What was played, or a share of it, and what it showed."""

    client: str
    docket: Docket = field(default_factory=Docket)
    told: list[Told] = field(default_factory=list)
    lives: list[Lives] = field(default_factory=list)

    def add(self, other: Played) -> None:
        """Take over what was played elsewhere in the same run."""
        self.docket.add(other.docket)
        self.told.extend(other.told)
        self.lives.extend(other.lives)


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
        conditions: What all of it was played under.

    """

    client: str
    verdicts: tuple[Judged, ...]
    told: tuple[Told, ...]
    lives: tuple[Lives, ...]
    seed: int
    seconds: float
    fault: str = ""
    conditions: Conditions = UNDISTURBED

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


def play(
    stage: AnyStage, client: ClientUnderTest, plan: Plan, tell_progress: Callable[[Progress], None] = keep_quiet
) -> Played:
    """Play stories and lives with a client; stage and client stay open. `tell_progress` hears of each part before."""
    played, budget = Played(client.name, Docket(until=plan.until)), plan.budget
    trial = Trial(stage, client, played.docket, plan.conditions)
    for scenario in plan.scenarios:
        tell_progress(Progress(scenario.id, len(played.told), plan.parts))
        played.told.append(play_scenario(scenario, trial))
    trial.charge_introduction()
    deadline = monotonic() + budget.ceiling
    for concern in plan.concerns if budget.examples else ():
        tell_progress(Progress(concern.concern, len(played.told) + len(played.lives), plan.parts))
        if played.docket.is_satisfied:
            break
        left = max(0.0, deadline - monotonic())
        played.lives.append(play_lives(trial, concern, examples=budget.examples, run_seed=budget.seed, ceiling=left))
    return played


def report(played: Played, plan: Plan, seconds: float) -> Report:
    """Draw up the report on what was played, which took so many seconds."""
    faults = {told.scenario.id: told.fault for told in played.told} | {
        each.concern: each.fault for each in played.lives
    }
    return Report(
        played.client,
        tuple(played.docket.judged()),
        tuple(played.told),
        tuple(played.lives),
        plan.budget.seed,
        seconds,
        "; ".join(f"{where}: {fault}" for where, fault in faults.items() if fault),
        plan.conditions,
    )


def run(
    stage: AnyStage, client: ClientUnderTest, plan: Plan, tell_progress: Callable[[Progress], None] = keep_quiet
) -> Report:
    """Judge a client; all else is as in `play`."""
    begun = monotonic()
    played = play(stage, client, plan, tell_progress)
    return report(played, plan, monotonic() - begun)


def play_scenario(scenario: Scenario, trial: Trial) -> Told:
    """Play one story, and what it has shown once more with a client that was just started."""
    if trial.hopeless or trial.docket.is_satisfied:
        return Told(scenario, played=False)
    try:
        played = tell(scenario, trial)
        broken = tuple(sorted(trial.broken))
        if any(trial.docket.findings[each].told_by == scenario.id for each in broken):
            _make_steady(scenario, trial)
    except StageFault as fault:
        trial.cast.forget()
        return Told(scenario, played=False, broken=tuple(sorted(trial.broken)), fault=str(fault))
    return Told(scenario, played, broken)


def _make_steady(scenario: Scenario, trial: Trial) -> None:
    """See whether what a story has shown shows again with a client that was just started."""
    with trial.apart() as seen:
        tell(scenario, trial)
    for key, finding in list(trial.docket.findings.items()):
        if finding.told_by == scenario.id:
            del trial.docket.findings[key]
            trial.docket.settle(key, seen.findings.get(key) or replace(finding, steady=False))
