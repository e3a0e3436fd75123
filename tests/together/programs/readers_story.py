"""A world with three readers in a private stack, played in a process of its own; fails where the world does."""

from __future__ import annotations

import sys

from mynacard_emulator.readers.pcsc import ReaderConnection
from mynacard_emulator.world import World, open_world

JPKI, PIN, QUERY = (bytes.fromhex(text) for text in ("00A4040C0AD392F000260100000001", "00A4020C020018", "00200080"))
WRONG, UID = bytes.fromhex("002000800430303030"), bytes.fromhex("FFCA000000")


def talk(world: World, reader: int, *commands: bytes) -> list[str]:
    """What another program would hear."""
    with ReaderConnection(world.readers[reader]) as connection:
        said = [connection.transmit(command).hex() for command in commands]
        connection.close()
    return said


def main() -> None:
    """Insert, swap, reset, snapshot and restore; print the trace's events of what the restore did."""
    with open_world("private", readers=["Desk", "Desk", "Door"]) as world:
        assert world.readers == ("Desk 00 00", "Desk 00 01", "Door 00 00")
        cards = [world.issue(name) for name in ("adult", "contactless", "no-certificates")]
        for reader, card in enumerate(cards):
            world.insert(card, reader)
        assert world.connect(1).reader == "Desk 00 01"
        assert talk(world, 0, JPKI, PIN, WRONG) == ["9000", "9000", "63c2"]
        assert talk(world, 0, UID) == ["6a81"]
        assert len(talk(world, 1, UID)[0]) == 12
        assert [world.truth_of(reader=reader).tries_left("auth") for reader in range(2)] == [2, 3]
        before = world.snapshot()

        world.eject(0)
        world.swap(cards[0], reader=2)
        talk(world, 2, JPKI, PIN, WRONG)
        talk(world, 1, JPKI, PIN, WRONG)
        world.power_cycle(1)
        world.warm_reset(2)
        seen = len(world.truth.trace())
        world.restore(before)

        assert world.snapshot() == before
        assert talk(world, 0, JPKI, PIN, QUERY) == ["9000", "9000", "63c2"]
        events = [(each.event, each.reader) for each in world.truth.trace(seen)]
        told = [f"{event} {reader}" for event, reader in events if event in {"insert", "eject"}]
        sys.stdout.write(", ".join(told))


if __name__ == "__main__":
    main()
