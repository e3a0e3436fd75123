"""RSA-2048 keys: loaded fast, made fresh, and turned into the signer that a card's key file needs."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_pem_private_key,
)

from mynacard_emulator.card.profile import Padding, Signer

from .errors import UnusableKeyError

KEY_BITS = 2048
PUBLIC_EXPONENT = 65537


@dataclass(frozen=True, slots=True)
class KeySet:
    """The six key pairs that belong to one card.

    Attributes:
        sign: Behind the signature certificate.
        auth: Behind the user-authentication certificate.
        internal: The text application's own signing key; its public half is in EF 0007.
        session: Receives session keys of secure messaging; its public half is in EF 0006.
        visual: The visual application's own signing key; its public half is in three of its files.
        common: Answers challenges in the common application (EF 0019).

    """

    sign: rsa.RSAPrivateKey = field(repr=False)
    auth: rsa.RSAPrivateKey = field(repr=False)
    internal: rsa.RSAPrivateKey = field(repr=False)
    session: rsa.RSAPrivateKey = field(repr=False)
    visual: rsa.RSAPrivateKey = field(repr=False)
    common: rsa.RSAPrivateKey = field(repr=False)


def load(data: bytes) -> rsa.RSAPrivateKey:
    """Read an unencrypted PKCS#8 key, PEM or DER.

    The consistency of its numbers is not checked, which would cost a thousand times the load:
    the keys that come here are of our own making. Raises `UnusableKeyError`.
    """
    parse = load_pem_private_key if data.lstrip().startswith(b"-----") else load_der_private_key
    try:
        key = parse(data, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKeyError("not an unencrypted PKCS#8 private key (PEM or DER)") from None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != KEY_BITS:
        raise UnusableKeyError("the private key is not RSA with 2048 bits")
    return key


def fresh() -> rsa.RSAPrivateKey:
    """Make a new key; this is the one slow thing here (25 to 80 ms)."""
    return rsa.generate_private_key(PUBLIC_EXPONENT, KEY_BITS)


def fresh_set() -> KeySet:
    """Make the six keys of a card that shares none with any other."""
    return KeySet(sign=fresh(), auth=fresh(), internal=fresh(), session=fresh(), visual=fresh(), common=fresh())


def to_pem(key: rsa.RSAPrivateKey) -> str:
    """Write a key as it may cross a file: PKCS#8, PEM, not encrypted."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def modulus(key: rsa.RSAPrivateKey) -> bytes:
    """The modulus, 256 bytes, big-endian."""
    return key.public_key().public_numbers().n.to_bytes(KEY_BITS // 8, "big")


def signer(key: rsa.RSAPrivateKey) -> Signer:
    """What the card does with a key: PKCS#1 v1.5 padding of the bytes as given, or PSS of a SHA-256 digest."""

    def sign(data: bytes, form: Padding) -> bytes:
        if form is Padding.PKCS1_V1_5:
            return key.sign(data, padding.PKCS1v15(), NoDigestInfo())
        salt = padding.PSS.DIGEST_LENGTH if form is Padding.PSS else padding.PSS.MAX_LENGTH
        return key.sign(data, padding.PSS(padding.MGF1(SHA256()), salt), Prehashed(SHA256()))

    return sign


def sign_sha256(key: rsa.RSAPrivateKey, message: bytes) -> bytes:
    """An ordinary PKCS#1 v1.5 signature over SHA-256 of `message`."""
    return key.sign(message, padding.PKCS1v15(), SHA256())
