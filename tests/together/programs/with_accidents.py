"""A client of PC/SC to which everything happens that can be ordered; it tells what it saw as JSON."""

from __future__ import annotations

import json
import subprocess
import sys
import threading

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
OTHER = """
import sys
from smartcard import scard
context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
mode = scard.SCARD_SHARE_EXCLUSIVE if sys.argv[2] == "exclusive" else scard.SCARD_SHARE_SHARED
_, card, _ = scard.SCardConnect(context, sys.argv[1], mode, 3)
if sys.argv[2] == "transaction":
    scard.SCardBeginTransaction(card)
print(flush=True)
sys.stdin.read()
if sys.argv[2] == "transaction":
    scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
"""


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
    with another(world, reader, "transaction") as other:
        thread = threading.Thread(target=lambda: answers.append(said(connection, JPKI)))
        thread.start()
        thread.join(0.3)
        still = "waits" if thread.is_alive() else "done"
        other.communicate()
        thread.join()
    connection.close()
    return [still, *answers]


def another(world: PcscWorld, reader: str, deed: str) -> subprocess.Popen[bytes]:
    """Another program that has the card until its input ends."""
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, reader, deed],
        env=dict(world.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout
    other.stdout.readline()
    return other


def accidents(world: PcscWorld, reader: str) -> dict[str, str]:
    """Each accident, as a client sees it."""
    told = {}
    for name in ("upside-down", "beside"):
        world.accident(name)
        connection = ReaderConnection(reader)
        told[name] = said(connection, JPKI)
        connection.close()
        world.put_right()
    with another(world, reader, "exclusive") as holder:
        told["held-by-another"] = said(ReaderConnection(reader), JPKI)
        holder.communicate()
    told["transaction-stolen"] = " ".join(waiting(world, reader))
    connection, other = ReaderConnection(reader), ReaderConnection(reader)
    said(connection, JPKI, PIN)
    said(other, JPKI, PIN, WRONG)
    told["verified-by-another"] = said(connection, QUERY)
    other.power_cycle()
    told["reset-by-another"] = said(connection, QUERY)
    other.close()
    return told


def main() -> None:
    """Play everything, and the end of the reader last."""
    world = open_world()
    assert isinstance(world, PcscWorld)
    assert world.reader
    with world:
        world.insert(world.issue("adult"))
        told: dict[str, object] = {**effects(world, world.reader), **accidents(world, world.reader)}
        told["going back"] = going_back(world, world.reader)
        reader = world.reader
    told["usb-hub"] = said(ReaderConnection(reader), JPKI)
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
