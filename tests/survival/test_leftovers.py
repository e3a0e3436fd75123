"""Servers and stacks: nobody reaches them from elsewhere unasked, and nothing of them is left, however they end."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import pytest

from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.readers import stack_host
from mynacard_emulator.readers.stack import PrivateStack
from mynacard_emulator.readers.vpcd import VirtualSlot
from tests.emulator.readers.programs import PATIENCE, card, gone, pcscd_of, processes, until
from tests.together.test_cli import MYNACARD, environment

LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]


def listening(process: int) -> set[str]:
    """The addresses, as the kernel writes them, at which a process and its children listen in their network."""
    own = {link for number in (process, *children(process)) for link in stack_host._open_files(number)}
    found = set()
    for table in ("tcp", "tcp6"):
        with suppress(FileNotFoundError):
            for line in Path(f"/proc/{process}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
                row = line.split()
                if row[3] == "0A" and f"socket:[{row[9]}]" in own:
                    found.add(row[1].partition(":")[0])
    return found


def children(process: int) -> Iterator[int]:
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        for child in map(int, path.read_text(encoding="ascii").split()):
            yield child
            yield from children(child)


@contextmanager
def serving(*arguments: str | Path, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, and wait until it has said that it serves."""
    process = subprocess.Popen(
        [MYNACARD, *arguments],
        env=environment(TMPDIR=str(cwd)),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert select.select([process.stdout], [], [], PATIENCE)[0]
            assert process.stdout.readline()
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    StoredRegistry.create(tmp_path / "registry.json", at=datetime(2026, 11, 20, 10, tzinfo=JST)).close()
    return tmp_path


SERVERS = {
    "run": ("run", "--profile", "adult", "--tcp", "127.0.0.1:0"),
    "serve": ("office", "serve", "--registry", "registry.json"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_a_server_listens_on_loopback_alone(place: Path, server: str) -> None:
    with serving(*SERVERS[server], cwd=place) as process:
        assert until(lambda: bool(listening(process.pid)))
        assert listening(process.pid) <= LOOPBACK


def test_a_server_listens_elsewhere_when_it_is_asked_to(place: Path) -> None:
    """Else the test above could not fail."""
    with serving("run", "--profile", "adult", "--tcp", "0.0.0.0:0", cwd=place) as process:
        assert listening(process.pid) == {"00000000"}


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("server", SERVERS)
def test_a_server_leaves_neither_process_nor_file(place: Path, server: str, number: signal.Signals) -> None:
    before = set(place.iterdir())
    with serving(*SERVERS[server], cwd=place) as process:
        ended = [os.pidfd_open(child) for child in children(process.pid)]
        os.killpg(process.pid, number)
        said, _ = process.communicate(timeout=PATIENCE)
        assert all(select.select([each], [], [], PATIENCE)[0] for each in ended)
        for each in ended:
            os.close(each)
    assert b"Traceback" not in said
    assert set(place.iterdir()) == before
    StoredRegistry.open(place / "registry.json").close()


# ---------------------------------------------------------------- the private stack
def cycle(_: int) -> bool:
    """A stack from start to stop, with a card in it; whether all went well and nothing is left."""
    with PrivateStack() as stack, VirtualSlot(stack.connect) as slot:
        folder = str(Path(stack.socket_path).parent)
        slot.insert(card())
        seen = slot.wait_powered(PATIENCE)
    return seen and not Path(folder).exists() and not list(processes(folder))


@pytest.mark.pcsc
@pytest.mark.parametrize("cycles", [8, pytest.param(200, marks=pytest.mark.deep)])
def test_stacks_come_and_go_four_at_a_time(cycles: int) -> None:
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(cycle, range(cycles))) == [True] * cycles
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors


@pytest.mark.pcsc
def test_a_private_stack_listens_in_a_network_of_its_own_or_warns() -> None:
    with PrivateStack() as stack:
        folder = str(Path(stack.socket_path).parent)
        listens, ours = (Path(f"/proc/{process}/ns/net").readlink() for process in (pcscd_of(folder), "self"))
        assert (listens != ours) == stack.isolated
        assert stack.isolated == (stack.warning is None)
    assert gone(folder)
