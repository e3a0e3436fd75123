"""What this machine has for PC/SC work, and the command that installs what is missing."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from enum import Enum
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from . import stack_host
from .pcsc import ReaderConnection, activate
from .port import ReaderError, TransmitOnly
from .stack import DRIVER, INSTALL, PCSCD, Pcscd, PrivateStack, StackError
from .vpcd import DEFAULT_PORT, VirtualSlot

INSTALL_OPENSC = "apt-get install opensc opensc-pkcs11"

_PID_FILE = Path("/run/pcscd/pcscd.pid")
_DISTRIBUTIONS = {"pyscard": "pip install mynacard[pcsc]", "python-pkcs11": "pip install mynacard[pkcs11]"}
_MODULE = "opensc-pkcs11.so"
_LIBRARIES = (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib"))
_SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
_COMMANDS = 200
_PATIENCE = 30.0
_USUAL = 0.1
"""Milliseconds that a SELECT takes through a private stack, in the median."""
_TOO_SLOW = {
    30.0: "each command waits 40 ms for a TCP acknowledgement: use a kernel with TCP_QUICKACK, which Linux has, and the"
    " driver of Debian 12 (vsmartcard-vpcd 3.3) or newer",
    3.0: "something keeps this machine busy: end it, or give more processors, and run `mynacard doctor` again",
}
"""From so many milliseconds on, what to do."""


class Status(Enum):
    """What is to be thought of a finding."""

    OK = "ok"
    MISSING = "missing"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was seen there, and the command that mends it, if it needs that."""

    name: str
    status: Status
    seen: str
    remedy: str | None = None
    needed: bool = False

    @property
    def ok(self) -> bool:
        """Whether it serves, if only with a warning."""
        return self.status is not Status.MISSING


@dataclass(frozen=True, slots=True)
class Measured:
    """How a private stack did, in milliseconds; `select` is a median, and None where pyscard is not installed."""

    first_card: float
    select: float | None
    warning: str | None


def examine() -> list[Finding]:
    """Look at everything. Takes about a second, and changes nothing."""
    return [
        _pcscd(),
        _file("virtual reader driver", Path(DRIVER)),
        _namespaces(),
        _private_stack(),
        _system_pcscd(),
        _open_port(),
        _program("opensc-tool", "--info", INSTALL_OPENSC),
        _program("pkcs15-tool", None, INSTALL_OPENSC),
        _pkcs11_module(),
        _program("openssl", "version", "apt-get install openssl"),
        *(_distribution(name, remedy) for name, remedy in _DISTRIBUTIONS.items()),
    ]


def _pcscd() -> Finding:
    try:
        pcscd = Pcscd.ask(PCSCD)
    except StackError as error:
        return Finding("pcscd", Status.MISSING, str(error), INSTALL, needed=True)
    return Finding("pcscd", Status.OK, f"{pcscd.path}, version {pcscd.version}", needed=True)


def _file(name: str, path: Path) -> Finding:
    if not path.is_file():
        return Finding(name, Status.MISSING, f"there is no {path}", INSTALL, needed=True)
    return Finding(name, Status.OK, str(path), needed=True)


def _namespaces() -> Finding:
    """Try to enter them, in a process that ends with that."""
    flags = stack_host.CLONE_NEWNS | stack_host.CLONE_NEWNET
    program = f"import runpy; runpy.run_path({stack_host.__file__!r})['enter']({flags}, [])"
    tried = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=False)
    if tried.returncode == 0:
        return Finding("namespaces", Status.OK, "mount and network namespaces are allowed")
    reason = tried.stderr.strip().rpartition("\n")[2].removeprefix("Refused: ")
    return Finding("namespaces", Status.WARNING, f"a private stack is not isolated: {reason}", _allow_namespaces())


def _allow_namespaces() -> str:
    """Tell how to allow namespaces, by what forbids them; what is nowhere written is forbidden by a container."""
    for setting, forbids, allows in (
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "0"),
        ("kernel/unprivileged_userns_clone", "0", "1"),
        ("user/max_user_namespaces", "0", "1000"),
        ("user/max_net_namespaces", "0", "1000"),
    ):
        path = Path("/proc/sys", setting)
        if path.exists() and path.read_text(encoding="ascii").strip() == forbids:
            return f"sysctl -w {setting.replace('/', '.')}={allows}"
    return "docker run --security-opt seccomp=unconfined …, or what allows unshare in your container"


