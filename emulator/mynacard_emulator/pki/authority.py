"""A certification authority: self-signed, with no intermediate below it (K-01 to K-05)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from .names import CertKind, ca_name, service_name


@dataclass(frozen=True, slots=True)
class CertificationAuthority:
    """One generation of a CA: its key and its certificate.

    Generations share their name, so nothing here is looked up by it (K-03).
    """

    kind: CertKind
    key: rsa.RSAPrivateKey = field(repr=False)
    certificate: x509.Certificate
    generation: int = 1

    @property
    def der(self) -> bytes:
        """The CA certificate as the card carries it."""
        return self.certificate.public_bytes(Encoding.DER)


def self_signed(  # noqa: PLR0913 - what such a certificate consists of
    kind: CertKind,
    key: rsa.RSAPrivateKey,
    *,
    serial_number: int,
    not_before: datetime,
    not_after: datetime,
    name: x509.Name | None = None,
) -> CertificationAuthority:
    """Make a CA of this kind around `key`; `name` makes it a stranger's."""
    name = name or ca_name(kind)
    certificate = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(serial_number)
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(key_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectAlternativeName([service_name()]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(distribution_points(name), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
    return CertificationAuthority(kind, key, certificate)


def key_usage(*uses: str) -> x509.KeyUsage:
    """The key usage extension with these bits set and all others clear."""
    bits = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**bits | dict.fromkeys(uses, True))


def distribution_points(directory_entry: x509.Name) -> x509.CRLDistributionPoints:
    """Where the revocation list is: one directory entry, no URL (K-14)."""
    point = x509.DistributionPoint(
        full_name=[x509.DirectoryName(directory_entry)], relative_name=None, reasons=None, crl_issuer=None
    )
    return x509.CRLDistributionPoints([point])
