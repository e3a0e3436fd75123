"""Many worlds in one process: none takes more than the one before, and none knows of another."""

from __future__ import annotations

import time
import tracemalloc

import pytest

from mynacard_emulator.world import World, open_world

from .test_world import PIN, SELECT, WRONG, talk


def one(number: int) -> World:
    """A world in which somebody has made up to two mistakes."""
    world = open_world("direct")
    world.insert(world.issue("adult"))
    talk(world, SELECT, PIN, *[WRONG] * (number % 3))
    return world


def many(count: int) -> tuple[list[World], list[int], list[float]]:
    """So many worlds, and what each quarter of them took: bytes, and seconds a world."""
    worlds, sizes, times = [one(0)], [], []
    tracemalloc.start()
    for _ in range(4):
        before, begun = tracemalloc.get_traced_memory()[0], time.perf_counter()
        worlds.extend([one(number) for number in range(count // 4)])
        sizes.append(tracemalloc.get_traced_memory()[0] - before)
        times.append((time.perf_counter() - begun) / (count // 4))
    tracemalloc.stop()
    return worlds, sizes, times


def hold(worlds: list[World], sizes: list[int], quarter: int) -> None:
    """Each knows what happened in it, and the last quarter took what the first did."""
    left = [3 - number % 3 for number in range(quarter)] * 4
    assert [world.truth.tries_left("auth") for world in worlds[1:]] == left
    assert sizes[-1] < 1.25 * sizes[0]


def test_fifty_worlds_take_fifty_times_what_one_takes() -> None:
    worlds, sizes, _ = many(52)

    hold(worlds, sizes, 13)


@pytest.mark.deep
def test_a_thousand_worlds_take_a_thousand_times_what_one_takes() -> None:
    worlds, sizes, times = many(1000)

    for size, seconds in zip(sizes, times, strict=True):
        print(f"250 worlds: {size / 250 / 1000:.1f} kB and {1000 * seconds:.2f} ms each")  # noqa: T201 - to be read
    hold(worlds, sizes, 250)
