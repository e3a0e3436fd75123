"""The virtual slot and `serve`, with a loopback socket that plays the reader's driver."""

from __future__ import annotations

import logging
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice, pairwise
from queue import SimpleQueue
from typing import Any, Self, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.readers import slot as slot_module
from mynacard_emulator.readers import vpcd
from mynacard_emulator.readers.framing import Control, encode
from mynacard_emulator.readers.port import CONTACT_ATR, AnswerLost, CardEjected, CardPort, ReaderError, TransmitOnly
from mynacard_emulator.readers.vpcd import (
    CardFailed,
    NoReader,
    ReaderEvent,
    ReaderLost,
    SlotClosed,
    SlotOccupied,
    VirtualSlot,
    serve,
)

PATIENCE = 5.0  # seconds until a test that waits for an event gives up
LOOPBACK = "127.0.0.1"
GET_CHALLENGE = bytes.fromhex("0084000008")
VERIFY = bytes.fromhex("002000800431323334")
OK = b"\x90\x00"
CARD_BUG = b"\x6f\x00"

T = TypeVar("T")


class Wire:
    """The driver's end of one connection."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = sock
        self._file = sock.makefile("rb")

    def tell(self, payload: bytes | Control) -> None:
        self.sock.sendall(encode(bytes([payload.value]) if isinstance(payload, Control) else payload))

    def hear(self) -> bytes:
        return self._file.read(int.from_bytes(self._file.read(2), "big"))

    def ask(self, payload: bytes | Control) -> bytes:
        self.tell(payload)
        return self.hear()

    def power_on(self) -> bytes:
        self.tell(Control.POWER_ON)
        return self.ask(Control.ATR)

    def is_hung_up(self) -> bool:
        try:
            return self._file.read(1) == b""
        except ConnectionResetError:
            return True

    def reset(self) -> None:
        """Break the connection off without a farewell."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self._file.close()
        self.sock.close()


class Driver:
    """A listening socket where the reader's driver would be."""

    def __init__(self, *, listening: bool = True) -> None:
        self._socket = socket.socket()
        self._socket.settimeout(PATIENCE)
        self._socket.bind((LOOPBACK, 0))
        self.port: int = self._socket.getsockname()[1]
        self._wires: list[Wire] = []
        if listening:
            self.listen()

    def listen(self) -> None:
        self._socket.listen()

    def stop_listening(self) -> None:
        self._socket.close()

    def connect(self) -> socket.socket:
        return socket.create_connection((LOOPBACK, self.port), PATIENCE)

    def accept(self) -> Wire:
        wire = Wire(self._socket.accept()[0])
        self._wires.append(wire)
        return wire

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for wire in self._wires:
            wire.close()
        self._socket.close()


class Card:
    """A card that keeps a diary; `answer` is what it does with a command."""

    def __init__(self, answer: Callable[[bytes], bytes] = lambda _command: OK) -> None:
        self.diary: list[str] = []
        self._answer = answer

    @property
    def atr(self) -> bytes:
        return CONTACT_ATR

    def power_on(self) -> bytes:
        self.diary.append("on")
        return self.atr

    def power_off(self) -> None:
        self.diary.append("off")

    def reset(self) -> bytes:
        self.diary.append("reset")
        return self.atr

    def transmit(self, command: bytes) -> bytes:
        self.diary.append(command.hex())
        return self._answer(command)


class FaultyCard(Card):
    """A card that raises at one thing that a reader does to it."""

    def __init__(self, at: str, error: Exception) -> None:
        super().__init__()
        self._at, self._error = at, error

    def _perhaps(self, at: str) -> None:
        if at == self._at:
            raise self._error

    @property
    def atr(self) -> bytes:
        self._perhaps("atr")
        return super().atr

    def power_on(self) -> bytes:
        self._perhaps("power_on")
        return super().power_on()

    def power_off(self) -> None:
        super().power_off()
        self._perhaps("power_off")

    def reset(self) -> bytes:
        self._perhaps("reset")
        return super().reset()

    def transmit(self, command: bytes) -> bytes:
        self._perhaps("transmit")
        return super().transmit(command)


