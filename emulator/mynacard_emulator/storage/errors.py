"""What can be wrong with a card file: each message is one line that names the path, the fault and the way out."""

from __future__ import annotations

import errno
from pathlib import Path


class CardFileError(Exception):
    """A card file cannot be used as asked; what it holds is as it was."""

    def __init__(self, path: Path, problem: str) -> None:
        # A path, or the name of a process, may hold anything; a line for people holds what can be printed.
        super().__init__("".join(c if c.isprintable() else ascii(c)[1:-1] for c in f"{path} {problem}"))
        self.path = path


class CardFileMissing(CardFileError):
    """There is nothing at this path."""


class NotACardFile(CardFileError):
    """There is something else at this path."""


class CardFileTooNew(CardFileError):
    """The file is in a format that only a newer version knows."""


class CardFileDamaged(CardFileError):
    """The file begins as a card file does, but what follows is not what was written."""

    def __init__(self, path: Path, where: str) -> None:
        super().__init__(
            path,
            f"is damaged ({where}) and was left as it is: "
            "restore a copy, or create the card again with `mynacard new --force`",
        )


class CardFileReadOnly(CardFileError):
    """The file or its directory cannot be written, so the card could not remember anything."""


class CardFileExists(CardFileError):
    """A file that nobody asked to replace is in the way."""


class CardFileInUse(CardFileError):
    """Another process holds the card; `pid` is None where the system does not tell which."""

    def __init__(self, path: Path, pid: int | None, command: str) -> None:
        who = "another process" if pid is None else f"process {pid} ({command})"
        super().__init__(path, f"is in use by {who}: stop that process first")
        self.pid = pid


def in_words(path: Path, error: OSError) -> CardFileError:
    """Say to a person what the system refused."""
    kind: type[CardFileError] = CardFileError
    match error.errno:
        case errno.ENOENT if path.parent.is_dir():
            kind, problem = CardFileMissing, "does not exist: check the path, or create the card with `mynacard new`"
        case errno.ENOENT:
            kind, problem = CardFileMissing, "is in a directory that does not exist: check the path, or make it first"
        case errno.EEXIST:
            kind, problem = CardFileExists, "already exists: choose another path, or replace it with --force"
        case errno.EISDIR:
            kind, problem = NotACardFile, "is a directory: name a file in it"
        case errno.ELOOP:
            problem = "is a symbolic link: name the file it points to, or remove the link first"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            kind, problem = (
                CardFileReadOnly,
                f"cannot be changed ({error.strerror}): make it and its directory writable",
            )
        case _:
            problem = f"cannot be used ({error.strerror}): mend that and try again, what the file held is still there"
    return kind(path, problem)
