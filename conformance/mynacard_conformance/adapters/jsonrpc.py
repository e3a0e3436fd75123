"""The driver protocol without a process: lines, requests, and what a response means.

JSON-RPC 2.0, one object a line. A driver may send anything at all; whatever is not exactly the answer to the request is
`Rubbish`, and nothing else comes out of here.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias, assert_never

from mynacard_conformance.outcome import (
    Answer,
    Attributes,
    Call,
    ChangePin,
    Close,
    Operation,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
    states,
)

VERSION = 1
MAX_LINE = 1 << 20
"""Bytes of a line, its newline not counted."""

_METHOD_NOT_FOUND, _NOT_SUCCEEDED = -32601, -32000
_HOUSEKEEPING = {"initialize", "shutdown"}  # methods that every driver has; it may list them
_NEEDLESS_PINS = {"visual_number_a", "visual_number_b", "birth_date"}  # known names that no operation here uses
_OPERATIONS = {operation.value: operation for operation in Operation}
_PINS = {pin.value: pin for pin in PinKind}
_FAILURES = {outcome.value: outcome for outcome in Outcome if outcome is not Outcome.OK}


class Rubbish(Exception):
    """A line that is not the answer to the request; the message says why, and quotes nothing of the line."""


class LineSplitter:
    """Lines out of a stream that may arrive in any slices.

    Attributes:
        unfinished: What came since the last newline.
        overlong: A line went over the limit; everything from then on is ignored, so memory stays bounded.

    """

    __slots__ = ("_limit", "_unfinished", "overlong")

    def __init__(self, limit: int = MAX_LINE) -> None:
        self._limit = limit
        self._unfinished = bytearray()
        self.overlong = False

    @property
    def unfinished(self) -> bytes:
        """What came since the last newline."""
        return bytes(self._unfinished)

    def feed(self, data: bytes) -> list[bytes]:
        """Take the next slice; return the lines that it completes, without their newlines."""
        lines: list[bytes] = []
        if self.overlong:
            return lines
        *ended, rest = data.split(b"\n")
        for end in ended:
            if not self._append(end):
                return lines
            lines.append(bytes(self._unfinished))
            self._unfinished.clear()
        self._append(rest)
        return lines

    def _append(self, piece: bytes) -> bool:
        self._unfinished += piece
        self.overlong = len(self._unfinished) > self._limit
        return not self.overlong


# ---------------------------------------------------------------- requests


def encode_request(identifier: int, method: str, params: Mapping[str, object]) -> bytes:
    """Write one request and its newline; in ASCII, so that no driver's locale can spoil it."""
    request = {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params}
    return json.dumps(request, separators=(",", ":")).encode("ascii") + b"\n"


def params_of(call: Call) -> dict[str, object]:  # noqa: PLR0911 - one arm a method
    """Write what a call asks as the params of its method."""
    match call:
        case TriesLeft(pin):
            return {"pin": pin.value}
        case VerifyPin(pin, value):
            return {"pin": pin.value, "value": value}
        case ChangePin(pin, current, new):
            return {"pin": pin.value, "current": current, "new": new}
        case ReadCertificate(certificate, pin_value):
            return {"certificate": certificate.value, "pin": pin_value}
        case Sign(key, hash_kind, message, pin_value):
            encoded = base64.b64encode(message).decode("ascii")
            return {"key": key.value, "pin": pin_value, "hash": hash_kind.value, "message": encoded}
        case ReadMyNumber(pin_value) | ReadAttributes(pin_value):
            return {"pin": pin_value}
        case Close():
            return {}
        case _:
            assert_never(call)


# ---------------------------------------------------------------- responses


@dataclass(frozen=True, slots=True)
class Failure:
    """A JSON-RPC error; `data` has not been looked at."""

    code: int
    message: str
    data: object


Result: TypeAlias = Mapping[str, object]
Reply: TypeAlias = Result | Failure


@dataclass(frozen=True, slots=True)
class Introduction:
    """What a driver says of itself when it is initialised.

    Attributes:
        name: Name and version of the client.
        operations: What it offers.
        pins: The PINs it knows.
        features: Whatever it announced.
        unknown: Announced operations and PINs that the protocol does not have.

    """

    name: str
    operations: frozenset[Operation] = frozenset()
    pins: frozenset[PinKind] = frozenset()
    features: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()


def decode_response(line: bytes, identifier: int) -> Reply:
    """Read a line that must be the response to the request of that number."""
    response = _load(line)
    if isinstance(response, list):
        raise Rubbish("it sent a batch; the protocol has none")
    if not isinstance(response, dict):
        raise Rubbish("its line is JSON, but no object")
    if response.get("jsonrpc") != "2.0":
        raise Rubbish('its response does not say "jsonrpc": "2.0"')
    if type(response.get("id")) is not int or response["id"] != identifier:
        raise Rubbish(f"its response does not have the request's id {identifier}")
    match "result" in response, "error" in response:
        case True, False:
            return _object(response, "result")
        case False, True:
            error = _object(response, "error")
            return Failure(_integer(error, "code"), _text(error, "message"), error.get("data"))
        case True, True:
            raise Rubbish("its response has both a result and an error")
        case _:
            raise Rubbish("its response has neither a result nor an error")


