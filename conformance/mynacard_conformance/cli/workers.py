"""A run in several processes, each with a stack, a card and a client of its own.

What is played does not depend on how many there are: each story and the lives of each concern are one piece.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import TypeAlias

from mynacard_conformance.concerns.table import CONCERNS, OFFICE_CONCERNS
from mynacard_conformance.run import Plan, Played, Progress, Told, keep_quiet, play
from mynacard_conformance.scenarios.families import SCENARIOS

from .opening import ClientChoice, open_client, open_stage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client is judged."""

    choice: ClientChoice
    transport: str
    isolate: bool
    timeout: float


Tell: TypeAlias = Callable[[Progress], None]


def play_here(
    place: Place, plan: Plan, warn: Callable[[str], None] = lambda _: None, tell_progress: Tell = keep_quiet
) -> Played:
    """Open a stage and the client, play, and take everything down; `warn` is told of how the stage is set up."""
    with ExitStack() as cleanup:
        stage = open_stage(place.transport, isolate=place.isolate)
        cleanup.callback(stage.close)
        if stage.warning:
            warn(stage.warning)
        client = open_client(stage, place.choice, cleanup, timeout=place.timeout)
        return play(stage, client, plan, tell_progress)


def play_in_processes(place: Place, plan: Plan, workers: int, tell_progress: Tell = keep_quiet) -> Played:
    """Deal the pieces of a plan out to so many processes, and put together what they have played."""
    shares = deal(plan, workers)
    with ProcessPoolExecutor(len(shares), mp_context=get_context("spawn")) as pool:
        tell_progress(Progress(f"-n {len(shares)}", 0, plan.parts))
        played, *others = map(_unpacked, pool.map(_play_share, [(place, _packed(share)) for share in shares]))
    for other in others:
        played.add(other)
    order = [scenario.id for scenario in plan.scenarios]
    played.told.sort(key=lambda told: order.index(told.scenario.id))
    names = [life.concern for life in plan.concerns]
    played.lives.sort(key=lambda lives: names.index(lives.concern))
    return played


_QUICK = ("counter", "status", "content", "change", "closing", "sharing")


def deal(plan: Plan, workers: int) -> list[Plan]:
    """Split a plan into at most so many shares that take about as long: what moves cards in readers takes longest."""
    stories = [(1 if story.is_quick else 3, story.id) for story in plan.scenarios]
    lives = [(5 if life.concern in _QUICK else 30, life.concern) for life in plan.concerns]
    shares: list[tuple[int, set[str]]] = [(0, set()) for _ in range(workers)]
    for cost, name in sorted([*stories, *lives], reverse=True):
        lightest = min(range(workers), key=lambda number: shares[number][0])
        load, names = shares[lightest]
        shares[lightest] = (load + cost, names | {name})
    return [
        replace(
            plan,
            scenarios=[story for story in plan.scenarios if story.id in names],
            concerns=[life for life in plan.concerns if life.concern in names],
        )
        for _, names in shares
        if names
    ]


_Packed: TypeAlias = tuple[Plan, Sequence[str], Sequence[str]]
_PackedPlayed: TypeAlias = tuple[Played, list[tuple[str, bool, tuple[str, ...], str]]]


def _packed(plan: Plan) -> _Packed:
    """A plan with names in the place of what cannot be pickled."""
    return (
        replace(plan, scenarios=(), concerns=()),
        [story.id for story in plan.scenarios],
        [life.concern for life in plan.concerns],
    )


def _play_share(share: tuple[Place, _Packed]) -> _PackedPlayed:
    place, (plan, stories, concerns) = share
    known = {scenario.id: scenario for scenario in SCENARIOS}
    plan = replace(
        plan,
        scenarios=[known[name] for name in stories],
        concerns=[{**CONCERNS, **OFFICE_CONCERNS}[name] for name in concerns],
    )
    played = play_here(place, plan)
    told, played.told = played.told, []
    return played, [(each.scenario.id, each.played, each.broken, each.fault) for each in told]


def _unpacked(share: _PackedPlayed) -> Played:
    played, told = share
    known = {scenario.id: scenario for scenario in SCENARIOS}
    played.told = [Told(known[name], to_its_end, broken, fault) for name, to_its_end, broken, fault in told]
    return played
