"""Our own PC/SC connection, used by a process of its own; the card and the stack are here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import pytest

from mynacard_emulator.readers import pcsc
from mynacard_emulator.readers.pcsc import PcscError, ReaderConnection, activate
from mynacard_emulator.readers.port import CONTACT_ATR, TransmitOnly
from mynacard_emulator.readers.stack import PrivateStack, StackError
from mynacard_emulator.readers.vpcd import VirtualSlot

from .programs import PATIENCE, Answers, card, command

needs_pcscd = pytest.mark.pcsc
SELECT = "00A4040C0AD392F000260100000001"

REMOTE = """
import json, sys
from mynacard_emulator.readers.pcsc import PcscError, ReaderConnection

connections = {}
for line in sys.stdin:
    name, method, *arguments = json.loads(line)
    connection = connections.setdefault(name, ReaderConnection(sys.argv[1]))
    try:
        arguments = [bytes.fromhex(a) if isinstance(a, str) else a for a in arguments]
        value = getattr(connection, method)(*arguments)
        told = {"value": value.hex() if isinstance(value, bytes) else value}
    except PcscError as error:
        told = {"kind": type(error).__name__, "code": error.code, "text": str(error)}
    print(json.dumps(told), flush=True)
"""

EXCLUSIVE = """
import sys
from smartcard import scard

