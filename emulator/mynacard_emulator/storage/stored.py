"""A stored file: a snapshot and a journal on disk, and what they say in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import ClassVar, Self

from . import hold, layout
from .kind import CARD, JSON, REGISTRY, FileKind
from .layout import Contents


class StoredFile:
    """A file in the hands of this process: nobody else opens it until `close`, or until the process ends.

    `create` and `open` make one. An error of any method leaves the file, and what is known of it, as they were. What
    has returned survives the end of the process at any instant, and with `sync` a power cut.
    """

    _kind: ClassVar[FileKind]

    def __init__(self, path: Path, descriptor: int, contents: Contents, *, sync: bool) -> None:
        self._path = path
        self._descriptor = descriptor
        self._contents = contents
        self._sync = sync
        self._appendable = True

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        fixed: Mapping[str, JSON],
        changing: Mapping[str, JSON],
        *,
        force: bool = False,
        sync: bool = False,
    ) -> Self:
        """Write a new file and hold it.

        `force` replaces any regular file in one step, whatever is in it, but none that a process holds. A symbolic
        link is neither replaced nor followed.
        """
        place = Path(path).absolute()
        try:
            held = hold.take_hold(place, create=True, replace=force)
            try:
                descriptor, contents = cls._replace(place, held, fixed, changing, sync=sync)
            except BaseException:
                if not os.fstat(held).st_size:  # it only kept the place
                    place.unlink(missing_ok=True)
                raise
            finally:
                hold.let_go(held)
        except OSError as error:
            raise cls._kind.in_words(place, error) from error
        return cls(place, descriptor, contents, sync=sync)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, sync: bool = False) -> Self:
        """Hold a file as its last holder left it; a change that was cut off in the middle is discarded."""
        place = Path(os.path.realpath(path))
        try:
            descriptor = hold.take_hold(place)
            try:
                contents = layout.decode(cls._kind, hold.read(descriptor, cls._kind.largest_file + 1), place)
                hold.make_ready(place, descriptor, contents.end, sync=sync)
            except BaseException:
                hold.let_go(descriptor)
                raise
        except OSError as error:
            raise cls._kind.in_words(place, error) from error
        return cls(place, descriptor, contents, sync=sync)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> tuple[Mapping[str, JSON], Mapping[str, JSON]]:
        """Look at the fixed and the changing part, while anybody may hold it; nothing is changed."""
        place = Path(os.path.realpath(path))
        try:
            raw = hold.look(place, cls._kind.largest_file + 1)
        except PermissionError:
            problem = "cannot be read: it is private to its owner, work as that user"
            raise cls._kind.refusals.other(place, problem) from None
        except OSError as error:
            raise cls._kind.in_words(place, error) from error
        contents = layout.decode(cls._kind, raw, place)
        return contents.fixed, contents.changing

    def write(self, changes: Mapping[str, JSON]) -> None:
        """Set values under their names: all of them or none.

        A value that JSON cannot say is a TypeError or a ValueError, and nothing is set.
        """
        self._check_open()
        contents = self._contents
        text, changed = layout.encode_changes(changes)
        record = layout.encode_record(text, contents)
        if not self._appendable or contents.end + len(record) > contents.start + self._kind.largest_journal:
            self.rewrite(contents.fixed, self._kind.apply(dict(contents.changing), changed))
            return
        self._appendable = False  # until the record is known to be there, whole: else the next write makes a snapshot
        try:
            hold.append(self._descriptor, record, contents.end, sync=self._sync)
        except OSError as error:
            raise self._kind.in_words(self._path, error) from error
        self._kind.apply(contents.changing, changed)
        contents.records += 1
        contents.end += len(record)
        self._appendable = True

    def rewrite(self, fixed: Mapping[str, JSON], changing: Mapping[str, JSON]) -> None:
        """Put other contents in its place, or the same ones with an empty journal, in one step."""
        self._check_open()
        try:
            descriptor, contents = self._replace(self._path, self._descriptor, fixed, changing, sync=self._sync)
        except OSError as error:
            raise self._kind.in_words(self._path, error) from error
        os.close(self._descriptor)
        self._descriptor, self._contents, self._appendable = descriptor, contents, True

    def close(self) -> None:
        """Let go of the file; once more does nothing."""
        if self._descriptor >= 0:
            hold.let_go(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._path}>"

    @classmethod
    def _replace(
        cls, path: Path, held: int, fixed: Mapping[str, JSON], changing: Mapping[str, JSON], *, sync: bool
    ) -> tuple[int, Contents]:
        """Put a new snapshot in the place of the held file, having read it back as it will be read from there."""
        raw = layout.encode_snapshot(cls._kind, fixed, changing, path)
        contents = layout.decode(cls._kind, raw, path)
        return hold.replace(path, held, raw, sync=sync), contents

    def _check_open(self) -> None:
        if self._descriptor < 0:
            raise ValueError(f"{self!r} is closed")


class CardFile(StoredFile):
    """A card on disk: what it is, which is fixed, and its memory."""

    _kind = CARD

    @property
    def card(self) -> Mapping[str, JSON]:
        """What the card is."""
        return MappingProxyType(self._contents.fixed)

    @property
    def memory(self) -> Mapping[str, JSON]:
        """What the card remembers now."""
        return MappingProxyType(self._contents.changing)


class RegistryFile(StoredFile):
    """A registry on disk: what it is, which is fixed, and its entries; `write` takes away those it sets to None."""

    _kind = REGISTRY

    @property
    def registry(self) -> Mapping[str, JSON]:
        """What the registry is."""
        return MappingProxyType(self._contents.fixed)

    @property
    def entries(self) -> Mapping[str, JSON]:
        """What it lists now."""
        return MappingProxyType(self._contents.changing)
