"""A holder killed at any instant of PIN traffic on a card and its registry: no try comes back, no value is torn."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.card_files import CardFiles
from mynacard_emulator.office.registry import PendingWrite
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.storage import CardFile
from tests.emulator.test_storage_kill import MAY_FORK, killed

ROUNDS = [100, pytest.param(2000, marks=pytest.mark.deep)]
TRIES = 3
SELECT = (bytes.fromhex("00A4040C0AD392F000260100000001"), bytes.fromhex("00A4020C020018"))
VALUES = ("4821", "7391")


@dataclass(frozen=True, slots=True)
class Pin:
    """The auth PIN as the answers tell of it."""

    value: str
    left: int = TRIES


def stored(card: Path) -> Pin:
    memory = CardInHand.look(card).card.state.memory
    (found,) = (data for path, data in memory.reference_data.items() if path.fid == 0x18)
    return Pin((found.value or b"").decode(), found.counter.left)


# ---------------------------------------------------------------- the traffic, in a process that will be killed
def traffic(card: Path, registry: Path, seed: int, tell: Callable[[bytes], object]) -> None:
    """Announce a deed, do it, tell the answer; and so on, until the end comes from outside."""
    chance = random.Random(seed)  # noqa: S311 - deeds, not secrets
    while True:
        if chance.random() < 0.2:  # seldom, for it takes the card out of the reader
            with StoredRegistry.open(registry) as held:
                value = chance.choice(VALUES)
                tell(f"reset {value}\n".encode())
                assert held.office(CardFiles()).counter.reset_pin("auth", new=value, card=card).done
                tell(b"= 9000\n")
        with CardInHand.open(card) as hand:
            for command in SELECT:
                hand.card.transmit(command)
            for _ in range(chance.randrange(1, 12)):
                deed, value = chance.choice(("verify", "verify", "change")), chance.choice(VALUES)
                tell(f"{deed} {value}\n".encode())
                head = {"verify": "0020008004", "change": "0024018004"}[deed]
                answer = hand.card.transmit(bytes.fromhex(head) + value.encode())
                tell(f"= {answer.hex().upper()}\n".encode())


# ---------------------------------------------------------------- what may be found afterwards
def after(pin: Pin, deed: str, value: str, answer: str) -> Pin:
    """What an answered deed has made of the PIN, as its answer tells."""
    match deed, answer:
        case "verify", "9000":
            assert (value, pin.left > 0) == (pin.value, True)
            return replace(pin, left=TRIES)
        case "verify", "6984":
            assert pin.left == 0
            return pin
        case "verify", _:
            assert value != pin.value or pin.left == 0
            assert answer == f"63C{max(pin.left - 1, 0)}"
            return replace(pin, left=max(pin.left - 1, 0))
        case "change", "9000":
            return replace(pin, value=value)
        case "change", _:
            assert answer in ("6982", "6984")
            return pin
        case _:
            return Pin(value)


def possible(pin: Pin, deed: str, value: str) -> set[Pin]:
    """What may be found where a deed was announced, and its answer never came."""
    spent = replace(pin, left=max(pin.left - 1, 0))
    match deed:
        case "verify" if value == pin.value and pin.left:
            return {pin, spent, replace(pin, left=TRIES)}  # the try is spent before the comparison gives it back
        case "verify":
            return {pin, spent}
        case "change":
            return {pin, replace(pin, value=value)}
        case _:
            return {pin, Pin(value)}


def judged(pin: Pin, told: bytes) -> set[Pin]:
    """Follow what was told, of which the last line may be a deed without an answer."""
    lines = told.decode().splitlines()
    for deed, answer in zip(lines[::2], lines[1::2], strict=False):
        what, value = deed.split()
        pin = after(pin, what, value, answer.removeprefix("= "))
    return possible(pin, *lines[-1].split()) if len(lines) % 2 else {pin}


@MAY_FORK
@pytest.mark.parametrize("rounds", ROUNDS)
def test_a_card_and_its_registry_survive_kill_9_in_the_middle_of_pin_traffic(tmp_path: Path, rounds: int) -> None:
    card, registry = tmp_path / "card.json", tmp_path / "registry.json"
    CardInHand.create(card, profiles.load(profiles.ADULT)).close()
    with StoredRegistry.create(registry, at=datetime(2026, 11, 20, 10, tzinfo=JST)) as held:
        held.office(CardFiles()).enrol(card)
    chance = random.Random(rounds)  # noqa: S311 - instants, not secrets
    deeds = 0
    for number in range(rounds):
        before = stored(card)

        def work(tell: Callable[[bytes], object], seed: int = number) -> None:
            traffic(card, registry, seed, tell)

        told = killed(work, chance.randrange(400), chance.randrange(100_000))
        found = judged(before, told)
        deeds += told.count(b"\n")

        left = stored(card)
        assert left.left <= max(pin.left for pin in found)
        with StoredRegistry.open(registry) as held:  # an errand that was cut off is finished by the next
            assert held.office(CardFiles()).counter.reset_pin("text", new="2580", card=card).done
            assert list(held.registry.all(PendingWrite)) == []
        assert stored(card) in found
        CardFile.open(card).close()
    assert deeds > 15 * rounds
