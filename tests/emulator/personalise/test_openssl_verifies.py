"""Every signature that a card carries or makes, verified by the openssl command with keys from the card's own files.

Three keys are not on a card and are the shipped ones: that of the visual application's CA, that of the police, and the
one with which the common application answers challenges.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from mynacard_emulator import profiles
from mynacard_emulator.applications import common, jpki, licence, text, visual
from mynacard_emulator.card import Card
from mynacard_emulator.iso7816 import tlv
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.spec import LicenceSpec
from mynacard_emulator.pki import shipped
from tests.emulator.card.conversation import ask
from tests.emulator.card.held import given
from tests.emulator.pki import openssl

DAY = date(2026, 11, 20)
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")
THREE_DIGESTS = bytes.fromhex("3071300D060960864801650304020105000460")
MESSAGE = b"a message"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature, and what it takes to verify it: a public key (PEM), and the message or what was padded as it is."""

    key: bytes
    signature: bytes
    message: bytes
    options: tuple[str, ...] = ()
    as_padded: bool = False

    def is_verified(self, folder: Path) -> bool:
        """What openssl says."""
        key, signature, message = folder / "key.pem", folder / "signature", folder / "message"
        for path, content in ((key, self.key), (signature, self.signature), (message, self.message)):
            path.write_bytes(content)
        if self.as_padded:  # too long for openssl to take it for a digest, so that it only opens the signature
            opened = run("pkeyutl", "-verifyrecover", "-pubin", "-inkey", key, "-in", signature)
            return opened == self.message
        done = run("dgst", "-sha256", "-verify", key, *self.options, "-signature", signature, message)
        return done == b"Verified OK\n"


def run(*command: str | Path) -> bytes:
    return subprocess.run(["openssl", *command], capture_output=True, check=False, timeout=30).stdout


PSS = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32")


class Held:
    """An adult's card that is a driving licence too, with every PIN of it known."""

    def __init__(self) -> None:
        spec = replace(profiles.spec("adult"), licence=LicenceSpec(installed=True, pin="4567"))
        profile = personalise(spec, today=DAY).profile()
        self._words = given(profile)
        self._card = Card(profile)

    def ask(self, *commands: str) -> bytes:
        """Say these commands; return the answer to the last."""
        answer = b""
        for command in commands:
            answer = bytes.fromhex(ask(self._card, command, **self._words, message=MESSAGE))
            assert answer[-2:] == b"\x90\x00", command
        return answer[:-2]

    def read(self, aid: bytes, fid: int, *verify: str) -> bytes:
        """A file of an application, once these PINs are verified."""
        return self.ask(f"00 A4 04 0C {len(aid):02X} {aid.hex()}", *verify, f"00 B0 {0x80 | fid:02X} 00 00 00 00")

    def sign(self, aid: bytes, command: str, *verify: str) -> bytes:
        """What a key of an application makes of a command."""
        return self.ask(f"00 A4 04 0C {len(aid):02X} {aid.hex()}", *verify, command)


TEXT_PIN, NUMBER_A, BIRTH = "00 20 00 91 04 [text]", "00 20 00 93 0C [visual_number_a]", "00 20 00 91 06 [birth_date]"
LICENCE_PIN, AUTH_PIN, SIGN_PIN = "00 20 00 86 04 34353637", "00 20 00 98 04 [auth]", "00 20 00 9B 06 [sign]"
SIGN_MESSAGE = f"09 {MESSAGE.hex()} 00"


