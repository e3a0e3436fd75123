"""PIN values are in nothing that is printed, logged, recorded, represented or handed to another process."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import mynacard_fixtures
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.profiles import load
from mynacard_emulator.world import World
from tests.together.test_cli import MYNACARD, PATIENCE, Ran, environment

PINS = {"sign": "ZQX8K2W", "auth": "7391", "juki": "6274", "text": "8263"}
NEW = {"auth": "9184", "sign": "K7WQ2PL"}
SHIPPED = {"sign": "ABC123", "auth": "1234", "juki": "2345", "text": "3456"}
INVENTED = ("NEW456", "9876", "8765", "7654", "XXX999")
"""PINs that the harness sets and enters."""


def written_somehow(*pins: str) -> re.Pattern[str]:
    """These PINs, as typed and in hexadecimal."""
    ways = (rf"(?<![0-9A-Za-z]){pin}(?![0-9A-Za-z])|{pin.encode().hex()}|{pin.encode().hex(' ')}" for pin in pins)
    return re.compile("|".join(ways), re.IGNORECASE)


SECRET = written_somehow(*PINS.values(), *NEW.values())

SPY = """
import logging, os, sys
logging.basicConfig(level=logging.DEBUG)
def spy(event, arguments):
    if event in {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"}:
        with open(os.environ["SPIED"], "a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{event} {arguments!r}\\n")
sys.addaudithook(spy)
"""
"""Write down what every process of ours starts, with its arguments and environment; and log all that can be logged."""

CRASHING = """
import json, os, pathlib, sys
offers = {"client": {"name": "crashing", "version": "1"}, "operations": ["tries_left", "verify_pin"], "pins": ["auth"]}
for line in sys.stdin:
    request = json.loads(line)
    if request["method"] == "verify_pin":
        with open(os.environ["SPIED"], "a", encoding="utf-8", errors="backslashreplace") as file:
            for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    if os.environ["SPIED"].encode() in path.with_name("environ").read_bytes():  # one of ours
                        file.write(path.read_text(errors="replace") + "\\n")
                except OSError:
                    pass
        print("the PIN is", request["params"]["value"], file=sys.stderr, flush=True)
        os.abort()
    result = offers if request["method"] == "initialize" else {"tries_left": 3}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}), flush=True)
"""
"""A driver that writes every command line of the machine down, prints the PIN to its log, and dies."""


class Workshop:
    """A folder where the test cards have unusual PINs, and where whatever is written is looked through."""

    def __init__(self, folder: Path, *, unusual: bool) -> None:
        self.spied, self.work, self._packages = folder / "spied", folder / "work", folder / "packages"
        self.work.mkdir()
        self._packages.mkdir()
        (self._packages / "sitecustomize.py").write_text(SPY)
        self.secret = SECRET if unusual else written_somehow(*SHIPPED.values(), *INVENTED)
        if unusual:
            self._change_the_adult()

    def _change_the_adult(self) -> None:
        original = Path(mynacard_fixtures.__file__).parent
        shutil.copytree(original, self._packages / original.name, symlinks=True)
        adult = self._packages / original.name / "profiles" / "adult.toml"
        text = adult.read_text(encoding="utf-8")
        for name, pin in SHIPPED.items():
            text = text.replace(f'{name} = "{pin}"', f'{name} = "{PINS[name]}"', 1)
        adult.write_text(text, encoding="utf-8")

    def run(self, *arguments: str | Path, given: bytes = b"") -> Ran:
        """Run the command to its end in the working folder; it tells no PIN."""
        path = os.pathsep.join((str(self._packages), *filter(None, sys.path)))
        done = subprocess.run(
            [MYNACARD, *arguments],
            input=given,
            env=environment(PYTHONPATH=path, SPIED=str(self.spied)),
            cwd=self.work,
            capture_output=True,
            timeout=2 * PATIENCE,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        assert "Traceback" not in ran.err
        assert self.secret.findall(ran.out + ran.err) == []
        return ran

    def written(self) -> dict[str, list[str]]:
        """The PINs in each file that was written, but for those that remember them for their owner alone."""
        found = {}
        for path in self.work.rglob("*"):
            if path.name in {"card.json", "registry.json"}:
                assert path.stat().st_mode & 0o777 == 0o600
            else:
                found[path.name] = self.secret.findall(path.read_text(encoding="utf-8", errors="replace"))
        return found

    def processes(self) -> list[str]:
        """The PINs in what was started."""
        return self.secret.findall(self.spied.read_text(encoding="utf-8")) if self.spied.exists() else []


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path, unusual=True)


@pytest.fixture
def harness(tmp_path: Path) -> Workshop:
    """A workshop with the cards that the harness knows the PINs of."""
    return Workshop(tmp_path, unusual=False)


def test_the_workshop_has_cards_with_unusual_pins(workshop: Workshop) -> None:
    verify = "0020008004" + PINS["auth"].encode().hex()
    ran = workshop.run("apdu", "00A4040C0AD392F000260100000001", "00A4020C020018", verify)

    assert ran.answers == ["9000"] * 3
    assert SECRET.search(f"the PIN is {PINS['auth']}.")
    assert SECRET.search(verify)


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
def test_a_whole_check_tells_no_pin(harness: Workshop, form: tuple[str, ...]) -> None:
    check = ("check", "--reference", "--transport", "direct", "--examples", "3", "--ceiling", "20")
    ran = harness.run(*check, *form)

    assert ran.status == 0
    assert harness.written() == {}


def test_errands_with_pins_from_standard_input_tell_none(workshop: Workshop) -> None:
    ask = workshop.run
    assert ask("new", "card.json").status == 0
    assert ask("office", "init", "--at", "2026-11-20").status == 0
    assert ask("office", "enrol", "card.json").status == 0
    both = f"{NEW['auth']}\n{NEW['auth']}\n".encode()
    assert ask("office", "reset-pin", "card.json", "auth", "-", "--confirm", "-", given=both).status == 0
    assert ask("office", "reset-pin", "card.json", "sign", "-", given=f"{NEW['sign']}\n".encode()).status == 0
    refused = ask("office", "reset-pin", "card.json", "sign", "-", given=f"{NEW['sign']}!\n".encode())
    assert refused.status != 0
    assert ask("show", "card.json", "--json").status == 0
    assert ask("office", "status", "--json").status in (0, 2)
    verify = f"00A4040C0AD392F000260100000001\n00A4020C020018\n0020008004{NEW['auth'].encode().hex()}\n".encode()
    assert ask("apdu", "card.json", "-", given=verify).answers[-1] == "9000"

    assert set().union(*workshop.written().values()) == set()
    assert workshop.processes() == []


@pytest.mark.pcsc
def test_a_demo_tells_no_pin(harness: Workshop) -> None:
    assert harness.run("demo").status == 1
    assert harness.processes() == []


@pytest.mark.pcsc
def test_a_recording_tells_no_pin(workshop: Workshop) -> None:
    enter = ("pkcs15-tool", "--verify-pin", "--auth-id", "1", "--pin")
    workshop.run("exec", "--record", "talk.trace", "--", "sh", "-c", 'exec "$@" "$(cat)"', "sh", *enter, given=b"7391")

    trace = (workshop.work / "talk.trace").read_text(encoding="utf-8")
    assert "> 0020008004••••••••\n< 9000" in trace
    assert workshop.written() == {"talk.trace": []}


@pytest.mark.pcsc
def test_a_driver_that_prints_the_pin_and_dies_makes_nobody_else_tell_it(harness: Workshop) -> None:
    driver = shlex.join((sys.executable, "-c", CRASHING))
    for form in ((), ("--json",)):
        ran = harness.run("check", "--driver", driver, "--scenario", "LOCK-01", *form)
        assert ran.status == 1
        assert "client/secret/not-printed" in ran.out

    assert "mynacard" in harness.spied.read_text(encoding="utf-8")
    assert harness.processes() == []
    assert harness.written() == {}


CRASHING_CARD = """
import socket, sys
from mynacard_emulator.readers.stay import Stay

