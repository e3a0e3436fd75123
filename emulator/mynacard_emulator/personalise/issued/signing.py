"""A private key of a record, as the card uses it."""

from mynacard_emulator.card import Signer


def signer(private_key: str) -> Signer:
    """Sign with a key in PKCS#8, PEM; raise `UnusableKeyError` if it is damaged."""
    from mynacard_emulator.pki import keys  # noqa: PLC0415 - reading a card file must not import cryptography

    return keys.signer(keys.load(private_key.encode()))