def _private_stack() -> Finding:
    """Try one, in a process of its own: a process can be a client of one stack only."""
    name = "private stack"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    environment.pop("PCSCLITE_CSOCK_NAME", None)
    command = [sys.executable, "-m", __name__]
    try:
        tried = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        return Finding(name, Status.MISSING, f"it did not serve within {_PATIENCE:.0f} s", needed=True)
    if tried.returncode:
        return Finding(name, Status.MISSING, tried.stderr.strip().rpartition("\n")[2], needed=True)
    return judged(Measured(**json.loads(tried.stdout)))


def judged(measured: Measured) -> Finding:
    """Hold what was measured against what is usual."""
    name, remedy = "private stack", None
    seen = f"first card after {measured.first_card:.0f} ms"
    if measured.select is not None:
        seen += f", a SELECT in {measured.select:.2f} ms (usual: {_USUAL} ms)"
        remedy = next((step for slow, step in _TOO_SLOW.items() if measured.select >= slow), None)
    if measured.warning is not None:
        seen += f"; {measured.warning}"
    status = Status.OK if remedy is None and measured.warning is None else Status.WARNING
    return Finding(name, status, seen, remedy, needed=True)


def _system_pcscd() -> Finding:
    """Look for the system's pcscd without connecting to it, which might start it."""
    try:
        pid = int(_PID_FILE.read_text(encoding="ascii"))
        runs = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip() == "pcscd"
    except (OSError, ValueError):
        runs = False
    seen = "runs; private stacks leave it alone" if runs else "does not run, and need not"
    return Finding("system pcscd", Status.OK, seen)


def _open_port() -> Finding:
    name = f"TCP port {DEFAULT_PORT}"
    if all(port != DEFAULT_PORT for port, _ in stack_host.listeners()):
        return Finding(name, Status.OK, "closed")
    seen = "open: a system-wide virtual reader, most likely; whoever reaches this port can be the card"
    return Finding(name, Status.WARNING, seen, "systemctl stop pcscd.socket pcscd.service")


def _program(name: str, option: str | None, remedy: str) -> Finding:
    path = shutil.which(name)
    if path is None:
        return Finding(name, Status.MISSING, "not found in PATH", remedy)
    if option is None:
        return Finding(name, Status.OK, path)
    told = subprocess.run([path, option], capture_output=True, text=True, errors="replace", check=False)
    first_line, _, _ = told.stdout.partition("\n")
    return Finding(name, Status.OK, f"{path}, {first_line}")


def _pkcs11_module() -> Finding:
    found = [path for place in _LIBRARIES for path in (place / _MODULE, *place.glob(f"*-linux-*/{_MODULE}"))]
    path = next((path for path in found if path.is_file()), None)
    if path is None:
        return Finding(_MODULE, Status.MISSING, "not found among the system's libraries", INSTALL_OPENSC)
    return Finding(_MODULE, Status.OK, str(path))


def _distribution(name: str, remedy: str) -> Finding:
    try:
        return Finding(name, Status.OK, f"version {version(name)}")
    except PackageNotFoundError:
        return Finding(name, Status.MISSING, "not installed", remedy)


class _Card:
    """A card that agrees to everything."""

    def transmit(self, _command: bytes, /) -> bytes:
        return b"\x90\x00"


def measure() -> Measured:
    """Start a private stack with a card in it, and time that. Raises `ReaderError`."""
    begun = time.perf_counter()
    with PrivateStack() as stack, VirtualSlot(stack.connect) as slot:
        slot.insert(TransmitOnly(_Card()))
        if not slot.wait_powered(_PATIENCE / 3):
            raise StackError("pcscd does not see the card in its virtual reader")
        first_card = time.perf_counter() - begun
        select = None
        if find_spec("smartcard") is not None:
            activate(stack)
            connection = ReaderConnection(stack.readers[0])
            connection.wait_present(_PATIENCE / 3)
            with connection:
                select = statistics.median(_timed(connection) for _ in range(_COMMANDS))
        return Measured(1000 * first_card, None if select is None else 1000 * select, stack.warning)


def _timed(connection: ReaderConnection) -> float:
    begun = time.perf_counter()
    connection.transmit(_SELECT)
    return time.perf_counter() - begun


if __name__ == "__main__":
    try:
        sys.stdout.write(json.dumps(asdict(measure())))
    except ReaderError as error:
        sys.exit(str(error))