class Busy(threading.Event):
    """The answer of a card that is busy until the event is set; `begun` says that it has begun."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()

    def __call__(self, _command: bytes) -> bytes:
        self.begun.set()
        assert self.wait(PATIENCE)
        return OK


_TCP_OPTIONS = {socket.TCP_NODELAY: "nodelay", socket.TCP_QUICKACK: "quickack"}


class LoudSocket(socket.socket):
    """A socket that writes down what is done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.deeds: list[str] = []

    def setsockopt(self, *args: Any) -> None:
        if args[0] == socket.IPPROTO_TCP:
            self.deeds.append(_TCP_OPTIONS[args[1]])
        super().setsockopt(*args)

    def recv(self, *args: Any) -> bytes:
        self.deeds.append("recv")
        return super().recv(*args)

    def sendall(self, *args: Any) -> None:
        self.deeds.append(f"send {args[0].hex()}")
        super().sendall(*args)


@pytest.fixture
def driver() -> Iterator[Driver]:
    with Driver() as driver:
        yield driver


@pytest.fixture
def slot(driver: Driver) -> Iterator[VirtualSlot]:
    with VirtualSlot(driver.connect) as slot:
        yield slot


def inserted(slot: VirtualSlot, driver: Driver, card: CardPort) -> Wire:
    slot.insert(card)
    return driver.accept()


# ---------------------------------------------------------------- one card, one reader


def test_the_reader_powers_the_card_on_and_talks_to_it(driver: Driver, slot: VirtualSlot) -> None:
    card = Card()
    wire = inserted(slot, driver, card)
    assert wire.power_on() == CONTACT_ATR
    assert wire.ask(GET_CHALLENGE) == OK
    wire.tell(Control.RESET)
    assert wire.ask(Control.ATR) == CONTACT_ATR
    wire.tell(Control.POWER_OFF)
    assert slot.wait_unpowered(PATIENCE)
    assert card.diary == ["on", "0084000008", "reset", "off"]
    assert slot.inserted


def test_the_atr_may_be_asked_for_without_power(driver: Driver, slot: VirtualSlot) -> None:
    card = Card()
    wire = inserted(slot, driver, card)
    assert [wire.ask(Control.ATR) for _ in range(3)] == [CONTACT_ATR] * 3
    assert card.diary == []


@pytest.mark.parametrize("command", [b"", b"\x03", b"\xff", b"\x01\x04", bytes(65_535)], ids=len)
def test_whatever_is_no_control_goes_to_the_card(driver: Driver, slot: VirtualSlot, command: bytes) -> None:
    wire = inserted(slot, driver, Card(lambda command: command[:9] + OK))
    assert wire.ask(command) == command[:9] + OK


def test_messages_may_come_byte_by_byte_or_all_at_once(driver: Driver, slot: VirtualSlot) -> None:
    wire = inserted(slot, driver, Card(lambda command: command + OK))
    for byte in encode(VERIFY):
        wire.sock.sendall(bytes([byte]))
    assert wire.hear() == VERIFY + OK
    wire.sock.sendall(encode(VERIFY) + encode(b"\x01") + encode(GET_CHALLENGE))
    assert [wire.hear(), wire.hear()] == [VERIFY + OK, GET_CHALLENGE + OK]


def test_a_long_answer_arrives_whole(driver: Driver, slot: VirtualSlot) -> None:
    answer = bytes(range(256)) * 255 + OK
    assert inserted(slot, driver, Card(lambda _: answer)).ask(GET_CHALLENGE) == answer


def test_anything_that_transmits_becomes_a_card(driver: Driver, slot: VirtualSlot) -> None:
    class Echo:
        def transmit(self, apdu: bytes) -> bytes:
            return apdu + OK

    wire = inserted(slot, driver, TransmitOnly(Echo()))
    assert wire.power_on() == CONTACT_ATR
    wire.tell(Control.RESET)
    assert wire.ask(GET_CHALLENGE) == GET_CHALLENGE + OK
    slot.swap(TransmitOnly(Echo(), atr=b"\x3b\x00"))
    assert driver.accept().power_on() == b"\x3b\x00"


# ---------------------------------------------------------------- the 40 milliseconds


def loud(driver: Driver, sockets: list[LoudSocket]) -> socket.socket:
    sock = LoudSocket()
    sock.settimeout(PATIENCE)
    sock.connect((LOOPBACK, driver.port))
    sockets.append(sock)
    return sock


