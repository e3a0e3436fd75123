"""A card at a TCP port: the vpcd wire the other way round, one client at a time, and nothing that brings it down."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.readers.framing import encode
from mynacard_emulator.readers.port import CONTACT_ATR, AnswerLost, CardEjected, CardPort, TransmitOnly
from mynacard_emulator.readers.stay import CardFailed
from mynacard_emulator.readers.tcp import CannotListen, ClientEvent, TcpEndpoint, serve

PATIENCE = 10.0
LOOPBACK = "127.0.0.1"
OK = b"\x90\x00"


class Card:
    """A card that answers with the command, reversed, and notes what happens to it."""

    atr = CONTACT_ATR

    def __init__(self) -> None:
        self.noted: list[str] = []

    def power_on(self) -> bytes:
        self.noted.append("on")
        return self.atr

    def power_off(self) -> None:
        self.noted.append("off")

    def reset(self) -> bytes:
        self.noted.append("reset")
        return self.atr

    def transmit(self, command: bytes, /) -> bytes:
        return command[::-1] + OK


class Served:
    """A card that is being served, in a thread of its own."""

    def __init__(self, card: CardPort, host: str = LOOPBACK) -> None:
        self.events: list[ClientEvent] = []
        self.error: Exception | None = None
        self.stop = threading.Event()
        self.endpoint = TcpEndpoint(host, 0)
        self._card = card
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            serve(self._card, self.endpoint, stop=self.stop, on_event=self.events.append)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def connect(self) -> Client:
        return Client(socket.create_connection(self.endpoint.address, PATIENCE))

    def end(self) -> None:
        self.stop.set()
        self.join()

    def join(self) -> None:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


class Client:
    """A program that speaks the wire."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def tell(self, message: bytes) -> None:
        self.sock.sendall(encode(message))

    def hear(self) -> bytes:
        return self._read(int.from_bytes(self._read(2), "big"))

    def ask(self, message: bytes) -> bytes:
        self.tell(message)
        return self.hear()

    def is_hung_up(self) -> bool:
        try:
            return self.sock.recv(1) == b""
        except ConnectionResetError:
            return True

    def _read(self, size: int) -> bytes:
        return self.sock.recv(size, socket.MSG_WAITALL) if size else b""


@contextmanager
def served(card: CardPort, host: str = LOOPBACK) -> Iterator[Served]:
    serving = Served(card, host)
    with serving.endpoint:
        try:
            yield serving
        finally:
            serving.end()


def test_a_connection_is_a_card_that_is_put_in_and_its_end_takes_it_out() -> None:
    card = Card()
    with served(card) as serving:
        with serving.connect() as client:
            assert client.ask(b"\x00\xa4\x04\x0c") == b"\x0c\x04\xa4\x00" + OK
        with serving.connect() as client:
            assert client.ask(b"ab") == b"ba" + OK

    assert card.noted == 2 * ["on", "off"]
    assert serving.events == 2 * [ClientEvent.CONNECTED, ClientEvent.GONE]
    assert serving.error is None


def test_power_and_reset_are_the_bytes_of_vpcd() -> None:
    card = Card()
    with served(card) as serving, serving.connect() as client:
        for control in (b"\0", b"\1", b"\2"):
            client.tell(control)
        assert client.ask(b"\4") == CONTACT_ATR
        assert card.noted == ["on", "off", "on", "reset"]


def test_the_next_client_waits_in_line() -> None:
    with served(Card()) as serving, serving.connect() as first, serving.connect() as second:
        second.tell(b"second")
        assert first.ask(b"first") == b"tsrif" + OK
        first.sock.close()
        assert second.hear() == b"dnoces" + OK

    assert serving.events == 2 * [ClientEvent.CONNECTED, ClientEvent.GONE]


@pytest.mark.parametrize(
    "start", [b"", b"\x00", b"\xff\xff", b"\x00\x05abc"], ids=lambda start: start.hex() or "nothing"
)
def test_a_client_that_stalls_does_not_keep_the_card(start: bytes) -> None:
    with served(Card()) as serving, serving.connect() as client:
        assert client.ask(b"\4") == CONTACT_ATR
        client.sock.sendall(start)
        serving.end()
        assert client.is_hung_up()


def test_a_client_that_never_reads_does_not_keep_the_card() -> None:
    with served(Card()) as serving, serving.connect() as client:
        assert client.ask(b"\4") == CONTACT_ATR
        client.sock.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                client.sock.send(encode(bytes(0xFF00)))
        serving.end()