def introduction_of(reply: Reply) -> Introduction:
    """Read the answer to `initialize`."""
    if isinstance(reply, Failure):
        raise Rubbish("it refused to be initialised")
    client = _object(reply, "client")
    operations, pins = _names(reply, "operations"), _names(reply, "pins")
    features = _names(reply, "features") if "features" in reply else []
    strange_operations = (name for name in operations if name not in _OPERATIONS.keys() | _HOUSEKEEPING)
    strange_pins = (name for name in pins if name not in _PINS.keys() | _NEEDLESS_PINS)
    return Introduction(
        f"{_text(client, 'name')} {_text(client, 'version')}",
        frozenset(_OPERATIONS[name] for name in operations if name in _OPERATIONS),
        frozenset(_PINS[name] for name in pins if name in _PINS),
        frozenset(features),
        (*strange_operations, *strange_pins),
    )


def answer_of(call: Call, reply: Reply) -> Answer:  # noqa: PLR0911 - one arm a method
    """Read what the client says came of a call; whether that is true is for others to judge."""
    if isinstance(reply, Failure):
        return _failed(reply)
    match call:
        case VerifyPin() | ChangePin() | Close():
            return Answer(Outcome.OK)
        case TriesLeft():
            return Answer(Outcome.OK, tries=states(_count(reply)))
        case ReadCertificate():
            return Answer(Outcome.OK, value=_binary(reply, "der"))
        case Sign():
            return Answer(Outcome.OK, value=_binary(reply, "signature"))
        case ReadMyNumber():
            return Answer(Outcome.OK, value=_text(reply, "my_number"))
        case ReadAttributes():
            name, address, birth_date, sex = (_text(reply, key) for key in ("name", "address", "birth_date", "sex"))
            return Answer(Outcome.OK, value=Attributes(name, address, birth_date, sex))
        case _:
            assert_never(call)


def nothing_of(reply: Reply) -> None:
    """Read an answer that has nothing to say but that it worked."""
    if isinstance(reply, Failure):
        raise Rubbish("it refused")


def _failed(failure: Failure) -> Answer:
    if failure.code == _METHOD_NOT_FOUND:
        raise Rubbish("it announced the operation, and says now that there is no such method")
    if failure.code != _NOT_SUCCEEDED:
        raise Rubbish(f"its error has a code other than {_NOT_SUCCEEDED}, and so no outcome")
    if not isinstance(failure.data, dict):
        raise Rubbish("its error has no data, and so no outcome")
    outcome = _FAILURES.get(_text(failure.data, "outcome"))
    if outcome is None:
        raise Rubbish("its outcome is none of the protocol's names")
    if "tries_left" not in failure.data:
        return Answer(outcome, message=failure.message)
    if outcome is not Outcome.WRONG_PIN:
        raise Rubbish("its error states tries_left; only wrong_pin may")
    return Answer(outcome, tries=states(_count(failure.data)), message=failure.message)


# ---------------------------------------------------------------- values


def _load(line: bytes) -> Any:  # noqa: ANN401 - anything that JSON can say
    try:
        return json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise Rubbish("its line is not UTF-8") from None
    except ValueError:
        raise Rubbish("its line is not JSON") from None
    except RecursionError:
        raise Rubbish("its line is JSON nested too deep") from None


def _refuse_constant(_name: str) -> NoReturn:
    """NaN and the infinities are Python's idea; JSON has none."""
    raise ValueError


def _object(record: Result, name: str) -> Result:
    value = record.get(name)
    if not isinstance(value, dict):
        raise Rubbish(f"{name} is missing, or no object")
    return value


def _text(record: Result, name: str) -> str:
    value = record.get(name)
    if not isinstance(value, str):
        raise Rubbish(f"{name} is missing, or no string")
    return _whole(value, name)


def _names(record: Result, name: str) -> list[str]:
    value = record.get(name)
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Rubbish(f"{name} is missing, or no list of strings")
    return [_whole(item, name) for item in value]


def _whole(text: str, name: str) -> str:
    """Refuse halves of surrogate pairs: JSON can spell them, and no report could write them down."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Rubbish(f"{name} holds half a character") from None
    return text


def _integer(record: Result, name: str) -> int:
    value = record.get(name)
    if type(value) is not int:  # True is an int to Python
        raise Rubbish(f"{name} is missing, or no integer")
    return value


def _count(record: Result) -> int:
    value = _integer(record, "tries_left")
    if value < 0:
        raise Rubbish("tries_left is negative")
    return value


def _binary(record: Result, name: str) -> bytes:
    try:
        return base64.b64decode(_text(record, name), validate=True)
    except ValueError:
        raise Rubbish(f"{name} is not base64") from None
