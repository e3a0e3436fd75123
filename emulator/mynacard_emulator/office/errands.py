"""Errands by name, for whoever comes from outside: a command line, another language, a scenario that is data.

`perform(office, "counter.reset_pin", {"pin": "auth", "new": "5678"})` is
`office.counter.reset_pin("auth", new="5678")`.
Who comes, and with what, is said in words too: `by`, `documents`, `own_documents`, `bring_card`, `same_household`,
`register_in_city`, `reply_form`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from .visit import Visit
from .visitor import PRINCIPAL, Actor, Document, Visitor

if TYPE_CHECKING:
    from .office import Office

ERRANDS: Mapping[str, tuple[str, ...]] = {
    "counter": (
        "reset_pin",
        "unblock_pin",
        "issue_certificates",
        "renew",
        "convert_to_face_auth",
        "convert_to_normal",
        "report_loss",
        "apply_reissue",
        "collect",
        "discard",
        "return_card",
        "release",
        "continue_use",
        "report_leak",
        "revive",
    ),
    "hotline": ("suspend", "release"),
    "helpline": ("reset_pin",),
    "app": ("reserve",),
    "kiosk": ("reset",),
    "online": ("revoke", "report_leak"),
    "phone": ("enrol", "reset_pin", "suspend", "release", "revoke"),
    "civil_register": ("move", "rename", "correct", "die", "leave"),
}
"""What each desk of the office can be asked for."""

_VISITOR = ("by", "documents", "own_documents", "bring_card", "same_household", "register_in_city", "reply_form")


class ErrandError(ValueError):
    """There is no such errand, or it needs to be told other things; the message is one line."""


def perform(office: Office, errand: str, details: Mapping[str, object]) -> Visit:
    """Have an errand carried out; raise `ErrandError` for one that there is not."""
    desk, _, name = errand.partition(".")
    if name not in ERRANDS.get(desk, ()):
        known = ", ".join(f"{at}.{what}" for at, errands in ERRANDS.items() for what in errands)
        raise ErrandError(f"there is no errand {errand!r}; there are {known}")
    method = getattr(getattr(office, desk), name)
    given: dict[str, Any] = {key: value for key, value in details.items() if key not in _VISITOR}
    signature = inspect.signature(method)
    if "visitor" in signature.parameters:
        given["visitor"] = read_visitor(details)
    try:
        signature.bind(**given)
    except TypeError as error:
        raise ErrandError(f"{errand}: {error}") from None
    visit: Visit = method(**given)
    return visit


def read_visitor(details: Mapping[str, object]) -> Visitor:
    """Read who comes, and with what; raise `ErrandError`."""
    said: dict[str, Any] = {key: details[key] for key in _VISITOR if key in details}
    try:
        return Visitor(
            actor=Actor(str(said.get("by", Actor.PRINCIPAL)).replace("-", "_")),
            documents=_documents(said.get("documents", PRINCIPAL.documents)),
            own=_documents(said.get("own_documents", ())),
            card=bool(said.get("bring_card", True)),
            same_household=bool(said.get("same_household", False)),
            register_in_city=bool(said.get("register_in_city", False)),
            reply_form=bool(said.get("reply_form", False)),
        )
    except ValueError as error:
        raise ErrandError(f"who comes to the counter: {error}") from None


def _documents(given: Iterable[object]) -> tuple[Document, ...]:
    return tuple(paper if isinstance(paper, Document) else Document.parse(str(paper)) for paper in given)
