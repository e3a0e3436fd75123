"""One slot of vsmartcard's virtual reader: cards go in and out."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from functools import partial
from typing import Self

from .port import CardPort, ReaderError
from .stay import CardFailed, Stay

_EJECT_SECONDS = 10.0


class NoReader(ReaderError):
    """Nobody answers where the virtual reader should be."""


class SlotOccupied(ReaderError):
    """A card is in this slot already."""


class SlotClosed(ReaderError):
    """The slot takes no more cards."""


class VirtualSlot:
    """One slot of the virtual reader, held in the hand: cards go in and out, from any thread.

    `connect` makes a TCP connection to the slot's port. A card is only ever touched by one thread, the slot's own.
    """

    def __init__(self, connect: Callable[[], socket.socket], *, quick_ack: bool = True) -> None:
        self._connect = connect
        self._quick_ack = quick_ack
        self._hand = threading.Lock()
        self._stay: Stay | None = None
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
        self._stay = Stay(sock, card, quick_ack=self._quick_ack, reconnect=partial(_reach, self._connect))
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
