"""Sixteen readers in one private stack, a client at each, and somebody who takes cards out and puts them back.

    python load_world.py APDUS EJECTS SEED

A process of its own, since a process uses one stack for life. Prints as JSON what came of it.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.readers.names import MOST_READERS
from mynacard_emulator.world import World, WorldCard, open_world

CLIENT = Path(__file__).with_name("load_client.py")


def main() -> None:
    """Play it."""
    apdus, ejects, seed = map(int, sys.argv[1:])
    with open_world("private", readers=MOST_READERS) as world:
        day = world.clock.now.date()
        issued = [profiles.load("adult", today=day, seed=seed + number) for number in range(MOST_READERS)]
        cards = [world.admit(CardInHand.in_memory(each)) for each in issued]
        with ThreadPoolExecutor(MOST_READERS) as pool:
            list(pool.map(world.insert, cards, range(MOST_READERS)))
        begun = time.perf_counter()
        clients = [start(world, reader, apdus // MOST_READERS, seed) for reader in range(MOST_READERS)]
        try:
            for client in clients:
                assert client.stdout
                client.stdout.readline()
            disturb(world, cards, ejects, random.Random(seed))  # noqa: S311 - a seed decides which
            for client in clients:
                assert client.stdin
                client.stdin.close()
            told = [json.load(client.stdout) for client in clients if client.stdout]
        finally:
            for client in clients:
                client.kill()
                client.wait()
        seconds = time.perf_counter() - begun
        sys.stdout.write(json.dumps({"seconds": seconds, "clients": judge(world, told)}))


def start(world: World, reader: int, apdus: int, seed: int) -> subprocess.Popen[str]:
    """Start the client of a reader."""
    content = world.truth_of(reader=reader).certificate("auth") or b""
    command = [sys.executable, str(CLIENT), world.readers[reader], str(apdus), str(seed + reader), content.hex()]
    return subprocess.Popen(command, env=world.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def disturb(world: World, cards: list[WorldCard], ejects: int, chance: random.Random) -> None:
    """Take cards out and put them back, so many times, while all clients go on."""
    for _ in range(ejects):
        reader = chance.randrange(len(cards))
        world.eject(reader)
        world.insert(cards[reader], reader)


def judge(world: World, told: list[dict[str, object]]) -> list[dict[str, object]]:
    """What each client said, beside what its card knows."""
    return [
        said
        | {
            "left": world.truth_of(reader=reader).tries_left("auth"),
            "seen": sum(exchange.event == "command" for exchange in world.truth_of(reader=reader).trace()),
        }
        for reader, said in enumerate(told)
    ]


if __name__ == "__main__":
    main()
