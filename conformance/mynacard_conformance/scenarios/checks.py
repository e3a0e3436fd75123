"""What must be so at a point of a story, whatever client is on trial: the card, and what the issuer says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mynacard_conformance.judge.trial import StageFault, Trial
from mynacard_conformance.outcome import PinKind

JST = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Facts about the card in the reader; what is left out is not looked at.

    Attributes:
        tries: Tries left, by PIN.
        status: What the issuer says of certificates on the card, by kind.
        old_status: The same of the certificates that the story began with.
        ends: The last days of certificates, in Japan, by kind.
        absent: Certificates that the card does not have.
        issued_by: For kinds of certificates, the cards of the story whose CA certificate is their issuer's.
        not_issued_by: The same where it is not, though it may have the same name (K-03).
        content: Whether the certificates have the fields of their kinds (K-20 to K-31).

    """

    tries: Mapping[PinKind, int] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    content: bool = False


def hold(check: Check, trial: Trial) -> None:
    """Raise `StageFault` where it is not so: that is not the client's doing."""
    trial.hold_card_to_oracle()
    truth = trial.stage.truth
    for pin, tries in check.tries.items():
        _expect(f"tries left at {pin.value}", truth.tries_left(pin.value), tries)
    for kind, word in check.status.items():
        _expect(f"status of the {kind} certificate", truth.status(_certificate(trial, kind)), word)
    for kind, last in check.ends.items():
        end = x509.load_der_x509_certificate(_certificate(trial, kind)).not_valid_after_utc.astimezone(JST)
        _expect(f"end of the {kind} certificate", f"{end:%Y-%m-%d %H:%M:%S}", f"{last} 23:59:59")
    for kind in check.absent:
        _expect(f"the {kind} certificate", truth.certificate(kind), None)


def _certificate(trial: Trial, kind: str) -> bytes:
    certificate = trial.stage.truth.certificate(kind)
    if certificate is None:
        raise StageFault(f"the card has no {kind} certificate")
    return certificate


def _expect(what: str, seen: object, expected: object) -> None:
    if seen != expected:
        raise StageFault(f"{what}: {seen}, the story has {expected}")
