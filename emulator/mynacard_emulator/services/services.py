"""The relying parties of a world, as a test or a scenario holds them in its hand."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import NoneType
from typing import Any

from mynacard_emulator.office.refusal import Refused

from . import eligibility, etax, mykey, portal
from .eligibility import EligibilityApp
from .etax import ETax
from .ledger import Challenge, Ledger, LogLine, TrustStore
from .mykey import MyKeyPlatform
from .passwords import RandomBytes
from .portal import MynaPortal
from .request import CHALLENGE_BYTES, Backing, Request, fingerprint, require_name
from .served import Served

ACTIONS: Mapping[str, tuple[str, ...]] = {
    mykey.NAME: (
        "start",
        "log_in",
        "log_in_with_password",
        "log_out",
        "create",
        "show",
        "check_duplicate",
        "change_id",
        "set_password",
        "set_mail",
        "revoke",
        "grant_points",
        "use_points",
        "suspend",
        "lift",
        "log",
    ),
    portal.NAME: (
        "set_up",
        "start",
        "close",
        "cancel",
        "read_error",
        "self_test",
        "log_in",
        "show_barcode",
        "scan",
        "log_in_by_barcode",
        "cancel_barcode",
        "confirm",
        "correct",
        "complete",
        "show",
        "edit",
        "history",
        "mails",
        "delete_account",
        "log_out",
    ),
    eligibility.NAME: (
        "apply",
        "register",
        "log_in",
        "set_passcode",
        "close",
        "open",
        "set_mode",
        "check_visually",
        "check",
        "deregister",
        "uninstall",
        "release_account",
        "stop_account",
        "reset_password",
    ),
    etax.NAME: ("submit",),
}
"""What each service can be asked for."""

KINDS: Mapping[str, tuple[str, tuple[type, ...]]] = {
    "str": ("text", (str,)),
    "bytes": ("bytes", (bytes,)),
    "bool": ("true or false", (bool,)),
    "bool | None": ("true, false or nothing", (bool, NoneType)),
    "int": ("a whole number", (int,)),
    "Collection[str]": ("a list of texts", (list, tuple, set, frozenset)),
}
"""What an action can be told, by its annotation: in words, and as types."""

LOGINS = (mykey.NAME, portal.NAME, eligibility.NAME)
"""The services that give out challenges."""


class ActionError(ValueError):
    """There is no such action or service, or it needs to be told other things; the message is one line."""


class Services:
    """Every service; until `trust` they rely on all generations of both CAs.

    Args:
        office: Whose registry says what became of a certificate, and whose clock they go by.
        ledger: What they know already.
        random: Where challenges and salts come from.

    """

    def __init__(self, office: Backing, *, ledger: Ledger | None = None, random: RandomBytes = os.urandom) -> None:
        self.ledger = ledger or Ledger()
        self.mykey = MyKeyPlatform(self.serve)
        self.portal = MynaPortal(self.serve)
        self.eligibility = EligibilityApp(self.serve)
        self.etax = ETax(self.serve)
        self._office = office
        self._random = random

    def challenge(self, service: str) -> bytes:
        """Bytes to be signed with the auth key for a login at this service: good once, and for five minutes."""
        if service not in LOGINS:
            raise ActionError(f"nobody logs in by card at {service!r}; where they do: {', '.join(LOGINS)}")
        value = self._random(CHALLENGE_BYTES)
        given = Challenge(value=value.hex(), service=service, given=self._office.clock.now)
        self.ledger = self.ledger.put(given)
        return value

    def trust(self, *authorities: bytes) -> None:
        """Have every service trust the CAs with these certificates (DER) and no others (PKI-01).

        A CA of another generation has the same name and another key (K-03).
        """
        self.ledger = self.ledger.put(TrustStore(authorities=tuple(fingerprint(each) for each in authorities)))

    def perform(self, action: str, /, **details: object) -> Served:
        """Ask for an action by its name, such as `mykey.change_id`; raise `ActionError`."""
        service, _, name = action.partition(".")
        if name not in ACTIONS.get(service, ()):
            known = ", ".join(f"{where}.{what}" for where, actions in ACTIONS.items() for what in actions)
            raise ActionError(f"there is no action {action!r}; there are {known}")
        method = getattr(getattr(self, service), name)
        given: dict[str, Any] = details
        try:
            _require_arguments(inspect.signature(method), given)
        except TypeError as error:
            raise ActionError(f"{action}: {error}") from None
        served: Served = method(**given)
        return served

    def serve(self, action: str, browser: str, work: Callable[[Request], Served]) -> Served:
        """Answer a request; what was refused has changed nothing, and is in the log all the same."""
        request = Request(self.ledger, self._office, self._office.clock.now, browser, self._random)
        try:
            require_name(browser)
            served, ledger = work(request), request.ledger
        except Refused as refused:
            served, ledger = Served(refused.refusal.value), self.ledger
        account, number = served.account or request.account, sum(1 for _ in ledger.all(LogLine))
        line = LogLine(number=number, at=request.at, action=action, outcome=served.outcome, account=account)
        self.ledger = ledger.put(line)
        return served

    @property
    def now(self) -> datetime:
        """The time that they go by."""
        return self._office.clock.now

    @property
    def log(self) -> tuple[LogLine, ...]:
        """Everything that was asked of any service, in order, and what came of it."""
        return tuple(self.ledger.all(LogLine))


def _require_arguments(signature: inspect.Signature, given: Mapping[str, object]) -> None:
    """Raise `TypeError` where something is missing, unknown, or of another kind than it is declared to be."""
    signature.bind(**given)
    for name, value in given.items():
        words, types = KINDS[signature.parameters[name].annotation]
        if not _is_one_of(types, value):
            raise TypeError(f"{name} has to be {words}")


def _is_one_of(types: tuple[type, ...], value: object) -> bool:
    if isinstance(value, bool):
        return bool in types
    if isinstance(value, Collection) and list in types:
        return isinstance(value, types) and all(isinstance(each, str) for each in value)
    return isinstance(value, types)
