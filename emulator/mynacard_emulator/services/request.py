"""A request under way: the working copy of the ledger. It counts when that was answered, and not when refused."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.refusal import Refusal, Refused
from mynacard_emulator.office.reliance import standing_of
from mynacard_emulator.office.status import Authority
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.received import ReceivedCertificate, receive

from .ledger import Challenge, Ledger, LogLine, Record, TrustStore
from .passwords import RandomBytes
from .served import OK, Served

CHALLENGE_BYTES = 32
CHALLENGE_LASTS = timedelta(minutes=5)
LONGEST_NAME = 100


class Backing(Authority, Protocol):
    """Who stands behind the services: a registry, a clock, and the switches that hold."""

    @property
    def policy(self) -> Policy:
        """The world's."""
        ...


@dataclass(slots=True)
class Request:
    """One request.

    Attributes:
        ledger: As it will be; `put` changes it.
        office: Who is asked about certificates.
        at: When it is.
        browser: From where it comes, as a cookie tells.
        random: Where salts come from.
        account: Whose account it is about, for the log; None until that is known.

    """

    ledger: Ledger
    office: Backing
    at: datetime
    browser: str
    random: RandomBytes
    account: str | None = None

    def put(self, *records: Record) -> None:
        """Enter something into the ledger."""
        self.ledger = self.ledger.put(*records)

    def drop(self, record: Record) -> None:
        """Strike something out."""
        self.ledger = self.ledger.without(record)

    def receive(self, kind: CertKind, certificate: bytes) -> ReceivedCertificate | None:
        """Take a certificate (DER) of a kind from a CA that is trusted; None for anything else (PKI-01)."""
        chosen = self.ledger.find(TrustStore, TrustStore.ID)
        known = shipped.authorities(kind)
        trusted = known if chosen is None else [each for each in known if fingerprint(each.der) in chosen.authorities]
        return receive(certificate, trusted)


class Serve(Protocol):
    """How a service has a request answered: `Services.serve`."""

    def __call__(self, action: str, browser: str, work: Callable[[Request], Served]) -> Served:
        """Answer it, and note in the log what came of it."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown at a login by card: an auth certificate (DER), a challenge, and a signature of it."""

    certificate: bytes
    challenge: bytes
    signature: bytes


def fingerprint(certificate: bytes) -> str:
    """By what a trust store knows a CA: SHA-256 of its certificate (DER), as hex."""
    return hashlib.sha256(certificate).hexdigest()


def examine(request: Request, service: str, shown: Shown) -> tuple[str, ReceivedCertificate | None]:
    """Say what a login by card is worth: `ok` and the certificate, or an outcome. The challenge is spent in any case.

    The challenge must be this service's, not older than five minutes, and have come back for the first time; the
    certificate must be a CA's that we trust, have made the signature (PKCS#1 v1.5, SHA-256), and be good now.
    """
    given = request.ledger.find(Challenge, shown.challenge.hex())
    if given is not None:
        request.drop(given)
    fresh = given is not None and given.service == service and request.at - given.given <= CHALLENGE_LASTS
    received = request.receive(CertKind.AUTH, shown.certificate)
    if received is None or not fresh or not received.has_signed(shown.challenge, shown.signature):
        return "cert_invalid", None
    outcome = standing_of(request.office, received)
    return outcome, received if outcome == OK else None


def require_name(text: str) -> None:
    """Refuse what no browser, device or account may be called: what cannot be printed, or is too long."""
    if len(text) > LONGEST_NAME or not text.isprintable():
        raise Refused(Refusal.FIELD_FORMAT)


def confirmed(confirm: object) -> None:
    """Refuse what the user did not confirm (R-055)."""
    if confirm is not True:
        raise Refused(Refusal.NOT_CONFIRMED)


def same_twice(first: str, again: str) -> None:
    """Refuse what was not entered the same twice (R-058, R-167)."""
    if first != again:
        raise Refused(Refusal.CONFIRMATION_MISMATCH)


def history(request: Request, service: str, account: str) -> Mapping[str, str]:
    """What was asked of a service about an account: time, action and what came of it, numbered from 1, oldest first."""
    lines = (line for line in request.ledger.all(LogLine) if line.account == account)
    own = (line for line in lines if line.action.partition(".")[0] == service)
    return {str(number): f"{line.at.isoformat()} {line.action} {line.outcome}" for number, line in enumerate(own, 1)}
