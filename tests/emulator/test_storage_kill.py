"""Card files, registry files and processes: killed at any instant, holding one, looking on meanwhile."""

from __future__ import annotations

import fcntl
import glob
import os
import random
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mynacard_emulator.storage import (
    CardFile,
    CardFileError,
    CardFileInUse,
    CardFileMissing,
    NotACardFile,
    NotARegistryFile,
    RegistryFile,
    RegistryFileInUse,
    RegistryFileMissing,
)

KINDS = [CardFile, RegistryFile]
Stored = type[CardFile] | type[RegistryFile]

CARD: dict[str, Any] = {"profile": "adult"}
MEMORY: dict[str, Any] = {"jpki/0018": {"value": "31323334", "tries_left": 3}}
AFTER_MISS: dict[str, Any] = {"jpki/0018": {"value": "31323334", "tries_left": 2}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "adult.card"


@pytest.fixture
def made(path: Path) -> Path:
    CardFile.create(path, CARD, MEMORY).close()
    return path


# ---------------------------------------------------------------- kill -9
def killed(work: Callable[[Callable[[bytes], object]], None], enough: int, delay: int) -> bytes:
    """Kill a child a moment after `enough` bytes of what it tells have come; return all that it told."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        try:
            work(lambda news: os.write(tell, news))
        finally:
            os._exit(1)
    os.close(tell)
    heard = b""
    while len(heard) < enough:
        heard += (news := os.read(told, 4096))
        assert news, "the child ended by itself"
    for _ in range(delay):
        pass
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while news := os.read(told, 4096):
        heard += news
    os.close(told)
    return heard


def killed_at_work(work: Callable[[], Iterator[None]], enough: int, delay: int) -> int:
    """Kill a child a moment after it has told that `enough` steps of its work are done; return how many it told of."""

    def telling(tell: Callable[[bytes], object]) -> None:
        for _ in work():
            tell(b".")

    return len(killed(telling, enough, delay))


def changes(n: int) -> dict[str, Any]:
    """The nth change: short, or long enough to cross blocks and to fill a journal soon."""
    return {"n": n, f"slot {n % 7}": "x" * (n * 997 % 5000 if n % 3 else 0)}


def state(n: int) -> dict[str, Any]:
    """What n changes leave behind."""
    memory: dict[str, Any] = {}
    for earlier in range(max(0, n - 6), n + 1):
        memory |= changes(earlier)
    return memory


def writing(kind: Stored, path: Path, *, sync: bool) -> Iterator[None]:
    file = kind.open(path, sync=sync)
    for n in count(state_number(kind, path) + 1):
        file.write(changes(n))
        yield


def replacing(kind: Stored, path: Path, *, sync: bool) -> Iterator[None]:
    file: CardFile | RegistryFile = kind.open(path, sync=sync)
    for n in count(state_number(kind, path) + 1):
        if n % 2:
            file.rewrite({}, state(n))
        else:
            file.close()
            file = kind.create(path, {}, state(n), force=True, sync=sync)
        yield


def state_number(kind: Stored, path: Path) -> int:
    """How many changes a file remembers, having checked that it remembers all of them and nothing else."""
    memory = dict(kind.read(path)[1])
    number = memory["n"]
    assert isinstance(number, int)
    assert memory == state(number)
    return number


def live_and_die(kind: Stored, work: Callable[[], Iterator[None]], path: Path, rounds: int) -> None:
    """Kill the holder of one file again and again, each time where the last death has left it."""
    chance = random.Random(rounds)  # noqa: S311 - instants, not secrets
    kind.create(path, {}, state(0)).close()
    for _ in range(rounds):
        begun = state_number(kind, path)
        told = killed_at_work(work, chance.randrange(40), chance.randrange(3000))
        assert begun + told <= state_number(kind, path) <= begun + told + 1
        with kind.open(path) as file:
            assert file._contents.changing == state(state_number(kind, path))
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert {entry.name for entry in path.parent.iterdir()} <= {path.name, f".{path.name}.new"}


ROUNDS = [20, pytest.param(2000, marks=pytest.mark.deep)]
MAY_FORK = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # pytest's helpers may have threads, we none


@MAY_FORK
@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize("sync", [False, True], ids=["unsynced", "synced"])
@pytest.mark.parametrize("work", [writing, replacing])
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_process_has_kept_what_it_told_of(
    path: Path,
    kind: Stored,
    work: Callable[..., Iterator[None]],
    sync: bool,  # noqa: FBT001 - pytest passes keywords
    rounds: int,
) -> None:
    live_and_die(kind, lambda: work(kind, path, sync=sync), path, rounds)


@MAY_FORK
@pytest.mark.parametrize("rounds", ROUNDS)
@pytest.mark.parametrize(
    ("kind", "missing", "foreign"),
    [(CardFile, CardFileMissing, NotACardFile), (RegistryFile, RegistryFileMissing, NotARegistryFile)],
)
def test_a_process_killed_while_it_creates_files_leaves_whole_ones(
    path: Path, kind: Stored, missing: type[Exception], foreign: type[Exception], rounds: int
) -> None:
    def creating() -> Iterator[None]:
        for n in count():
            kind.create(path.with_name(f"{n}.card"), CARD, {"n": n}).close()
            yield

    chance = random.Random(rounds)  # noqa: S311 - instants, not secrets
    for _ in range(rounds):
        told = killed_at_work(creating, chance.randrange(10), chance.randrange(3000))
        for n in range(told):
            assert kind.read(path.with_name(f"{n}.card")) == (CARD, {"n": n})
        last = path.with_name(f"{told}.card")
        try:
            assert kind.read(last) == (CARD, {"n": told})
        except missing:
            assert not last.exists()
        except foreign:
            assert last.stat().st_size == 0  # it kept the place
        kind.create(last, CARD, MEMORY, force=True).close()
        for left in path.parent.iterdir():
            assert stat.S_IMODE(left.stat().st_mode) == 0o600
            left.unlink()


@pytest.fixture
def holder(made: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the card until its standard input ends."""
    program = (
        "import sys; from mynacard_emulator.storage import CardFile; "
        "card = CardFile.open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    with other_process(program, made) as process:
        yield process


@contextmanager
def other_process(program: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", program, path],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process


def test_force_takes_no_card_from_its_holder(made: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(CardFileInUse, match=f"process {holder.pid} "):
        CardFile.create(made, {}, {}, force=True)
    assert CardFile.read(made) == (CARD, MEMORY)


# ---------------------------------------------------------------- one holder
def test_a_second_process_is_told_who_holds_the_card(made: Path, holder: subprocess.Popen[str]) -> None:
    command = Path(f"/proc/{holder.pid}/comm").read_text().strip()
    with CardFile.create(made.with_name("other.card"), CARD, MEMORY), pytest.raises(CardFileInUse) as refusal:
        CardFile.open(made)
    assert str(refusal.value) == f"{made} is in use by process {holder.pid} ({command}): stop that process first"
    assert refusal.value.pid == holder.pid


def test_a_second_process_is_told_who_holds_the_registry(path: Path) -> None:
    RegistryFile.create(path, {}, {"n": 1}).close()
    program = (
        "import sys; from mynacard_emulator.storage import RegistryFile; "
        "file = RegistryFile.open(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    )
    with other_process(program, path) as process:
        with pytest.raises(RegistryFileInUse) as refusal:
            RegistryFile.open(path)
        with pytest.raises(RegistryFileInUse):
            RegistryFile.create(path, {}, {}, force=True)
        assert f"is in use by process {process.pid} (" in str(refusal.value)
        assert refusal.value.pid == process.pid
        assert RegistryFile.read(path) == ({}, {"n": 1})
        process.kill()
    RegistryFile.open(path).close()


def test_the_hold_ends_with_the_process(made: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    with CardFile.open(made) as card:
        assert card.memory == MEMORY


def test_a_card_can_be_looked_at_while_it_is_held(made: Path, holder: subprocess.Popen[str]) -> None:
    assert holder.poll() is None
    assert CardFile.read(made) == (CARD, MEMORY)


def test_the_same_process_does_not_hold_a_card_twice(made: Path) -> None:
    with CardFile.open(made), pytest.raises(CardFileInUse) as refusal:
        CardFile.open(made)
    assert refusal.value.pid == os.getpid()


def test_a_holder_that_cannot_be_seen_is_another_process(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(glob, "iglob", lambda _: iter(()))  # as where /proc shows nobody else
    with CardFile.open(made), pytest.raises(CardFileInUse) as refusal:
        CardFile.open(made)
    assert str(refusal.value) == f"{made} is in use by another process: stop that process first"
    assert refusal.value.pid is None


def test_the_hold_outlives_a_rewrite(made: Path) -> None:
    with CardFile.open(made) as card:
        card.rewrite(CARD, AFTER_MISS)
        with pytest.raises(CardFileInUse):
            CardFile.open(made)


def test_closing_lets_go_even_while_a_child_has_a_copy(made: Path) -> None:
    card = CardFile.open(made)
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[card._descriptor]):
        card.close()
        CardFile.open(made).close()


def test_a_file_replaced_between_opening_and_locking_is_opened_anew(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = made.with_name("newer")
    CardFile.create(newer, CARD, AFTER_MISS).close()
    flock = fcntl.flock

    def replaced_before_the_lock(descriptor: int, operation: int) -> None:
        with suppress(FileNotFoundError):
            newer.rename(made)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", replaced_before_the_lock)
    with CardFile.open(made) as card:
        assert card.memory == AFTER_MISS
        with pytest.raises(CardFileInUse):
            CardFile.open(made)


def test_a_file_that_is_replaced_for_ever_is_given_up(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = made.read_bytes()
    newer = made.with_name("newer")
    flock = fcntl.flock

    def replaced_before_the_lock(descriptor: int, operation: int) -> None:
        newer.write_bytes(raw)
        newer.rename(made)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", replaced_before_the_lock)
    with pytest.raises(CardFileError, match=r"cannot be used \(it is replaced again and again\)"):
        CardFile.open(made)


def test_a_file_removed_between_opening_and_locking_is_missing(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flock = fcntl.flock

    def removed_before_the_lock(descriptor: int, operation: int) -> None:
        made.unlink()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", removed_before_the_lock)
    with pytest.raises(CardFileMissing):
        CardFile.open(made)


def test_a_look_never_meets_a_change_half_made(path: Path) -> None:
    program = """
import sys
from mynacard_emulator.storage import CardFile
card = CardFile.create(sys.argv[1], {}, {"n": 0, "twice": 0, "pad": ""})
print("held", flush=True)
for n in range(1, 1501):
    card.write({"n": n, "twice": 2 * n, "pad": "x" * (n * 97 % 5000)})
sys.stdin.read()
"""
    with other_process(program, path) as process:
        seen: list[Mapping[str, Any]] = [CardFile.read(path)[1]]
        while seen[-1]["n"] < 1500:
            assert process.poll() is None
            seen.append(CardFile.read(path)[1])
            if len(seen) % 50 == 0:
                with pytest.raises(CardFileInUse):
                    CardFile.open(path)
    assert all(look["twice"] == 2 * look["n"] and len(look["pad"]) == look["n"] * 97 % 5000 for look in seen)
    numbers = [look["n"] for look in seen]
    assert numbers == sorted(numbers)
