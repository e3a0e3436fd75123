"""One file in the hands of one process: opened, locked, appended to, replaced by a rename.

The lock (flock) is on the file itself and ends with the process. A new file is locked before it gets its name, so that
no other process finds the name unlocked in between. Only who holds the old file writes a new one, so the new one's
first name can be the same every time: what a killed process left there is cleared away by the next.

Every refusal is an OSError: ENODEV for what is no file, ESTALE for one that has lost its name.
"""

from __future__ import annotations

import errno
import fcntl
import glob
import os
import stat
from contextlib import ExitStack, suppress
from pathlib import Path

_PRIVATE = 0o600  # PIN values and personal data are inside
_PATIENCE = 100  # times that a file may be replaced just while we open it


class HeldByAnother(BlockingIOError):
    """Another process has the lock; `pid` is None where the system does not tell which."""

    def __init__(self, pid: int | None, command: str) -> None:
        super().__init__(errno.EAGAIN, os.strerror(errno.EAGAIN))
        self.pid, self.command = pid, command


def take_hold(path: Path, *, create: bool = False, replace: bool = False) -> int:
    """Open and lock the regular file of this name; the descriptor is the lock.

    With `create` a missing file is made, empty; one that is already there is an error, unless it is to be replaced.
    """
    flags = os.O_RDWR
    if create:
        flags |= os.O_CREAT | (0 if replace else os.O_EXCL)
    for _ in range(_PATIENCE):
        with ExitStack() as undo:
            descriptor = _open_regular(path, flags)
            undo.callback(os.close, descriptor)
            _lock(descriptor)
            if is_named(path, descriptor):
                undo.pop_all()
                return descriptor
        # Between our opening and our locking its holder replaced the file: what is locked has no name any more.
    raise OSError(errno.EBUSY, "it is replaced again and again")


def let_go(descriptor: int) -> None:
    """Unlock and close, for a child process that is just being started may still have a copy of the descriptor."""
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)


def is_named(path: Path, descriptor: int) -> bool:
    """Whether the open file is the one that has this name now."""
    try:
        return os.path.samestat(path.lstat(), os.fstat(descriptor))
    except OSError:
        return False


def look(path: Path, limit: int) -> bytes:
    """Read up to `limit` bytes of a regular file, whoever holds it."""
    descriptor = _open_regular(path, os.O_RDONLY)
    try:
        return read(descriptor, limit)
    finally:
        os.close(descriptor)


def read(descriptor: int, limit: int) -> bytes:
    """Read up to `limit` bytes from the beginning."""
    with open(descriptor, "rb", closefd=False) as stream:
        return stream.read(limit)


def make_ready(path: Path, descriptor: int, end: int, *, sync: bool) -> None:
    """Make the file private and as long as it shall be; refuse at once where `replace` would fail later."""
    if not os.access(path.parent, os.W_OK, effective_ids=True):
        raise PermissionError(errno.EACCES, "its directory is read-only")
    os.fchmod(descriptor, _PRIVATE)
    if os.fstat(descriptor).st_size > end:
        os.ftruncate(descriptor, end)
    if sync:  # the last holder may have renamed it without
        _sync_directory(path.parent)


def append(descriptor: int, record: bytes, end: int, *, sync: bool) -> None:
    """Write at the end, whole or not at all; with `sync` to the disk."""
    if not os.fstat(descriptor).st_nlink:
        raise _lost()
    try:
        _write(descriptor, record, end)
        if sync:
            os.fdatasync(descriptor)
    except OSError:
        with suppress(OSError):  # where the disk does not even cut it off, the next snapshot leaves it behind
            os.ftruncate(descriptor, end)
        raise


def replace(path: Path, held: int, raw: bytes, *, sync: bool) -> int:
    """Give the name and the owner of the held file to a new one, in one step; return its descriptor, locked.

    The new file is on the disk before it has the name, so that a power cut leaves the one or the other; with `sync`
    the name is on the disk as well.
    """
    if not is_named(path, held):
        raise _lost()
    unnamed = path.with_name(f".{path.name}.new")
    with ExitStack() as undo:
        unnamed.unlink(missing_ok=True)
        descriptor = os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE)
        undo.callback(os.close, descriptor)
        undo.callback(unnamed.unlink, missing_ok=True)
        _lock(descriptor)
        os.fchmod(descriptor, _PRIVATE)  # whatever the umask took away
        os.fchown(descriptor, os.fstat(held).st_uid, -1)  # root leaves a user's file to the user
        _write(descriptor, raw, 0)
        os.fsync(descriptor)
        unnamed.rename(path)
        if sync:
            _sync_directory(path.parent)
        undo.pop_all()
    return descriptor


def _open_regular(path: Path, flags: int) -> int:
    """Open what has this name itself; wait for no other end of a pipe, and take over no terminal."""
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY, _PRIVATE)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise OSError(errno.ENODEV, "it is a device or a pipe")


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise HeldByAnother(*_holder(descriptor)) from None


def _holder(descriptor: int) -> tuple[int | None, str]:
    """Find the process that has a lock on the same file, and what it runs."""
    ours = os.fstat(descriptor)
    for info in glob.iglob("/proc/[0-9]*/fdinfo/*"):  # noqa: PTH207 - Path.glob fails where a process ends meanwhile
        process, number = Path(info).parents[1], Path(info).name
        with suppress(OSError):
            if b"FLOCK" in Path(info).read_bytes() and os.path.samestat((process / "fd" / number).stat(), ours):
                return int(process.name), (process / "comm").read_text(errors="replace").strip()
    return None, ""


def _lost() -> OSError:
    """Refuse to write where nobody would look for it, or over what somebody else has put there."""
    return OSError(errno.ESTALE, os.strerror(errno.ESTALE))


def _write(descriptor: int, raw: bytes, at: int) -> None:
    """Write all of it: in one call, but for a disk that is full, where a second one says so."""
    while raw:
        written = os.pwrite(descriptor, raw, at)
        at += written
        raw = raw[written:]


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
