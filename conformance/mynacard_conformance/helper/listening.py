"""The helper at a port of this machine, in a thread of its own. Needs the extra `services`."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from .app import Helper

LOOPBACK = "127.0.0.1"
MOST_CONNECTIONS = 32
"""At a time; the next ones are sent away with 503."""

logging.getLogger("uvicorn").addHandler(logging.NullHandler())
"""What is wrong with a request is answered; where nobody configures a log, it is not said on standard error as well."""


class CannotListen(OSError):
    """There is no listening at that port; the message is one line."""


def listening(port: int) -> socket.socket:
    """Listen at a port of loopback, 0 being any free one; raise `CannotListen`."""
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise CannotListen(f"{LOOPBACK}:{port}: cannot listen there: {reason}; choose another port, or 0") from None


def names_of(listener: socket.socket) -> frozenset[str]:
    """What a page of this machine may call it, in its Host header."""
    port = listener.getsockname()[1]
    return frozenset(f"{name}:{port}" for name in (LOOPBACK, "localhost"))


@contextmanager
def serving(helper: Helper, listener: socket.socket) -> Iterator[None]:
    """Serve at a socket that listens already, inside the `with`; a request that is still at the card is left alone."""
    config = uvicorn.Config(
        helper,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        ws="none",
        http="h11",
        timeout_graceful_shutdown=1,
        limit_concurrency=MOST_CONNECTIONS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="mynacard-helper-http")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
