"""The part of JSON Schema that is needed here: what a request has to be, and what an answer is.

A schema is the plain JSON that OpenAPI publishes, so that what is promised and what is checked are one thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

JSON: TypeAlias = "bool | int | str | list[JSON] | dict[str, JSON] | None"
Schema: TypeAlias = Mapping[str, Any]

LONGEST_TEXT = 1000
LONGEST_ENCODED = 16_384
"""In characters; a certificate has some 2,500."""
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_TYPES = {"string": str, "integer": int, "boolean": bool, "null": type(None), "array": list, "object": dict}


class Mismatch(ValueError):
    """A value is not what its schema says; the message says where and what is wanted, and never what was given."""


def text(description: str = "", *, longest: int = LONGEST_TEXT, **more: object) -> Schema:
    """A string; `more` are further words of JSON Schema."""
    return _described({"type": "string", "maxLength": longest, **more}, description)


def encoded(description: str = "") -> Schema:
    """Bytes, in base64."""
    return text(description, longest=LONGEST_ENCODED, contentEncoding="base64", pattern=_BASE64)


def secret(description: str = "") -> Schema:
    """A PIN: it is taken, and never given back."""
    return text(description, longest=100, format="password", writeOnly=True)


def choice(words: Sequence[str], description: str = "") -> Schema:
    """One of these words."""
    return _described({"type": "string", "enum": list(words)}, description)


def number(description: str = "", *, least: int = 0, most: int) -> Schema:
    """A whole number between two others."""
    return _described({"type": "integer", "minimum": least, "maximum": most}, description)


def truth(description: str = "") -> Schema:
    """Yes or no."""
    return _described({"type": "boolean"}, description)


def many(items: Schema, *, most: int | None = None) -> Schema:
    """A list."""
    return {"type": "array", "items": items} if most is None else {"type": "array", "items": items, "maxItems": most}


def each(values: Schema, names: Sequence[str]) -> Schema:
    """An object with any of these names."""
    return {"type": "object", "properties": dict.fromkeys(names, values), "additionalProperties": False}


def mapping(values: Schema, description: str = "") -> Schema:
    """An object with any names."""
    return _described({"type": "object", "additionalProperties": values}, description)


def thing(properties: Mapping[str, Schema], *, optional: Sequence[str] | None = None) -> Schema:
    """An object with these properties and no others, all of which it must have but the optional ones."""
    required = [name for name in properties if name not in (optional or ())]
    plain: dict[str, Any] = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**plain, "required": required} if required else plain


def or_null(schema: Schema) -> Schema:
    """The same, or null."""
    return {**schema, "type": [schema["type"], "null"]}


def check(schema: Schema, value: object, where: str = "the body") -> None:
    """Hold a JSON value against its schema; raise `Mismatch`."""
    kind = _kind(schema, value, where)
    if "enum" in schema and value is not None and value not in schema["enum"]:
        raise Mismatch(f"{where}: one of {', '.join(schema['enum'])}")
    match kind:
        case "string":
            _check_text(schema, str(value), where)
        case "integer" if isinstance(value, int):
            _check_number(schema, value, where)
        case "array" if isinstance(value, list):
            if len(value) > schema.get("maxItems", len(value)):
                raise Mismatch(f"{where}: at most {schema['maxItems']} items")
            for position, item in enumerate(value):
                check(schema["items"], item, f"{where}[{position}]")
        case "object" if isinstance(value, dict):
            _check_object(schema, value, where)
        case _:
            pass


def _kind(schema: Schema, value: object, where: str) -> str:
    allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    for kind in allowed:
        if isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool)):
            return str(kind)
    raise Mismatch(f"{where}: {' or '.join(allowed)} is wanted")


def _check_text(schema: Schema, value: str, where: str) -> None:
    longest, form = schema.get("maxLength"), schema.get("format")
    if longest is not None and len(value) > longest:
        raise Mismatch(f"{where}: at most {longest} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise Mismatch(f"{where}: it must match {schema['pattern']}")
    if form == "date" and not _is_day(value):
        raise Mismatch(f"{where}: write a day as 2026-11-20")
    if form == "date-time" and not _is_moment(value):
        raise Mismatch(f"{where}: write a time with its zone, as 2026-11-20T10:00:00+09:00")


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_moment(value: str) -> bool:
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _check_number(schema: Schema, value: int, where: str) -> None:
    if not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        raise Mismatch(f"{where}: from {schema['minimum']} to {schema['maximum']}")


def _check_object(schema: Schema, value: dict[str, Any], where: str) -> None:
    others: Schema | None = schema["additionalProperties"] or None
    properties: Mapping[str, Schema] = schema["properties"] if others is None else dict.fromkeys(value, others)
    if value.keys() - properties.keys():
        known = ", ".join(properties) or "nothing"
        raise Mismatch(f"{where}: there is something unknown in it; it takes {known}")
    for name in schema.get("required", ()):
        if name not in value:
            raise Mismatch(f"{where}: {name} is missing")
    for name, part in value.items():
        check(properties[name], part, name if where == "the body" else f"{where}.{name}")


def _described(schema: dict[str, Any], description: str) -> Schema:
    return {**schema, "description": description} if description else schema
