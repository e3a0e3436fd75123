"""The keys and CA certificates that come with the package: public, and worth nothing outside a test."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from .authority import CertificationAuthority
from .keys import KeySet, load
from .names import CertKind

CA_SIGN, CA_AUTH = "ca-sign", "ca-auth"
CARD_SIGN, CARD_AUTH = "card-sign", "card-auth"
TEXT_INTERNAL, TEXT_SESSION = "text-internal", "text-session"
COMMON_AUTHENTICATION, LICENCE_ISSUER = "common-authentication", "licence-issuer"
CV_CA, TEXT_ISSUER = "cv-ca", "text-issuer"
VISUAL_INTERNAL, VISUAL_ISSUER, VISUAL_CV_CA = "visual-internal", "visual-issuer", "visual-cv-ca"
TERMINAL_CA, TERMINAL = "terminal-ca", "terminal"

KEY_NAMES = (
    *(CA_SIGN, CA_AUTH, CARD_SIGN, CARD_AUTH),
    *(TEXT_INTERNAL, TEXT_SESSION, CV_CA, TEXT_ISSUER, COMMON_AUTHENTICATION, LICENCE_ISSUER),
    *(VISUAL_INTERNAL, VISUAL_ISSUER, VISUAL_CV_CA, TERMINAL_CA, TERMINAL),
)
CA_FILES = {CertKind.SIGN: CA_SIGN, CertKind.AUTH: CA_AUTH}


@cache
def authority(kind: CertKind) -> CertificationAuthority:
    """The shipped CA of this kind."""
    name = CA_FILES[kind]
    return CertificationAuthority(kind, key(name), x509.load_pem_x509_certificate(_read(certificate_file(name))))


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


def key_file(name: str) -> str:
    """The file that holds a key."""
    return f"{name}.key.pem"


def certificate_file(name: str) -> str:
    """The file that holds a CA's certificate."""
    return f"{name}.cert.pem"


def _read(file: str) -> bytes:
    return (files("mynacard_fixtures") / "pki" / file).read_bytes()
