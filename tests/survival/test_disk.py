"""A disk that is full in the middle of PIN traffic: an answer that left was remembered, and what was not is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.emulator.readers.programs import environment

TRAFFIC = """
import json, os, random, subprocess, sys
from datetime import datetime
from pathlib import Path
from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.card_files import CardFiles
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.storage import CardFileError, RegistryFileError, StoredFileError

disk = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "none", disk], check=True)
chance = random.Random(1)
card, registry, ballast = disk / "card.json", disk / "registry.json", disk / "ballast"
CardInHand.create(card, profiles.load("adult")).close()
with StoredRegistry.create(registry, at=datetime(2026, 11, 20, 10, tzinfo=JST)) as held:
    held.office(CardFiles()).enrol(card)

def fill():
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass

def ask(hand, wrong):
    for command in ("00A4040C0AD392F000260100000001", "00A4020C020018"):
        hand.card.transmit(bytes.fromhex(command))
    return hand.card.transmit(bytes.fromhex("0020008004") + (b"9999" if wrong else b"1234")).hex()

told = {"refused": 0, "answered": 0, "errands refused": 0, "wrong": []}
for number in range(9):
    full = number % 3 != 0
    before = CardInHand.look(card).tries_left("auth")
    fill() if full else ballast.unlink(missing_ok=True)
    expected = before
    with CardInHand.open(card) as hand:
        for _ in range(chance.randrange(1, 120)):
            wrong = chance.random() < 0.5 and expected > 1
            try:
                answer = ask(hand, wrong)
                expected = expected - 1 if wrong else 3
                told["answered"] += 1
                if answer != (f"63c{expected}" if wrong else "9000"):
                    told["wrong"].append([number, answer, expected])
            except CardFileError as error:
                told["refused"] += 1
                if chr(10) in str(error):
                    told["wrong"].append(str(error))
            if hand.tries_left("auth") != CardInHand.look(card).tries_left("auth"):
                told["wrong"].append([number, "the chip and its file differ"])
    if CardInHand.look(card).tries_left("auth") > expected:
        told["wrong"].append([number, "a try came back"])
    try:
        with StoredRegistry.open(registry) as held:
            held.office(CardFiles()).counter.reset_pin("auth", new="1234", card=card)
    except StoredFileError:
        told["errands refused"] += 1
    StoredRegistry.look(registry)
ballast.unlink(missing_ok=True)
with StoredRegistry.open(registry) as held:
    told["done in the end"] = held.office(CardFiles()).counter.reset_pin("auth", new="1234", card=card).done
told["files"] = sorted(os.listdir(disk))
print(json.dumps(told))
"""

UNSHARE = ["unshare", "--map-root-user", "--mount"]


def test_on_a_disk_that_is_full_now_and_then_no_try_comes_back_and_every_file_opens(tmp_path: Path) -> None:
    if subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no mount namespace, in which a disk could be small")
    program = [*UNSHARE, sys.executable, "-c", TRAFFIC, str(tmp_path)]
    ran = subprocess.run(program, env=environment(), capture_output=True, text=True, check=False, timeout=120)

    assert (ran.returncode, ran.stderr) == (0, "")
    told = json.loads(ran.stdout)
    assert told["wrong"] == []
    assert min(told["refused"], told["answered"], told["errands refused"]) > 0
    assert told["done in the end"]
    assert told["files"] == ["card.json", "registry.json"]