def deeds(driver: Driver, *, quick_ack: bool) -> list[str]:
    sockets: list[LoudSocket] = []
    with VirtualSlot(partial(loud, driver, sockets), quick_ack=quick_ack) as slot:
        wire = inserted(slot, driver, Card())
        assert wire.power_on() == CONTACT_ATR
        assert wire.ask(GET_CHALLENGE) == OK
        assert sockets[0].gettimeout() is None
    return sockets[0].deeds


def test_every_recv_asks_for_quick_acknowledgement_anew(driver: Driver) -> None:
    seen = deeds(driver, quick_ack=True)
    assert seen.count("nodelay") == 1
    assert seen.count("recv") >= 2
    assert all(before == "quickack" for before, after in pairwise(seen) if after == "recv")


def test_quick_acknowledgement_can_be_switched_off(driver: Driver) -> None:
    seen = deeds(driver, quick_ack=False)
    assert "quickack" not in seen
    assert seen.count("nodelay") == 1


def test_a_system_without_quick_acknowledgement_is_served_too(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_QUICKACK")
    assert "quickack" not in deeds(driver, quick_ack=True)


def test_length_and_body_leave_in_one_send(driver: Driver) -> None:
    sends = [deed for deed in deeds(driver, quick_ack=True) if deed.startswith("send")]
    assert sends == [f"send 0009{CONTACT_ATR.hex()}", "send 00029000"]


def test_a_driver_that_writes_twice_does_not_wait_for_the_delayed_acknowledgement(driver: Driver) -> None:
    def seconds(*, quick_ack: bool) -> float:
        with VirtualSlot(driver.connect, quick_ack=quick_ack) as slot:
            wire = inserted(slot, driver, Card())
            wire.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)
            start = time.perf_counter()
            for _ in range(10):
                wire.sock.sendall(b"\x00\x05")
                wire.sock.sendall(GET_CHALLENGE)
                assert wire.hear() == OK
            return time.perf_counter() - start

    assert 3 * seconds(quick_ack=True) < seconds(quick_ack=False)


# ---------------------------------------------------------------- in and out


def test_ejecting_hangs_up_and_cuts_the_power(driver: Driver, slot: VirtualSlot) -> None:
    card = Card()
    wire = inserted(slot, driver, card)
    wire.power_on()
    slot.eject()
    assert wire.is_hung_up()
    assert card.diary == ["on", "off"]
    assert not slot.inserted
    assert slot.failure is None
    assert slot.wait_ejected(0)
    assert slot.wait_unpowered(0)


def test_an_empty_slot_can_be_ejected_again_and_again(driver: Driver, slot: VirtualSlot) -> None:
    slot.eject()
    assert (slot.inserted, slot.failure) == (False, None)
    assert slot.wait_ejected(0)
    card = Card()
    inserted(slot, driver, card)
    slot.eject()
    slot.eject()
    assert card.diary == ["off"]


def test_a_slot_takes_one_card(driver: Driver, slot: VirtualSlot) -> None:
    wire = inserted(slot, driver, Card())
    with pytest.raises(SlotOccupied, match="eject it first"):
        slot.insert(Card())
    assert wire.ask(GET_CHALLENGE) == OK


def test_swapping_ejects_one_card_and_inserts_another(driver: Driver, slot: VirtualSlot) -> None:
    first, second = Card(), Card()
    slot.swap(first)
    old = driver.accept()
    old.power_on()
    slot.swap(second)
    assert old.is_hung_up()
    driver.accept().power_on()
    assert (first.diary, second.diary) == (["on", "off"], ["on"])


def test_the_same_card_may_come_back(driver: Driver, slot: VirtualSlot) -> None:
    card = Card()
    for _ in range(3):
        assert inserted(slot, driver, card).power_on() == CONTACT_ATR
        slot.eject()
    assert card.diary == ["on", "off"] * 3


def test_a_closed_slot_takes_no_card(driver: Driver) -> None:
    card = Card()
    with VirtualSlot(driver.connect) as slot:
        wire = inserted(slot, driver, card)
    assert wire.is_hung_up()
    assert card.diary == ["off"]
    assert slot.wait_closed(0)
    with pytest.raises(SlotClosed, match="make a new one"):
        slot.insert(card)


def test_without_a_reader_insertion_says_what_to_start() -> None:
    with Driver(listening=False) as nobody, VirtualSlot(nobody.connect) as slot:
        with pytest.raises(NoReader, match="start pcscd"):
            slot.insert(Card())
        assert not slot.inserted


