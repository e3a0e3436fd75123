"""A registry in its file: entries, clock and policy; what changes is stored before it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self, get_args

from mynacard_emulator.clock import WorldClock
from mynacard_emulator.personalise import answers, codec
from mynacard_emulator.personalise.dates import end_of_day, start_of_day
from mynacard_emulator.personalise.errors import IssuedDataError
from mynacard_emulator.pki.errors import IssuerError, StatusUnavailableError
from mynacard_emulator.storage import JSON, RegistryFile, RegistryFileDamaged, RegistryFileError

from .office import Hand, Office
from .policy import DEFAULT, Policy, policy_questions
from .registry import Entry, Registry, key
from .time import as_of

FIRST, LAST = start_of_day(date(2016, 1, 1)), end_of_day(date(2099, 12, 31))
"""A registry's clock stands between these: there were no cards before, and the holidays after are not known."""

FORMER_TABLE = "account"
"""Users of services were once entered here. They are the services' own affair now; no errand ever asked for them."""

_CLOCK = "clock"
_TABLES: Mapping[str, type[Entry]] = {table.TABLE: table for table in get_args(Entry)}


@dataclass(slots=True)
class StoredRegistry:
    """A registry that outlives the process: what it lists, its time and its policy.

    Attributes:
        registry: What it lists now.
        clock: Its own time, which stands still until it is moved.
        policy: The switches that hold, chosen when it was created.
        file: The file that is held; None where one only looks.

    """

    registry: Registry
    clock: WorldClock
    policy: Policy
    file: RegistryFile | None = field(default=None, repr=False)

    @classmethod
    def create(cls, path: Path, *, at: datetime, policy: Policy = DEFAULT, force: bool = False) -> Self:
        """A new registry that knows nobody, in a new file; raise `RegistryFileError` where that cannot be.

        A time that is not between `FIRST` and `LAST` is a ValueError.
        """
        clock = WorldClock(_possible(at))
        fixed = {"policy": answers.as_words(policy, policy_questions())}
        file = RegistryFile.create(path, fixed, {_CLOCK: clock.now.isoformat()}, force=force)
        return cls(Registry(), clock, policy, file)

    @classmethod
    def open(cls, path: Path, *, sync: bool = False) -> Self:
        """Hold a registry; nobody else can until `close`. Raises `RegistryFileError`."""
        file = RegistryFile.open(path, sync=sync)
        try:
            return cls(*_decode(path, file.registry, file.entries), file)
        except BaseException:
            file.close()
            raise

    @classmethod
    def look(cls, path: Path) -> Self:
        """Look at a registry without holding it; nothing can be stored. Raises `RegistryFileError`."""
        return cls(*_decode(path, *RegistryFile.read(path)))

    @property
    def standing(self) -> Registry:
        """What it lists, with what time alone has done to it by now."""
        return as_of(self.registry, self.clock.now)

    def office(self, hand: Hand) -> Office:
        """Open the office of this registry; each of its errands is stored before it counts."""
        return Office(self.clock, hand, registry=self.registry, policy=self.policy, on_registry=self._store)

    def move_clock(self, to: datetime) -> None:
        """Let it be later; raise `ValueError` for an earlier time, or one after `LAST`."""
        moved = WorldClock(self.clock.now)
        moved.set(_possible(to))
        if self.file is not None:
            self.file.write({_CLOCK: moved.now.isoformat()})
        self.clock.set(moved.now)

    def close(self) -> None:
        """Let go of the file."""
        if self.file is not None:
            self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _store(self, old: Registry, new: Registry) -> None:
        if self.file is not None and (changes := _changes(old, new)):
            self.file.write(changes)
        self.registry = new


class LiveRegistry:
    """A registry that others change: it is read anew whenever its file is another one than before.

    Where it cannot be read, whoever asks hears `StatusUnavailableError`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] = ()
        self._stored: StoredRegistry | None = None

    @property
    def standing(self) -> Registry:
        """What it lists, with what time alone has done to it by now."""
        return self._now().standing

    @property
    def clock(self) -> WorldClock:
        """Its time now."""
        return self._now().clock

    @property
    def policy(self) -> Policy:
        """The switches that hold."""
        return self._now().policy

    def require(self) -> None:
        """Read it; raise `RegistryFileError` with what is wrong, as one line for whoever named the file."""
        self._stored = StoredRegistry.look(self._path)

    def _now(self) -> StoredRegistry:
        try:
            there = self._path.stat()
            seen = (there.st_ino, there.st_size, there.st_mtime_ns)
            if self._stored is None or seen != self._seen:
                self._stored, self._seen = StoredRegistry.look(self._path), seen
        except (OSError, RegistryFileError) as error:
            raise StatusUnavailableError(str(error)) from None
        return self._stored


def _changes(old: Registry, new: Registry) -> dict[str, JSON]:
    """What one record of the journal has to set, and to take away."""
    changed: dict[str, JSON] = {
        name: codec.encode(entry) for name, entry in new.entries.items() if old.entries.get(name) != entry
    }
    return changed | dict.fromkeys(old.entries.keys() - new.entries.keys())


def _decode(path: Path, fixed: Mapping[str, JSON], entries: Mapping[str, JSON]) -> tuple[Registry, WorldClock, Policy]:
    try:
        policy = _policy(fixed["policy"])
        clock = WorldClock(_possible(codec.decode(datetime, entries[_CLOCK], _CLOCK)))
        listed = decode_entries({name: data for name, data in entries.items() if name != _CLOCK})
    except KeyError as missing:
        raise RegistryFileDamaged(path, f"it has no {missing.args[0]}") from missing
    except (IssuerError, ValueError) as error:
        raise RegistryFileDamaged(path, str(error)) from error
    return Registry(listed), clock, policy


def _possible(at: datetime) -> datetime:
    if not FIRST <= at <= LAST:
        raise ValueError(f"{at:%Y-%m-%d} is not between {FIRST:%Y-%m-%d} and {LAST:%Y-%m-%d}")
    return at


def _policy(data: JSON) -> Policy:
    if not isinstance(data, Mapping):
        raise IssuedDataError("policy: expected an object")
    words = {name: str(word) for name, word in data.items()}
    try:
        return Policy(**answers.chosen(words, policy_questions()))
    except answers.UnknownAnswerError as error:
        raise IssuedDataError(f"policy.{error.question}: {error}") from None


def decode_entries(entries: Mapping[str, JSON]) -> Mapping[str, Entry]:
    """Read entries by the names under which they stand; raise `IssuedDataError`. Those of a former table are left."""
    there = {name: data for name, data in entries.items() if _table(name) != FORMER_TABLE}
    return MappingProxyType({name: _decode_entry(name, data) for name, data in there.items()})


def _decode_entry(name: str, data: JSON) -> Entry:
    table = _TABLES.get(_table(name))
    if table is None:
        raise IssuedDataError(f"{name}: no such table here")
    entry: Any = codec.decode(table, data, name)
    if key(entry) != name:
        raise IssuedDataError(f"{name}: the entry of another name")
    found: Entry = entry
    return found


def _table(name: str) -> str:
    return name.partition("/")[0]
