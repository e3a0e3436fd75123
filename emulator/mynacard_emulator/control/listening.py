"""Where the control socket is: a file that is its owner's alone, or a port on loopback with a token."""

from __future__ import annotations

import os
import re
import secrets
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from mynacard_emulator.pki.errors import IssuerError
from mynacard_emulator.rest.api import Guard
from mynacard_emulator.rest.listening import CannotListen, listening, names_of, running, url_of
from mynacard_emulator.rest.turns import Turns

from .acts import Controls
from .app import control

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):(\d{1,5})")
_SOMEWHERE = re.compile(r"[^/]*:\d+")


class CannotControl(IssuerError):
    """The control socket cannot be where it was asked for; the message is one line."""


@dataclass(frozen=True, slots=True)
class Door:
    """A socket that listens, and who may come in.

    Attributes:
        listener: The socket.
        address: `unix:PATH`, or a URL.
        guard: What is asked of whoever comes.

    """

    listener: socket.socket
    address: str
    guard: Guard = field(repr=False)


@contextmanager
def door(where: str) -> Iterator[Door]:
    """Listen at a path or at `127.0.0.1:PORT`, where 0 is any free one; clients wait until it is `served`.

    Raises `CannotControl` and `CannotListen`.
    """
    if loopback := _LOOPBACK.fullmatch(where):
        host = loopback[1].strip("[]")
        with listening(host, int(loopback[2])) as listener:
            yield Door(listener, url_of(listener), Guard(secrets.token_urlsafe(32), names_of(listener)))
    elif _SOMEWHERE.fullmatch(where):
        raise CannotControl(f"--control {where}: only this machine may; write a path, or 127.0.0.1:PORT")
    else:
        with _at_path(Path(where).absolute()) as listener:
            yield Door(listener, f"unix:{Path(where).absolute()}", Guard())


@contextmanager
def served(entrance: Door, controls: Controls, turns: Turns) -> Iterator[None]:
    """Serve from a thread of its own, inside the `with`."""
    with running(control(controls, turns, entrance.guard), entrance.listener, "mynacard-control-http"):
        yield


@contextmanager
def token_file(path: Path, token: str) -> Iterator[None]:
    """Have the token in a new file that its owner alone may read; raise `CannotControl`."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except (OSError, ValueError) as error:
        raise CannotControl(f"{path}: {_reason(error)}; choose another file for the token") from None
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{token}\n")
        yield
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _at_path(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            _require_own_directory(path)
            _clear(path)
            listener.bind(str(path))
            os.chmod(path, 0o600)  # noqa: PTH101 - beside `bind`; nobody can connect before `listen`
            listener.listen()
            ours = path.lstat()
        except (OSError, ValueError) as error:
            raise CannotControl(f"--control {path}: {_reason(error)}; choose another path") from None
        try:
            yield listener
        finally:
            with suppress(OSError):
                if os.path.samestat(path.lstat(), ours):
                    path.unlink()


def _require_own_directory(path: Path) -> None:
    directory = path.parent.stat()
    if directory.st_uid != os.geteuid() or directory.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise CannotControl(
            f"--control {path}: others may write into its directory; make one of your own with `mkdir -m 700`"
        )


def _clear(path: Path) -> None:
    """Take away the socket of a run that was killed; whatever else is there stays, and `bind` says so."""
    with suppress(FileNotFoundError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as knock:
        if stat.S_ISSOCK(path.lstat().st_mode):
            try:
                knock.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.errno:
        return "something is there already" if error.errno in {17, 98} else os.strerror(error.errno)
    return str(error)


__all__ = ["CannotControl", "CannotListen", "Door", "door", "served", "token_file"]
