"""The JPKI application: which files there are, who may read them, and what its keys sign."""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from mynacard_emulator import profiles
from mynacard_emulator.applications import jpki
from mynacard_emulator.card import Card, Profile
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import DIGEST_INFO, certificate, content, given

SELECT = "> 00 A4 04 0C 0A [jpki] -> 9000\n"


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


@pytest.fixture(scope="module")
def no_certificates() -> Profile:
    return profiles.no_certificates()


FILES = {
    0x01: "6982",
    0x02: "{256} 9000",
    0x06: "{160} 9000",
    0x08: "8F 8F 00 9000",
    0x09: "6982",
    0x0A: "{256} 9000",
    0x0B: "{256} 9000",
    **dict.fromkeys((0x10, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1E), "6981"),
}


@pytest.mark.parametrize("fid", range(0x30), ids="{:04X}".format)
def test_each_file_answers_select_and_read_before_any_pin(adult: Profile, fid: int) -> None:
    found, read = ("9000", FILES[fid]) if fid in FILES else ("6A82", "6986")

    hold(Card(adult), SELECT + f"> 00 A4 02 0C 02 {fid:04X} -> {found}\n> 00 B0 00 00 00 -> {read}", **given(adult))


@pytest.mark.parametrize(
    ("pin", "opens"), [("00 20 00 98 04 [auth]", "6982"), ("00 20 00 9B 06 [sign]", "30 82 .. .. 9000")]
)
def test_the_sign_certificate_alone_is_guarded_and_by_the_sign_pin(adult: Profile, pin: str, opens: str) -> None:
    hold(
        Card(adult), SELECT + f"> {pin} -> 9000\n> 00 B0 81 00 04 -> {opens}\n> 00 B0 89 00 00 -> 6982", **given(adult)
    )


@pytest.mark.parametrize(
    ("verify", "key", "fid"),
    [
        pytest.param("00 20 00 98 04 [auth]", "97", jpki.AUTH_CERTIFICATE, id="auth"),
        pytest.param("00 20 00 9B 06 [sign]", "9A", jpki.SIGN_CERTIFICATE, id="sign"),
    ],
)
def test_a_signature_is_good_under_the_certificate_of_its_key(adult: Profile, verify: str, key: str, fid: int) -> None:
    card, words = Card(adult), given(adult)
    hold(card, SELECT + f"> {verify} -> 9000", **words)
    answer = bytes.fromhex(ask(card, f"80 2A 00 {key} 33 [digest_info] 00", **words))
    public_key = load_der_x509_certificate(certificate(adult, fid)).public_key()

    assert answer[256:] == b"\x90\x00"
    assert isinstance(public_key, rsa.RSAPublicKey)
    public_key.verify(answer[:256], b"a message", padding.PKCS1v15(), SHA256())
    assert public_key.recover_data_from_signature(answer[:256], padding.PKCS1v15(), None) == DIGEST_INFO


@pytest.mark.parametrize("length", [1, 20, 35, 83, 245])
def test_the_card_signs_the_bytes_as_they_are(adult: Profile, length: int) -> None:
    card, words = Card(adult), {**given(adult), "bytes": bytes(range(length))}
    hold(card, SELECT + "> 00 20 00 98 04 [auth] -> 9000", **words)
    answer = bytes.fromhex(ask(card, f"80 2A 00 97 {length:02X} [bytes] 00", **words))
    public_key = load_der_x509_certificate(certificate(adult, jpki.AUTH_CERTIFICATE)).public_key()

    assert isinstance(public_key, rsa.RSAPublicKey)
    assert public_key.recover_data_from_signature(answer[:256], padding.PKCS1v15(), None) == bytes(range(length))


@pytest.mark.parametrize("p1", range(1, 6))
def test_each_mode_of_signing_is_what_openssl_verifies(adult: Profile, p1: int) -> None:
    message, digest = b"a message", sha256(b"a message").digest()
    data = digest if p1 in (2, 4) else message
    card, words = Card(adult), {**given(adult), "data": data}
    hold(card, SELECT + "> 00 20 00 98 04 [auth] -> 9000", **words)
    answer = bytes.fromhex(ask(card, f"80 2A {p1:02X} 97 {len(data):02X} [data] 00", **words))
    public_key = load_der_x509_certificate(certificate(adult, jpki.AUTH_CERTIFICATE)).public_key()

    assert answer[256:] == b"\x90\x00"
    assert isinstance(public_key, rsa.RSAPublicKey)
    if p1 == 1:
        assert public_key.recover_data_from_signature(answer[:256], padding.PKCS1v15(), None) == digest
    else:
        pss = padding.PSS(padding.MGF1(SHA256()), salt_length=32)
        public_key.verify(answer[:256], message, pss if p1 in (4, 5) else padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize(
    ("pin", "key"), [("00 20 00 98 04 [auth]", "9A"), ("00 20 00 9B 06 [sign]", "97")], ids=["auth", "sign"]
)
def test_a_pin_does_not_open_the_other_key(adult: Profile, pin: str, key: str) -> None:
    hold(Card(adult), SELECT + f"> {pin} -> 9000\n> 80 2A 00 {key} 33 [digest_info] 00 -> 6982", **given(adult))


def test_both_pins_can_be_verified_together_and_each_counts_for_itself(adult: Profile) -> None:
    hold(
        Card(adult),
        SELECT
        + """
        > 00 20 00 98 04 30303030            -> 63C2
        > 00 20 00 9B 06 303030303030        -> 63C4
        > 00 20 00 9B 06 [sign]              -> 9000
        > 00 20 00 98                        -> 63C2
        > 00 20 00 98 04 [auth]              -> 9000
        > 80 2A 00 9A 33 [digest_info] 00    -> {256} 9000
        > 80 2A 00 97 33 [digest_info] 00    -> {256} 9000
        > 00 20 00 98 04 30303030            -> 63C2
        > 80 2A 00 97 33 [digest_info] 00    -> 6982
        > 80 2A 00 9A 33 [digest_info] 00    -> {256} 9000
        > 00 20 00 9B                        -> 63C5
        """,
        **given(adult),
    )


@pytest.mark.parametrize("fid", [0x01, 0x02, 0x0A, 0x0B], ids="{:04X}".format)
def test_a_certificate_is_followed_by_filler_to_the_end_of_its_file(adult: Profile, fid: int) -> None:
    whole, der = content(adult, jpki.AID, fid), certificate(adult, fid)

    assert whole == der + b"\xff" * (3808 - len(der))
    assert load_der_x509_certificate(der).serial_number > 0


def test_a_card_without_certificates_has_the_files_the_blocked_pins_and_no_keys(no_certificates: Profile) -> None:
    hold(
        Card(no_certificates),
        SELECT
        + """
        > 00 B0 88 00 00                     -> 00 00 00 9000
        > 00 B0 8A 00 04                     -> FF FF FF FF 9000
        > 00 B0 81 00 04                     -> 6982
        > 00 B0 8B 00 04                     -> 30 82 .. .. 9000
        > 00 B0 82 00 04                     -> 30 82 .. .. 9000
        > 00 B0 86 00 20                     -> 4A504B494150494343544F4B454E32 {17} 9000
        > 00 20 00 98                        -> 63C0
        > 00 20 00 9B                        -> 63C0
        > 00 20 00 98 04 31323334            -> 6984
        > 00 20 00 9B 06 303030303030        -> 6984
        > 00 A4 02 0C 02 00 17               -> 9000
        > 80 2A 00 80 33 [digest_info] 00    -> 6981
        > 80 2A 00 9A 33 [digest_info] 00    -> 6981
        """,
        **given(no_certificates),
    )
