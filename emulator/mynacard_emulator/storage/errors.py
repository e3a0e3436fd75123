"""What can be wrong with a stored file: each message is one line that names the path, the fault and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class StoredFileError(Exception):
    """A stored file cannot be used as asked; what it holds is as it was."""

    def __init__(self, path: Path, problem: str) -> None:
        # A path, or the name of a process, may hold anything; a line for people holds what can be printed.
        super().__init__("".join(c if c.isprintable() else ascii(c)[1:-1] for c in f"{path} {problem}"))
        self.path = path


class FileDamaged(StoredFileError):
    """The file begins as one of its kind does, but what follows is not what was written."""

    remedy: ClassVar[str]

    def __init__(self, path: Path, where: str) -> None:
        super().__init__(path, f"is damaged ({where}) and was left as it is: restore a copy, or {self.remedy}")


class FileInUse(StoredFileError):
    """Another process holds the file; `pid` is None where the system does not tell which."""

    def __init__(self, path: Path, pid: int | None, command: str) -> None:
        who = "another process" if pid is None else f"process {pid} ({command})"
        super().__init__(path, f"is in use by {who}: stop that process first")
        self.pid = pid


# ---------------------------------------------------------------- card files
class CardFileError(StoredFileError):
    """A card file cannot be used as asked; what it holds is as it was."""


class CardFileMissing(CardFileError):
    """There is nothing at this path."""


class NotACardFile(CardFileError):
    """There is something else at this path."""


class CardFileTooNew(CardFileError):
    """The file is in a format that only a newer version knows."""


class CardFileDamaged(CardFileError, FileDamaged):
    """The file begins as a card file does, but what follows is not what was written."""

    remedy = "create the card again with `mynacard new --force`"


class CardFileReadOnly(CardFileError):
    """The file or its directory cannot be written, so the card could not remember anything."""


class CardFileExists(CardFileError):
    """A file that nobody asked to replace is in the way."""


class CardFileInUse(CardFileError, FileInUse):
    """Another process holds the card; `pid` is None where the system does not tell which."""


# ---------------------------------------------------------------- registry files
class RegistryFileError(StoredFileError):
    """A registry file cannot be used as asked; what it holds is as it was."""


class RegistryFileMissing(RegistryFileError):
    """There is nothing at this path."""


class NotARegistryFile(RegistryFileError):
    """There is something else at this path."""


class RegistryFileTooNew(RegistryFileError):
    """The file is in a format that only a newer version knows."""


class RegistryFileDamaged(RegistryFileError, FileDamaged):
    """The file begins as a registry file does, but what follows is not what was written."""

    remedy = "create the registry again with `mynacard office init --force`"


class RegistryFileReadOnly(RegistryFileError):
    """The file or its directory cannot be written, so nothing could be registered."""


class RegistryFileExists(RegistryFileError):
    """A file that nobody asked to replace is in the way."""


class RegistryFileInUse(RegistryFileError, FileInUse):
    """Another process holds the registry; `pid` is None where the system does not tell which."""
