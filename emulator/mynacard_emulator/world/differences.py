"""What differs between two snapshots, for people; a PIN's value is never told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING

from mynacard_emulator.applications.pins import PINS

from .snapshot import CardSnapshot, Snapshot

if TYPE_CHECKING:
    from mynacard_emulator.card import ReferenceData
    from mynacard_emulator.office.registry import Entry, Registry
    from mynacard_emulator.services.ledger import Ledger, Record

NONE = "none"
_CHANGED = "as it was", "changed"

_PIN_NAMES = {
    path: f"{name} ({number})" if number > 1 else name
    for name, paths in PINS.items()
    for number, path in enumerate(paths, 1)
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs.

    Attributes:
        where: `clock`, `reader 0`, `card 0`, `registry` …
        what: What of it.
        before: What it was, in words; `none` where it was not there.
        after: What it is.

    """

    where: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: {self.before} → {self.after}"


def diff(a: Snapshot, b: Snapshot) -> tuple[Change, ...]:
    """What differs from `a` to `b`; nothing between two that are equal."""
    return tuple(_changes(a, b))


def _changes(a: Snapshot, b: Snapshot) -> Iterator[Change]:
    if a.now != b.now:
        yield Change("clock", "time", str(a.now), str(b.now))
    yield from _readers(a, b)
    for number, (old, new) in enumerate(zip_longest(a.cards, b.cards)):
        yield from _card(f"card {number}", old, new)
    if a.registry is not b.registry:
        yield from _registry(a.registry, b.registry)
    if a.services is not b.services:
        yield from _services(a.services, b.services)
    for name in sorted(a.policy.keys() | b.policy.keys()):
        before, after = (str(_shown(policy.get(name, "default"))) for policy in (a.policy, b.policy))
        if before != after:
            yield Change("policy", name, before, after)
    if a.seed != b.seed:
        yield Change("seed", "number", str(a.seed), str(b.seed))


def _readers(a: Snapshot, b: Snapshot) -> Iterator[Change]:
    for number, (old, new) in enumerate(zip_longest(a.readers, b.readers, fillvalue=NONE)):
        if old != new:
            yield Change(f"reader {number}", "name", old, new)
    for number, (inside, now_inside) in enumerate(zip_longest(a.inside, b.inside)):
        if inside != now_inside:
            yield Change(f"reader {number}", "card", _card_name(inside), _card_name(now_inside))
    if a.current != b.current:
        yield Change("readers", "inserted last", _card_name(a.current), _card_name(b.current))


def _card(where: str, old: CardSnapshot | None, new: CardSnapshot | None) -> Iterator[Change]:
    if old is None or new is None:
        yield Change(where, "itself", _profile(old), _profile(new))
        return
    if old.memory is not new.memory:
        paths = dict.fromkeys((*old.memory.reference_data, *new.memory.reference_data))
        for path in paths:
            before, after = (card.memory.reference_data.get(path) for card in (old, new))
            if before is not after:
                yield from _pin(where, _PIN_NAMES.get(path, f"{path.fid:04X}"), before, after)
    if old.issued is not new.issued:
        yield from _issued(where, old, new)


def _pin(where: str, name: str, old: ReferenceData | None, new: ReferenceData | None) -> Iterator[Change]:
    tries = [NONE if data is None else str(data.counter.left) for data in (old, new)]
    if tries[0] != tries[1]:
        yield Change(where, f"tries left of {name}", *tries)
    values = [None if data is None else data.value for data in (old, new)]
    if values[0] != values[1]:
        before, after = ("not set" if value is None else "set" for value in values)
        yield Change(where, f"value of {name}", before, "another" if before == after else after)


def _issued(where: str, old: CardSnapshot, new: CardSnapshot) -> Iterator[Change]:
    told = False
    for kind in ("sign", "auth"):
        before, after = (_serial(card, kind) for card in (old, new))
        if before != after:
            told = True
            yield Change(where, f"{kind} certificate", before, after)
    if (days := [str(card.issued.not_after) for card in (old, new)])[0] != days[1]:
        told = True
        yield Change(where, "last day", *days)
    if not told and old.issued != new.issued:
        yield Change(where, "what the issuer wrote", *_CHANGED)


def _registry(old: Registry | None, new: Registry | None) -> Iterator[Change]:
    if old is None or new is None:
        counts = [NONE if registry is None else f"{len(registry.entries)} entries" for registry in (old, new)]
        yield Change("registry", "itself", *counts)
        return
    yield from _entries("registry", old.entries, new.entries)


def _services(old: Ledger | None, new: Ledger | None) -> Iterator[Change]:
    if old is None or new is None:
        counts = [NONE if ledger is None else f"{len(ledger.records)} records" for ledger in (old, new)]
        yield Change("services", "themselves", *counts)
        return
    yield from _entries("services", old.records, new.records)


def _entries(where: str, before: Mapping[str, Entry | Record], after: Mapping[str, Entry | Record]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name), after.get(name)
        if one is not other:
            yield from _entry(where, _entry_name(name), one, other)


def _entry(where: str, name: str, old: Entry | Record | None, new: Entry | Record | None) -> Iterator[Change]:
    if old is None or new is None:
        state = NONE if old is None else "there", NONE if new is None else "there"
        yield Change(where, name, *state)
        return
    for entry in fields(old):
        before, after = getattr(old, entry.name), getattr(new, entry.name, None)
        if before != after:
            shown = (_shown(before), _shown(after)) if entry.repr else _CHANGED
            yield Change(where, f"{name} {entry.name}", *(shown if shown[0] != shown[1] else _CHANGED))


def _shown(value: object) -> str:
    match value:
        case None:
            return NONE
        case Enum():
            return str(value.value)
        case bool() | int() | str() | date():
            return str(value)
        case tuple():
            return f"{len(value)} of them"
        case _:
            return "something"


def _entry_name(name: str) -> str:
    """A person is known by their My Number, which is nobody's business."""
    table, _, rest = name.partition("/")
    return f"person …{rest[-4:]}" if table == "person" else f"{table} {rest}"


def _serial(card: CardSnapshot, kind: str) -> str:
    certificate = card.issued.certificate(kind)
    return NONE if certificate is None else f"{certificate.serial_number:08X}"


def _profile(card: CardSnapshot | None) -> str:
    return NONE if card is None else card.issued.name


def _card_name(number: int | None) -> str:
    return NONE if number is None else f"card {number}"
