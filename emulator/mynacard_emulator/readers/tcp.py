"""A card at a TCP port of its own, for programs that have no PC/SC.

The wire is that of vpcd with the roles of client and server exchanged: a two-byte big-endian length, then a command or
its response; the same messages of one byte control the power and ask for the ATR. A connection is a card put into a
reader and powered on; its end takes the card out. It is neither encrypted nor authenticated, and carries PINs in clear.
"""

from __future__ import annotations

import ipaddress
import select
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Self

from .port import CardPort, ReaderError
from .stay import CardFailed, Stay


class CannotListen(ReaderError):
    """The address is none of this machine's, or is taken."""


class ClientEvent(Enum):
    """What happens at an endpoint."""

    CONNECTED = auto()
    GONE = auto()


class TcpEndpoint:
    """A listening socket that serves one card to one client at a time; the others wait in line.

    Raises `CannotListen`. Port 0 chooses one that is free.
    """

    def __init__(self, host: str, port: int) -> None:
        self._listener = _listen(host, port)
        self._woken, self._wake = socket.socketpair()  # closed from outside, `accept` would go on waiting
        self._hand = threading.Lock()  # guards what follows
        self._stay: Stay | None = None
        self._closed = False

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens: the host as a number, and the port."""
        host, port, *_ = self._listener.getsockname()
        return host, port

    @property
    def reachable_from_elsewhere(self) -> bool:
        """Whether programs on other machines can connect."""
        return not ipaddress.ip_address(self.address[0].partition("%")[0]).is_loopback

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        for sock in (self._listener, self._woken, self._wake):
            sock.close()

    def serve(self, card: CardPort, on_event: Callable[[ClientEvent], None]) -> None:
        """Serve until `close`, or until the card ejects itself. Events come in this thread. Raises `CardFailed`."""
        while (stay := self._next_stay(card)) is not None:
            on_event(ClientEvent.CONNECTED)
            stay.run()
            on_event(ClientEvent.GONE)
            if isinstance(stay.failure, CardFailed):
                raise stay.failure
            if stay.failure is None:
                return

    def close(self) -> None:
        """End it from any thread, whatever a client does or does not do."""
        with self._hand:
            self._closed = True
            if self._stay is not None:
                self._stay.end()
            with suppress(OSError):
                self._wake.send(b"\0")

    def _next_stay(self, card: CardPort) -> Stay | None:
        """Wait for a client; return None when the endpoint is closed."""
        while True:
            ready, _, _ = select.select([self._listener, self._woken], [], [])
            if self._woken in ready:
                return None
            with suppress(OSError):  # a client that has gone again already
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # a machine that died must not keep the card
                break
        with self._hand:
            self._stay = Stay(sock, card, quick_ack=True, powered=True)
            if self._closed:
                self._stay.end()
            return self._stay


def serve(
    card: CardPort,
    endpoint: TcpEndpoint,
    *,
    stop: threading.Event,
    on_event: Callable[[ClientEvent], None],
) -> None:
    """Serve the card until `stop` is set or the card ejects itself; `stop` is set in any case then.

    Only a thread of its own waits for `stop`, so that a signal handler may set it. Raises `CardFailed`.
    """

    def close_at_stop() -> None:
        stop.wait()
        endpoint.close()

    threading.Thread(target=close_at_stop, name="mynacard-stop", daemon=True).start()
    try:
        endpoint.serve(card, on_event)
    finally:
        stop.set()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise CannotListen(f"cannot listen at {host} ({error}); give another host") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
        listener.setblocking(False)  # a client may have gone between `select` and `accept`
    except OSError as error:
        listener.close()
        raise CannotListen(f"cannot listen at {host}:{port} ({error.strerror}); give another port, or 0") from error
    return listener
