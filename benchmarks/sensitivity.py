"""What the judge catches: every faulty twin, by which play, after how many, in what time.

Run it with `python -m benchmarks.sensitivity`. Each twin is judged until its own fault is found, within the smoke
budget and, where that is not enough, within the default one. Times are of a noisy machine; the counts are not.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from time import perf_counter

from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.run import BUDGETS, Plan, Report, run
from mynacard_conformance.suites import DEFAULT_SUITE, SMOKE_SUITE
from mynacard_emulator.world import open_world
from mynacard_fixtures.clients import FAULTY, Twin


@dataclass(frozen=True, slots=True)
class Caught:
    """How a twin was caught: the budget, what told of it, stories and lives played, seconds."""

    budget: str
    by: str
    stories: int
    lives: int
    seconds: float


def main() -> int:
    """Judge them all and print the table."""
    rows = [(twin, catch(twin)) for twin in FAULTY]
    print(f"{'mistake':32}{'caught for':36}{'budget':9}{'by':16}{'stories':>8}{'lives':>7}{'ms':>7}")
    for twin, caught in rows:
        print(f"{twin.__name__:32}{twin.fault:36}{_described(caught)}")
    smoke, missed = (sum(map(of, rows)) for of in (_in_smoke, _missed))
    default = len(rows) - smoke - missed
    print(f"{len(rows)} mistakes: {smoke} caught within smoke, {default} within default, {missed} not")
    return 1 if missed else 0


def _described(caught: Caught | None) -> str:
    if caught is None:
        return "NOT CAUGHT"
    return f"{caught.budget:9}{caught.by:16}{caught.stories:8}{caught.lives:7}{1000 * caught.seconds:7.0f}"


def _in_smoke(row: tuple[type[Twin], Caught | None]) -> bool:
    return row[1] is not None and row[1].budget == "smoke"


def _missed(row: tuple[type[Twin], Caught | None]) -> bool:
    return row[1] is None


def catch(twin: type[Twin]) -> Caught | None:
    """Judge a twin until its fault is found."""
    for name, suite in (("smoke", SMOKE_SUITE), ("default", DEFAULT_SUITE)):
        plan = Plan(BUDGETS[name], suite.scenarios, suite.concerns, until=frozenset({twin.fault}))
        begun = perf_counter()
        with open_world("direct") as world:
            report = run(world, InProcessClient(twin, world.connect), plan)
        if (by := _found_by(report, twin.fault)) is not None:
            stories = sum(told.played or bool(told.broken) for told in report.told)
            return Caught(name, by, stories, sum(lives.examples for lives in report.lives), perf_counter() - begun)
    return None


def _found_by(report: Report, fault: str) -> str | None:
    findings = (judged.finding for judged in report.verdicts if judged.finding and judged.requirement.id == fault)
    return next((finding.told_by for finding in findings), None)


if __name__ == "__main__":
    sys.exit(main())