def test_a_card_does_not_take_itself_for_the_reader() -> None:
    sockets = []

    def knock_at_own_door() -> socket.socket:
        sock = socket.socket()
        sockets.append(sock)
        sock.bind((LOOPBACK, 0))
        sock.connect(sock.getsockname())  # what a client port equal to the reader's brings about
        return sock

    with VirtualSlot(knock_at_own_door) as slot, pytest.raises(NoReader, match="nobody listens"):
        slot.insert(Card())
    assert sockets[0].fileno() == -1


# ---------------------------------------------------------------- waiting


def test_powered_means_that_the_reader_has_the_atr(driver: Driver, slot: VirtualSlot) -> None:
    assert not slot.wait_powered(PATIENCE)  # no card, no waiting
    wire = inserted(slot, driver, Card())
    wire.ask(Control.ATR)
    wire.tell(Control.POWER_OFF)
    wire.ask(Control.ATR)
    assert not slot.wait_powered(0)
    wire.tell(Control.POWER_ON)
    assert not slot.wait_powered(0)
    wire.ask(Control.ATR)
    assert slot.wait_powered(PATIENCE)


def test_once_powered_is_remembered_until_the_next_card(driver: Driver, slot: VirtualSlot) -> None:
    wire = inserted(slot, driver, Card())
    wire.power_on()
    wire.tell(Control.POWER_OFF)
    assert slot.wait_unpowered(PATIENCE)
    assert slot.wait_powered(0)
    slot.swap(Card())
    assert not slot.wait_powered(0)


def test_unpowered_is_the_state_of_this_moment(driver: Driver, slot: VirtualSlot) -> None:
    assert slot.wait_unpowered(0)
    wire = inserted(slot, driver, Card())
    assert slot.wait_unpowered(0)
    wire.power_on()
    assert not slot.wait_unpowered(0)
    wire.tell(Control.POWER_OFF)
    assert slot.wait_unpowered(PATIENCE)
    wire.power_on()
    assert not slot.wait_unpowered(0)


def test_nobody_waits_for_the_power_of_a_card_that_has_left(driver: Driver, slot: VirtualSlot) -> None:
    wire = inserted(slot, driver, Card())
    wire.close()
    assert not slot.wait_powered(None)
    assert slot.wait_ejected(None)


def test_a_wait_in_another_thread_ends_with_the_event(driver: Driver, slot: VirtualSlot) -> None:
    wire = inserted(slot, driver, Card())
    heard: SimpleQueue[tuple[str, bool]] = SimpleQueue()
    waiters = [
        threading.Thread(target=lambda: heard.put(("powered", slot.wait_powered(PATIENCE)))),
        threading.Thread(target=lambda: heard.put(("ejected", slot.wait_ejected(PATIENCE)))),
    ]
    for waiter in waiters:
        waiter.start()
    wire.power_on()
    assert heard.get(timeout=PATIENCE) == ("powered", True)
    slot.eject()
    assert heard.get(timeout=PATIENCE) == ("ejected", True)
    for waiter in waiters:
        waiter.join()


# ---------------------------------------------------------------- the wire breaks


def hang_up(wire: Wire) -> None:
    wire.close()


def hang_up_in_the_length(wire: Wire) -> None:
    wire.sock.sendall(b"\x00")
    wire.close()


def hang_up_in_a_command(wire: Wire) -> None:
    wire.sock.sendall(b"\xff\xff\x00\x20")
    wire.close()


def hang_up_before_the_answer(wire: Wire) -> None:
    wire.tell(VERIFY)
    wire.reset()


@pytest.mark.parametrize(
    "vanish", [hang_up, hang_up_in_the_length, hang_up_in_a_command, hang_up_before_the_answer, Wire.reset]
)
def test_a_reader_that_vanishes_leaves_a_card_without_power(
    driver: Driver, slot: VirtualSlot, vanish: Callable[[Wire], None], capfd: pytest.CaptureFixture[str]
) -> None:
    card = Card()
    wire = inserted(slot, driver, card)
    wire.power_on()
    vanish(wire)
    assert slot.wait_ejected(PATIENCE)
    assert isinstance(slot.failure, ReaderLost)
    assert "see whether pcscd still runs" in str(slot.failure)
    assert card.diary[-1] == "off"
    assert not slot.inserted
    assert capfd.readouterr() == ("", "")


