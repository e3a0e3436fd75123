"""The private PC/SC stack: started, reached, isolated, and gone however it ends."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

import pytest

from mynacard_emulator.readers import stack as stack_module
from mynacard_emulator.readers import stack_host
from mynacard_emulator.readers.names import MOST_NAMES, MOST_READERS, prefixes
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.readers.stack import (
    DRIVER,
    INSTALL,
    PCSCD,
    Pcscd,
    PrivateStack,
    StackError,
    lacking,
)
from mynacard_emulator.readers.stack_host import CLONE_NEWNS
from mynacard_emulator.readers.vpcd import VirtualSlot

from .programs import (
    CLIENT,
    HOLD,
    ORDINARY,
    PATIENCE,
    ROOT,
    USE,
    USERS,
    card,
    command,
    confined,
    gone,
    pcscd_of,
    processes,
    run,
    until,
)

needs_pcscd = pytest.mark.pcsc
root_only = pytest.mark.skipif(not ROOT, reason="only root can try what root may do")
TRICKY_NAMES = ["#x", "A 00 00", "あ", "a\\b", " lead", "N" * 121, "1=2", "%s{}"]


@pytest.fixture
def running() -> Iterator[PrivateStack]:
    with PrivateStack() as stack:
        yield stack


def folder_of(stack: PrivateStack) -> str:
    return str(Path(stack.socket_path).parent)


def fake_pcscd(folder: Path, script: str) -> str:
    path = folder / "pcscd"
    path.write_text(f'#!/bin/sh\n[ "$1" = --version ] && echo pcsc-lite version 9.9.9. && exit\n{script}\n')
    path.chmod(0o755)
    return str(path)


# ---------------------------------------------------------------- names and places


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ([], "0 readers"),
        ([str(number) for number in range(MOST_READERS + 1)], "17 readers"),
        ([str(number) for number in range(MOST_NAMES + 1)], "9 names"),
        (["A", "B", "A", "A"], "same name"),
        ([""], "cannot be a reader's name"),
        (["   "], "cannot be a reader's name"),
        (['a"b'], "cannot be a reader's name"),
        (["two\nlines"], "cannot be a reader's name"),
        (["あ" * 41], "121 bytes"),
        (["\udc80"], "cannot be a reader's name"),
    ],
)
def test_names_that_pcscd_would_not_take_are_refused(names: list[str], why: str) -> None:
    with pytest.raises(ReaderError, match=why):
        PrivateStack(names)


@needs_pcscd
def test_readers_have_the_names_that_clients_see_and_each_its_own_card() -> None:
    with PrivateStack(TRICKY_NAMES) as stack, ExitStack() as slots:
        in_hand = [
            slots.enter_context(VirtualSlot(partial(stack.connect, number))) for number in range(len(TRICKY_NAMES))
        ]
        with ThreadPoolExecutor() as pool:  # all at once
            list(pool.map(lambda number: in_hand[number].insert(card(bytes([number, 0x90, 0]))), range(len(in_hand))))
        assert all(slot.wait_powered(PATIENCE) for slot in in_hand)
        told = run(CLIENT, "3", extra=stack.environment)
    assert {reader: answers for reader, answers in told.items() if answers} == {
        reader: [f"{number:02x}9000"] for number, reader in enumerate(stack.readers)
    }
    assert len(told) == 2 * len(TRICKY_NAMES)


@needs_pcscd
@pytest.mark.parametrize("names", [["A", "B", "A"], prefixes(MOST_READERS)], ids=["three", "sixteen"])
def test_a_name_that_comes_again_is_the_second_slot_of_its_reader(names: list[str]) -> None:
    with PrivateStack(names) as stack, ExitStack() as slots:
        for number in range(len(names)):
            slot = slots.enter_context(VirtualSlot(partial(stack.connect, number)))
            slot.insert(card(bytes([number, 0x90, 0])))
            assert slot.wait_powered(PATIENCE)
        told = run(CLIENT, "3", extra=stack.environment)
    assert {reader: answers for reader, answers in told.items() if answers} == {
        reader: [f"{number:02x}9000"] for number, reader in enumerate(stack.readers)
    }
    assert len(set(stack.readers)) == len(names)


def test_readers_are_named_one_by_one_while_there_are_names_and_then_in_pairs() -> None:
    assert prefixes(1, "R") == ["R"]
    assert prefixes(8, "R") == [f"R {number}" for number in range(1, 9)]
    assert PrivateStack(prefixes(9, "R")).readers[7:] == ("R 4 00 01", "R 5 00 00")


@pytest.mark.parametrize("folder", ["/run/user/1000", "/tmp/with space", "/" + "long/" * 20])  # noqa: S108 - only named
def test_the_directory_goes_where_pcscd_and_a_socket_can_name_it(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", folder)
    assert stack_module._name_directory().startswith("/tmp/mynacard-")  # noqa: S108 - nothing is made there


@needs_pcscd
def test_a_directory_for_temporary_files_is_honoured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path)[:60].rstrip("/"))
    Path(str(tmp_path)[:60]).mkdir(parents=True, exist_ok=True)
    with PrivateStack() as stack:
        assert folder_of(stack).startswith(str(tmp_path)[:60])
        assert Path(folder_of(stack)).stat().st_mode & 0o777 == 0o700


# ---------------------------------------------------------------- what is missing or wrong


def test_a_pcscd_that_is_not_there_is_named_with_the_packages() -> None:
    with pytest.raises(StackError, match=f"no pcscd at /nowhere/pcscd; install it: {INSTALL}"):
        PrivateStack(pcscd="/nowhere/pcscd").start()


@pytest.mark.parametrize("program", ["/dev/null", "/bin/false"])
def test_a_program_that_is_no_pcscd_is_refused(program: str) -> None:
    with pytest.raises(StackError, match=f"{program} is no pcscd that runs here"):
        PrivateStack(pcscd=program).start()


def test_a_driver_that_is_not_there_is_named_with_the_packages(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=f"no driver of virtual readers at /nowhere.so; install it: {INSTALL}"):
        PrivateStack(pcscd=fake_pcscd(tmp_path, ""), driver="/nowhere.so").start()


def test_what_a_dying_pcscd_said_is_told(tmp_path: Path) -> None:
    pcscd = fake_pcscd(tmp_path, "echo no room; echo at the inn; exit 3")
    with pytest.raises(StackError, match=r"pcscd ended with status 3, saying: no room \| at the inn; see"):
        PrivateStack(pcscd=pcscd, driver="/dev/../bin/true").start()


def test_a_pcscd_that_talks_without_end_is_quoted_in_brief(tmp_path: Path) -> None:
    pcscd = fake_pcscd(tmp_path, "yes | head -c 1000000; echo last words; exit 1")
    with pytest.raises(StackError, match="last words") as caught:
        PrivateStack(pcscd=pcscd, driver="/bin/true").start()
    assert len(str(caught.value)) < 3000


@needs_pcscd
def test_a_driver_that_is_none_is_an_error_with_what_pcscd_says_of_it() -> None:
    with pytest.raises(StackError, match=r"pcscd runs, but has not all the readers, saying: .*vpcd-35963\.so"):
        PrivateStack(driver="/etc/passwd").start()


def test_lacking_names_the_command_that_installs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_module, "PCSCD", "/nowhere/pcscd")
    assert INSTALL in lacking()


@needs_pcscd
def test_lacking_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_module, "find_spec", lambda _: None)
    assert "pip install mynacard[pcsc]" in lacking()


@needs_pcscd
def test_lacking_says_nothing_where_nothing_lacks() -> None:
    assert lacking() == ""


def test_a_python_that_cannot_be_started_again_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(StackError, match="this Python cannot start another"):
        PrivateStack(pcscd=fake_pcscd(tmp_path, ""), driver="/bin/true").start()


def test_a_pcscd_with_polkit_is_started_without_it(tmp_path: Path) -> None:
    assert "--disable-polkit" not in Pcscd.ask(fake_pcscd(tmp_path, "")).command()
    features = 'echo "Enabled features: Linux polkit usbdropdir=/opt/drivers ipcdir=/run/other filter"'
    (tmp_path / "pcscd").write_text(f"#!/bin/sh\n{features}\n")
    pcscd = Pcscd.ask(str(tmp_path / "pcscd"))
    assert pcscd.command() == [str(tmp_path / "pcscd"), "--disable-polkit"]
    assert (pcscd.ipcdir, pcscd.usbdropdir) == ("/run/other", "/opt/drivers")


# ---------------------------------------------------------------- life


@needs_pcscd
def test_a_stack_is_alive_between_start_and_stop() -> None:
    stack = PrivateStack()
    lives = [stack.alive]
    stack.start()
    lives.append(stack.alive)
    folder = folder_of(stack)
    stack.stop()
    stack.stop()
    assert [*lives, stack.alive] == [False, True, False]
    assert not stack.isolated
    assert not list(processes(folder))
    assert not Path(folder).exists()
    with stack:
        assert folder_of(stack) != folder


def test_a_stack_that_is_not_running_says_so() -> None:
    stack = PrivateStack()
    with pytest.raises(StackError, match="not running; start it first"):
        stack.connect()
    with pytest.raises(StackError, match="not running; start it first"):
        assert not stack.environment


@needs_pcscd
def test_a_stack_is_started_once(running: PrivateStack) -> None:
    with pytest.raises(StackError, match="stop it first"):
        running.start()
    assert running.alive


@needs_pcscd
@pytest.mark.parametrize("reader", [-1, 1])
def test_a_reader_that_is_not_there_takes_no_card(running: PrivateStack, reader: int) -> None:
    with pytest.raises(StackError, match=f"no reader {reader}"):
        running.connect(reader)


@needs_pcscd
def test_a_card_can_follow_others_that_left_before_they_were_seen(running: PrivateStack) -> None:
    for _ in range(4):  # more than fit into the driver's queue
        running.connect().close()
    with VirtualSlot(running.connect) as slot:
        slot.insert(card())
        assert slot.wait_powered(PATIENCE)


@needs_pcscd
def test_a_pcscd_that_never_looks_takes_no_more_cards_than_one(
    running: PrivateStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack_module, "_back_off", lambda: iter([0.01, 0.01]))
    os.kill(pcscd_of(folder_of(running)), signal.SIGSTOP)
    with running.connect(), pytest.raises(StackError, match="has not looked for a card"):
        running.connect()


def test_a_connection_is_given_up_after_some_seconds() -> None:
    assert 4 < sum(stack_module._back_off()) < 10


@needs_pcscd
def test_a_driver_that_has_gone_takes_no_card(running: PrivateStack) -> None:
    assert running._launcher is not None
    running._launcher.ports = (1,)
    with pytest.raises(StackError, match=r"takes no card .*; start the stack anew"):
        running.connect()


@needs_pcscd
def test_a_launcher_that_hangs_is_told_and_ended(running: PrivateStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_module, "_STOP_SECONDS", 0.1)
    folder = folder_of(running)
    assert running._launcher is not None
    running._launcher._control.settimeout(0.1)
    os.kill(running._launcher._process.pid, signal.SIGSTOP)
    with pytest.raises(StackError, match="does not answer"):
        running.connect()
    running.stop()
    assert gone(folder)


@needs_pcscd
def test_a_connection_is_not_inherited_by_other_programs(running: PrivateStack) -> None:
    with running.connect() as connection:
        assert not connection.get_inheritable()


@needs_pcscd
def test_the_death_of_pcscd_is_noticed_and_told(running: PrivateStack) -> None:
    folder = folder_of(running)
    os.kill(pcscd_of(folder), signal.SIGKILL)
    assert until(lambda: not running.alive)
    with pytest.raises(StackError, match="pcscd was ended by signal 9"):
        running.connect()
    assert gone(folder)


@needs_pcscd
def test_a_stack_starts_anew_behind_the_same_path_without_the_readers_that_are_away() -> None:
    with PrivateStack(["A", "B", "A"]) as stack, ExitStack() as slots:
        path, before = stack.socket_path, pcscd_of(folder_of(stack))
        in_hand = [slots.enter_context(VirtualSlot(partial(stack.connect, number))) for number in range(3)]
        for slot in in_hand:
            slot.insert(card(b"\x90\x00"))
        stack.restart(away=[0])
        assert all(slot.wait_ejected(PATIENCE) for slot in in_hand)
        assert (stack.socket_path, stack.alive) == (path, True)
        assert pcscd_of(folder_of(stack)) != before
        for gone_with_its_slots in (0, 2):
            with pytest.raises(StackError, match="takes no card"):
                stack.connect(gone_with_its_slots)
        in_hand[1].insert(card(b"\x90\x00"))
        assert in_hand[1].wait_powered(PATIENCE)
        assert run(CLIENT, "1", extra=stack.environment) == {"B 00 00": ["9000"], "B 00 01": []}

        stack.restart()
        in_hand[2].insert(card(b"\x90\x00"))
        assert in_hand[2].wait_powered(PATIENCE)


@needs_pcscd
def test_a_stack_that_starts_anew_many_times_keeps_nothing_of_the_pcscds_before(running: PrivateStack) -> None:
    folder = folder_of(running)

    def kept() -> tuple[int, int]:
        launcher = next(pid for pid in processes(folder) if pid != pcscd_of(folder))
        return len(list(processes(folder))), len(list(Path(f"/proc/{launcher}/fd").iterdir()))

    running.restart(away=[0])
    before = kept()
    for away in ([0], []) * 5:
        running.restart(away)
    running.restart(away=[0])

    assert kept() == before
    running.stop()
    assert gone(folder)


@needs_pcscd
def test_the_death_of_a_pcscd_that_was_started_anew_is_noticed_too(running: PrivateStack) -> None:
    running.restart()
    os.kill(pcscd_of(folder_of(running)), signal.SIGKILL)
    assert until(lambda: not running.alive)
    with pytest.raises(StackError, match="pcscd was ended by signal 9"):
        running.restart()


@needs_pcscd
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_pcscd_never_outlives_its_launcher(running: PrivateStack, number: signal.Signals) -> None:
    folder = folder_of(running)
    launcher = next(pid for pid in processes(folder) if pid != pcscd_of(folder))
    os.kill(launcher, number)
    assert until(lambda: not list(processes(folder)))
    assert Path(folder).exists() == (number == signal.SIGKILL)
    with pytest.raises(StackError, match=r"start the stack anew|was killed"):
        running.connect()
    running.stop()
    assert not Path(folder).exists()


@needs_pcscd
def test_an_owner_may_have_many_files_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2000:
        pytest.skip("this user may not open 2000 files")
    with ExitStack() as files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2000), hard))
        files.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        for _ in range(1100):
            files.enter_context(Path("/dev/null").open("rb"))
        with PrivateStack() as stack:
            stack.connect().close()


@needs_pcscd
def test_four_stacks_at_once_keep_to_themselves() -> None:
    with ExitStack() as cleanup, ThreadPoolExecutor(4) as pool:
        stacks = list(pool.map(lambda _: cleanup.enter_context(PrivateStack()), range(4)))
        slots = [cleanup.enter_context(VirtualSlot(stack.connect)) for stack in stacks]
        for number, slot in enumerate(slots):
            slot.insert(card(bytes([number, 0x90, 0])))
        assert all(slot.wait_powered(PATIENCE) for slot in slots)
        told = list(pool.map(lambda stack: run(CLIENT, "300", extra=stack.environment), stacks))
    assert [answers[stacks[0].readers[0]] for answers in told] == [[f"{number:02x}9000"] for number in range(4)]


# ---------------------------------------------------------------- nothing is left behind


@contextmanager
def holder(then: str, user: int | None = None) -> Iterator[tuple[subprocess.Popen[str], str, IO[str]]]:
    """Start an owner of a stack; yield its process, the stack's directory, and what else it says."""
    started: subprocess.Popen[str] = subprocess.Popen(
        **command(HOLD, then, user=user),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    with started as owner:
        assert owner.stdout is not None
        assert owner.stdin is not None
        try:
            yield owner, str(Path(owner.stdout.readline().strip()).parent), owner.stdout
        finally:
            owner.stdin.close()  # ends whoever still reads from it
            owner.kill()


@needs_pcscd
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_when_the_owner_is_ended_by(number: signal.Signals) -> None:
    with holder("sys.stdin.read()") as (owner, folder, _):
        os.killpg(owner.pid, number)  # all in the foreground, as a terminal does it
        owner.wait(PATIENCE)
        assert gone(folder)


@needs_pcscd
@pytest.mark.parametrize("end", ["pass", "sys.exit(1)", "raise RuntimeError", "__import__('os')._exit(0)"])
def test_nothing_is_left_when_the_owner_ends_by(end: str) -> None:
    with holder(end) as (owner, folder, _):
        owner.wait(PATIENCE)
        assert gone(folder)


@needs_pcscd
def test_nothing_is_left_when_a_forked_process_survives_the_owner() -> None:
    fork = "import os; child = os.fork(); child and print(child, flush=True); sys.stdin.read()"
    with holder(fork) as (owner, folder, said):
        child = int(said.readline())
        owner.kill()
        owner.wait(PATIENCE)
        assert Path(f"/proc/{child}/cmdline").read_bytes()
        assert gone(folder)


@needs_pcscd
def test_a_stack_stops_at_once_though_a_forked_process_has_its_descriptors() -> None:
    program = """
import os, time
if os.fork() == 0:
    sys.stdin.read()
    os._exit(0)
begun = time.monotonic()
stack.stop()
print(time.monotonic() - begun, flush=True)
"""
    with holder(program) as (_, folder, said):
        assert float(said.readline()) < stack_module._STOP_SECONDS
        assert gone(folder)


# ---------------------------------------------------------------- isolation


@pytest.fixture
def isolated(running: PrivateStack) -> PrivateStack:
    if not running.isolated:
        pytest.skip(str(running.warning))
    return running


@needs_pcscd
def test_nobody_outside_reaches_the_driver(isolated: PrivateStack) -> None:
    open_there = stack_host._open_files(pcscd_of(folder_of(isolated)))
    assert open_there
    assert not open_there & {f"socket:[{inode}]" for _, inode in stack_host.listeners()}


@needs_pcscd
def test_a_private_pcscd_knows_no_driver_of_a_real_reader(isolated: PrivateStack) -> None:
    drivers = Path(Pcscd.ask(PCSCD).usbdropdir)
    assert list(drivers.iterdir())
    assert not list(Path(f"/proc/{pcscd_of(folder_of(isolated))}/root{drivers}").iterdir())


@needs_pcscd
def test_the_pid_file_of_the_systems_pcscd_stays() -> None:
    program = """
import json, pathlib
from mynacard_emulator.readers.stack import PrivateStack

file = pathlib.Path("/run/pcscd/pcscd.pid")
file.write_text("1")
with PrivateStack():
    pass
print(json.dumps(file.read_text()))
"""
    assert confined(program, limits=()) == "1"


@needs_pcscd
@pytest.mark.parametrize("user", USERS)
def test_root_and_an_ordinary_user_have_an_isolated_stack(user: int) -> None:
    told = run(USE, "REQUIRED", user=user)
    assert told == {"answer": "9000", "isolated": True, "warning": None, "user": user, "left": False}


@needs_pcscd
def test_an_ordinary_users_pcscd_has_no_capability_in_its_namespaces() -> None:
    with holder("sys.stdin.read()", user=ORDINARY) as (_, folder, _):
        status = Path(f"/proc/{pcscd_of(folder)}/status").read_text()
    assert int(status.partition("CapEff:")[2].split()[0], 16) == 0


@needs_pcscd
@pytest.mark.parametrize("user", USERS)
def test_a_stack_without_a_network_of_its_own_warns(user: int) -> None:
    told = confined(USE, "AUTO", limits=["net"], user=user)
    assert (told["answer"], told["isolated"], told["left"]) == ("9000", False, False)
    assert told["warning"].startswith("no network namespace can be had here (this user may have no more of them)")
    assert "\n" not in told["warning"]


STRANGER = """
import json, socket
from mynacard_emulator.readers.stack import PrivateStack, StackError

told = {}
with PrivateStack() as stack:
    stack.connect().close()
    with socket.create_connection(("127.0.0.1", stack._launcher.ports[0])):
        try:
            stack.connect()
        except StackError as error:
            told["error"] = str(error).replace(str(stack._launcher.ports[0]), "N")
print(json.dumps(told))
"""


@needs_pcscd
def test_a_stranger_who_came_first_to_a_reader_on_a_shared_network_is_noticed() -> None:
    told = confined(STRANGER, limits=["net"])
    assert told == {
        "error": "another program is at TCP port N in the place of the card; end it, and start the stack anew"
    }


@needs_pcscd
@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("limits", [["net"], ["user", "mnt", "net"]])
def test_required_isolation_that_cannot_be_had_is_an_error(user: int, limits: list[str]) -> None:
    told = confined(USE, "REQUIRED", limits=limits, user=user)
    assert told["error"].startswith("no network namespace can be had here (this user may have no more of them)")


@needs_pcscd
def test_an_ordinary_user_can_do_without_any_namespace() -> None:
    told = confined(USE, "AUTO", limits=["user", "mnt", "net"], user=ORDINARY)
    assert (told["answer"], told["isolated"], told["left"]) == ("9000", False, False)
    assert "can reach the virtual reader, at TCP port " in told["warning"]


@needs_pcscd
def test_an_ordinary_user_without_any_namespace_is_told_of_the_directory_that_lacks() -> None:
    told = confined(USE, "AUTO", limits=["user", "mnt", "net"], ipcdir="", user=ORDINARY)
    assert told["error"] == "pcscd wants the directory /run/pcscd; make it: sudo mkdir -p /run/pcscd"


@needs_pcscd
@root_only
@pytest.mark.parametrize("ipcdir", ["/run/pcscd", ""])
def test_root_needs_a_mount_namespace(ipcdir: str) -> None:
    told = confined(USE, "AUTO", limits=["user", "mnt", "net"], ipcdir=ipcdir, user=0)
    assert "no mount namespace can be had here" in told["error"]
    assert "run this as an ordinary user" in told["error"]


@needs_pcscd
@pytest.mark.parametrize("user", USERS)
def test_a_machine_without_the_directory_of_pcscd_serves_too(user: int) -> None:
    assert confined(USE, "REQUIRED", limits=(), ipcdir="", user=user)["answer"] == "9000"


@needs_pcscd
def test_a_port_that_another_program_has_is_not_taken_for_the_drivers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(stack_module._TakenError, match=f"listens on port {port}"):
            stack_module._Launcher(CLONE_NEWNS, {port: "A"}, Pcscd.ask(PCSCD), DRIVER)


@needs_pcscd
def test_a_stack_tries_other_ports_a_few_times(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        free = next(port for port in stack_module._choose_ports(1, private=False) if port != taken)
        chosen = iter([[taken], [free]])
        monkeypatch.setattr(stack_module, "_choose_ports", lambda *_, **__: next(chosen))
        launcher = PrivateStack()._launch(CLONE_NEWNS, Pcscd.ask(PCSCD))
        launcher.stop()
        assert launcher.ports == (free,)
        monkeypatch.setattr(stack_module, "_choose_ports", lambda *_, **__: [taken])
        with pytest.raises(StackError, match="take the TCP ports"):
            PrivateStack()._launch(CLONE_NEWNS, Pcscd.ask(PCSCD))


def test_ports_on_a_shared_network_are_free_and_differ() -> None:
    ports = stack_module._choose_ports(MOST_NAMES, private=False)
    assert len(set(ports)) == MOST_NAMES
    assert all(map(stack_module._is_free, ports))
    with socket.create_server(("", 0)) as other:
        assert not stack_module._is_free(other.getsockname()[1])
