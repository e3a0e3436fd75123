"""What a relying party may ask about a certificate, and who knows the answer.

The registry knows; it fulfils `StatusSource` by shape and never needs to be imported here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, unique
from typing import Protocol, Self

from .names import CertKind


@unique
class RevocationReason(Enum):
    """Why a certificate was revoked: the reasons that the issuer uses, as RFC 5280 names and numbers them (F-060)."""

    UNSPECIFIED = "unspecified", 0
    """Discarded before it was handed over."""
    KEY_COMPROMISE = "keyCompromise", 1
    CA_COMPROMISE = "cACompromise", 2
    AFFILIATION_CHANGED = "affiliationChanged", 3
    """What it says of its holder is no longer so."""
    SUPERSEDED = "superseded", 4
    """Renewed."""
    CESSATION_OF_OPERATION = "cessationOfOperation", 5
    """No longer needed."""
    CERTIFICATE_HOLD = "certificateHold", 6
    """Suspended; the one reason that can be taken back."""

    code: int

    def __new__(cls, word: str, code: int) -> Self:
        """Let the word be the value, by which files name a reason."""
        reason = object.__new__(cls)
        reason._value_ = word
        reason.code = code
        return reason

    @property
    def word(self) -> str:
        """Its name in RFC 5280."""
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Good:
    """It was issued and handed over, and is not revoked; its dates are the relying party's to check."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """It is not to be relied on, since `at` (with a time zone); for a hold, until it is released."""

    at: datetime
    reason: RevocationReason


@dataclass(frozen=True, slots=True)
class Unknown:
    """This CA key never issued such a certificate, or it has not been handed over yet."""


CertificateStatus = Good | Revoked | Unknown


class StatusSource(Protocol):
    """Who knows about all certificates: a registry.

    A serial number alone does not name a certificate. The generations of a CA share their name, so a client that took
    the wrong one for the issuer must hear `Unknown` about it (K-03). Each method may raise `StatusUnavailableError`.
    """

    def now(self) -> datetime:
        """The registry's time, with a time zone; it need not be today's."""
        ...

    def status(self, kind: CertKind, generation: int, serial_number: int) -> CertificateStatus:
        """The status now of the certificate with this number under this generation of the CA.

        Whether news spread at once or with a delay (F-049) is decided here.
        """
        ...

    def revoked(self, kind: CertKind, generation: int, at: datetime) -> Iterable[tuple[int, Revoked]]:
        """Serial number and revocation of all that was revoked at that moment, in any order, each number once.

        It is asked for moments of the past, and what came later makes no difference: a list keeps its bytes all day.
        """
        ...