def test_after_the_reader_has_vanished_the_card_can_be_inserted_again(driver: Driver, slot: VirtualSlot) -> None:
    card = Card()
    inserted(slot, driver, card).close()
    assert slot.wait_ejected(PATIENCE)
    assert inserted(slot, driver, card).power_on() == CONTACT_ATR
    assert slot.failure is None


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400))
def test_no_noise_on_the_wire_hurts(noise: bytes) -> None:
    card = Card()
    with Driver() as driver, VirtualSlot(driver.connect) as slot:
        wire = inserted(slot, driver, card)
        wire.sock.sendall(noise)
        wire.close()
        assert slot.wait_ejected(PATIENCE)
        slot.close()  # joins the serving thread
        assert isinstance(slot.failure, ReaderLost)
    assert card.diary[-1] == "off"


# ---------------------------------------------------------------- the card leaves, or fails


@pytest.mark.parametrize("at", ["transmit", "power_on", "reset", "atr"])
def test_a_card_that_ejects_itself_leaves_without_an_answer(driver: Driver, slot: VirtualSlot, at: str) -> None:
    card = FaultyCard(at, CardEjected())
    wire = inserted(slot, driver, card)
    wire.tell(VERIFY if at == "transmit" else Control[at.upper()])
    assert wire.is_hung_up()
    assert slot.wait_ejected(PATIENCE)
    slot.eject()  # returns when the card has its last word behind it
    assert (slot.inserted, slot.failure) == (False, None)
    assert card.diary == ["off"]


def test_a_card_that_leaves_behind_its_answer_is_heard_first(driver: Driver, slot: VirtualSlot) -> None:
    card = FaultyCard("transmit", CardEjected(OK))
    wire = inserted(slot, driver, card)
    assert wire.ask(VERIFY) == OK
    assert wire.is_hung_up()
    assert slot.wait_ejected(PATIENCE)
    slot.eject()
    assert (slot.failure, card.diary) == (None, ["off"])


def test_a_lost_answer_is_a_new_connection_of_the_same_session(driver: Driver, slot: VirtualSlot) -> None:
    card = FaultyCard("transmit", AnswerLost())
    wire = inserted(slot, driver, card)
    wire.tell(Control.POWER_ON)
    wire.tell(VERIFY)
    assert wire.is_hung_up()
    again = driver.accept()
    assert again.ask(Control.ATR) == CONTACT_ATR
    slot.eject()
    assert again.is_hung_up()
    assert (slot.failure, card.diary) == (None, ["on", "off"])


def test_an_answer_that_is_lost_with_the_reader_is_the_loss_of_the_reader(slot: VirtualSlot, driver: Driver) -> None:
    card = FaultyCard("transmit", AnswerLost())
    wire = inserted(slot, driver, card)
    driver.stop_listening()
    wire.tell(VERIFY)
    assert wire.is_hung_up()
    assert slot.wait_ejected(PATIENCE)
    slot.close()
    assert isinstance(slot.failure, ReaderLost)


def test_a_card_is_told_when_nobody_waits_for_it_any_more(driver: Driver, slot: VirtualSlot) -> None:
    class Slow(Card):
        def __init__(self) -> None:
            super().__init__(self._work)
            self.busy, self._told = threading.Event(), threading.Event()

        def _work(self, _command: bytes) -> bytes:
            self.busy.set()
            assert self._told.wait(PATIENCE)
            return OK

        def interrupt(self) -> None:
            self._told.set()

    card = Slow()
    wire = inserted(slot, driver, card)
    wire.tell(VERIFY)
    assert card.busy.wait(PATIENCE)
    slot.eject()
    assert card.diary == [VERIFY.hex(), "off"]


def test_a_card_may_eject_itself_through_its_slot(driver: Driver, slot: VirtualSlot) -> None:
    def leave(_command: bytes) -> bytes:
        slot.eject()
        card.diary.append("ejected")
        return OK

    card = Card(leave)
    wire = inserted(slot, driver, card)
    wire.tell(VERIFY)
    assert wire.is_hung_up()
    slot.insert(Card())  # waits for the thread of the old card
    assert card.diary == [VERIFY.hex(), "ejected", "off"]


