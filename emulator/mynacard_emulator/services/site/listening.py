"""Where the services are over HTTP: a port, which only this machine reaches unless its owner says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from socket import socket

from mynacard_emulator.rest.listening import listening, names_of, running, url_of
from mynacard_emulator.rest.turns import Turns

from .api import Current
from .app import site


@dataclass(frozen=True, slots=True)
class Entrance:
    """A port that listens.

    Attributes:
        listener: Its socket.
        address: Its URL.
        hosts: By which names it may be asked; None where other machines may ask it, by names that nobody knows here.

    """

    listener: socket
    address: str
    hosts: frozenset[str] | None


@contextmanager
def entrance(host: str, port: int) -> Iterator[Entrance]:
    """Listen, port 0 being any free one; whoever comes waits until the services are `served`. Raises `CannotListen`."""
    with listening(host, port) as listener:
        is_ours = ip_address(listener.getsockname()[0]).is_loopback
        yield Entrance(listener, url_of(listener), names_of(listener) if is_ours else None)


@contextmanager
def served(at: Entrance, current: Current, turns: Turns) -> Iterator[None]:
    """Serve the services from a thread of its own, inside the `with`."""
    with running(site(current, turns, at.hosts), at.listener, "mynacard-services-http"):
        yield
