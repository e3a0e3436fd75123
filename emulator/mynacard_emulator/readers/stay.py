"""One stay of a card in a reader that talks to it over a stream: the vpcd wire, spoken from the card's side."""

from __future__ import annotations

import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum, auto
from typing import assert_never

from .framing import Command, Control, FrameDecoder, encode
from .port import AnswerLost, CardEjected, CardPort, Interruptible, ReaderError

_SEGMENT = 4096  # bytes asked of one recv
_NO_PRECISE_DIAGNOSIS = encode(b"\x6f\x00")

_log = logging.getLogger(__name__)


class ReaderLost(ReaderError):
    """The reader closed the connection, or the connection broke."""


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


class Stay:
    """One stay of a card in the reader: one connection, and one thread that alone touches the card.

    Args:
        sock: The connection; it is closed at the end.
        card: The card.
        quick_ack: Whether to acknowledge at once what comes in; without it the vpcd driver is slow.
        powered: Whether to supply power at the start, and not only when the other side says so.
        reconnect: Connects anew where an answer is lost and the card stays; without it such a loss ends the stay.

    Attributes:
        failure: What ended it; None where it goes on, was ended from here, or the card ejected itself.

    """

    def __init__(
        self,
        sock: socket.socket,
        card: CardPort,
        *,
        quick_ack: bool,
        powered: bool = False,
        reconnect: Callable[[], socket.socket] | None = None,
    ) -> None:
        self.failure: ReaderError | None = None
        self._sock = sock
        self._card = card
        self._powered = powered
        self._reconnect = reconnect
        self._quick_ack: int | None = getattr(socket, "TCP_QUICKACK", None) if quick_ack else None
        self._changed = threading.Condition()  # guards all that follows, and the life of the socket
        self._phase = _Phase.INSERTED
        self._seen = False

    @property
    def inserted(self) -> bool:
        """Whether neither side has hung up."""
        return self._phase not in _OVER

    def run(self) -> None:
        """Serve until either side ends it; then close, and cut the power."""
        try:
            if self._powered:
                self._obey(Control.POWER_ON)
            while True:
                try:
                    self._converse()
                except AnswerLost:
                    self._come_back()
        except CardEjected as leaving:
            self._say_goodbye(leaving.answer)
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
        if isinstance(self._card, Interruptible):
            self._card.interrupt()

    def wait_powered(self, timeout: float | None) -> bool:
        """Wait until the reader has powered the card on and knows its ATR; tell whether it ever did."""
        with self._changed:
            self._changed.wait_for(lambda: self._seen or self._phase in _OVER, timeout)
            return self._seen

    def wait_unpowered(self, timeout: float | None) -> bool:
        """Wait until the card has no power; return False if it took longer."""
        with self._changed:
            return self._changed.wait_for(lambda: self._phase not in (_Phase.ON, _Phase.LEAVING), timeout)

    def wait_over(self, timeout: float | None) -> bool:
        """Wait until either side has hung up; return False if it took longer."""
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
        except (CardEjected, AnswerLost):
            raise
        except Exception as error:  # noqa: BLE001 - the card may be anybody's, and its bugs must not end the run
            _report(error, "a command; the reader was told 6F00")
            return _NO_PRECISE_DIAGNOSIS

    def _come_back(self) -> None:
        """Lose an answer: hang up, and connect again with the power still on. Raises `OSError` where it cannot be.

        A connection that ends while the driver 3.3 waits is to its clients a success with no bytes; on a message with
        no bytes it would wait for ever.
        """
        with self._changed:
            self._sock.close()
        if self._reconnect is None:
            raise ConnectionAbortedError("an answer was lost")
        sock = self._reconnect()
        with self._changed:
            self._sock = sock
        if not self.inserted:
            raise ConnectionAbortedError("the card was taken out")

    def _say_goodbye(self, answer: bytes | None) -> None:
        """Deliver what still gets through of a card that leaves; the other side may have gone before."""
        if answer:
            with suppress(OSError):
                self._sock.sendall(encode(answer))

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
