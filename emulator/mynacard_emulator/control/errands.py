"""The office's errands as requests: what each can be told is read off the method that carries it out."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from mynacard_emulator.office import counter, hotline, kiosk, online, phone, reset_app
from mynacard_emulator.office.civil_register import CivilRegister
from mynacard_emulator.office.errands import ERRANDS
from mynacard_emulator.office.visitor import Actor, Document, DocumentKind
from mynacard_emulator.rest.schema import Schema, choice, each, many, number, or_null, secret, text, thing, truth

MOST_CARDS = 100
CARD = number("A card of this world; without it, the one that was inserted last.", least=1, most=MOST_CARDS)

_DESKS: Mapping[str, type] = {
    "counter": counter.Counter,
    "hotline": hotline.Hotline,
    "helpline": hotline.Helpline,
    "app": reset_app.ResetApp,
    "kiosk": kiosk.Kiosk,
    "online": online.Online,
    "phone": phone.Phone,
    "civil_register": CivilRegister,
}
_HELD = ("auth", "sign", "juki", "text")
_SECRETS = {*_HELD, "new", "confirm", "typed", "auth_pin", "sign_pin", "card_sign_pin"}
"""What the errands call the values of PINs."""
_PAPERS = many(text(f"KIND or KIND:2027-03-31, KIND being one of {', '.join(DocumentKind)}.", longest=50), most=10)
_VISITOR: Mapping[str, Schema] = {
    "by": choice([actor.value for actor in Actor], "Who comes."),
    "documents": _PAPERS,
    "own_documents": _PAPERS,
    "bring_card": truth("Whether the card is brought."),
    "same_household": truth(),
    "register_in_city": truth(),
    "reply_form": truth(),
}
_LISTS = ("documents", "own_documents")


def errands() -> Mapping[str, Schema]:
    """Each errand's name, and what it can be told."""
    return {f"{desk}.{name}": _details(desk, name) for desk, names in ERRANDS.items() for name in names}


def understood(details: Mapping[str, Any], card_of: Callable[[int], object]) -> dict[str, object]:
    """Turn JSON details into those of `Office.perform`; raise `ValueError` for a paper that is none."""
    given: dict[str, object] = dict(details)
    for name in ("card", "phone"):
        if name in given:
            given[name] = card_of(details[name])
    for name in _LISTS:
        if name in given:
            given[name] = [Document.parse(word) for word in details[name]]
    if given.get("born") is not None:
        given["born"] = date.fromisoformat(details["born"])
    return given


def _details(desk: str, name: str) -> Schema:
    parameters = dict(inspect.signature(getattr(_DESKS[desk], name)).parameters)
    del parameters["self"]
    visitor = parameters.pop("visitor", None)
    properties = {key: _schema(desk, name, parameter) for key, parameter in parameters.items()}
    needed = [key for key, parameter in parameters.items() if parameter.default is parameter.empty]
    properties |= {} if visitor is None else _VISITOR
    return thing(properties, optional=[key for key in properties if key not in needed])


def _schema(desk: str, errand: str, parameter: inspect.Parameter) -> Schema:
    """What one argument is in JSON; the annotations are words, as all modules here postpone theirs."""
    if parameter.name in {"card", "phone"}:
        return CARD
    is_secret = parameter.name in _SECRETS or (desk, errand, parameter.name) == ("online", "revoke", "pin")
    match parameter.annotation:
        case "str":
            return secret() if is_secret else text()
        case "str | None":
            return or_null(secret() if is_secret else text())
        case "bool":
            return truth()
        case "date | None":
            return or_null(text("A day.", format="date"))
        case "Mapping[str, str]":
            return each(secret(), _HELD)
        case other:
            raise TypeError(f"{desk}.{errand} takes {parameter.name}, which is {other}; say here what that is in JSON")
