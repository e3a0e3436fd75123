"""A private PC/SC stack: a pcscd with virtual readers, for one test process, without root.

It disturbs neither the system's pcscd nor another stack, and it goes with the process that started it, however that
ends. Only Linux has what this needs.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Self

from . import stack_host
from .names import check, full_names, slots
from .port import ReaderError
from .stack_host import CLONE_NEWNET, CLONE_NEWNS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

PCSCD = "/usr/sbin/pcscd"
DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
INSTALL = "apt-get install pcscd vsmartcard-vpcd"

_FIRST_PORT = 0x8C7B
_SHARED_PORTS = range(20000, 32766, 2)  # below those that Linux gives to clients
_ATTEMPTS = 5
_REPLY_SECONDS = 15.0
_STOP_SECONDS = 5.0


class StackError(ReaderError):
    """A private PC/SC stack cannot be had, or has failed; one line that says what to do."""


class StackLacking(StackError):
    """This machine lacks what a stack is made of; the message names what to install."""

    outcome = "env_incomplete"
    """What a test runner should make of it, in the words of the driver protocol."""


class Isolation(Enum):
    """How much a stack must be out of everybody else's reach."""

    AUTO = auto()  # in namespaces of its own where that is allowed; else go on, with a warning
    REQUIRED = auto()  # in namespaces of its own, or not at all


