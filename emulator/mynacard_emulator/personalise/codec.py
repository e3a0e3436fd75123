"""Frozen records as JSON and back, by the types of their fields.

Bytes are hex, dates ISO 8601, enumeration members their values, a behaviour the answers that differ from the default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType, NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin

from mynacard_emulator.card.behaviour import Behaviour

from . import answers
from .errors import IssuedDataError

T = TypeVar("T")

ADDED_LATER: Mapping[str, bool] = MappingProxyType({"added later": True})
"""Metadata of a field that older card files lack; it takes its default."""


def encode(value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON has no better type; one a kind of value
    """Turn a record into what `json` can write."""
    match value:
        case None | int() | str():
            return value
        case bytes():
            return value.hex().upper()
        case date():
            return value.isoformat()
        case Enum():
            return value.value
        case Behaviour():
            return answers.differences(value)
        case tuple():
            return [encode(part) for part in value]
        case _ if is_dataclass(value):
            return {entry.name: encode(getattr(value, entry.name)) for entry in fields(value)}
        case _:
            raise TypeError(f"no JSON for {type(value).__name__}")


def decode(kind: type[T], data: object, where: str) -> T:
    """Turn JSON back into a record of this kind; raise `IssuedDataError` that begins with `where`."""
    try:
        return cast("T", _decode(kind, data, where))
    except RecursionError:
        raise IssuedDataError(f"{where}: nested too deeply") from None


def _decode(kind: Any, data: Any, where: str) -> object:  # noqa: ANN401 - field types and JSON
    if isinstance(kind, UnionType):
        if data is None:
            return None
        kind = next(part for part in kind.__args__ if part is not NoneType)
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), data, where)
    if is_dataclass(kind):
        if not isinstance(data, dict):
            raise IssuedDataError(f"{where}: expected an object")
        return _behaviour(data, where) if kind is Behaviour else _record(cast("type", kind), data, where)
    return _scalar(kind, data, where)


def _tuple(kinds: tuple[Any, ...], data: Any, where: str) -> tuple[object, ...]:  # noqa: ANN401 - field types and JSON
    """Read a tuple of any length (`tuple[X, ...]`) or of one form (`tuple[X, Y]`)."""
    if not isinstance(data, list):
        raise IssuedDataError(f"{where}: expected a list")
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(data)
    if len(kinds) != len(data):
        raise IssuedDataError(f"{where}: expected {len(kinds)} values")
    return tuple(
        _decode(kind, part, f"{where}.{number}") for number, (kind, part) in enumerate(zip(kinds, data, strict=True))
    )


def _record(kind: type, data: dict[str, object], where: str) -> object:
    entries = {entry.name: entry.type for entry in fields(kind) if entry.name in data or not _added_later(entry)}
    for name in entries.keys() ^ data.keys():
        raise IssuedDataError(f"{where}.{name}: {'missing' if name in entries else 'not known here'}")
    values = {name: _decode(entry, data[name], f"{where}.{name}") for name, entry in entries.items()}
    try:
        return kind(**values)
    except ValueError as error:
        raise IssuedDataError(f"{where}: {error}") from None


def _added_later(entry: Field[object]) -> bool:
    return entry.metadata == ADDED_LATER


def _scalar(kind: Any, data: Any, where: str) -> object:  # noqa: ANN401 - field types and JSON
    read, expected = _SCALARS.get(kind, (kind, "another value"))  # what is left is an enumeration
    try:
        return read(data)
    except (ValueError, TypeError):
        raise IssuedDataError(f"{where}: expected {expected}") from None


def _text(data: object) -> str:
    if not isinstance(data, str):
        raise TypeError
    data.encode()  # a lone surrogate, which JSON can hold, could not be shown
    return data


def _number(data: object) -> int:
    if not isinstance(data, int) or isinstance(data, bool):
        raise TypeError
    return data


def _flag(data: object) -> bool:
    if not isinstance(data, bool):
        raise TypeError
    return data


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no offset")
    return moment


_SCALARS: dict[type, tuple[Callable[[Any], object], str]] = {
    str: (_text, "text"),
    int: (_number, "a number"),
    bool: (_flag, "true or false"),
    bytes: (bytes.fromhex, "hex digits"),
    date: (date.fromisoformat, "a date"),
    datetime: (_moment, "a date and time with offset"),
}


def _behaviour(data: dict[str, object], where: str) -> Behaviour:
    try:
        return answers.behaviour({name: str(word) for name, word in data.items()})
    except answers.UnknownAnswerError as error:
        raise IssuedDataError(f"{where}.{error.question}: {error}") from None
