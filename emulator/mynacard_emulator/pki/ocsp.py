"""The OCSP responder of both CAs: the bytes of a request in, the bytes of a response out (RFC 6960).

Its answers are signed with a delegated certificate of the generation that was asked about: a CA's own certificate may
sign certificates and revocation lists, and nothing else (K-05). One thing in them does not come from the registry's
clock: `producedAt` is the machine's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import assert_never

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import SHA256, Hash, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus
from cryptography.x509.oid import ExtendedKeyUsageOID

from . import shipped
from .authority import CertificationAuthority, key_usage
from .crl import reason_flag
from .errors import StatusUnavailableError
from .names import CertKind, responder_name
from .status import CertificateStatus, Good, Revoked, StatusSource, Unknown

FRESH = timedelta(minutes=15)
"""How long an answer may be used (K-35)."""
LONGEST_NONCE = 128
"""RFC 9654, 2.1."""

_UNREADABLE = (ValueError, TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
_SERIAL_NUMBERS = {CertKind.SIGN: 0x0E000011, CertKind.AUTH: 0x0E000012}


class _Refused(Exception):
    """An answer without a status; RFC 6960 leaves it unsigned."""

    def __init__(self, status: OCSPResponseStatus) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass(frozen=True, slots=True)
class _Question:
    """A request that can be answered, and the CA that it is about."""

    request: ocsp.OCSPRequest
    ca: CertificationAuthority
    nonce: x509.OCSPNonce | None


def respond(request: bytes, source: StatusSource) -> bytes:
    """Answer any bytes with an OCSP response, DER.

    What is no request, or has a nonce of a forbidden length, is `malformedRequest`. `unauthorized` is what this
    responder cannot speak about: another issuer, no certificate or several in one request, a critical extension. While
    the registry cannot say, it is `tryLater`. A certificate is looked for under the one generation that was named.
    """
    try:
        question = _question(request)
        now = source.now()
        status = source.status(question.ca.kind, question.ca.generation, question.request.serial_number)
    except _Refused as refused:
        return _unsuccessful(refused.status)
    except StatusUnavailableError:
        return _unsuccessful(OCSPResponseStatus.TRY_LATER)
    return _signed(question, status, now.astimezone(UTC))


@cache
def responder_certificate(kind: CertKind, generation: int) -> x509.Certificate:
    """The certificate that vouches for the answers about one generation; it is never revoked (ocsp-nocheck)."""
    ca, key = shipped.authority(kind, generation), shipped.key(shipped.OCSP_RESPONDER).public_key()
    return (
        x509.CertificateBuilder(issuer_name=ca.certificate.subject, subject_name=responder_name(kind, generation))
        .public_key(key)
        .serial_number(_SERIAL_NUMBERS[kind] + (generation << 20))
        .not_valid_before(ca.certificate.not_valid_before_utc)
        .not_valid_after(ca.certificate.not_valid_after_utc)
        .add_extension(key_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
        .add_extension(x509.OCSPNoCheck(), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .sign(ca.key, SHA256())
    )


def _question(data: bytes) -> _Question:
    """Read a request as far as it can be answered; raise `_Refused`."""
    try:
        request = ocsp.load_der_ocsp_request(data)
        extensions = request.extensions
        algorithm, serial_number = request.hash_algorithm, request.serial_number
    except (NotImplementedError, UnsupportedAlgorithm):
        raise _Refused(OCSPResponseStatus.UNAUTHORIZED) from None
    except _UNREADABLE:
        raise _Refused(OCSPResponseStatus.MALFORMED_REQUEST) from None
    if serial_number < 0:
        raise _Refused(OCSPResponseStatus.MALFORMED_REQUEST)
    nonce = _nonce(extensions)
    ca = _issuer(algorithm, request.issuer_name_hash, request.issuer_key_hash)
    if ca is None:
        raise _Refused(OCSPResponseStatus.UNAUTHORIZED)
    return _Question(request, ca, nonce)


def _nonce(extensions: x509.Extensions) -> x509.OCSPNonce | None:
    """The nonce to be sent back, if there is one; raise `_Refused`."""
    found = None
    for extension in extensions:
        if isinstance(extension.value, x509.OCSPNonce):
            found = extension.value
        elif extension.critical:
            raise _Refused(OCSPResponseStatus.UNAUTHORIZED)
    if found and not 1 <= len(found.nonce) <= LONGEST_NONCE:
        raise _Refused(OCSPResponseStatus.MALFORMED_REQUEST)
    return found


def _issuer(algorithm: HashAlgorithm, name_hash: bytes, key_hash: bytes) -> CertificationAuthority | None:
    """Find a CA by key; the name alone would fit three."""
    for ca in (ca for kind in CertKind for ca in shipped.authorities(kind)):
        name = ca.certificate.subject.public_bytes()
        key = ca.key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
        if (_digest(algorithm, name), _digest(algorithm, key)) == (name_hash, key_hash):
            return ca
    return None


def _digest(algorithm: HashAlgorithm, data: bytes) -> bytes:
    digest = Hash(algorithm)
    digest.update(data)
    return digest.finalize()


def _signed(question: _Question, status: CertificateStatus, now: datetime) -> bytes:
    request, ca = question.request, question.ca
    responder = responder_certificate(ca.kind, ca.generation)
    match status:
        case Good():
            word, revoked_at, reason = OCSPCertStatus.GOOD, None, None
        case Revoked(at, why):
            word, revoked_at, reason = OCSPCertStatus.REVOKED, at.astimezone(UTC), reason_flag(why)
        case Unknown():
            word, revoked_at, reason = OCSPCertStatus.UNKNOWN, None, None
        case _:
            assert_never(status)
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response_by_hash(
            issuer_name_hash=request.issuer_name_hash,
            issuer_key_hash=request.issuer_key_hash,
            serial_number=request.serial_number,
            algorithm=request.hash_algorithm,
            cert_status=word,
            this_update=now,
            next_update=now + FRESH,
            revocation_time=revoked_at,
            revocation_reason=reason,
        )
        .responder_id(ocsp.OCSPResponderEncoding.NAME, responder)
        .certificates([responder])
    )
    if question.nonce is not None:
        builder = builder.add_extension(question.nonce, critical=False)
    return builder.sign(shipped.key(shipped.OCSP_RESPONDER), SHA256()).public_bytes(Encoding.DER)


def _unsuccessful(status: OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(Encoding.DER)