def test_a_card_that_ejects_itself_while_it_gets_power_stays_out(driver: Driver, slot: VirtualSlot) -> None:
    class Shy(Card):
        def power_on(self) -> bytes:
            slot.eject()
            return super().power_on()

    card = Shy()
    wire = inserted(slot, driver, card)
    wire.tell(Control.POWER_ON)
    assert wire.is_hung_up()
    slot.close()  # waits for the thread of the card
    assert (slot.inserted, slot.failure) == (False, None)
    assert card.diary == ["on", "off"]


def test_a_card_that_has_left_but_is_still_busy_keeps_the_next_one_out(
    driver: Driver, slot: VirtualSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy()

    def leave(command: bytes) -> bytes:
        slot.eject()
        return busy(command)

    card = Card(leave)
    inserted(slot, driver, card).tell(VERIFY)
    assert busy.begun.wait(PATIENCE)
    with monkeypatch.context() as impatient:
        impatient.setattr(slot_module, "_EJECT_SECONDS", 0.01)
        with pytest.raises(CardFailed, match="still busy"):
            slot.insert(card)
    busy.set()
    slot.insert(card)
    assert card.diary == [VERIFY.hex(), "off"]


def test_ejecting_in_the_middle_of_a_command_takes_its_answer_away(driver: Driver, slot: VirtualSlot) -> None:
    busy = Busy()
    card = Card(busy)
    wire = inserted(slot, driver, card)
    wire.power_on()
    wire.tell(VERIFY)
    assert busy.begun.wait(PATIENCE)
    hand = threading.Thread(target=slot.eject)
    hand.start()
    assert wire.is_hung_up()
    assert not slot.inserted
    assert not slot.wait_unpowered(0)  # the card still works, and so it has power
    busy.set()
    hand.join(PATIENCE)
    assert card.diary == ["on", VERIFY.hex(), "off"]
    assert slot.wait_unpowered(0)
    assert slot.failure is None


def test_a_card_that_is_stuck_is_named_after_a_while(
    driver: Driver, slot: VirtualSlot, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Busy()
    wire = inserted(slot, driver, Card(busy))
    wire.tell(VERIFY)
    assert busy.begun.wait(PATIENCE)
    with monkeypatch.context() as impatient:
        impatient.setattr(slot_module, "_EJECT_SECONDS", 0.01)
        with pytest.raises(CardFailed, match="cannot be ejected"):
            slot.eject()
    busy.set()


def bug(_command: bytes) -> bytes:
    raise ValueError("the PIN 1234 is not among the PINs")


def disk_full(_command: bytes) -> bytes:
    raise OSError(28, "no space for PIN 1234")


def nothing(_command: bytes) -> Any:
    return None


def too_much(_command: bytes) -> bytes:
    return bytes(65_536)


@pytest.mark.parametrize("answer", [bug, disk_full, nothing, too_much])
def test_a_bug_of_the_card_is_answered_6f00_and_told_without_any_pin(
    driver: Driver, slot: VirtualSlot, caplog: pytest.LogCaptureFixture, answer: Callable[[bytes], bytes]
) -> None:
    card = Card(lambda command: answer(command) if command == VERIFY else OK)
    wire = inserted(slot, driver, card)
    assert wire.ask(VERIFY) == CARD_BUG
    assert wire.ask(GET_CHALLENGE) == OK
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is None
    assert "6F00" in record.getMessage()
    assert "Error in " in record.getMessage() or "PayloadTooLong in " in record.getMessage()
    assert "1234" not in caplog.text
    assert "31323334" not in caplog.text


@pytest.mark.parametrize("at", ["power_on", "power_off", "reset", "atr"])
def test_a_card_that_fails_where_no_answer_can_say_so_is_ejected(
    driver: Driver, slot: VirtualSlot, caplog: pytest.LogCaptureFixture, at: str
) -> None:
    wire = inserted(slot, driver, FaultyCard(at, ValueError("PIN 1234")))
    wire.tell(Control[at.upper()])
    assert wire.is_hung_up()
    assert slot.wait_ejected(PATIENCE)
    assert isinstance(slot.failure, CardFailed)
    assert f"failed at {at.upper()}" in str(slot.failure)
    assert "ValueError in " in caplog.text
    assert "1234" not in str(slot.failure) + caplog.text


def test_a_card_that_fails_at_its_ejection_is_out_all_the_same(
    driver: Driver, slot: VirtualSlot, caplog: pytest.LogCaptureFixture
) -> None:
    wire = inserted(slot, driver, FaultyCard("power_off", ValueError("PIN 1234")))
    slot.eject()
    assert wire.is_hung_up()
    assert not slot.inserted
    assert slot.wait_unpowered(0)
    assert "ValueError in " in caplog.text
    assert "1234" not in caplog.text


class LonelyCard(Card):
    """A card that notices when two threads touch it at once."""

    def __init__(self) -> None:
        super().__init__()
        self.crowded = False
        self._alone = threading.Lock()

    def power_off(self) -> None:
        self._touch(super().power_off)

    def transmit(self, command: bytes) -> bytes:
        return self._touch(partial(super().transmit, command))

    def _touch(self, deed: Callable[[], T]) -> T:
        alone = self._alone.acquire(blocking=False)
        self.crowded |= not alone
        try:
            return deed()
        finally:
            if alone:
                self._alone.release()


def talk_to_every_card(driver: Driver, ended: threading.Event) -> None:
    while True:
        wire = driver.accept()
        if ended.is_set():
            return
        with suppress(OSError):
            for _ in range(3):
                wire.tell(VERIFY)


def play_with(slot: VirtualSlot, card: Card) -> None:
    for _ in range(25):
        with suppress(SlotOccupied):
            slot.insert(card)
        slot.swap(card)
        slot.eject()


def test_many_hands_at_one_slot_never_touch_a_card_together(driver: Driver, slot: VirtualSlot) -> None:
    cards = [LonelyCard(), LonelyCard()]
    ended = threading.Event()
    reader = threading.Thread(target=talk_to_every_card, args=(driver, ended))
    hands = [threading.Thread(target=play_with, args=(slot, card)) for card in (*cards, *cards)]
    for thread in (reader, *hands):
        thread.start()
    for hand in hands:
        hand.join()
    ended.set()
    driver.connect().close()
    reader.join()
    assert [card.crowded for card in cards] == [False, False]
    assert [card.diary[-1] for card in cards] == ["off", "off"]
    assert VERIFY.hex() in cards[0].diary


# ---------------------------------------------------------------- serve


def never(event: ReaderEvent) -> None:
    pytest.fail(f"{event} was told")


class Run:
    """`serve` in a thread, its events in a queue."""

    def __init__(self, card: CardPort, port: int) -> None:
        self.stop = threading.Event()
        self.events: SimpleQueue[ReaderEvent] = SimpleQueue()
        self.errors: list[ReaderError] = []
        self._thread = threading.Thread(target=self._serve, args=(card, port))
        self._thread.start()

    def _serve(self, card: CardPort, port: int) -> None:
        try:
            serve(card, LOOPBACK, port, stop=self.stop, on_event=self.events.put)
        except ReaderError as error:
            self.errors.append(error)

    def next(self) -> ReaderEvent:
        return self.events.get(timeout=PATIENCE)

    def has_ended(self) -> bool:
        self._thread.join(PATIENCE)
        return not self._thread.is_alive() and self.stop.is_set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        assert self.has_ended()


def test_serve_waits_for_the_reader_and_comes_back_after_it_restarts() -> None:
    card = Card()
    with Driver(listening=False) as driver, Run(card, driver.port) as run:
        assert run.next() is ReaderEvent.WAITING
        driver.listen()
        for _ in range(3):
            assert run.next() is ReaderEvent.INSERTED
            wire = driver.accept()
            assert wire.power_on() == CONTACT_ATR
            assert run.next() is ReaderEvent.POWERED
            assert wire.ask(GET_CHALLENGE) == OK
            wire.close()
            assert run.next() is ReaderEvent.LOST
        assert run.next() is ReaderEvent.INSERTED
    assert card.diary == ["on", GET_CHALLENGE.hex(), "off"] * 3 + ["off"]


def test_waiting_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with Driver(listening=False) as driver:

        def pauses() -> Iterator[float]:
            yield from (0.0, 0.0, 0.0)
            driver.listen()
            yield 0.0

        monkeypatch.setattr(vpcd, "_back_off", pauses)
        with Run(Card(), driver.port) as run:
            assert [run.next(), run.next()] == [ReaderEvent.WAITING, ReaderEvent.INSERTED]


def test_stop_ends_a_card_that_is_being_served(driver: Driver) -> None:
    card = Card()
    with Run(card, driver.port) as run:
        wire = driver.accept()
        wire.power_on()
        assert [run.next(), run.next()] == [ReaderEvent.INSERTED, ReaderEvent.POWERED]
        run.stop.set()
        assert wire.is_hung_up()
        assert run.has_ended()
        assert run.events.empty()
    assert run.errors == []
    assert card.diary == ["on", "off"]


def test_stop_does_not_wait_for_the_next_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vpcd, "_FIRST_PAUSE", 3600.0)
    with Driver(listening=False) as nobody, Run(Card(), nobody.port) as run:
        assert run.next() is ReaderEvent.WAITING
        run.stop.set()
        assert run.has_ended()
        assert run.events.empty()


def test_stop_that_is_set_already_ends_it_at_once(driver: Driver) -> None:
    stop = threading.Event()
    stop.set()
    serve(Card(), LOOPBACK, driver.port, stop=stop, on_event=lambda _event: None)


def test_a_closed_slot_is_not_waited_for(driver: Driver) -> None:
    slot = VirtualSlot(driver.connect)
    slot.close()
    vpcd._keep_inserted(slot, Card(), never)


def test_each_pause_is_twice_the_last_up_to_half_a_second() -> None:
    assert list(islice(vpcd._back_off(), 8)) == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5]


