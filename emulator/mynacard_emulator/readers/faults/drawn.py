"""Faults drawn at random, the same for the same seed."""

from __future__ import annotations

from random import Random

from .fault import Effect, Fault, Kind

_SHORT = 0.02
"""Seconds: a drawn pause disturbs the order of things, and not the patience of whoever waits."""


def drawn(seed: int, count: int) -> tuple[Fault, ...]:
    """Draw so many faults; of more, the first are the same."""
    random = Random(f"faults {seed}")  # noqa: S311 - a seed decides them
    return tuple(_one(random) for _ in range(count))


def _one(random: Random) -> Fault:
    kind, effect = random.choice(list(Kind)), random.choice(list(Effect))
    return Fault(kind, random.randint(1, 12), effect, _amount(random, effect))


def _amount(random: Random, effect: Effect) -> float | None:
    match effect:
        case Effect.HANG | Effect.DELAY:
            return round(random.uniform(0, _SHORT), 3)
        case Effect.TRUNCATE:
            return random.randint(1, 8)
        case Effect.FLIP_BIT:
            return random.randint(0, 63)
        case _:
            return None
