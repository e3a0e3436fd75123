"""A card in vsmartcard's virtual reader, over TCP.

The card is the client: it connects to the driver inside pcscd, and closing the connection takes it out. The wire is
not encrypted and carries PINs in clear: between machines it belongs into a tunnel.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import Enum, auto
from functools import partial

from .port import CardPort, ReaderError
from .slot import NoReader, SlotClosed, SlotOccupied, VirtualSlot
from .stay import CardFailed, ReaderLost

__all__ = [
    "DEFAULT_HOST",
    "DEFAULT_PORT",
    "CardFailed",
    "NoReader",
    "ReaderEvent",
    "ReaderLost",
    "SlotClosed",
    "SlotOccupied",
    "VirtualSlot",
    "serve",
]

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 0x8C7B

_CONNECT_SECONDS = 2.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.5


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
