"""The launcher of a private pcscd: a program of its own, since only a whole process can enter namespaces.

    python -I -S stack_host.py CONTROL FLAGS DIRECTORY DRIVER COVERED[:COVERED] PORT=NAME... -- PCSCD [OPTION]...

CONTROL is the descriptor of a SOCK_SEQPACKET socket to the owner, who wants the stack. FLAGS are the namespaces to
enter, in which the COVERED directories are empty. The launcher makes DIRECTORY and starts PCSCD with a reader for
each PORT=NAME; a NAME that comes again is its reader's second slot, at the next PORT. Then it answers each SOCKET with
a TCP socket, which the owner connects: a socket stays in the network namespace where it was made. At AGAIN it starts
PCSCD anew, behind the same path, with the readers at the ports that follow and no others. When the owner or pcscd dies,
the other one's part is ended and DIRECTORY removed.

The owner waits for this program to start, so it imports little, and nothing of this package.
"""
# Without pathlib, whose import takes time:
# ruff: noqa: PTH102, PTH106, PTH108, PTH115, PTH123, PTH208

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import select
import signal
import socket
import struct
import sys
import time
from contextlib import suppress

TYPE_CHECKING = False  # as in typing, whose import takes its time too
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    Reactions = dict[int, Callable[[], object]]  # what to do when a descriptor can be read

READY, SOCKET, REFUSED, TAKEN, FAILED = b"r", b"s", b"n", b"t", b"f"
"""How a message to the owner begins: pcscd serves; a socket comes along; these namespaces cannot be had; another
program listens on one of the ports; anything else went wrong. After the last three follows the reason, in UTF-8."""

AGAIN = b"a"
"""How a message of the owner begins that wants pcscd anew; the ports of the readers that are to be there follow."""

CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x0002_0000, 0x1000_0000, 0x4000_0000
COMM = "pcscd.comm"

_MS_REC, _MS_PRIVATE = 0x4000, 0x4_0000
_PR_SET_PDEATHSIG = 1
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1
_IFREQ = struct.Struct("16sh22x")
_TCP_ESTABLISHED, _TCP_LISTEN = "01", "0A"
_LISTEN_FD = 3  # where the first socket is that systemd hands over
_START_SECONDS = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.001, 0.05
_PIPE_BYTES, _MESSAGE_BYTES = 65536, 4096
_TAIL_BYTES = 1000

_libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):
    """This machine does not let us have such namespaces."""


class Taken(Exception):
    """Another program listens on a port that the driver was to have."""


class Failed(Exception):
    """Pcscd does not serve, or no longer."""


class Again(Exception):
    """The owner wants pcscd anew, with the readers at these ports."""

    def __init__(self, ports: Collection[int]) -> None:
        super().__init__(ports)
        self.ports = ports


def main(arguments: list[str]) -> None:
    """Hold the stack until its owner has gone, or pcscd."""
    separator = arguments.index("--")
    control_fd, flags, directory, driver, covered, *readers = arguments[:separator]
    definitions = [(int(port), name) for port, _, name in (reader.partition("=") for reader in readers)]
    command = [*arguments[separator + 1 :], "--foreground", "--config", f"{directory}/readers"]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with socket.socket(fileno=int(control_fd)) as control:
        control.set_inheritable(False)
        owner = _descriptor_of(os.getppid())
        try:
            with open(driver, "rb") as file:
                library = file.read()
            enter(int(flags), covered.split(":"))
            os.mkdir(directory, 0o700)
            try:
                os.mkdir(f"{directory}/readers")
                hold(control, owner, command, directory, library, definitions)
            finally:
                _remove(directory)
        except (Refused, Taken, Failed, OSError) as error:
            kind = {Refused: REFUSED, Taken: TAKEN}.get(type(error), FAILED)
            control.send(kind + str(error).encode(errors="replace"))


def _descriptor_of(process: int) -> int | None:
    """Open a descriptor that can be read once the process has ended; None where the kernel has no such thing."""
    try:
        return os.pidfd_open(process)
    except OSError:
        return None


# ---------------------------------------------------------------- namespaces


