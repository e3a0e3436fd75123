"""A registry of certificates that is a table, and requests to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from hashlib import new

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ExtensionType, ocsp

from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.errors import StatusUnavailableError
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import CertificateStatus, Good, RevocationReason, Revoked, Unknown

JST = timezone(timedelta(hours=9))
NOON = datetime(2026, 11, 20, 12, tzinfo=JST)
MIDNIGHT = datetime(2026, 11, 20, tzinfo=JST)

Certificate = tuple[CertKind, int, int]
"""Kind, generation and serial number."""
Event = tuple[datetime, CertificateStatus]


@dataclass(frozen=True, slots=True)
class Book:
    """What became of each certificate, and when, in order."""

    events: Mapping[Certificate, tuple[Event, ...]] = field(default_factory=dict)
    clock: datetime = NOON

    def now(self) -> datetime:
        return self.clock

    def status(self, kind: CertKind, generation: int, serial_number: int) -> CertificateStatus:
        return self._status((kind, generation, serial_number), self.clock)

    def revoked(self, kind: CertKind, generation: int, at: datetime) -> Iterable[tuple[int, Revoked]]:
        for certificate in self.events:
            status = self._status(certificate, at)
            if certificate[:2] == (kind, generation) and isinstance(status, Revoked):
                yield certificate[2], status

    def _status(self, certificate: Certificate, at: datetime) -> CertificateStatus:
        so_far = [status for moment, status in self.events.get(certificate, ()) if moment <= at]
        return so_far[-1] if so_far else Unknown()


class Closed:
    """A registry that cannot be read."""

    def now(self) -> datetime:
        return NOON

    def status(self, _kind: CertKind, _generation: int, _serial_number: int) -> CertificateStatus:
        raise StatusUnavailableError("registry.json: cannot be read")

    def revoked(self, _kind: CertKind, _generation: int, _at: datetime) -> Iterable[tuple[int, Revoked]]:
        raise StatusUnavailableError("registry.json: cannot be read")


def revoked(at: datetime, reason: RevocationReason = RevocationReason.SUPERSEDED) -> Event:
    return at, Revoked(at, reason)


def good(since: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> Event:
    return since, Good()


def request(
    ca: CertificationAuthority,
    serial_number: int,
    *extensions: ExtensionType,
    algorithm: hashes.HashAlgorithm | None = None,
    critical: bool = False,
) -> bytes:
    """An OCSP request, DER, about a certificate of that CA."""
    algorithm = algorithm or hashes.SHA1()  # noqa: S303 - what clients send (RFC 5019)
    key = ca.key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    name_hash, key_hash = (new(algorithm.name, data).digest() for data in (ca.certificate.subject.public_bytes(), key))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(name_hash, key_hash, serial_number, algorithm)
    for extension in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.build().public_bytes(Encoding.DER)
