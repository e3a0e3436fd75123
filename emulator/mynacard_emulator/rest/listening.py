"""An ASGI application at a port of this machine, in a thread of its own. Needs the extra `services`."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mynacard_emulator.pki.errors import IssuerError

try:
    import uvicorn
except ImportError as error:
    raise IssuerError(
        f"starlette and uvicorn cannot be used ({error}); install them: pip install mynacard[services]"
    ) from None

if TYPE_CHECKING:
    from starlette.types import ASGIApp

MOST_CONNECTIONS = 100
"""At a time; the next ones are sent away with 503."""
LOOPBACK = "127.0.0.1"

logging.getLogger("uvicorn").addHandler(logging.NullHandler())
"""What is wrong with a request is answered; where nobody configures a log, it is not said on standard error as well."""


class CannotListen(IssuerError):
    """There is no listening at that address."""


@contextmanager
def serving(app: ASGIApp, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve from a thread of its own, inside the `with`, and give the URL; port 0 is any free one.

    Raises `CannotListen`.
    """
    with listening(host, port) as listener, running(app, listener):
        yield url_of(listener)


@contextmanager
def running(app: ASGIApp, listener: socket.socket, name: str = "mynacard-http") -> Iterator[None]:
    """Serve at a socket that listens already, from a thread of that name, inside the `with`."""
    # The log's configuration is the caller's; a connection that is kept open does not keep us.
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
        limit_concurrency=MOST_CONNECTIONS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name=name)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def listening(host: str, port: int) -> socket.socket:
    """Listen at a port of TCP, 0 being any free one; raise `CannotListen`."""
    if not 0 <= port < 1 << 16:
        raise CannotListen(f"{host}:{port}: no such port; choose one up to 65535, or 0 for any that is free")
    try:
        family, *_, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        return socket.create_server((str(address[0]), port), family=family)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else error.args[-1]
        raise CannotListen(f"{host}:{port}: cannot listen there: {reason}; choose another address or port") from None


def url_of(listener: socket.socket) -> str:
    """Where a socket listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def names_of(listener: socket.socket) -> frozenset[str]:
    """What a browser of this machine may call a socket on loopback, in its Host header."""
    port = listener.getsockname()[1]
    return frozenset(f"{name}:{port}" for name in (LOOPBACK, "localhost", "[::1]"))
