"""A card in vsmartcard's virtual reader, over TCP.

The card is the client: it connects to the driver inside pcscd, and closing the connection takes it out. The wire is
not encrypted and carries PINs in clear: between machines it belongs into a tunnel.
"""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from functools import partial
from typing import Self, assert_never

from .framing import Command, Control, FrameDecoder, encode
from .port import CardEjected, CardPort, ReaderError

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 0x8C7B

_SEGMENT = 4096  # bytes asked of one recv
_CONNECT_SECONDS = 2.0
_EJECT_SECONDS = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.5
_NO_PRECISE_DIAGNOSIS = encode(b"\x6f\x00")

_log = logging.getLogger(__name__)


class NoReader(ReaderError):
    """Nobody answers where the virtual reader should be."""


class ReaderLost(ReaderError):
    """The reader closed the connection, or the connection broke."""


class SlotOccupied(ReaderError):
    """A card is in this slot already."""


class SlotClosed(ReaderError):
    """The slot takes no more cards."""


class CardFailed(ReaderError):
    """The card could not be powered, reset, asked for its ATR or ejected; the message never quotes what it said."""


class _Phase(Enum):
    """Where one stay of a card in the reader stands."""

    INSERTED = auto()  # not powered on yet
    ON = auto()
    OFF = auto()
    LEAVING = auto()  # ejected; the card may still be busy with its last command
    GONE = auto()


_OVER = (_Phase.LEAVING, _Phase.GONE)


