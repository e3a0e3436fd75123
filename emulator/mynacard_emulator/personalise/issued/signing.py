"""A key of a record, as the card uses it."""

from mynacard_emulator.card import SessionCipher, Signer, Verifier


def signer(private_key: str) -> Signer:
    """Sign with a key in PKCS#8, PEM; raise `UnusableKeyError` if it is damaged."""
    from mynacard_emulator.pki import keys  # noqa: PLC0415 - reading a card file must not import cryptography

    return keys.signer(keys.load(private_key.encode()))


def session_cipher(private_key: str) -> SessionCipher:
    """Take session keys with a key in PKCS#8, PEM; raise `UnusableKeyError` if it is damaged."""
    from mynacard_emulator.pki import keys, messaging  # noqa: PLC0415 - reading a card file must not import cryptography

    return messaging.session_cipher(keys.load(private_key.encode()))


def verifier(modulus: bytes) -> Verifier:
    """Verify what the key of this modulus has signed."""
    from mynacard_emulator.pki import messaging  # noqa: PLC0415 - reading a card file must not import cryptography

    return messaging.verifier(modulus)