def test_a_message_that_is_cut_short_ends_with_its_connection() -> None:
    with served(Card()) as serving:
        with serving.connect() as client:
            client.sock.sendall(b"\x00\x05abc")
            client.sock.shutdown(socket.SHUT_WR)
            assert client.is_hung_up()
        with serving.connect() as client:
            assert client.ask(b"ab") == b"ba" + OK


def test_the_longest_message_passes_and_an_answer_beyond_it_is_the_cards_bug() -> None:
    with served(Card()) as serving, serving.connect() as client:
        assert len(client.ask(bytes(0xFFFD))) == 0xFFFF
        assert client.ask(bytes(0xFFFF)) == b"\x6f\x00"


class Leaver:
    """A card that leaves at the first command."""

    def transmit(self, _command: bytes, /) -> bytes:
        raise CardEjected


def test_a_card_that_ejects_itself_ends_it() -> None:
    with served(TransmitOnly(Leaver())) as serving, serving.connect() as client:
        client.tell(b"ab")
        assert client.is_hung_up()
        serving.join()

    assert serving.error is None
    assert serving.stop.is_set()


class Forgetful(Card):
    """A card whose answer is lost."""

    def transmit(self, _command: bytes, /) -> bytes:
        raise AnswerLost


def test_a_lost_answer_ends_the_connection_and_the_next_client_has_the_card() -> None:
    card = Forgetful()
    with served(card) as serving:
        for _ in range(2):
            with serving.connect() as client:
                client.tell(b"ab")
                assert client.is_hung_up()

    assert card.noted == ["on", "off", "on", "off"]


class Broken(Card):
    """A card that cannot be powered on."""

    def power_on(self) -> bytes:
        raise RuntimeError("PIN 1234")


def test_a_card_that_cannot_be_powered_on_is_named_and_not_quoted() -> None:
    with served(Broken()) as serving, serving.connect() as client:
        assert client.is_hung_up()
        serving.join()

    assert isinstance(serving.error, CardFailed)
    assert "1234" not in str(serving.error)


def test_what_is_closed_before_it_serves_does_not_begin() -> None:
    with TcpEndpoint(LOOPBACK, 0) as endpoint, socket.create_connection(endpoint.address, PATIENCE):
        endpoint.close()
        endpoint.close()
        endpoint.serve(Card(), lambda _event: pytest.fail("it began"))


@pytest.mark.parametrize("host", [LOOPBACK, "localhost"])
def test_other_machines_cannot_connect_to_loopback(host: str) -> None:
    with TcpEndpoint(host, 0) as endpoint:
        assert not endpoint.reachable_from_elsewhere
        assert endpoint.address[1] > 0


def test_other_machines_can_connect_to_every_other_address() -> None:
    with TcpEndpoint("0.0.0.0", 0) as endpoint:  # noqa: S104 - nothing is served there
        assert endpoint.reachable_from_elsewhere


def test_a_port_that_is_taken_is_refused() -> None:
    with TcpEndpoint(LOOPBACK, 0) as endpoint, pytest.raises(CannotListen, match="give another port, or 0"):
        TcpEndpoint(*endpoint.address)


@pytest.mark.parametrize("host", ["a..b", "203.0.113.1"])
def test_an_address_of_somewhere_else_is_refused(host: str) -> None:
    with pytest.raises(CannotListen, match=f"cannot listen at {host}"):
        TcpEndpoint(host, 0)


@pytest.fixture(scope="module")
def lasting() -> Iterator[Served]:
    """One card for all examples: none of them may bring it down."""
    with served(Card()) as serving:
        yield serving


@pytest.mark.property
@settings(deadline=None, max_examples=200)
@given(st.lists(st.binary(max_size=20) | st.binary(max_size=6).map(encode), max_size=8))
def test_whatever_a_client_sends_is_answered_and_the_next_is_served(lasting: Served, slices: list[bytes]) -> None:
    with lasting.connect() as client:
        for piece in slices:
            client.sock.sendall(piece)
        client.sock.shutdown(socket.SHUT_WR)
        received = b""
        while data := client.sock.recv(4096):
            received += data
    assert received == answers(b"".join(slices))


def answers(stream: bytes) -> bytes:
    """What should come back, by the description of the wire and nothing else."""
    back = b""
    while len(stream) >= 2 and len(stream) >= 2 + (size := int.from_bytes(stream[:2], "big")):
        message, stream = stream[2 : 2 + size], stream[2 + size :]
        if message == b"\4":
            back += encode(CONTACT_ATR)
        elif message not in {b"\0", b"\1", b"\2"}:
            back += encode(message[::-1] + OK)
    return back
