"""What a card costs before its first APDU: the time to make one, the memory of one more, and the first answer.

Run it with `python -m benchmarks.cards`. The first card of a process is measured in processes of their own: it reads
thirteen keys and two CA certificates, and signs with each key for the first time, which costs OpenSSL more than later.
A built-in card that was made before is not made again; another day means ten signatures, another seed pictures too.
Memory is what Python has allocated (`tracemalloc`); OpenSSL's keys, six a card, are not in it.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from mynacard_emulator import profiles
from mynacard_emulator.card import Card
from mynacard_emulator.world import World

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
ROUNDS, WORLDS = 15, 20

FIRST = """
import time
begun = time.perf_counter()
from mynacard_emulator import profiles
import mynacard_emulator.personalise.issue, mynacard_emulator.pki.shipped
imported = time.perf_counter()
profiles.load("adult").profile()
print(imported - begun, time.perf_counter() - imported)
"""


def main() -> None:
    """Measure and print."""
    print(f"making a card (ms, medians of {ROUNDS} rounds)")
    for name, cost in loading():
        print(f"  {name:58}{cost * 1e3:9.2f}")
    print(f"one more world with a card (kB, mean of {WORLDS})")
    for name, size in memory():
        print(f"  {name:58}{size / 1e3:9.1f}")
    print(f"power-on and the answer to SELECT (µs, median of {ROUNDS} rounds)")
    print(f"  {'adult':58}{first_answer() * 1e6:9.1f}")


def loading() -> list[tuple[str, float]]:
    """The first card of a process, one more of the same kind, the first of every other, one of another seed."""
    imports, first = zip(*(_in_a_new_process() for _ in range(5)), strict=True)
    costs = [
        ("a new process: importing what makes cards", statistics.median(imports)),
        ("the first card of a process: adult", statistics.median(first)),
    ]
    profiles.load(profiles.ADULT).profile()
    others = [name for name in profiles.names() if name != profiles.ADULT]
    costs += [(f"the first {name} after it", _once(partial(_make, name))) for name in others]
    costs += [(f"another {name}", _median(partial(_make, name))) for name in profiles.names()]
    seeds = iter(range(1, ROUNDS + 1))
    costs.append(("adult with a seed not seen before", _median(lambda: _make(profiles.ADULT, next(seeds)))))
    return costs


def _make(name: str, seed: int = 0) -> None:
    profiles.load(name, seed=seed).profile()


def memory() -> list[tuple[str, float]]:
    """What one more world takes when there is one already: with the same card, and with a card of another seed."""
    return [
        ("the same profile, day and seed", _memory(lambda _: 0)),
        ("another seed each", _memory(lambda number: number + 1000)),
    ]


def first_answer() -> float:
    """From power-on to the answer to the first SELECT."""
    card = Card(profiles.adult())

    def wake() -> None:
        card.power_on()
        card.transmit(SELECT)

    return statistics.median(_once(wake, 200) for _ in range(ROUNDS))


def _memory(seed: Callable[[int], int]) -> float:
    kept = [_world(0)]
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    kept.extend(_world(seed(number)) for number in range(WORLDS))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / WORLDS


def _world(seed: int) -> World:
    world = World(seed=seed)
    world.insert(world.issue("adult"))
    world.transmit(SELECT)
    return world


def _in_a_new_process() -> tuple[float, float]:
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    imports, first = map(float, done.stdout.split())
    return imports, first


def _median(act: Callable[[], object]) -> float:
    return statistics.median(_once(act) for _ in range(ROUNDS))


def _once(act: Callable[[], object], count: int = 1) -> float:
    """Seconds a call."""
    begun = time.perf_counter()
    for _ in range(count):
        act()
    return (time.perf_counter() - begun) / count


if __name__ == "__main__":
    main()