def enter(flags: int, covered: Iterable[str]) -> None:
    """Enter these new namespaces, through a user namespace if need be, and put empty directories over the covered ones.

    Raises `Refused`, perhaps half-way.
    """
    if not flags:
        return
    try:
        try:
            unshare(flags)
        except PermissionError:
            unshare(flags | CLONE_NEWUSER)
        _call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
        for directory in covered:
            _call("mount", b"tmpfs", os.fsencode(directory), b"tmpfs", 0, b"mode=0755,size=1m")
        if flags & CLONE_NEWNET:
            _bring_lo_up()
    except OSError as error:
        reason = "this user may have no more of them" if error.errno == errno.ENOSPC else error.strerror
        raise Refused(reason) from None


def unshare(flags: int) -> None:
    """Leave these namespaces for new ones. In a new user namespace we stay who we are."""
    user, group = os.geteuid(), os.getegid()
    _call("unshare", flags)
    if flags & CLONE_NEWUSER:  # root would keep its capabilities when it becomes pcscd; an ordinary user does not
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
                file.write(text)


def _call(function: str, *arguments: int | bytes | None) -> None:
    """Call a function of the C library that returns 0, or sets errno."""
    wide = [ctypes.c_ulong(argument) if isinstance(argument, int) else argument for argument in arguments]
    if getattr(_libc, function)(*wide):
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def _bring_lo_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name, flags = _IFREQ.unpack(fcntl.ioctl(any_socket, _SIOCGIFFLAGS, _IFREQ.pack(b"lo", 0)))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, _IFREQ.pack(name, flags | _IFF_UP))


# ---------------------------------------------------------------- pcscd


def define(directory: str, library: bytes, definitions: Iterable[tuple[int, str]]) -> None:
    """Write the reader definitions, each with its own copy of the driver: one loaded library has one set of slots."""
    first_ports = {name: port for port, name in reversed(list(definitions))}
    with open(f"{directory}/readers/virtual", "wb") as file:
        for name, port in reversed(first_ports.items()):
            copy = f"{directory}/vpcd-{port}.so"
            with open(copy, "wb") as target:
                target.write(library)
            file.write(b'FRIENDLYNAME "%b"\n' % os.fsencode(name))
            file.write(f"DEVICENAME /dev/null:{port:#x}\nLIBPATH {copy}\nCHANNELID {port:#x}\n\n".encode())