def test_a_reader_that_hangs_up_at_once_is_tried_less_and_less_often(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vpcd, "_FIRST_PAUSE", 0.002)
    with Run(Card(), driver.port) as run:
        driver.accept().close()
        start = time.monotonic()
        for _ in range(5):
            driver.accept().close()
        assert time.monotonic() - start >= 0.002 * (1 + 2 + 4 + 8 + 16)
        assert [run.next(), run.next()] == [ReaderEvent.INSERTED, ReaderEvent.LOST]


def test_a_reader_that_has_worked_is_awaited_eagerly_again(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vpcd, "_back_off", lambda: iter([0.0, 3600.0]))
    with Run(Card(), driver.port):
        for _ in range(4):
            wire = driver.accept()
            wire.power_on()
            wire.close()
        driver.accept()


def test_serve_ends_when_the_card_ejects_itself(driver: Driver) -> None:
    with Run(FaultyCard("transmit", CardEjected()), driver.port) as run:
        wire = driver.accept()
        wire.power_on()
        wire.tell(VERIFY)
        assert wire.is_hung_up()
        assert run.has_ended()
        assert [run.next(), run.next(), run.next()] == [
            ReaderEvent.INSERTED,
            ReaderEvent.POWERED,
            ReaderEvent.EJECTED,
        ]


