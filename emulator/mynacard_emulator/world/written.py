"""A snapshot as JSON that a person can read: `mynacard-world`, version 1.

Without PIN values and private keys it is for people only; with them it can be read back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from mynacard_emulator.cards import decode_card, encode_memory
from mynacard_emulator.office.policy import policy_of, policy_questions
from mynacard_emulator.office.registry import Person, Registry
from mynacard_emulator.office.registry_file import FORMER_TABLE, decode_entries
from mynacard_emulator.personalise import answers, codec
from mynacard_emulator.pki.errors import IssuerError
from mynacard_emulator.services.ledger import Ledger
from mynacard_emulator.services.written import read_accounts, read_ledger

from .snapshot import CardSnapshot, Snapshot, SnapshotError

FORMAT, VERSION = "mynacard-world", 1
HIDDEN = "hidden"

_AGAIN = "write it again with `to_json(reveal=True)`"


@dataclass(frozen=True, slots=True)
class _Reader:
    name: str
    card: int | None


@dataclass(frozen=True, slots=True)
class _Setting:
    """What a snapshot has beside cards, registry and policy."""

    clock: datetime
    seed: int
    readers: tuple[_Reader, ...]
    inserted_last: int | None
    exchanges_seen: int


def written(snapshot: Snapshot, *, reveal: bool) -> str:
    """Write a snapshot down; with `reveal` all of it."""
    readers = tuple(_Reader(*reader) for reader in zip(snapshot.readers, snapshot.inside, strict=True))
    setting = _Setting(snapshot.now, snapshot.seed, readers, snapshot.current, snapshot.seen)
    document = {
        "format": FORMAT,
        "version": VERSION,
        "revealed": reveal,
        **codec.encode(setting),
        "policy": answers.as_words(policy_of(snapshot.policy), policy_questions()),
        "cards": [_card(card, reveal=reveal) for card in snapshot.cards],
        "registry": None if snapshot.registry is None else _registry(snapshot.registry, reveal=reveal),
        "services": None if snapshot.services is None else _services(snapshot.services, reveal=reveal),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read(text: str | bytes) -> Snapshot:
    """Read a snapshot that was written with everything; raise `SnapshotError`."""
    document = _document(text)
    try:
        return _snapshot(document)
    except IssuerError as error:
        raise SnapshotError(f"the snapshot is damaged ({error}); {_AGAIN}") from None
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise SnapshotError(f"the snapshot is damaged ({type(error).__name__}); {_AGAIN}") from None


# ---------------------------------------------------------------- writing


def _card(card: CardSnapshot, *, reveal: bool) -> Mapping[str, object]:
    issued = card.issued
    certificates = {kind: issued.certificate(kind) for kind in ("sign", "auth")}
    memory = encode_memory(issued.profile(), card.memory)
    return {
        "about": {
            "profile": issued.name,
            "kind": issued.kind.value,
            "holder": issued.holder.name,
            "not_after": issued.not_after.isoformat(),
            "certificates": {kind: f"{each.serial_number:08X}" for kind, each in certificates.items() if each},
        },
        "memory": memory if reveal else {name: _without_value(data) for name, data in memory.items()},
    } | ({"issued": issued.to_json()} if reveal else {})


def _without_value(data: Any) -> object:  # noqa: ANN401 - JSON
    return data | {"value": None if data["value"] is None else HIDDEN}


def _registry(registry: Registry, *, reveal: bool) -> dict[str, object]:
    if reveal:
        return {name: codec.encode(entry) for name, entry in registry.entries.items()}
    persons = (name for name, entry in registry.entries.items() if isinstance(entry, Person))
    hidden = {name: f"{Person.TABLE}/{HIDDEN} {number}" for number, name in enumerate(persons)}  # it is a My Number
    return {hidden.get(name, name): _public(entry) for name, entry in registry.entries.items()}


def _services(ledger: Ledger, *, reveal: bool) -> dict[str, object]:
    return {name: codec.encode(each) if reveal else _public(each) for name, each in ledger.records.items()}


def _public(value: object) -> object:
    """As `codec.encode`, but for fields that are no part of what is printed."""
    if isinstance(value, tuple):
        return [_public(part) for part in value]
    if not is_dataclass(value):
        return codec.encode(value)
    return {entry.name: _public(getattr(value, entry.name)) if entry.repr else HIDDEN for entry in fields(value)}


# ---------------------------------------------------------------- reading


def _document(text: str | bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise SnapshotError(f"this is no snapshot of a world, it is not JSON; {_AGAIN}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise SnapshotError("this is no snapshot of a world; name a file that a world's snapshot was written to")
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise SnapshotError(f"the snapshot is damaged (version); {_AGAIN}")
    if version > VERSION:
        problem = f"this snapshot has format {version}, this mynacard knows format {VERSION}; install a newer one"
        raise SnapshotError(problem)
    if document.get("revealed") is not True:
        raise SnapshotError(f"this snapshot was written without PIN values and keys, for people only; {_AGAIN}")
    return document


def _snapshot(document: Mapping[str, Any]) -> Snapshot:
    setting = codec.decode(_Setting, {entry.name: document[entry.name] for entry in fields(_Setting)}, "snapshot")
    cards = tuple(CardSnapshot(*decode_card(card["issued"], card["memory"])) for card in document["cards"])
    inside = tuple(reader.card for reader in setting.readers)
    numbers = [number for number in inside if number is not None]
    if len(set(numbers)) < len(numbers) or not {*numbers, setting.inserted_last} - {None} <= set(range(len(cards))):
        raise ValueError
    entries = document["registry"]
    policy = answers.chosen({str(name): str(word) for name, word in document["policy"].items()}, policy_questions())
    return Snapshot(
        cards=cards,
        readers=tuple(reader.name for reader in setting.readers),
        inside=inside,
        current=setting.inserted_last,
        registry=None if entries is None else Registry(decode_entries(entries)),
        policy=MappingProxyType(policy),
        now=setting.clock,
        seed=setting.seed,
        seen=setting.exchanges_seen,
        services=_read_services(document.get("services"), entries or {}),
    )


def _read_services(records: Mapping[str, Any] | None, entries: Mapping[str, Any]) -> Ledger | None:
    """Read what the services knew; an older registry may have users of theirs."""
    former = [data for name, data in entries.items() if name.startswith(f"{FORMER_TABLE}/")]
    if records is None and not former:
        return None
    return read_ledger(records or {}).put(*read_accounts(former))