class Daemon:
    """A running pcscd, and the end of what it says."""

    def __init__(self, command: list[str], listener: socket.socket) -> None:
        launcher = os.getpid()
        self.output, said_here = os.pipe()
        self._tail = b""
        self._pid = os.fork()
        if self._pid == 0:
            _become(command, listener.fileno(), said_here, launcher)
        os.close(said_here)

    def hear(self) -> None:
        """Take in some of what it says, so that it never has to wait for us. Raises `Failed` when it has died."""
        heard = os.read(self.output, _PIPE_BYTES)
        self._tail = (self._tail + heard)[-_TAIL_BYTES:]
        if not heard:
            pid, self._pid = self._pid, 0
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            raise Failed(f"pcscd {how}{self.said()}")

    def said(self) -> str:
        """Quote the end of its output in one line."""
        lines = self._tail.decode(errors="replace").splitlines()
        return f", saying: {' | '.join(' '.join(line.split()) for line in lines)}" if lines else ", saying nothing"

    def listens(self, ports: Collection[int]) -> bool:
        """Tell whether its driver listens on all of these. Raises `Taken` if somebody else does on one."""
        found = {port: inode for port, inode in listeners() if port in ports}
        own = _open_files(self._pid)
        for port, inode in found.items():
            if own and f"socket:[{inode}]" not in own:
                raise Taken(f"another program listens on port {port}")
        return bool(own) and len(found) == len(ports)

    def kill(self) -> None:
        """End it at once, if it has not ended; it holds nothing worth saving."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            self._pid = 0
        os.close(self.output)


def _become(command: list[str], listener: int, output: int, launcher: int) -> None:
    """Turn this forked process into pcscd, which dies with the launcher and is handed its socket as by systemd."""
    try:
        _call("prctl", _PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() == launcher:
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.dup2(listener, _LISTEN_FD)
            os.set_inheritable(_LISTEN_FD, True)  # dup2 onto itself leaves it as it was
            handed_over = {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
            os.execve(command[0], command, {**os.environ, **handed_over})  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode(errors="replace"))
    finally:
        os._exit(127)


def _open_files(process: int) -> set[str]:
    """Name what a process holds open; nothing once it has died."""
    own = set()
    folder = f"/proc/{process}/fd"
    with suppress(OSError):
        for descriptor in os.listdir(folder):
            with suppress(FileNotFoundError):  # closed meanwhile
                own.add(os.readlink(f"{folder}/{descriptor}"))
    return own


def listeners() -> Iterator[tuple[int, str]]:
    """Yield port and inode of every TCP socket that listens in our network namespace."""
    return _sockets(_TCP_LISTEN)


def has_client(port: int) -> bool:
    """Tell whether anybody is connected to this port of our network namespace."""
    return any(found == port for found, _ in _sockets(_TCP_ESTABLISHED))


def _sockets(state: str) -> Iterator[tuple[int, str]]:
    """Yield port and inode of every TCP socket in this state."""
    for table in ("tcp", "tcp6"):
        try:
            with open(f"/proc/self/net/{table}", encoding="ascii") as file:
                rows = [line.split() for line in file.readlines()[1:]]
        except FileNotFoundError:  # a kernel without IPv6
            continue
        yield from ((int(row[1].rpartition(":")[2], 16), row[9]) for row in rows if row[3] == state)


# ---------------------------------------------------------------- the stack


def hold(  # noqa: PLR0913, PLR0917 - who asks, and what of
    control: socket.socket,
    owner: int | None,
    command: list[str],
    directory: str,
    library: bytes,
    definitions: Collection[tuple[int, str]],
) -> None:
    """Run pcscd as often as it is wanted anew, always behind the same path. Exits when the owner has gone."""
    ports: Collection[int] = [port for port, _ in definitions]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{directory}/{COMM}")
        listener.listen(128)
        while True:
            define(directory, library, [each for each in definitions if each[0] in ports])
            try:
                _run(control, owner, Daemon(command, listener), ports)
            except Again as again:
                ports = again.ports


def _run(control: socket.socket, owner: int | None, daemon: Daemon, ports: Collection[int]) -> None:
    """Say when its readers are there, and hand out sockets."""
    reactions: Reactions = {control.fileno(): lambda: _answer(control), daemon.output: daemon.hear}
    if owner is not None:
        reactions[owner] = sys.exit
    try:
        _await_readers(daemon, ports, reactions)
        control.send(READY)
        while True:
            _react(reactions, None)
    finally:
        daemon.kill()


def _await_readers(daemon: Daemon, ports: Collection[int], reactions: Reactions) -> None:
    """Look again and again until the driver listens: nothing in the system tells that."""
    deadline = time.monotonic() + _START_SECONDS
    pause = _FIRST_PAUSE
    while not daemon.listens(ports):
        if time.monotonic() > deadline:
            raise Failed(f"pcscd runs, but has not all the readers{daemon.said()}")
        _react(reactions, pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _react(reactions: Reactions, seconds: float | None) -> None:
    """Wait for an event for so long, and do what it asks for."""
    watch = select.poll()  # not select: the number of a descriptor may be large
    for descriptor in reactions:
        watch.register(descriptor, select.POLLIN)
    for descriptor, _ in watch.poll(None if seconds is None else 1000 * seconds):
        reactions[descriptor]()


def _answer(control: socket.socket) -> None:
    """Do what the owner asks for. Raises `Again`."""
    asked = control.recv(_MESSAGE_BYTES)
    if not asked:
        sys.exit()
    if asked.startswith(AGAIN):
        raise Again([int(port) for port in asked[1:].split()])
    with socket.socket() as made:
        socket.send_fds(control, [SOCKET], [made.fileno()])


def _remove(directory: str) -> None:
    for place, folders, files in os.walk(directory, topdown=False):
        for name in files:
            os.unlink(f"{place}/{name}")
        for name in folders:
            os.rmdir(f"{place}/{name}")
    os.rmdir(directory)


if __name__ == "__main__":
    main(sys.argv[1:])