def test_serve_ends_when_the_card_cannot_be_powered(driver: Driver) -> None:
    with Run(FaultyCard("power_on", ValueError()), driver.port) as run:
        driver.accept().tell(Control.POWER_ON)
        assert run.has_ended()
    assert [type(error) for error in run.errors] == [CardFailed]


@pytest.mark.parametrize(("host", "port"), [("x" * 64, 35_963), (LOOPBACK, 70_000), (LOOPBACK, 0)])
def test_an_address_that_cannot_be_is_refused_at_once(host: str, port: int) -> None:
    stop = threading.Event()
    with pytest.raises(NoReader, match="there can be no reader"):
        serve(Card(), host, port, stop=stop, on_event=never)
    assert stop.is_set()


def test_an_error_of_the_listener_takes_the_card_out(driver: Driver) -> None:
    def complain(_event: ReaderEvent) -> None:
        raise KeyboardInterrupt

    card, stop = Card(), threading.Event()
    with pytest.raises(KeyboardInterrupt):
        serve(card, LOOPBACK, driver.port, stop=stop, on_event=complain)
    assert driver.accept().is_hung_up()
    assert card.diary == ["off"]
    assert stop.is_set()


def test_serve_can_go_without_quick_acknowledgement(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    sockets: list[LoudSocket] = []
    monkeypatch.setattr(socket, "create_connection", lambda *_: loud(driver, sockets))
    stop = threading.Event()
    serve_quietly = partial(serve, quick_ack=False)
    serve_quietly(Card(), LOOPBACK, driver.port, stop=stop, on_event=lambda _event: stop.set())
    assert "nodelay" in sockets[0].deeds
    assert "quickack" not in sockets[0].deeds
