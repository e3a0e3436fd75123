"""The services' actions as requests: what each can be told is read off the method that carries it out."""

from __future__ import annotations

import inspect
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from mynacard_emulator.rest.schema import (
    JSON,
    Mismatch,
    Schema,
    encoded,
    many,
    mapping,
    number,
    or_null,
    secret,
    text,
    thing,
    truth,
)

from . import eligibility, etax, mykey, portal
from .eligibility import EligibilityApp
from .etax import ETax
from .messages import sentence
from .mykey import MyKeyPlatform
from .portal import MynaPortal
from .served import Served
from .services import ACTIONS, Services

_SERVICES: Mapping[str, type] = {
    mykey.NAME: MyKeyPlatform,
    portal.NAME: MynaPortal,
    eligibility.NAME: EligibilityApp,
    etax.NAME: ETax,
}
_SECRETS = {"password", "again", "passcode"}

SERVED = thing(
    {
        "outcome": text("ok, or why not."),
        "done": truth("Whether it was granted."),
        "account": or_null(text("Whose account it is.")),
        "shown": mapping(text(), "What the page or the app shows, by name."),
        "says": thing({"en": text(), "ja": text()}),
    }
)
"""What comes back of every action."""
CHALLENGE = thing({"challenge": encoded("To be signed with the auth key, as it is: SHA-256, PKCS#1 v1.5.")})
LOG = thing(
    {
        "lines": many(
            thing(
                {
                    "at": text(format="date-time"),
                    "action": text(),
                    "outcome": text(),
                    "account": or_null(text()),
                }
            )
        )
    }
)


def method_of(action: str) -> Callable[..., Served]:
    """The method that carries an action out, of the class."""
    service, _, name = action.partition(".")
    method: Callable[..., Served] = getattr(_SERVICES[service], name)
    return method


def summary_of(action: str) -> str:
    """What an action does, in a sentence."""
    return (inspect.getdoc(method_of(action)) or "").partition("\n")[0]


@cache
def actions() -> Mapping[str, Schema]:
    """Each action by its name, such as `mykey.create`, and what it can be told."""
    names = (f"{service}.{name}" for service, names in ACTIONS.items() for name in names)
    return MappingProxyType({name: _details(name) for name in names})


@cache
def with_cookie(action: str) -> Schema:
    """What an action can be told by a request that comes with a cookie."""
    schema = actions()[action]
    properties = {name: part for name, part in schema["properties"].items() if name != _whence(action)}
    return thing(properties, optional=[name for name in properties if name not in schema.get("required", ())])


def carry_out(services: Services, action: str, given: Mapping[str, Any], whence: str | None = None) -> JSON:
    """Carry an action out that was asked for in JSON; `whence` is the browser or device, where it is known."""
    return told(perform(services, action, given, whence))


def perform(services: Services, action: str, given: Mapping[str, Any], whence: str | None = None) -> Served:
    """The same, for whoever wants what came of it as it is; raise `Mismatch` for bytes that are none."""
    details = {name: _bytes(name, value) if _is_bytes(action, name) else value for name, value in given.items()}
    name = _whence(action)
    if whence is not None and name is not None:
        details[name] = whence
    return services.perform(action, **details)


def challenge(services: Services, service: str) -> JSON:
    """Give out bytes to be signed."""
    return {"challenge": b64encode(services.challenge(service)).decode()}


def log(services: Services) -> JSON:
    """Tell all that was asked for, the oldest first."""
    lines: list[JSON] = [
        {"at": line.at.isoformat(), "action": line.action, "outcome": line.outcome, "account": line.account}
        for line in services.log
    ]
    return {"lines": lines}


def told(served: Served) -> JSON:
    """What came of an action, in JSON."""
    return {
        "outcome": served.outcome,
        "done": served.done,
        "account": served.account,
        "shown": dict(served.shown),
        "says": {"en": sentence(served.outcome, "en"), "ja": sentence(served.outcome, "ja")},
    }


def _whence(action: str) -> str | None:
    """What says from where a request comes: over HTTP a cookie tells, and nobody says it himself."""
    return next((name for name in ("browser", "device") if name in actions()[action]["properties"]), None)


def _details(action: str) -> Schema:
    parameters = dict(inspect.signature(method_of(action)).parameters)
    del parameters["self"]
    properties = {name: _schema(action, parameter) for name, parameter in parameters.items()}
    optional = [name for name, parameter in parameters.items() if parameter.default is not parameter.empty]
    return thing(properties, optional=optional)


def _schema(action: str, parameter: inspect.Parameter) -> Schema:
    """What one argument is in JSON; the annotations are words, as all modules here postpone theirs."""
    match parameter.annotation:
        case "bytes":
            return encoded()
        case "str":
            return secret() if parameter.name in _SECRETS else text()
        case "bool":
            return truth()
        case "bool | None":
            return or_null(truth())
        case "int":
            return number(least=-mykey.MOST_POINTS, most=mykey.MOST_POINTS)
        case "Collection[str]":
            return many(text(longest=100), most=20)
        case other:
            raise TypeError(f"{action} takes {parameter.name}, which is {other}; say here what that is in JSON")


def _is_bytes(action: str, name: str) -> bool:
    return "contentEncoding" in actions()[action]["properties"].get(name, {})


def _bytes(name: str, value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except ValueError:
        raise Mismatch(f"{name}: write bytes in base64") from None
