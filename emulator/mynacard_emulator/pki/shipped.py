"""The keys and CA certificates that come with the package: public, and worth nothing outside a test."""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from .authority import CertificationAuthority
from .keys import KeySet, fresh, load
from .names import CertKind

CA_SIGN, CA_AUTH, CA_FOREIGN = "ca-sign", "ca-auth", "ca-foreign"
OCSP_RESPONDER = "ocsp-responder"
CARD_SIGN, CARD_AUTH = "card-sign", "card-auth"
TEXT_INTERNAL, TEXT_SESSION = "text-internal", "text-session"
COMMON_AUTHENTICATION, LICENCE_ISSUER = "common-authentication", "licence-issuer"
CV_CA, TEXT_ISSUER = "cv-ca", "text-issuer"
VISUAL_INTERNAL, VISUAL_ISSUER, VISUAL_CV_CA = "visual-internal", "visual-issuer", "visual-cv-ca"
TERMINAL_CA, TERMINAL = "terminal-ca", "terminal"

FIRST_DAY_OF_ISSUE = {1: date.min, 2: date(2030, 1, 1), 3: date(2035, 1, 1)}
"""The generations of both CAs, and the day from which each one issues instead of the one before."""

CA_FILES = {
    (CertKind.SIGN, 1): CA_SIGN,
    (CertKind.SIGN, 2): f"{CA_SIGN}-2",
    (CertKind.SIGN, 3): f"{CA_SIGN}-3",
    (CertKind.AUTH, 1): CA_AUTH,
    (CertKind.AUTH, 2): f"{CA_AUTH}-2",
    (CertKind.AUTH, 3): f"{CA_AUTH}-3",
}
SPARE_KEYS = tuple(f"spare-{number:02}" for number in range(1, 25))
"""For the certificates of later renewals and cards, in this order: a world of one seed has the same keys each time."""
KEY_NAMES = (
    *(*CA_FILES.values(), CA_FOREIGN, OCSP_RESPONDER),
    *(CARD_SIGN, CARD_AUTH),
    *(TEXT_INTERNAL, TEXT_SESSION, CV_CA, TEXT_ISSUER, COMMON_AUTHENTICATION, LICENCE_ISSUER),
    *(VISUAL_INTERNAL, VISUAL_ISSUER, VISUAL_CV_CA, TERMINAL_CA, TERMINAL),
    *SPARE_KEYS,
)


def generation_on(day: date) -> int:
    """Which generation issues the certificates of that day, of either kind."""
    return max(generation for generation, first_day in FIRST_DAY_OF_ISSUE.items() if first_day <= day)


def authority(kind: CertKind, generation: int = 1) -> CertificationAuthority:
    """The shipped CA of this kind; its generations differ in key and dates, not in name (K-03)."""
    return _authority(kind, CA_FILES[kind, generation], generation)


def authorities(kind: CertKind) -> tuple[CertificationAuthority, ...]:
    """All generations of a CA, the first one first."""
    return tuple(authority(kind, generation) for generation in FIRST_DAY_OF_ISSUE)


def foreign_authority(kind: CertKind) -> CertificationAuthority:
    """A stranger's CA, for certificates of this kind that nobody should accept."""
    return _authority(kind, CA_FOREIGN, 1)


def card_keys() -> KeySet:
    """The shipped keys that every card has unless it asked for fresh ones."""
    return KeySet(
        sign=key(CARD_SIGN),
        auth=key(CARD_AUTH),
        internal=key(TEXT_INTERNAL),
        session=key(TEXT_SESSION),
        visual=key(VISUAL_INTERNAL),
        common=key(COMMON_AUTHENTICATION),
    )


@cache  # OpenSSL signs faster with a key it has signed with before
def key(name: str) -> rsa.RSAPrivateKey:
    """One shipped key by name (`KEY_NAMES`)."""
    return load(_read(key_file(name)))


def spare_key(number: int) -> rsa.RSAPrivateKey:
    """The key for the certificate of this number; beyond those that are shipped, a fresh one each time."""
    return key(SPARE_KEYS[number]) if number < len(SPARE_KEYS) else fresh()


def key_file(name: str) -> str:
    """The file that holds a key."""
    return f"{name}.key.pem"


def certificate_file(name: str) -> str:
    """The file that holds a CA's certificate."""
    return f"{name}.cert.pem"


@cache
def _authority(kind: CertKind, name: str, generation: int) -> CertificationAuthority:
    certificate = x509.load_pem_x509_certificate(_read(certificate_file(name)))
    return CertificationAuthority(kind, key(name), certificate, generation)


def _read(file: str) -> bytes:
    return (files("mynacard_fixtures") / "pki" / file).read_bytes()
