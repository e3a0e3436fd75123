"""A certificate as a relying party receives it: bytes that claim to be one."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from .authority import CertificationAuthority
from .names import CertKind

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)


@dataclass(frozen=True, slots=True)
class ReceivedCertificate:
    """A holder's certificate that a trusted CA has issued; whether it is still good is another question."""

    certificate: x509.Certificate
    key: rsa.RSAPublicKey
    kind: CertKind
    generation: int

    @property
    def serial_number(self) -> int:
        """発行の番号."""
        return self.certificate.serial_number

    @property
    def not_before(self) -> datetime:
        """The moment of issue."""
        return self.certificate.not_valid_before_utc

    @property
    def not_after(self) -> datetime:
        """The last second of validity."""
        return self.certificate.not_valid_after_utc

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether its key made this signature of the message: PKCS#1 v1.5 with SHA-256."""
        try:
            self.key.verify(signature, message, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True


def receive(der: bytes, trusted: Iterable[CertificationAuthority]) -> ReceivedCertificate | None:
    """Read a certificate and find who issued it, by signature: several CAs share one name (K-03).

    None for bytes that are no certificate, or none that one of these CAs has issued to a holder.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about bytes that anybody may send is nobody's concern
            certificate = x509.load_der_x509_certificate(der)
        issuer = next((ca for ca in trusted if _issued(ca, certificate)), None)
        key = certificate.public_key()
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (*_UNREADABLE, x509.ExtensionNotFound):
        return None
    if issuer is None or not isinstance(key, rsa.RSAPublicKey) or not usage.digital_signature:
        return None
    return ReceivedCertificate(certificate, key, issuer.kind, issuer.generation)


def _issued(ca: CertificationAuthority, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(ca.certificate)
    except (*_UNREADABLE, InvalidSignature):
        return False
    return True
