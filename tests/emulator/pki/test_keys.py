"""Keys: what is loaded, what is refused, and what the card's raw signature is."""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.card import Padding
from mynacard_emulator.pki import keys, shipped
from mynacard_emulator.pki.errors import IssuerError, UnusableKeyError

AUTH = shipped.key(shipped.CARD_AUTH)


def opened(signature: bytes) -> bytes:
    """The padded block inside a signature, by arithmetic alone."""
    numbers = AUTH.public_key().public_numbers()
    return pow(int.from_bytes(signature, "big"), numbers.e, numbers.n).to_bytes(256, "big")


@given(st.binary(min_size=1, max_size=245))
def test_the_raw_signature_pads_any_bytes_with_block_type_1(data: bytes) -> None:
    filler = b"\xff" * (256 - 3 - len(data))

    assert opened(keys.signer(AUTH)(data, Padding.PKCS1_V1_5)) == b"\x00\x01" + filler + b"\x00" + data


@pytest.mark.parametrize(("form", "salt"), [(Padding.PSS, 32), (Padding.PSS_LONGEST_SALT, 222)])
def test_pss_is_over_the_digest_with_a_random_salt_of_that_length(form: Padding, salt: int) -> None:
    first, second = (keys.signer(AUTH)(sha256(b"a message").digest(), form) for _ in range(2))
    pss = padding.PSS(padding.MGF1(SHA256()), salt)

    assert first != second
    AUTH.public_key().verify(first, b"a message", pss, SHA256())
    AUTH.public_key().verify(second, b"a message", pss, SHA256())


def test_an_ordinary_signature_holds_the_digest_info_of_sha_256() -> None:
    digest_info = bytes.fromhex("3031300d060960864801650304020105000420")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert opened(keys.sign_sha256(AUTH, b"")).endswith(b"\xff\x00" + digest_info + bytes.fromhex(empty))


def test_a_key_survives_a_file_as_pem_and_as_der() -> None:
    der = AUTH.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())

    for form in (keys.to_pem(AUTH).encode(), der):
        assert keys.load(form).private_numbers() == AUTH.private_numbers()


def test_the_modulus_has_256_bytes() -> None:
    assert int.from_bytes(keys.modulus(AUTH), "big") == AUTH.public_key().public_numbers().n
    assert len(keys.modulus(AUTH)) == 256


NOT_PKCS8 = "not an unencrypted PKCS#8 private key (PEM or DER)"
NOT_RSA_2048 = "the private key is not RSA with 2048 bits"


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(b"", NOT_PKCS8, id="nothing"),
        pytest.param(b"\x30\x82\x04", NOT_PKCS8, id="cut short"),
        pytest.param(b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", NOT_PKCS8, id="no key inside"),
        pytest.param(
            AUTH.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
            NOT_PKCS8,
            id="encrypted",
        ),
        pytest.param(
            ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            NOT_RSA_2048,
            id="elliptic curve",
        ),
        pytest.param(
            rsa.generate_private_key(65537, 1024).private_bytes(  # noqa: S505 - it has to be refused
                Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
            ),
            NOT_RSA_2048,
            id="1024 bits",
        ),
    ],
)
def test_what_is_no_rsa_2048_key_is_refused_in_one_line(data: bytes, line: str) -> None:
    with pytest.raises(UnusableKeyError) as refused:
        keys.load(data)

    assert str(refused.value) == line
    assert isinstance(refused.value, IssuerError)


@given(st.binary(max_size=80), st.booleans())
def test_no_bytes_crash_the_loader(data: bytes, pem: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    with pytest.raises(UnusableKeyError):
        keys.load(b"-----" + data if pem else data)


def test_a_fresh_set_shares_no_key_with_any_card() -> None:
    used = [*_all(keys.fresh_set()), *_all(shipped.card_keys())]

    assert len({keys.modulus(key) for key in used}) == 10


def _all(keyset: keys.KeySet) -> tuple[rsa.RSAPrivateKey, ...]:
    return keyset.sign, keyset.auth, keyset.internal, keyset.session, keyset.common