def pem(key: rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def public_key(objects: bytes) -> bytes:
    """The key in 90 (exponent) and 91 (modulus), as PEM."""
    exponent, modulus = tlv.decode_all(objects)
    assert (exponent.tag, modulus.tag) == (0x90, 0x91)
    numbers = rsa.RSAPublicNumbers(int.from_bytes(exponent.value, "big"), int.from_bytes(modulus.value, "big"))
    return pem(numbers.public_key())


def inside(file: bytes) -> dict[int, bytes]:
    """The objects in the one that fills a file."""
    return {item.tag: item.value for item in tlv.decode_all(tlv.decode(file)[0].value)}


def record(key: bytes, file: bytes, tag: int, *, key_id: int = 0) -> Signed:
    """A record that ends in a signature over all the objects before it; a key identifier may stand before that."""
    whole = tlv.decode(file)[0].value
    signature = inside(file)[tag]
    assert len(signature) == key_id + 256
    return Signed(key, signature[key_id:], whole[: -len(signature) - 5])


def cv_certificate(ca: bytes, objects: Mapping[int, bytes]) -> Signed:
    return Signed(ca, objects[0x5F37], objects[0x5F4E])


def cv_key(objects: Mapping[int, bytes]) -> bytes:
    """The key that a card-verifiable certificate is about; two key identifiers come before it."""
    return public_key(objects[0x5F4E][32:])


def issuer_object(card: Held, tag: str) -> dict[int, bytes]:
    """A certificate that GET DATA tells above all applications."""
    told = card.ask("00 A4 04 0C 07 A0000001510000", f"00 CA {tag} 00 00 00")
    return {item.tag: item.value for item in tlv.decode_all(told)}


def text_issuer(card: Held) -> bytes:
    return cv_key(inside(card.read(text.AID, text.CV_CERTIFICATE)))


def visual_issuer(card: Held) -> bytes:
    return cv_key(inside(card.read(visual.AID, visual.CV_CERTIFICATE)))


def shipped_key(name: str) -> bytes:
    return pem(shipped.key(name).public_key())


def certified_key(card: Held, fid: int, *verify: str) -> bytes:
    """The key in a certificate of the JPKI application."""
    key = x509.load_der_x509_certificate(certificate(card, fid, *verify)).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    return pem(key)


def certificate(card: Held, fid: int, *verify: str) -> bytes:
    """A certificate of the JPKI application, without what fills its file up."""
    file = card.read(jpki.AID, fid, *verify)
    return file[: 4 + int.from_bytes(file[2:4], "big")]


def card_face(card: Held) -> Signed:
    """The face is signed in three parts, which the offset table finds; their digests stand in one DigestInfo."""
    file = card.read(visual.AID, visual.CARD_FACE, NUMBER_A)
    table = inside(file)[0xDF21]
    at = [int.from_bytes(table[2 * number : 2 * number + 2], "big") for number in range(9)]
    parts = (file[at[0] : at[3]], file[at[3] : at[5]], file[at[5] : at[6]])
    padded = THREE_DIGESTS + b"".join(sha256(part).digest() for part in parts)
    return Signed(visual_issuer(card), inside(file)[0xDF28], padded, as_padded=True)


SIGNATURES: Mapping[str, Callable[[Held], Signed]] = {
    # records
    "text 0003, DF33: digests of the My Number and the attributes": lambda card: record(
        text_issuer(card), card.read(text.AID, text.INTEGRITY, TEXT_PIN), 0xDF33
    ),
    "text 0007, DF52: the card's own key": lambda card: record(
        text_issuer(card), card.read(text.AID, text.INTERNAL_PUBLIC_KEY, TEXT_PIN), 0xDF52
    ),
    "visual 0001, DF13: the age record": lambda card: record(
        visual_issuer(card), card.read(visual.AID, visual.AGE_RECORD, BIRTH), 0xDF13
    ),
    "visual 0002, DF28: the card face": card_face,
    "visual 0003, DF35: basic information": lambda card: record(
        visual_issuer(card), card.read(visual.AID, visual.BASIC_INFO), 0xDF35, key_id=16
    ),
    "visual 0005, DF43: the My Number as a picture": lambda card: record(
        visual_issuer(card), card.read(visual.AID, visual.MY_NUMBER_IMAGE, NUMBER_A), 0xDF43
    ),
    "licence 001C": lambda card: Signed(
        shipped_key(shipped.LICENCE_ISSUER),
        card.read(licence.AID, licence.SIGNATURE, LICENCE_PIN),
        card.read(licence.AID, licence.DATA),
    ),
    # card-verifiable certificates
    "GET DATA 00F8, by itself": lambda card: cv_certificate(
        cv_key(issuer_object(card, "00 F8")), issuer_object(card, "00 F8")
    ),
    "GET DATA 7F21, by 00F8": lambda card: cv_certificate(
        cv_key(issuer_object(card, "00 F8")), issuer_object(card, "7F 21")
    ),
    "text 0004, by 00F8": lambda card: cv_certificate(
        cv_key(issuer_object(card, "00 F8")), inside(card.read(text.AID, text.CV_CERTIFICATE))
    ),
    "visual 0004, by the CA of its own": lambda card: cv_certificate(
        shipped_key(shipped.VISUAL_CV_CA), inside(card.read(visual.AID, visual.CV_CERTIFICATE))
    ),
    # what the card's keys sign
    "JPKI 0017, P1 = 03": lambda card: Signed(
        certified_key(card, jpki.AUTH_CERTIFICATE),
        card.sign(jpki.AID, f"80 2A 03 97 {SIGN_MESSAGE}", AUTH_PIN),
        MESSAGE,
    ),
    "JPKI 0017, P1 = 05, PSS": lambda card: Signed(
        certified_key(card, jpki.AUTH_CERTIFICATE),
        card.sign(jpki.AID, f"80 2A 05 97 {SIGN_MESSAGE}", AUTH_PIN),
        MESSAGE,
        PSS,
    ),
    "JPKI 001A, P1 = 03": lambda card: Signed(
        certified_key(card, jpki.SIGN_CERTIFICATE, SIGN_PIN),
        card.sign(jpki.AID, f"80 2A 03 9A {SIGN_MESSAGE}"),
        MESSAGE,
    ),
    "text 0013, by the key in 0007": lambda card: Signed(
        public_key(inside(card.read(text.AID, text.INTERNAL_PUBLIC_KEY, TEXT_PIN))[0xDF51]),
        card.sign(text.AID, f"80 2A 03 93 {SIGN_MESSAGE}"),
        MESSAGE,
    ),
    "visual 001A, by the key in 0001": lambda card: Signed(
        public_key(inside(card.read(visual.AID, visual.AGE_RECORD, BIRTH))[0xDF12]),
        card.sign(visual.AID, f"80 2A 03 9A {SIGN_MESSAGE}"),
        MESSAGE,
    ),
    "common 0019, INTERNAL AUTHENTICATE": lambda card: Signed(
        shipped_key(shipped.COMMON_AUTHENTICATION),
        card.sign(common.AID, f"00 88 00 99 {SIGN_MESSAGE}"),
        MESSAGE,
    ),
}


@pytest.fixture(scope="module")
def card() -> Held:
    return Held()


@pytest.mark.parametrize("name", SIGNATURES)
def test_openssl_verifies_a_signature_and_no_other(card: Held, name: str, tmp_path: Path) -> None:
    signed = SIGNATURES[name](card)
    another = replace(signed, message=signed.message[:-1] + bytes((signed.message[-1] ^ 1,)))

    assert signed.is_verified(tmp_path)
    assert not another.is_verified(tmp_path)


@pytest.mark.parametrize(
    ("fid", "ca", "verify"),
    [
        pytest.param(jpki.AUTH_CERTIFICATE, jpki.AUTH_CA_CERTIFICATE, (), id="auth"),
        pytest.param(jpki.SIGN_CERTIFICATE, jpki.SIGN_CA_CERTIFICATE, (SIGN_PIN,), id="sign"),
        pytest.param(jpki.AUTH_CA_CERTIFICATE, jpki.AUTH_CA_CERTIFICATE, (), id="auth CA, by itself"),
        pytest.param(jpki.SIGN_CA_CERTIFICATE, jpki.SIGN_CA_CERTIFICATE, (), id="sign CA, by itself"),
    ],
)
def test_openssl_finds_the_way_from_a_certificate_to_its_ca(
    card: Held, fid: int, ca: int, verify: tuple[str, ...], tmp_path: Path
) -> None:
    noon = datetime(2026, 11, 20, 12, tzinfo=JST)
    other = jpki.SIGN_CA_CERTIFICATE if ca == jpki.AUTH_CA_CERTIFICATE else jpki.AUTH_CA_CERTIFICATE
    der = certificate(card, fid, *verify)

    assert openssl.verify(der, certificate(card, ca), tmp_path, noon) == "leaf: OK\n"
    assert "OK" not in openssl.verify(der, certificate(card, other), tmp_path, noon)
