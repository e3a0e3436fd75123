"""What a card calculates for secure messaging and for terminals: RSA-OAEP, AES-128-CBC, a signature verified."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256

from mynacard_emulator.card.profile import SessionCipher, Verifier

from .keys import PUBLIC_EXPONENT, modulus

_OAEP = padding.OAEP(padding.MGF1(SHA256()), SHA256(), label=None)


def session_cipher(key: rsa.RSAPrivateKey) -> SessionCipher:
    """The cipher of a card that receives session keys with this key."""

    def unwrap(ciphertext: bytes) -> bytes | None:
        try:
            return key.decrypt(ciphertext, _OAEP)
        except ValueError:
            return None

    return SessionCipher(modulus(key), unwrap, _encrypt, _decrypt)


def verifier(public_modulus: bytes) -> Verifier:
    """What verifies the signatures of the RSA key with this modulus."""
    public = rsa.RSAPublicNumbers(PUBLIC_EXPONENT, int.from_bytes(public_modulus, "big")).public_key()

    def verify(message: bytes, signature: bytes) -> bool:
        try:
            public.verify(signature, message, padding.PKCS1v15(), SHA256())
        except InvalidSignature:
            return False
        return True

    return verify


def _encrypt(key: bytes, initial_vector: bytes, blocks: bytes) -> bytes:
    return Cipher(algorithms.AES128(key), modes.CBC(initial_vector)).encryptor().update(blocks)


def _decrypt(key: bytes, initial_vector: bytes, blocks: bytes) -> bytes:
    return Cipher(algorithms.AES128(key), modes.CBC(initial_vector)).decryptor().update(blocks)
