"""The kinds of stored files: one mechanism, and what each calls its own."""

from __future__ import annotations

import errno
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from . import errors
from .hold import HeldByAnother

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


@dataclass(frozen=True, slots=True)
class Refusals:
    """The errors of one kind of file."""

    other: type[errors.StoredFileError]
    missing: type[errors.StoredFileError]
    foreign: type[errors.StoredFileError]
    too_new: type[errors.StoredFileError]
    damaged: type[errors.FileDamaged]
    read_only: type[errors.StoredFileError]
    exists: type[errors.StoredFileError]
    in_use: type[errors.FileInUse]


@dataclass(frozen=True, slots=True)
class FileKind:
    """One kind of stored file.

    Attributes:
        format: Its name in the header of the file.
        noun: Its name for people.
        thing: What is in it, for people.
        command: What makes one.
        fixed: The section that only a rewrite changes.
        changing: The section whose names the journal sets.
        null_removes: Whether setting a name to null takes it away; else null is a value like any other.
        told: What the two sections say, for people.
        make_smaller: What to do when one would be too large.
        largest_file: In bytes.
        largest_journal: In bytes; all of it is replayed when the file is opened.
        refusals: Its errors.

    """

    format: str
    noun: str
    thing: str
    command: str
    fixed: str
    changing: str
    null_removes: bool
    told: str
    make_smaller: str
    largest_file: int
    largest_journal: int
    refusals: Refusals = field(repr=False)

    def apply(self, changing: dict[str, JSON], changes: Mapping[str, JSON]) -> dict[str, JSON]:
        """Set the names in `changing`, and return it."""
        changing.update(changes)
        if self.null_removes:
            for name, value in changes.items():
                if value is None:
                    del changing[name]
        return changing

    def in_words(self, path: Path, error: OSError) -> errors.StoredFileError:
        """Say to a person what the system refused."""
        if isinstance(error, HeldByAnother):
            return self.refusals.in_use(path, error.pid, error.command)
        refusal = self.refusals.other
        match error.errno:
            case errno.ENOENT if path.parent.is_dir():
                refusal = self.refusals.missing
                problem = f"does not exist: check the path, or create the {self.thing} with `{self.command}`"
            case errno.ENOENT:
                refusal = self.refusals.missing
                problem = "is in a directory that does not exist: check the path, or make it first"
            case errno.ESTALE:
                refusal = self.refusals.missing
                problem = "was moved, removed or replaced while in use: put it back and open it again"
            case errno.EEXIST:
                refusal = self.refusals.exists
                problem = "already exists: choose another path, or replace it with --force"
            case errno.EISDIR:
                refusal, problem = self.refusals.foreign, "is a directory: name a file in it"
            case errno.ENODEV:
                refusal, problem = self.refusals.foreign, "is a device or a pipe: name a file"
            case errno.ELOOP:
                problem = "is a symbolic link: name the file it points to, or remove the link first"
            case errno.EACCES | errno.EPERM | errno.EROFS:
                refusal = self.refusals.read_only
                problem = f"cannot be changed ({error.strerror}): make it and its directory writable"
            case _:
                reason = error.strerror
                problem = f"cannot be used ({reason}): mend that and try again, what the file held is still there"
        return refusal(path, problem)


CARD = FileKind(
    format="mynacard-card",
    noun="card file",
    thing="card",
    command="mynacard new",
    fixed="card",
    changing="memory",
    null_removes=False,
    told="what the card is and remembers",
    make_smaller="use smaller images",
    largest_file=4 << 20,  # forty times a card with everything on it
    largest_journal=16 << 10,  # some 190 tries of a PIN, replayed in a millisecond
    refusals=Refusals(
        other=errors.CardFileError,
        missing=errors.CardFileMissing,
        foreign=errors.NotACardFile,
        too_new=errors.CardFileTooNew,
        damaged=errors.CardFileDamaged,
        read_only=errors.CardFileReadOnly,
        exists=errors.CardFileExists,
        in_use=errors.CardFileInUse,
    ),
)

REGISTRY = FileKind(
    format="mynacard-registry",
    noun="registry file",
    thing="registry",
    command="mynacard office init",
    fixed="registry",
    changing="entries",
    null_removes=True,
    told="what the registry is and lists",
    make_smaller="begin another with `mynacard office init`",
    largest_file=64 << 20,  # sixty kilobytes for each of a thousand persons, with cards and certificates
    largest_journal=1 << 20,  # some two hundred new certificates, or thousands of small changes
    refusals=Refusals(
        other=errors.RegistryFileError,
        missing=errors.RegistryFileMissing,
        foreign=errors.NotARegistryFile,
        too_new=errors.RegistryFileTooNew,
        damaged=errors.RegistryFileDamaged,
        read_only=errors.RegistryFileReadOnly,
        exists=errors.RegistryFileExists,
        in_use=errors.RegistryFileInUse,
    ),
)

KINDS = (CARD, REGISTRY)
