"""A ledger read back from JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, get_args

from mynacard_emulator.personalise import codec

from .ledger import Ledger, MyKeyRecord, Record, key
from .states import MyKeyState

_TABLES: Mapping[str, type[Record]] = {table.TABLE: table for table in get_args(Record)}


def read_ledger(records: Mapping[str, Any]) -> Ledger:
    """The ledger of these records; raise `IssuedDataError`, or `ValueError` for a record in another's place."""
    read = {name: _read(name, data) for name, data in records.items()}
    return Ledger(MappingProxyType(read))


def read_accounts(accounts: Iterable[Mapping[str, Any]]) -> Iterator[MyKeyRecord]:
    """Read users as registries once had them, by a name and a serial number: to them that name is their MyKey ID."""
    for account in accounts:
        name, number = codec.decode(str, account["name"], "name"), codec.decode(int, account["serial_number"], "number")
        yield MyKeyRecord(name=name, serial_number=number, state=MyKeyState.ACTIVE)


def _read(name: str, data: object) -> Record:
    table = _TABLES.get(name.partition("/")[0])
    if table is None:
        raise ValueError(name)
    record = codec.decode(table, data, name)
    if key(record) != name:
        raise ValueError(name)
    return record
