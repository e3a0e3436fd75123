"""The card file: a snapshot and a journal on disk, and what they say in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from . import hold, layout
from .errors import CardFileError, in_words
from .layout import JSON, Contents


class CardFile:
    """A card file in the hands of this process: nobody else opens it until `close`, or until the process ends.

    `create` and `open` make one. An error of any method leaves the file, and what `memory` says, as they were. What
    has returned survives the end of the process at any instant, and with `sync` a power cut.
    """

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
        card: Mapping[str, JSON],
        memory: Mapping[str, JSON],
        *,
        force: bool = False,
        sync: bool = False,
    ) -> Self:
        """Write a new card file and hold it.

        `force` replaces any regular file in one step, whatever is in it, but none that a process holds. A symbolic
        link is neither replaced nor followed.
        """
        place = Path(path).absolute()
        try:
            held = hold.take_hold(place, create=True, replace=force)
            try:
                descriptor, contents = _replace(place, held, card, memory, sync=sync)
            except BaseException:
                if not os.fstat(held).st_size:  # it only kept the place
                    place.unlink(missing_ok=True)
                raise
            finally:
                hold.let_go(held)
        except OSError as error:
            raise in_words(place, error) from error
        return cls(place, descriptor, contents, sync=sync)

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, sync: bool = False) -> Self:
        """Hold a card file as its last holder left it; a change that was cut off in the middle is discarded."""
        place = Path(os.path.realpath(path))
        try:
            descriptor = hold.take_hold(place)
            try:
                contents = layout.decode(hold.read(descriptor, layout.LARGEST_FILE + 1), place)
                hold.make_ready(place, descriptor, contents.end, sync=sync)
            except BaseException:
                hold.let_go(descriptor)
                raise
        except OSError as error:
            raise in_words(place, error) from error
        return cls(place, descriptor, contents, sync=sync)

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> tuple[Mapping[str, JSON], Mapping[str, JSON]]:
        """Look at what a card is and remembers, while anybody may hold it; nothing is changed."""
        place = Path(os.path.realpath(path))
        try:
            raw = hold.look(place, layout.LARGEST_FILE + 1)
        except PermissionError:
            raise CardFileError(place, "cannot be read: it is private to its owner, work as that user") from None
        except OSError as error:
            raise in_words(place, error) from error
        contents = layout.decode(raw, place)
        return contents.card, contents.memory

    @property
    def card(self) -> Mapping[str, JSON]:
        """What the card is."""
        return MappingProxyType(self._contents.card)

    @property
    def memory(self) -> Mapping[str, JSON]:
        """What the card remembers now."""
        return MappingProxyType(self._contents.memory)

    def write(self, changes: Mapping[str, JSON]) -> None:
        """Remember values under their names: all of them or none.

        A value that JSON cannot say is a TypeError or a ValueError, and nothing is remembered.
        """
        self._check_open()
        contents = self._contents
        text, changed = layout.encode_changes(changes)
        record = layout.encode_record(text, contents)
        if not self._appendable or contents.end + len(record) > contents.start + layout.LARGEST_JOURNAL:
            self.rewrite(contents.card, {**contents.memory, **changed})
            return
        self._appendable = False  # until the record is known to be there, whole: else the next write makes a snapshot
        try:
            hold.append(self._path, self._descriptor, record, contents.end, sync=self._sync)
        except OSError as error:
            raise in_words(self._path, error) from error
        contents.memory.update(changed)
        contents.records += 1
        contents.end += len(record)
        self._appendable = True

    def rewrite(self, card: Mapping[str, JSON], memory: Mapping[str, JSON]) -> None:
        """Make it another card, or the same one with an empty journal, in one step."""
        self._check_open()
        try:
            descriptor, contents = _replace(self._path, self._descriptor, card, memory, sync=self._sync)
        except OSError as error:
            raise in_words(self._path, error) from error
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

    def _check_open(self) -> None:
        if self._descriptor < 0:
            raise ValueError(f"{self!r} is closed")


def _replace(
    path: Path, held: int, card: Mapping[str, JSON], memory: Mapping[str, JSON], *, sync: bool
) -> tuple[int, Contents]:
    """Put a new snapshot in the place of the held file, having read it back as it will be read from there."""
    raw = layout.encode_snapshot(card, memory, path)
    contents = layout.decode(raw, path)
    return hold.replace(path, held, raw, sync=sync), contents
