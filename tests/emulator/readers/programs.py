"""Programs for the tests of the private stack, each a process of its own: a process is a client of one stack only."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from mynacard_emulator.readers.port import TransmitOnly

PATIENCE = 10.0  # seconds until a test that waits for an event gives up
ROOT = os.geteuid() == 0
ORDINARY = 65534 if ROOT else os.geteuid()
USERS = [0, ORDINARY] if ROOT else [ORDINARY]

HOLD = """
import sys
from mynacard_emulator.readers.port import TransmitOnly
from mynacard_emulator.readers.stack import PrivateStack
from mynacard_emulator.readers.vpcd import VirtualSlot

class Card:
    def transmit(self, command, /):
        return b"\\x90\\x00"

with PrivateStack() as stack, VirtualSlot(stack.connect) as slot:
    slot.insert(TransmitOnly(Card()))
    slot.wait_powered(10)
    print(stack.socket_path, flush=True)
    exec(sys.argv[1])
"""
"""Tell where the stack is, then do what the argument says."""

USE = """
import json, os, sys
from mynacard_emulator.readers.pcsc import ReaderConnection, activate
from mynacard_emulator.readers.port import TransmitOnly
from mynacard_emulator.readers.stack import Isolation, PrivateStack, StackError
from mynacard_emulator.readers.vpcd import VirtualSlot

class Card:
    def transmit(self, command, /):
        return b"\\x90\\x00"

told = {}
try:
    with PrivateStack(isolation=Isolation[sys.argv[1]]) as stack, VirtualSlot(stack.connect) as slot:
        slot.insert(TransmitOnly(Card()))
        slot.wait_powered(10)
        activate(stack)
        connection = ReaderConnection(stack.readers[0])
        connection.wait_present(10)
        with connection:
            told["answer"] = connection.transmit(bytes.fromhex("00A4040C0AD392F000260100000001")).hex()
        connection.close()
        told |= {"isolated": stack.isolated, "warning": stack.warning, "user": os.getuid()}
        folder = os.path.dirname(stack.socket_path)
    told["left"] = os.path.exists(folder)
except StackError as error:
    told["error"] = str(error)
print(json.dumps(told))
"""
"""Use a stack once, and tell what it was like."""

CONFINE = """
import json, os, sys
from mynacard_emulator.readers import stack_host as host

ipcdir, limits, *command = sys.argv[1:]
try:
    host.unshare(host.CLONE_NEWUSER)
except OSError:
    print(json.dumps("refused"))
    sys.exit()
host.enter(host.CLONE_NEWNS | host.CLONE_NEWNET, ["/run"])
if ipcdir:
    os.mkdir(ipcdir)
for kind in filter(None, limits.split(",")):
    with open(f"/proc/sys/user/max_{kind}_namespaces", "w") as file:
        file.write("0")
os.execv(sys.executable, [sys.executable, "-c", *command])
"""
"""Go where /run is empty and no more namespaces of some kinds can be had; then run the rest of the arguments."""

CLIENT = """
import json, sys
from smartcard import scard

context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
told = {}
for reader in scard.SCardListReaders(context, [])[1]:
    status, card, protocol = scard.SCardConnect(context, reader, scard.SCARD_SHARE_SHARED, 3)
    answers = {
        bytes(scard.SCardTransmit(card, scard.SCARD_PCI_T1, [0, 0xA4, 4, 0])[1]).hex()
        for _ in range(int(sys.argv[1]) if status == 0 else 0)
    }
    told[reader] = sorted(answers)
print(json.dumps(told))
"""
"""Send each card some commands, and tell by reader what was answered."""


class Answers:
    """A card that has one answer."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer

    def transmit(self, _command: bytes, /) -> bytes:
        return self.answer


def card(answer: bytes = b"\x90\x00") -> TransmitOnly:
    return TransmitOnly(Answers(answer))


@cache
def python_for(user: int) -> str:
    """Find an interpreter that this user may start."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        probe = [candidate, "-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"]
        try:
            if subprocess.run(probe, user=user, group=user, extra_groups=[], check=False).returncode == 0:
                return candidate
        except PermissionError:
            continue
    pytest.skip(f"user {user} may start no Python of this version here")


def packages() -> list[Path]:
    """Find the packages that the programs import."""
    specs = [find_spec(name) for name in ("mynacard_emulator", "smartcard")]
    return [Path(spec.origin).parent for spec in specs if spec is not None and spec.origin is not None]


@cache
def published() -> str:
    """Copy those packages to where every user may read them, for as long as the tests run."""
    folder = Path(tempfile.mkdtemp(prefix="mynacard-tests-"))
    atexit.register(shutil.rmtree, folder)
    folder.chmod(0o755)
    for package in packages():
        shutil.copytree(package, folder / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    return str(folder)


def environment(*, other_user: bool = False) -> dict[str, str]:
    """Make these tests' modules importable, and nothing else of where they run matter."""
    folders = [published()] if other_user else [str(package.parent) for package in packages()]
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "PYTHONPATH": os.pathsep.join(folders), **coverage}


def command(program: str, *arguments: str, user: int | None = None) -> dict[str, Any]:
    """Make the arguments of `subprocess.run` for a program, perhaps as another user."""
    if user is None or user == os.geteuid():
        return {"args": [sys.executable, "-c", program, *arguments], "env": environment()}
    identity = {"user": user, "group": user, "extra_groups": []}
    return {"args": [python_for(user), "-c", program, *arguments], "env": environment(other_user=True), **identity}


def run(program: str, *arguments: str, user: int | None = None, extra: dict[str, str] | None = None) -> Any:
    """Run a program to its end, and return what it told."""
    settings = command(program, *arguments, user=user)
    settings["env"] |= extra or {}
    ended = subprocess.run(**settings, capture_output=True, text=True, timeout=6 * PATIENCE, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def confined(program: str, *arguments: str, limits: Iterable[str], ipcdir: str = "/run/pcscd", **how: Any) -> Any:
    """Run a program where some kinds of namespaces cannot be had."""
    told = run(CONFINE, ipcdir, ",".join(limits), program, *arguments, **how)
    if told == "refused":
        pytest.skip("no user namespace can be had here, in which this could be tried")
    return told


def processes(folder: str) -> Iterator[int]:
    """Find the processes that have this directory in their command line."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if folder.encode() in path.read_bytes():
                yield int(path.parent.name)
        except (FileNotFoundError, ProcessLookupError):
            continue


def pcscd_of(folder: str) -> int:
    """Find the pcscd that was started with this directory; its command line begins with its path."""
    return next(pid for pid in processes(folder) if b"stack_host" not in Path(f"/proc/{pid}/cmdline").read_bytes())


def gone(folder: str) -> bool:
    """Tell whether nothing is left of a stack, or will be in a moment."""
    return until(lambda: not Path(folder).exists() and not list(processes(folder)))


def until(condition: Callable[[], bool]) -> bool:
    """Look until it is so, for lack of an event that would tell; give up after a while."""
    pause, deadline = 0.001, time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
        pause = min(2 * pause, 0.1)
    return True