class Card:
    atr = b"\\x3b\\x00"
    def power_on(self): pass
    def power_off(self): raise ValueError(self.last)
    def reset(self): raise ValueError(self.last)
    def transmit(self, command, /):
        self.last = command
        raise ValueError(command, command.hex(), command[5:].decode())

stay = Stay(socket.socket(fileno=int(sys.argv[1])), Card(), quick_ack=False, powered=True)
stay.run()
print(repr(stay), stay.failure)
"""


def test_a_card_that_crashes_with_the_pin_in_its_hand_does_not_tell_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        ours = socket.create_connection(server.getsockname(), PATIENCE)
        theirs, _ = server.accept()
    verify = bytes.fromhex("0020008004") + PINS["auth"].encode()
    with (
        ours,
        theirs,
        subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import logging; logging.basicConfig(level=0)\n" + CRASHING_CARD,
                str(theirs.fileno()),
            ],
            env=environment(PYTHONPATH=os.pathsep.join(filter(None, sys.path))),
            pass_fds=[theirs.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        theirs.close()
        ours.sendall(len(verify).to_bytes(2, "big") + verify)
        assert ours.recv(4, socket.MSG_WAITALL) == b"\x00\x02\x6f\x00"
        ours.sendall(b"\x00\x01\x02")
        out, err = process.communicate(timeout=PATIENCE)

    assert "the card failed at a command" in err
    assert "the card failed at RESET" in out
    assert SECRET.findall(out + err) == []


def unusual(tmp_path: Path) -> Path:
    path = tmp_path / "unusual.toml"
    pins = "".join(f'{name} = "{pin}"\n' for name, pin in PINS.items())
    path.write_text(
        f'[holder]\nname = "架空　太郎"\nsex = "male"\nborn = 1980-02-17\naddress = "見本町１"\n[pins]\n{pins}'
    )
    return path


def told_of_a_world(tmp_path: Path, how: Callable[[object], str]) -> str:
    """Everything of a world in which PINs were entered, right and wrong, and set."""
    path = unusual(tmp_path)
    world = World()
    world.insert(world.issue(str(path)))
    for command in ("00A4040C0AD392F000260100000001", "00A4020C020018"):
        world.transmit(bytes.fromhex(command))
    for pin in (NEW["auth"], PINS["auth"]):
        world.transmit(bytes.fromhex("0020008004") + pin.encode())
    visit = world.office.counter.reset_pin("auth", new=NEW["auth"])
    hand = CardInHand.in_memory(load(str(path), today=date(2026, 11, 20)))
    things = (world, world.truth, world.office, world.snapshot(), visit, hand, hand.issued, hand.card, hand.card.state)
    return "\n".join(map(how, things))


@pytest.mark.parametrize("how", [repr, str])
def test_nothing_represents_itself_with_a_pin(tmp_path: Path, how: Callable[[object], str]) -> None:
    assert SECRET.findall(told_of_a_world(tmp_path, how)) == []
