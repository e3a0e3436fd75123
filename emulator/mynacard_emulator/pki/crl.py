"""The revocation lists: one a day for each generation of each CA, and whole, not cut up by municipality (K-35, K-38).

A list has the same bytes all day, whenever it is asked for. What was revoked after its midnight is in the next one.
"""

from __future__ import annotations

from datetime import timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from .authority import CertificationAuthority
from .status import RevocationReason, Revoked, StatusSource

_JAPAN = timezone(timedelta(hours=9))


def revocation_list(ca: CertificationAuthority, source: StatusSource) -> bytes:
    """Issue the list of the source's day, DER.

    It counts from 00:00 in Japan to the next midnight, and its number is the day, `YYYYMMDD`. The key identifier tells
    which generation it belongs to: their lists have one issuer name. Raises `StatusUnavailableError`.
    """
    this_update = source.now().astimezone(_JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)
    entries = dict(source.revoked(ca.kind, ca.generation, this_update))
    number = x509.CRLNumber(int(f"{this_update:%Y%m%d}"))
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(this_update)
        .next_update(this_update + timedelta(days=1))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
        .add_extension(number, critical=False)
    )
    for serial_number, revoked in sorted(entries.items()):
        if revoked.at <= this_update:
            builder = builder.add_revoked_certificate(_entry(serial_number, revoked))
    return builder.sign(ca.key, SHA256()).public_bytes(Encoding.DER)


def reason_flag(reason: RevocationReason) -> x509.ReasonFlags | None:
    """The reason as it is written down; None for an unspecified one, which is left out (RFC 5280, 5.3.1)."""
    return None if reason is RevocationReason.UNSPECIFIED else x509.ReasonFlags(reason.word)


def _entry(serial_number: int, revoked: Revoked) -> x509.RevokedCertificate:
    builder = x509.RevokedCertificateBuilder(serial_number, revoked.at)
    flag = reason_flag(revoked.reason)
    if flag is not None:
        builder = builder.add_extension(x509.CRLReason(flag), critical=False)
    return builder.build()
