"""What an APDU costs: our card beside a bare echo card, in one run on one private PC/SC stack.

Run it with `python -m benchmarks.apdu`. Machines are noisy, so the rounds of all cards are interleaved and the ratios
are taken round by round; quote those.
"""

from __future__ import annotations

import os
import socket
import statistics
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.observed import ObservedCard
from mynacard_emulator.readers.pcsc import ReaderConnection
from mynacard_emulator.readers.stack import PrivateStack
from mynacard_emulator.readers.vpcd import VirtualSlot
from mynacard_emulator.transcript import Exchange

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
SELECT_PIN = bytes.fromhex("00A4020C020018")
WRONG, RIGHT = bytes.fromhex("002000800430303030"), bytes.fromhex("002000800431323334")
READ = bytes.fromhex("00B08A0000")
ATR = bytes.fromhex("3BE000FF8131FE4514")

ECHO, MEMORY, FILE, SLOW = "bare echo", "ours, in memory", "ours, card file", "ours, no quick-ACK"
ROUNDS, APDUS, SLOW_APDUS = 21, 100, 4


def bare_echo(sock: socket.socket) -> None:
    """The limit: a card of twenty lines that knows nothing and answers at once."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    while True:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        data = sock.recv(4096)
        if not data:
            return
        while data:
            length = int.from_bytes(data[:2], "big")
            while len(data) < 2 + length:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                data += sock.recv(4096)
            message, data = data[2 : 2 + length], data[2 + length :]
            if length == 1:
                answer = ATR if message == b"\x04" else b""
            else:
                answer = bytes(256 if message[1] == 0xB0 else 0) + b"\x90\x00"
            if answer:
                sock.sendall(len(answer).to_bytes(2, "big") + answer)


def main() -> None:
    """Measure and print."""
    print("in this process (µs an APDU, medians of 9 rounds)")
    for name, cost in in_process():
        print(f"  {name:34}{cost:8.1f}")
    print("signing (µs, medians of interleaved rounds)")
    ours, bare, ratio = signing()
    print(f"  {'our card, 80 2A with a DigestInfo':34}{ours:8.0f}\n  {'the bare private operation':34}{bare:8.0f}")
    print(f"  {'ratio':34}{ratio:8.2f}")
    with ExitStack() as cleanup:
        print(f"through pcscd (µs an APDU, medians of {ROUNDS} interleaved rounds; × the bare echo card)")
        for name, row in through_pcscd(cleanup):
            print(f"  {name:10}" + "   ".join(row))


# ---------------------------------------------------------------- in process


def in_process() -> list[tuple[str, float]]:
    """What the card itself takes."""
    card = CardInHand.in_memory(profiles.load(profiles.ADULT)).card
    for command in (SELECT, SELECT_PIN):
        card.transmit(command)
    costs = [
        ("SELECT application", _cost(card.transmit, (SELECT,))),
        ("READ BINARY, 256 bytes", _cost(card.transmit, (READ,))),
    ]
    card.transmit(SELECT_PIN)
    costs.append(("VERIFY, wrong and right in turn", _cost(card.transmit, (WRONG, RIGHT))))
    return costs


def signing() -> tuple[float, float, float]:
    """Sign through the card, and with the bare key: medians, and the median of the ratios."""
    from cryptography.hazmat.primitives.asymmetric import padding, utils  # noqa: PLC0415 - only here

    from mynacard_emulator.pki import keys  # noqa: PLC0415 - only here

    issued = profiles.load(profiles.ADULT)
    card = CardInHand.in_memory(issued).card
    for command in (SELECT, SELECT_PIN, RIGHT):
        card.transmit(command)
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420") + bytes(32)
    command = bytes.fromhex("802A009733") + digest_info + b"\0"
    certificate = issued.certificate("auth")
    assert certificate is not None  # noqa: S101 - the adult has one
    key = keys.load(certificate.private_key.encode())
    raw = partial(key.sign, digest_info, padding.PKCS1v15(), utils.NoDigestInfo())
    pairs = [(_once(partial(card.transmit, command), 40), _once(raw, 40)) for _ in range(15)]
    ours, bare = zip(*pairs, strict=True)
    return statistics.median(ours), statistics.median(bare), statistics.median(a / b for a, b in pairs)


def _cost(transmit: Callable[[bytes], bytes], commands: Sequence[bytes], count: int = 2000) -> float:
    def all_of_them() -> None:
        for command in commands:
            transmit(command)

    return statistics.median(_once(all_of_them, count) for _ in range(9)) / len(commands)


def _once(act: Callable[[], object], count: int) -> float:
    """Microseconds a call."""
    begun = time.perf_counter()
    for _ in range(count):
        act()
    return (time.perf_counter() - begun) / count * 1e6


# ---------------------------------------------------------------- through pcscd


COMMANDS: dict[str, tuple[bytes, ...]] = {"SELECT": (SELECT,), "VERIFY": (WRONG, RIGHT), "READ 256": (READ,)}


def through_pcscd(cleanup: ExitStack) -> list[tuple[str, list[str]]]:
    """Four cards in one stack, measured in turn by a client in a process of its own; rows for printing."""
    names, stack = _cards_in_a_stack(cleanup)
    readers = dict(zip(names, stack.readers, strict=True))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        measured = pool.submit(_measure, stack.environment, readers).result()
    return [(name, [_cell(card, times) for card in names]) for name, times in measured.items()]


def _measure(environment: Mapping[str, str], readers: Mapping[str, str]) -> dict[str, dict[str, list[float]]]:
    """Measure as a client does, never in the process of the card: microseconds an APDU, by command and card."""
    os.environ.update(environment)
    with ExitStack() as cleanup:
        connections = {card: _connect(cleanup, reader) for card, reader in readers.items()}
        return {name: _rounds(connections, sequence) for name, sequence in COMMANDS.items()}


def _rounds(connections: Mapping[str, ReaderConnection], sequence: Sequence[bytes]) -> dict[str, list[float]]:
    for connection in connections.values():
        for command in (SELECT, SELECT_PIN):
            connection.transmit(command)
    times: dict[str, list[float]] = {card: [] for card in connections}
    for _ in range(ROUNDS):
        for card, connection in connections.items():
            count = (SLOW_APDUS if card == SLOW else APDUS) // len(sequence)
            times[card].append(_cost_over_wire(connection, sequence, count))
    return times


def _cell(card: str, times: dict[str, list[float]]) -> str:
    ratio = statistics.median(a / b for a, b in zip(times[card], times[ECHO], strict=True))
    return f"{card}: {statistics.median(times[card]):.0f} ({ratio:.2f} ×)"


def _cost_over_wire(connection: ReaderConnection, sequence: Sequence[bytes], count: int) -> float:
    def all_of_them() -> None:
        for command in sequence:
            connection.transmit(command)

    return _once(all_of_them, count) / len(sequence)


def _cards_in_a_stack(cleanup: ExitStack) -> tuple[tuple[str, ...], PrivateStack]:
    names = (ECHO, MEMORY, FILE, SLOW)
    stack = cleanup.enter_context(PrivateStack(names))
    echo_socket = stack.connect(0)
    cleanup.callback(echo_socket.close)
    threading.Thread(target=bare_echo, args=(echo_socket,), daemon=True).start()
    directory = Path(cleanup.enter_context(TemporaryDirectory()))
    issued = profiles.load(profiles.ADULT)
    cards = {
        MEMORY: CardInHand.in_memory(issued),
        FILE: cleanup.enter_context(CardInHand.create(directory / "card.json", issued)),
        SLOW: CardInHand.in_memory(issued),
    }
    trace: list[Exchange] = []
    for number, name in enumerate(names[1:], 1):
        slot = VirtualSlot(partial(stack.connect, number), quick_ack=name != SLOW)
        cleanup.enter_context(slot)
        slot.insert(ObservedCard(cards[name].card, trace.append))
        slot.wait_powered(10)
    return names, stack


def _connect(cleanup: ExitStack, reader: str) -> ReaderConnection:
    connection = ReaderConnection(reader)
    cleanup.callback(connection.close)
    connection.wait_present(10)
    connection.connect()
    return connection


if __name__ == "__main__":
    main()