class _Stay:
    """One stay of a card in the reader: one connection, and one thread that alone touches the card."""

    def __init__(self, sock: socket.socket, card: CardPort, *, quick_ack: bool) -> None:
        self.failure: ReaderError | None = None
        self._sock = sock
        self._card = card
        self._quick_ack: int | None = getattr(socket, "TCP_QUICKACK", None) if quick_ack else None
        self._changed = threading.Condition()  # guards all that follows, and the life of the socket
        self._phase = _Phase.INSERTED
        self._seen = False

    @property
    def inserted(self) -> bool:
        return self._phase not in _OVER

    def run(self) -> None:
        """Serve until either side ends it; then close, and cut the power."""
        try:
            self._converse()
        except CardEjected:
            pass
        except CardFailed as error:
            self.failure = error
        except OSError as error:
            if self.inserted:
                self.failure = ReaderLost(f"the reader has gone ({error}); see whether pcscd still runs")
        finally:
            self._leave()

    def end(self) -> None:
        """Hang up, from any thread, at any time."""
        with self._changed, suppress(OSError):
            self._enter(_Phase.LEAVING)
            self._sock.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in recv; close would not

    def wait_powered(self, timeout: float | None) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._seen or self._phase in _OVER, timeout)
            return self._seen

    def wait_unpowered(self, timeout: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._phase not in (_Phase.ON, _Phase.LEAVING), timeout)

    def wait_over(self, timeout: float | None) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._phase in _OVER, timeout)

    def _converse(self) -> None:
        sock, feed, quick_ack = self._sock, FrameDecoder().feed, self._quick_ack
        sock.settimeout(None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            if quick_ack is not None:  # before every recv: the kernel clears it, and then an APDU waits 40 ms
                sock.setsockopt(socket.IPPROTO_TCP, quick_ack, 1)
            data = sock.recv(_SEGMENT)
            if not data:
                raise ConnectionResetError("it closed the connection")
            for event in feed(data):
                if isinstance(event, Command):
                    sock.sendall(self._transmit(event.apdu))
                else:
                    self._obey(event)

    def _transmit(self, command: bytes) -> bytes:
        """Return the message with the card's answer, 6F00 in place of a bug."""
        try:
            return encode(self._card.transmit(command))
        except CardEjected:
            raise
        except Exception as error:  # noqa: BLE001 - the card may be anybody's, and its bugs must not end the run
            _report(error, "a command; the reader was told 6F00")
            return _NO_PRECISE_DIAGNOSIS

    def _obey(self, control: Control) -> None:
        match control:
            case Control.ATR:
                with _blaming_the_card(control):
                    answer = encode(self._card.atr)
                self._sock.sendall(answer)
                self._see()
            case Control.POWER_ON:
                with _blaming_the_card(control):
                    self._card.power_on()
                self._enter(_Phase.ON)
            case Control.POWER_OFF:
                with _blaming_the_card(control):
                    self._card.power_off()
                self._enter(_Phase.OFF)
            case Control.RESET:
                with _blaming_the_card(control):
                    self._card.reset()
            case _:
                assert_never(control)

    def _enter(self, phase: _Phase) -> None:
        """Go on to this phase; a stay that is over stays over."""
        with self._changed:
            if self._phase in _OVER and phase is not _Phase.GONE:
                return
            self._phase = phase
            self._changed.notify_all()

    def _see(self) -> None:
        """Note that the reader knows the ATR; it asks for it when it has powered the card on, and now and then."""
        with self._changed:
            if self._phase is _Phase.ON and not self._seen:
                self._seen = True
                self._changed.notify_all()

    def _leave(self) -> None:
        with self._changed:
            self._sock.close()
        try:
            self._card.power_off()
        except Exception as error:  # noqa: BLE001 - the card is out all the same
            _report(error, "its ejection")
        finally:
            self._enter(_Phase.GONE)


@contextmanager
def _blaming_the_card(control: Control) -> Iterator[None]:
    """Raise `CardFailed` for a bug of the card, where no status word can tell the reader of it."""
    try:
        yield
    except CardEjected:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        _report(error, control.name)
        raise CardFailed(f"the card failed at {control.name} and was ejected: {_describe(error)}") from None


def _report(error: Exception, occasion: str) -> None:
    """Log a bug of the card by kind and place only: its message and its values may hold a PIN."""
    _log.error("the card failed at %s: %s", occasion, _describe(error))


def _describe(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {place.filename}:{place.lineno}"


class VirtualSlot:
    """One slot of the virtual reader, held in the hand: cards go in and out, from any thread.

    `connect` makes a TCP connection to the slot's port. A card is only ever touched by one thread, the slot's own.
    """

    def __init__(self, connect: Callable[[], socket.socket], *, quick_ack: bool = True) -> None:
        self._connect = connect
        self._quick_ack = quick_ack
        self._hand = threading.Lock()
        self._stay: _Stay | None = None
        self._thread = threading.Thread()
        self._closed = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def inserted(self) -> bool:
        """Whether a card is in, so far as the slot knows: neither side has hung up."""
        return self._stay is not None and self._stay.inserted

    @property
    def failure(self) -> ReaderError | None:
        """What ended the stay of the last card; None if it is still in, was ejected, or ejected itself."""
        return None if self._stay is None else self._stay.failure

    def insert(self, card: CardPort) -> None:
        """Put a card in; the reader sees it when it looks. Raises `SlotOccupied`, `NoReader` or `SlotClosed`."""
        with self._hand:
            self._insert(card)

    def eject(self) -> None:
        """Take the card out, also in the middle of a command, and cut its power; harmless when the slot is empty.

        Returns when the card has done with that command. A card that ejects itself leaves as soon as it returns.
        """
        if self._stay is not None and self._thread is threading.current_thread():
            self._stay.end()
            return
        with self._hand:
            self._eject()

    def swap(self, card: CardPort) -> None:
        """Eject the card that is in, if any, and insert this one at once.

        A reader that did not look in between takes them for one card. Where that matters, `eject`, wait until the
        reader says that it is empty, and `insert`.
        """
        with self._hand:
            self._eject()
            self._insert(card)

    def close(self) -> None:
        """Eject, and take no more cards."""
        self._closed.set()
        self.eject()

    def wait_powered(self, timeout: float | None) -> bool:
        """Tell whether the reader has powered this card on and taken its ATR; wait for that, if need be.

        It stays true when the power goes again: pcscd cuts it while it has no client. Returns early if the card leaves.
        """
        return self._stay is not None and self._stay.wait_powered(timeout)

    def wait_unpowered(self, timeout: float | None) -> bool:
        """Wait until the card has no power, and so no session; an empty slot and an unseen card have none."""
        return self._stay is None or self._stay.wait_unpowered(timeout)

    def wait_ejected(self, timeout: float | None) -> bool:
        """Wait until no card is in, whoever ended its stay."""
        return self._stay is None or self._stay.wait_over(timeout)

    def wait_closed(self, timeout: float | None) -> bool:
        """Wait until the slot is closed."""
        return self._closed.wait(timeout)

    def _insert(self, card: CardPort) -> None:
        if self._closed.is_set():
            raise SlotClosed("this slot is closed; make a new one")
        if self.inserted:
            raise SlotOccupied("a card is in this slot already; eject it first, or swap")
        self._eject()  # the thread of a card that left by itself may still be at its last command
        try:
            sock = _reach(self._connect)
        except OSError as error:
            raise NoReader(f"no virtual reader answers ({error}); start pcscd with the vpcd driver") from error
        self._stay = _Stay(sock, card, quick_ack=self._quick_ack)
        self._thread = threading.Thread(target=self._stay.run, name="mynacard-slot", daemon=True)
        self._thread.start()

    def _eject(self) -> None:
        if self._stay is None:
            return
        self._stay.end()
        self._thread.join(_EJECT_SECONDS)
        if self._thread.is_alive():
            raise CardFailed(f"the card is still busy after {_EJECT_SECONDS:.0f} s and cannot be ejected; end the run")


def _reach(connect: Callable[[], socket.socket]) -> socket.socket:
    """Connect, but never to ourselves.

    The ports of the reader lie among those that Linux gives to clients: whoever knocks often enough where nobody
    listens is one day connected to itself, and then occupies the port that the reader wants.
    """
    sock = connect()
    try:
        if sock.getsockname() == sock.getpeername():
            raise ConnectionRefusedError("nobody listens there")
    except OSError:
        sock.close()
        raise
    return sock


class ReaderEvent(Enum):
    """What happens to the card that `serve` keeps in the reader."""

    WAITING = auto()  # no reader answers yet; told once, until one does
    INSERTED = auto()  # connected: the card is in the slot, or queues for it behind another
    POWERED = auto()  # the reader has powered it on, for the first time since it was inserted
    LOST = auto()  # the reader has gone; the card will be inserted again
    EJECTED = auto()  # the card has ejected itself


def serve(  # noqa: PLR0913 - where the reader is, and four ways to watch over it
    card: CardPort,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    *,
    stop: threading.Event,
    on_event: Callable[[ReaderEvent], None],
    quick_ack: bool = True,
) -> None:
    """Keep one card in the reader at `host` until `stop` is set or the card ejects itself.

    Waits for the reader, and inserts the card again after the reader was restarted. Events come in the caller's
    thread. However it ends, `stop` is set then; a signal handler may set it. Raises `NoReader` if there can be none at
    that address, and `CardFailed`.
    """
    connect = partial(socket.create_connection, (host, port), _CONNECT_SECONDS)
    try:
        _require_address(host, port)
        with VirtualSlot(connect, quick_ack=quick_ack) as slot:
            threading.Thread(target=_close_at, args=(stop, slot), name="mynacard-stop", daemon=True).start()
            _keep_inserted(slot, card, on_event)
    finally:
        if not stop.is_set():
            stop.set()


def _keep_inserted(slot: VirtualSlot, card: CardPort, on_event: Callable[[ReaderEvent], None]) -> None:
    """Insert the card as often as the reader loses it, until the slot is closed or the card ejects itself."""
    pauses = _back_off()
    while _insert_when_possible(slot, card, pauses, on_event):
        on_event(ReaderEvent.INSERTED)
        if slot.wait_powered(None):
            on_event(ReaderEvent.POWERED)
            pauses = _back_off()
        slot.wait_ejected(None)
        match slot.failure:
            case None if slot.wait_closed(0):
                return
            case None:
                on_event(ReaderEvent.EJECTED)
                return
            case CardFailed() as failure:
                raise failure
            case _:
                on_event(ReaderEvent.LOST)
        slot.wait_closed(next(pauses))


def _insert_when_possible(
    slot: VirtualSlot, card: CardPort, pauses: Iterator[float], on_event: Callable[[ReaderEvent], None]
) -> bool:
    """Insert as soon as a reader answers; return False if the slot was closed first."""
    told = False
    while True:
        try:
            slot.insert(card)
        except SlotClosed:
            return False
        except NoReader:
            if not told:
                on_event(ReaderEvent.WAITING)
                told = True
            slot.wait_closed(next(pauses))
        else:
            return True


def _back_off() -> Iterator[float]:
    """Yield how long to wait before each new try, in seconds: twice as long each time, up to a limit."""
    pause = _FIRST_PAUSE
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE)


def _close_at(stop: threading.Event, slot: VirtualSlot) -> None:
    """Close the slot when `stop` is set.

    Only this thread waits for `stop`. A signal handler that sets it in the middle of a wait of its own thread could
    block for ever.
    """
    stop.wait()
    with suppress(ReaderError):  # a card that is stuck: `serve` closes the slot as well, and says so
        slot.close()


def _require_address(host: str, port: int) -> None:
    if not 0 < port < 1 << 16:  # getaddrinfo would take it modulo 65,536
        raise NoReader(f"there can be no reader at port {port}; give one from 1 to 65535")
    try:
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NoReader(f"there can be no reader at {host} ({error}); give another host") from error
