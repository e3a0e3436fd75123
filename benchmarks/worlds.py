"""What it costs to keep a world, to go back to it, to fork it, and to have many.

Run it with `python -m benchmarks.worlds`. The world has an office and one card, which has been used.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable

from mynacard_emulator.world import Snapshot, World, diff, open_world

COMMANDS = [bytes.fromhex(text) for text in ("00A4040C0AD392F000260100000001", "00A4020C020018", "002000800430303030")]
ROUNDS, CALLS, WORLDS = 15, 20, 1000


def main() -> None:
    """Measure and print."""
    print(f"a world with an office and a card (ms, medians of {ROUNDS} rounds)")
    for name, cost in moments():
        print(f"  {name:58}{cost * 1e3:9.3f}")
    print(f"{WORLDS} worlds with a card in one process, each")
    for number, (size, cost) in enumerate(growth(), 1):
        print(f"  {f'quarter {number}':46}{size / 1e3:9.1f} kB {cost * 1e3:9.2f} ms")


def moments() -> list[tuple[str, float]]:
    """Snapshot, restore, fork, diff, and the text."""
    world = _world()
    entries = len(world.office.registry.entries)
    before = world.snapshot()
    world.office.perform("hotline.suspend")
    after = world.snapshot()
    text = after.to_json(reveal=True)
    return [
        (f"snapshot ({entries} entries in the registry)", _median(world.snapshot)),
        ("restore, after one wrong PIN", _median(lambda: _spend_and_restore(world, after))),
        ("fork", _median(world.fork)),
        ("diff of two that are equal", _median(lambda: diff(after, world.snapshot()))),
        ("diff of before and after a suspension", _median(lambda: diff(before, after))),
        ("to_json", _median(after.to_json)),
        ("to_json with everything", _median(lambda: after.to_json(reveal=True))),
        ("from_json", _median(lambda: Snapshot.from_json(text))),
    ]


def growth() -> list[tuple[float, float]]:
    """What a world takes, and how long it takes to make one: bytes with, seconds without the counting of bytes."""
    kept = [_world()]
    results = []
    for _ in range(4):
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        counted = [_world() for _ in range(WORLDS // 8)]
        size = (tracemalloc.get_traced_memory()[0] - before) / len(counted)
        tracemalloc.stop()
        begun = time.perf_counter()
        timed = [_world() for _ in range(WORLDS // 8)]
        results.append((size, (time.perf_counter() - begun) / len(timed)))
        kept += counted + timed
    return results


def _world() -> World:
    world = open_world("direct")
    world.insert(world.issue("adult"))
    for command in COMMANDS:
        world.transmit(command)
    return world


def _spend_and_restore(world: World, snapshot: Snapshot) -> None:
    for command in COMMANDS:
        world.transmit(command)
    world.restore(snapshot)


def _median(act: Callable[[], object]) -> float:
    act()
    return statistics.median(_once(act) for _ in range(ROUNDS))


def _once(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    for _ in range(CALLS):
        act()
    return (time.perf_counter() - begun) / CALLS


if __name__ == "__main__":
    main()
