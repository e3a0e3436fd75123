"""Play whole lives in a world, and say what was played; the first disagreement comes out as an exception."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from mynacard_conformance.ports import StageAt

from .machine import Played
from .rules import WholeLife

STEPS = 30
"""The longest life of one example."""


def play_lives(open_world: StageAt, *, examples: int, steps: int = STEPS, run_seed: int | None = None) -> Played:
    """Play so many lives, each in a world of its own.

    Raises `Disagreement` for what was not foreseen, after the shortest life that shows it was printed.
    """
    played = Played()
    machine = type("WholeLife", (WholeLife,), {"factory": {"open": open_world}, "played": played})
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
        print_blob=False,
    )
    run_state_machine_as_test(machine if run_seed is None else seed(run_seed)(machine), settings=chosen)
    return played
