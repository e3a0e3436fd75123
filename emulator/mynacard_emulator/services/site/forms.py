"""What a form in a page says, read by the types that its action wants."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from mynacard_emulator.rest.problems import Problem, Refused
from mynacard_emulator.rest.schema import Mismatch, Schema

if TYPE_CHECKING:
    from starlette.requests import Request

_MOST_FIELDS = 100


def require_same_origin(request: Request) -> None:
    """Refuse a form that a page of somebody else's has sent; programs that are no browsers send no origin."""
    origin = request.headers.get("origin")
    if origin is not None and origin != f"{request.url.scheme}://{request.headers.get('host', '')}":
        raise Refused(Problem.WRONG_ORIGIN, "this form was sent by a page of somebody else's; open our own")


def filled_in(schema: Schema, body: bytes) -> dict[str, Any]:
    """What a form says, by the types that its action wants; a box that is not ticked is not sent."""
    try:
        fields = parse_qs(
            body.decode(), keep_blank_values=True, strict_parsing=bool(body), errors="strict", max_num_fields=100
        )
    except ValueError:
        raise Refused(Problem.INVALID, "the form cannot be read") from None
    properties: Mapping[str, Schema] = schema["properties"]
    given: dict[str, Any] = {name: _value(properties.get(name, {}), name, values) for name, values in fields.items()}
    return {**_unticked(properties), **given}


def _unticked(properties: Mapping[str, Schema]) -> dict[str, Any]:
    none: Mapping[str, Any] = {"boolean": False, "array": []}
    kinds = {name: _kind(schema) for name, schema in properties.items()}
    return {name: none[kind] for name, kind in kinds.items() if kind in none}


def _value(schema: Schema, name: str, values: list[str]) -> object:
    match _kind(schema):
        case "array":
            return values
        case "boolean":
            return True
        case "integer":
            number = values[0].removeprefix("-")
            if not (number.isascii() and number.isdecimal() and len(number) < 20):
                raise Mismatch(f"{name}: a whole number is wanted")
            return int(values[0])
        case _:
            return values[0]


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "string")
    return str(kind[0] if isinstance(kind, list) else kind)