context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
print(scard.SCardConnect(context, sys.argv[1], scard.SCARD_SHARE_EXCLUSIVE, 3)[0], flush=True)
sys.stdin.read()
"""


class Refusal(Exception):
    """What the other process's connection raised."""

    def __init__(self, kind: str, code: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.code = code


class Client:
    """Connections in another process, by name."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._names: set[str] = set()

    def __call__(self, name: str, method: str, *arguments: str | float) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._names.add(name)
        self._process.stdin.write(json.dumps([name, method, *arguments]) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        if "kind" in told:
            raise Refusal(**told)
        return told["value"]

    def close_all(self) -> None:
        for name in self._names:
            self(name, "close")


@contextmanager
def process(program: str, *arguments: str, extra: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    settings = command(program, *arguments)
    settings["env"] |= extra
    with subprocess.Popen(**settings, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        yield started


class Desk:
    """A stack, the slot of its reader, and a client."""

    def __init__(self, stack: PrivateStack, slot: VirtualSlot, client: Client) -> None:
        self.stack = stack
        self.slot = slot
        self.client = client

    @classmethod
    @contextmanager
    def laid(cls) -> Iterator[Self]:
        with (
            PrivateStack() as stack,
            VirtualSlot(stack.connect) as slot,
            process(REMOTE, stack.readers[0], extra=stack.environment) as started,
        ):
            yield cls(stack, slot, Client(started))

    def insert(self, inserted: TransmitOnly | Chip) -> None:
        self.slot.insert(inserted)
        assert self.client("watch", "wait_present", PATIENCE)

    def clear(self) -> None:
        self.slot.eject()
        assert self.client("watch", "wait_absent", PATIENCE)
        self.client.close_all()


@pytest.fixture(scope="module")
def shared_desk() -> Iterator[Desk]:
    with Desk.laid() as desk:
        yield desk


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    yield shared_desk
    shared_desk.clear()


class Chip(Answers):
    """A card that remembers what was done to its power."""

    def __init__(self) -> None:
        super().__init__(b"\x90\x00")
        self.atr = CONTACT_ATR
        self.felt: list[str] = []

    def power_on(self) -> bytes:
        self.felt.append("on")
        return self.atr

    def power_off(self) -> None:
        self.felt.append("off")

    def reset(self) -> bytes:
        self.felt.append("reset")
        return self.atr


# ---------------------------------------------------------------- a card and its connection


@needs_pcscd
def test_an_empty_reader_has_no_card_to_connect_to(desk: Desk) -> None:
    with pytest.raises(Refusal) as refused:
        desk.client("one", "connect")
    assert (refused.value.kind, refused.value.code) == ("NoCard", "SCARD_E_NO_SMARTCARD")
    with pytest.raises(Refusal, match="connect first") as refused:
        desk.client("one", "transmit", SELECT)
    assert refused.value.kind == "NoCard"


@needs_pcscd
def test_a_card_is_seen_selected_and_left(desk: Desk) -> None:
    assert not desk.client("one", "wait_present", 0)
    desk.insert(card(b"\x6a\x82"))
    desk.client("one", "connect")
    desk.client("one", "connect")
    assert desk.client("one", "transmit", SELECT) == "6a82"
    assert desk.client("one", "atr") == CONTACT_ATR.hex()
    assert not desk.client("one", "wait_absent", 0.1)
    desk.client("one", "release")
    desk.client("one", "release")
    with pytest.raises(Refusal):
        desk.client("one", "atr")


@needs_pcscd
@pytest.mark.parametrize("size", [5, 261, 4096])
def test_long_commands_and_answers_pass(desk: Desk, size: int) -> None:
    answer = bytes(range(256)) * (size // 256) + b"\x90\x00"
    desk.insert(card(answer))
    desk.client("one", "connect")
    assert desk.client("one", "transmit", "00" * size) == answer.hex()


@needs_pcscd
def test_a_power_cycle_is_felt_by_the_card_and_other_clients(desk: Desk) -> None:
    chip = Chip()
    desk.insert(chip)
    desk.client("one", "connect")
    desk.client("two", "connect")
    chip.felt.clear()
    desk.client("one", "power_cycle")
    assert desk.client("one", "transmit", SELECT) == "9000"
    assert chip.felt == ["off", "on"]
    with pytest.raises(Refusal) as refused:
        desk.client("two", "transmit", SELECT)
    assert (refused.value.kind, refused.value.code) == ("CardWasReset", "SCARD_W_RESET_CARD")


@needs_pcscd
def test_a_warm_reset_leaves_the_power_on_and_is_told_to_other_clients(desk: Desk) -> None:
    chip = Chip()
    desk.insert(chip)
    desk.client("one", "connect")
    desk.client("two", "connect")
    chip.felt.clear()
    desk.client("one", "warm_reset")
    assert desk.client("one", "transmit", SELECT) == "9000"
    assert chip.felt == ["reset"]
    with pytest.raises(Refusal) as refused:
        desk.client("two", "transmit", SELECT)
    assert refused.value.kind == "CardWasReset"


@needs_pcscd
def test_a_held_connection_keeps_the_power_and_a_released_one_lets_it_go(desk: Desk) -> None:
    desk.insert(card())
    desk.client("one", "connect")
    desk.client("two", "connect")
    desk.client("two", "release")
    assert not desk.slot.wait_unpowered(1.2)  # longer than pcscd waits
    desk.client("one", "release")
    assert desk.slot.wait_unpowered(PATIENCE)


# ---------------------------------------------------------------- what can go wrong


@needs_pcscd
def test_a_connection_dies_with_its_card_and_stays_dead(desk: Desk) -> None:
    desk.insert(card())
    desk.client("one", "connect")
    desk.slot.eject()
    with pytest.raises(Refusal) as refused:
        desk.client("one", "transmit", "00200080043132333400")
    assert refused.value.kind in {"TransmitFailed", "CardRemoved"}  # the second if pcscd looked in between
    assert "31323334" not in str(refused.value)
    assert desk.client("one", "wait_absent", PATIENCE)
    desk.insert(card())
    with pytest.raises(Refusal) as refused:
        desk.client("one", "transmit", SELECT)
    assert (refused.value.kind, refused.value.code) == ("CardRemoved", "SCARD_W_REMOVED_CARD")
    desk.client("one", "release")
    desk.client("one", "connect")
    assert desk.client("one", "transmit", SELECT) == "9000"


@needs_pcscd
@pytest.mark.parametrize("call", ["warm_reset", "power_cycle"])
def test_a_card_is_absent_when_pcscd_has_looked_and_not_when_a_call_on_it_fails(desk: Desk, call: str) -> None:
    desk.insert(card())
    desk.client("one", "connect")
    desk.slot.eject()
    with pytest.raises(Refusal):
        desk.client("one", call)
    assert desk.client("watch", "wait_absent", PATIENCE)
    desk.insert(card())  # which pcscd would never see, had it come before the look


@needs_pcscd
def test_a_card_that_another_program_has_for_itself_is_busy(desk: Desk) -> None:
    desk.insert(card())
    with process(EXCLUSIVE, desk.stack.readers[0], extra=desk.stack.environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "0\n"
        with pytest.raises(Refusal) as refused:
            desk.client("one", "connect")
        assert refused.value.kind == "ReaderBusy"


@needs_pcscd
def test_a_card_without_a_sensible_atr_is_unreadable(desk: Desk) -> None:
    desk.slot.insert(TransmitOnly(Answers(b"\x90\x00"), atr=b"\xff\xff"))
    assert desk.client("one", "wait_present", PATIENCE)
    with pytest.raises(Refusal) as refused:
        desk.client("one", "connect")
    assert refused.value.kind == "CardUnreadable"


@needs_pcscd
def test_a_reader_of_another_name_is_not_there(desk: Desk) -> None:
    with process(REMOTE, "Nobody 00 00", extra=desk.stack.environment) as started:
        client = Client(started)
        for method, arguments in (("connect", []), ("wait_present", [0.0])):
            with pytest.raises(Refusal) as refused:
                client("one", method, *arguments)
            assert (refused.value.kind, refused.value.code) == ("NoReader", "SCARD_E_UNKNOWN_READER")


@needs_pcscd
def test_a_stack_that_has_gone_is_no_reader() -> None:
    with Desk.laid() as desk:
        desk.insert(card())
        desk.client("one", "connect")
        desk.stack.stop()
        for name, method, *arguments in (("one", "transmit", SELECT), ("two", "connect"), ("two", "wait_present", 1.0)):
            with pytest.raises(Refusal) as refused:
                desk.client(str(name), str(method), *arguments)
            assert refused.value.kind == "NoReader"


# ---------------------------------------------------------------- no card, no pcscd


def test_codes_are_pyscards() -> None:
    scard = pytest.importorskip("smartcard.scard", reason="pyscard is an extra")
    assert {getattr(scard, meaning.code): meaning.code for meaning in pcsc._MEANINGS.values()} == {
        number: meaning.code for number, meaning in pcsc._MEANINGS.items()
    }


def test_a_code_without_a_name_is_told_as_a_number() -> None:
    with pytest.raises(PcscError, match="0x80100001") as caught:
        pcsc._checked((0x80100001 - (1 << 32),))
    assert caught.value.code == "0x80100001"


def test_without_pyscard_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(StackError, match=r"pip install mynacard\[pcsc\]"):
        ReaderConnection("any").connect()


def test_closing_what_was_never_opened_needs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    connection = ReaderConnection("any")
    connection.release()
    connection.close()
    assert not connection.connected


@needs_pcscd
def test_a_process_has_one_stack_for_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", "")  # so that it is restored
    monkeypatch.delenv("PCSCLITE_CSOCK_NAME")
    with PrivateStack() as first, PrivateStack() as second:
        activate(first)
        activate(first)
        assert first.environment.items() <= os.environ.items()
        with pytest.raises(StackError, match="cannot change to another; use a new process"):
            activate(second)
    with pytest.raises(StackError, match="not running"):
        activate(first)
