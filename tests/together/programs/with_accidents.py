"""A client of PC/SC to which everything happens that can be ordered; it tells what it saw as JSON."""

from __future__ import annotations

import json
import sys
import threading

from mynacard_emulator.readers.faults import NoAccident
from mynacard_emulator.readers.pcsc import PcscError, ReaderConnection
from mynacard_emulator.world import PcscWorld, open_world

JPKI, PIN, QUERY, RIGHT, WRONG = (
    bytes.fromhex(command)
    for command in (
        "00A4040C0AD392F000260100000001",
        "00A4020C020018",
        "00200080",
        "002000800431323334",
        "002000800430303030",
    )
)
EFFECTS = (
    *("lose-command", "lose-answer", "empty", "eject", "tear-before", "tear-after", "power-cut", "zero-bytes"),
    *("eject-after", "hang=0.05", "truncate=1", "flip-bit=15", "delay=0.05", "61xx", "6Cxx", "reset", "power-cycle"),
    "garbage",
)


def said(connection: ReaderConnection, *commands: bytes) -> str:
    """The answer to the last of these, or the kind of failure."""
    try:
        connection.connect()
        return [connection.transmit(command).hex() for command in commands][-1]
    except PcscError as error:
        return type(error).__name__


def effects(world: PcscWorld, reader: str) -> dict[str, list[str]]:
    """Each effect at a VERIFY of the right PIN: the answer, and what a query says after it."""
    told = {}
    card = world.current
    for effect in EFFECTS:
        connection = ReaderConnection(reader)
        said(connection, JPKI, PIN)
        world.fault(f"verify:1:{effect}")
        answer = said(connection, RIGHT)
        comes_back = effect in {"lose-command", "lose-answer", "empty"}
        then = said(connection, QUERY)
        while comes_back and then == "TransmitFailed":  # until pcscd has looked
            then = said(connection, QUERY)
        told[effect] = [answer, then]
        connection.close()
        world.swap(card)
        world.current.in_hand.card.power_off()
    return told


def going_back(world: PcscWorld, reader: str) -> list[str]:
    """An ejection at a VERIFY, and what a query says when the world has gone back to before."""
    connection = ReaderConnection(reader)
    said(connection, JPKI, PIN, RIGHT)
    before = world.snapshot()
    world.fault("verify:1:tear-after")
    answer = said(connection, WRONG)
    connection.close()
    world.restore(before)
    connection = ReaderConnection(reader)
    then = said(connection, JPKI, PIN, QUERY)
    connection.close()
    return [answer, then]


def waiting(world: PcscWorld, reader: str) -> list[str]:
    """What a client sees while another program has a transaction, and after that."""
    connection, answers = ReaderConnection(reader), list[str]()
    said(connection, JPKI)
    world.accident("transaction-stolen")
    thread = threading.Thread(target=lambda: answers.append(said(connection, JPKI)))
    thread.start()
    thread.join(0.3)
    still = "waits" if thread.is_alive() else "done"
    world.put_right()
    thread.join()
    connection.close()
    return [still, *answers]


def asked_anew(reader: str) -> str:
    """What a client hears that has just come."""
    connection = ReaderConnection(reader)
    answer = said(connection, JPKI)
    connection.close()
    return answer


def accidents(world: PcscWorld, reader: str) -> dict[str, object]:
    """Each accident: what a client hears that comes meanwhile, and what one hears when all is put right."""
    told: dict[str, object] = {}
    for name in ("upside-down", "beside", "held-by-another", "usb-hub", "no-driver"):
        assert world.accident(name).name == name
        meanwhile = asked_anew(reader)
        assert name != "held-by-another" or not world.is_free()
        world.put_right()
        told[name] = [meanwhile, asked_anew(reader)]
    told["transaction-stolen"] = waiting(world, reader)
    connection, other = ReaderConnection(reader), ReaderConnection(reader)
    said(connection, JPKI, PIN)
    world.accident("verified-by-another")
    told["verified-by-another"] = [said(connection, QUERY)]
    said(other, JPKI)
    other.power_cycle()
    told["reset-by-another"] = [said(connection, QUERY)]
    other.close()
    connection.close()
    connection = ReaderConnection(reader)
    said(connection, JPKI)
    world.accident("reader-restarted")
    told["reader-restarted"] = [said(connection, JPKI), asked_anew(reader)]
    return told


def held_already(world: PcscWorld, reader: str) -> str:
    """What is said of an accident that cannot be, since a client has the card; and that it is none, for the client."""
    connection = ReaderConnection(reader)
    connection.connect()
    try:
        world.accident("held-by-another")
    except NoAccident as error:
        return f"{error}: {said(connection, JPKI)}"
    finally:
        connection.close()
    return ""


def readers_apart() -> dict[str, object]:
    """Two readers, of which one is out of reach for a while; a card that was taken out meanwhile stays out."""
    with open_world(readers=["Wired", "Wireless"]) as world:
        world.insert_each([world.issue("adult"), world.issue("contactless")])
        wired, wireless = world.readers
        world.accident("bluetooth-lost", 1)
        told = {"away": [asked_anew(wired), asked_anew(wireless)]}
        told["held"] = [str(world.card_in(1) is not None), str(world.noticed(1))]
        world.put_right(1)
        told["back"] = [asked_anew(wired), asked_anew(wireless)]
        world.accident("usb-hub", 0)
        world.eject(0)
        world.put_right(1)
        told["still away"] = [asked_anew(wired), asked_anew(wireless)]
        world.begin()
        told["anew"] = [asked_anew(wired), asked_anew(wireless)]
        return dict(told)


def main() -> None:
    """Play everything in one stack, or what two readers are for in another."""
    if "apart" in sys.argv:
        sys.stdout.write(json.dumps(readers_apart()))
        return
    world = open_world()
    assert isinstance(world, PcscWorld)
    assert world.reader
    with world:
        world.insert(world.issue("adult"))
        told: dict[str, object] = {**effects(world, world.reader), **accidents(world, world.reader)}
        told["held already"] = held_already(world, world.reader)
        told["going back"] = going_back(world, world.reader)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