@dataclass(frozen=True, slots=True)
class Pcscd:
    """What a pcscd tells about itself."""

    path: str
    version: str
    ipcdir: str  # which it needs for its pid file
    usbdropdir: str  # where it looks for drivers of real readers
    polkit: bool

    @classmethod
    def ask(cls, path: str) -> Self:
        """Ask the program. Raises `StackError` when there is none."""
        try:
            answer = subprocess.run([path, "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
        except FileNotFoundError:
            raise StackError(f"there is no pcscd at {path}; install it: {INSTALL}") from None
        except (OSError, subprocess.SubprocessError) as error:
            raise StackError(f"{path} is no pcscd that runs here ({error}); install one: {INSTALL}") from None
        words = answer.split()
        settings = dict(word.split("=", 1) for word in words if "=" in word)
        return cls(
            path,
            version=next((word.rstrip(".") for word in words if word[0].isdigit()), "unknown"),
            ipcdir=settings.get("ipcdir", "/run/pcscd"),
            usbdropdir=settings.get("usbdropdir", "/usr/lib/pcsc/drivers"),
            polkit="polkit" in words,
        )

    def shared_directories(self) -> list[str]:
        """Name what a private one must not see: other daemons' pid files, and the drivers of real readers."""
        place = self.ipcdir if Path(self.ipcdir).is_dir() else str(Path(self.ipcdir).parent)  # it makes its own there
        return [place, *filter(os.path.isdir, [self.usbdropdir])]

    def command(self) -> list[str]:
        """Start it so that whoever reaches its socket may use it."""
        return [self.path, "--disable-polkit"] if self.polkit else [self.path]


def lacking() -> str:
    """Say what this machine lacks for a private stack and a PC/SC client; an empty string where it has everything."""
    if not Path(PCSCD).exists() or not Path(DRIVER).exists():
        return f"pcscd or its virtual reader is not installed ({INSTALL})"
    if find_spec("smartcard") is None:
        return "pyscard is not installed (pip install mynacard[pcsc])"
    return ""


class PrivateStack:
    """A pcscd of one's own, with one virtual reader for each name; `connect` is where its cards come in.

    A name is the beginning of a reader's name: `Virtual PCD` becomes `Virtual PCD 00 00`. The same name once more is
    that reader's second slot, `Virtual PCD 00 01`, as a reader with two interfaces has it. Raises `StackError`, and
    `ReaderError` for names that pcscd would not take.
    """

    def __init__(
        self,
        reader_names: Sequence[str] = ("Virtual PCD",),
        isolation: Isolation = Isolation.AUTO,
        pcscd: str = PCSCD,
        driver: str = DRIVER,
    ) -> None:
        self.prefixes = check(reader_names)
        self._isolation = isolation
        self._pcscd = pcscd
        self._driver = driver
        self._launcher: _Launcher | None = None
        self.readers = full_names(self.prefixes)
        self.warning: str | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def isolated(self) -> bool:
        """Whether it runs, and in a network namespace of its own: then nobody else reaches the driver."""
        return self._launcher is not None and self.warning is None

    @property
    def alive(self) -> bool:
        """Whether pcscd runs."""
        return self._launcher is not None and self._launcher.alive

    @property
    def socket_path(self) -> str:
        """Where clients find this pcscd; in a directory that nobody else can enter."""
        return f"{self._running().directory}/{stack_host.COMM}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs in its environment, before its first PC/SC call, to reach this pcscd."""
        return {"PCSCLITE_CSOCK_NAME": self.socket_path}

    def start(self) -> None:
        """Start pcscd, and return when its readers are there."""
        if self._launcher is not None:
            raise StackError("this stack has been started already; stop it first")
        pcscd = Pcscd.ask(self._pcscd)
        if not Path(self._driver).is_file():
            raise StackError(f"there is no driver of virtual readers at {self._driver}; install it: {INSTALL}")
        try:
            self._launcher = self._launch(CLONE_NEWNS | CLONE_NEWNET, pcscd)
        except _RefusedError as refused:
            self._launcher = self._launch_with_less(str(refused), pcscd)
            self.warning = (
                f"no network namespace can be had here ({refused}): other programs and other machines can reach the"
                f" virtual reader, at TCP port {' and '.join(map(str, self._launcher.ports))}"
            )

    def stop(self) -> None:
        """Take it all down: pcscd, its socket, its directory; harmless when nothing runs."""
        launcher, self._launcher, self.warning = self._launcher, None, None
        if launcher is not None:
            launcher.stop()

    def restart(self, away: Collection[int] = ()) -> None:
        """Start pcscd anew behind the same path; its cards are out, and readers of these names are not there.

        Every client loses its connection and its context. One that makes a new context has the new pcscd: it need not
        be a new process, since the path is the same.
        """
        names = {self.prefixes[reader] for reader in away}
        launcher = self._running()
        launcher.restart([port for port, name in zip(launcher.ports, self.prefixes, strict=True) if name not in names])

    def connect(self, reader: int = 0) -> socket.socket:
        """Connect to the driver, as a card that is put into this reader; a new connection for every insertion."""
        launcher = self._running()
        if not 0 <= reader < len(launcher.ports):
            raise StackError(f"this stack has no reader {reader}; it has {len(launcher.ports)}, the first is 0")
        if self.warning is not None and stack_host.has_client(port := launcher.ports[reader]):
            raise StackError(
                f"another program is at TCP port {port} in the place of the card; end it, and start the stack anew"
            )
        for patience in _back_off():
            made = launcher.make_socket()
            try:
                made.settimeout(patience)
                made.connect(("127.0.0.1", launcher.ports[reader]))
                made.settimeout(None)
            except TimeoutError:  # the driver's queue has one place, and the last card's connection is still in it
                made.close()
            except OSError as error:
                made.close()
                raise StackError(f"the virtual reader takes no card ({error}); start the stack anew") from error
            else:
                return made
        raise StackError("the virtual reader has not looked for a card for a while; start the stack anew")

    def _running(self) -> _Launcher:
        if self._launcher is None:
            raise StackError("this stack is not running; start it first")
        return self._launcher

    def _launch_with_less(self, refused: str, pcscd: Pcscd) -> _Launcher:
        """Start pcscd without a network namespace; an ordinary user's also without a mount namespace."""
        if self._isolation is Isolation.REQUIRED:
            raise StackError(f"no network namespace can be had here ({refused}); allow them, or ask for no isolation")
        try:
            return self._launch(CLONE_NEWNS, pcscd)
        except _RefusedError as error:
            if os.geteuid() == 0:
                raise StackError(
                    f"no mount namespace can be had here ({error}), and without one root's pcscd would disturb the"
                    " system's; run this as an ordinary user"
                ) from None
        if not Path(pcscd.ipcdir).is_dir():
            raise StackError(f"pcscd wants the directory {pcscd.ipcdir}; make it: sudo mkdir -p {pcscd.ipcdir}")
        return self._launch(0, pcscd)

    def _launch(self, flags: int, pcscd: Pcscd) -> _Launcher:
        """Start pcscd in these namespaces, on ports that are free."""
        for _ in range(_ATTEMPTS):
            names = dict.fromkeys(self.prefixes)
            chosen = _choose_ports(len(names), private=bool(flags & CLONE_NEWNET))
            ports = dict(zip(names, chosen, strict=True))
            with suppress(_TakenError):
                readers = {ports[name] + slot: name for name, slot in slots(self.prefixes)}
                return _Launcher(flags, readers, pcscd, self._driver)
        raise StackError("other programs take the TCP ports that the virtual readers want; try again")


class _RefusedError(StackError):
    """This machine does not let us have such namespaces."""


class _TakenError(StackError):
    """Another program listens on a port that was to be the driver's."""


class _Launcher:
    """The process that holds the stack. It ends when pcscd ends, or when this process ends or lets go of it."""

    def __init__(self, flags: int, readers: Mapping[int, str], pcscd: Pcscd, driver: str) -> None:
        self.ports = tuple(readers)
        self.directory = _name_directory()
        self._conversation = threading.Lock()
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.settimeout(_REPLY_SECONDS)
        arguments = [str(theirs.fileno()), str(flags), self.directory, driver, ":".join(pcscd.shared_directories())]
        definitions = [os.fsdecode(f"{port}={name}".encode()) for port, name in readers.items()]
        command = [sys.executable, "-I", "-S", stack_host.__file__, *arguments, *definitions, "--", *pcscd.command()]
        try:
            with theirs:
                self._process = _start(command, theirs.fileno())
        except OSError as error:
            self._control.close()
            raise StackError(f"this Python cannot start another ({error}); install it where you may run it") from None
        try:
            self._receive()
        except BaseException:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def make_socket(self) -> socket.socket:
        """Make a TCP socket where the driver listens."""
        with self._conversation:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has died, and may have said of what
                self._control.send(stack_host.SOCKET)
            made = socket.socket(fileno=self._receive()[0])
        made.set_inheritable(False)
        return made

    def restart(self, ports: Sequence[int]) -> None:
        """Have pcscd anew with these readers; return when they are there."""
        with self._conversation:
            with suppress(BrokenPipeError, ConnectionResetError):
                self._control.send(stack_host.AGAIN + " ".join(map(str, ports)).encode())
            self._receive()

    def stop(self) -> None:
        with self._conversation, suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # close would not reach it while a forked process has it too
        self._control.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()  # and pcscd goes with it
            self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)  # left only by a launcher that was killed

    def _receive(self) -> list[int]:
        """Take its next message; return the descriptors that came along. Raises `StackError` if it is a bad one."""
        try:
            message, descriptors, _, _ = socket.recv_fds(self._control, 4096, 1)
        except OSError as error:
            raise StackError(f"the private pcscd does not answer ({error}); start the stack anew") from None
        reason = message[1:].decode(errors="replace")
        match message[:1]:
            case stack_host.READY | stack_host.SOCKET:
                return descriptors
            case stack_host.REFUSED:
                raise _RefusedError(reason)
            case stack_host.TAKEN:
                raise _TakenError(reason)
            case _:
                raise StackError(f"{reason or 'the launcher of pcscd was killed'}; see what `mynacard doctor` says")


def _start(command: Sequence[str], control: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[control],
        start_new_session=True,  # Ctrl-C is for us alone
    )


def _name_directory() -> str:
    """Name a new directory where pcscd's configuration can name it too, and which no namespace covers."""
    folder = tempfile.gettempdir()
    if not re.fullmatch(r"[\w./-]{1,60}", folder, re.ASCII) or folder.startswith(("/run/", "/var/run/")):
        folder = "/tmp"  # noqa: S108 - the directory in it is made anew, with mode 0700
    return f"{folder}/mynacard-{secrets.token_hex(8)}"


def _choose_ports(count: int, *, private: bool) -> list[int]:
    if private:
        return [_FIRST_PORT + 2 * number for number in range(count)]
    candidates = secrets.SystemRandom().sample(_SHARED_PORTS, len(_SHARED_PORTS))
    return list(islice((port for port in candidates if _is_free(port) and _is_free(port + 1)), count))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _back_off() -> Iterator[float]:
    """Yield how long to wait for each attempt, in seconds: about five in all."""
    patience = 0.005
    while patience < 4:
        yield patience
        patience *= 2
