"""The test terminal and personalised cards: a signature without a PIN, which openssl's library verifies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from mynacard_emulator import profiles
from mynacard_emulator.applications import jpki
from mynacard_emulator.card import Card, InternalEF, Profile
from mynacard_emulator.personalise import terminal
from tests.emulator.card.conversation import ask
from tests.emulator.card.held import DIGEST_INFO, certificate
from tests.emulator.personalise.written import jpki_of

SIGN = f"80 2A 00 97 33 {DIGEST_INFO.hex()} 00"


def authenticated(profile: Profile) -> Card:
    """A card that has heard the test terminal."""
    card = Card(profile)
    for command in terminal.commands():
        assert card.transmit(command.encode()) == b"\x90\x00"
    return card


@pytest.mark.parametrize("name", ["face-auth", "adult"])
def test_the_auth_key_signs_for_the_terminal_without_a_pin(name: str) -> None:
    profile = profiles.load(name).profile()
    card = authenticated(profile)

    answer = bytes.fromhex(ask(card, SIGN))
    public = x509.load_der_x509_certificate(certificate(profile, jpki.AUTH_CERTIFICATE)).public_key()
    assert isinstance(public, rsa.RSAPublicKey)
    assert answer[256:] == b"\x90\x00"
    public.verify(answer[:256], b"a message", padding.PKCS1v15(), SHA256())


def test_the_terminal_gets_neither_the_sign_key_nor_the_sign_certificate() -> None:
    card = authenticated(profiles.adult())

    assert ask(card, "80 2A 00 9A 01 AA 00") == "6982"
    assert ask(card, "00 B0 81 00 04") == "6982"


def test_the_blocks_have_the_lengths_that_are_known_and_a_real_signature() -> None:
    body, signature = terminal.certificate()

    assert (len(body), len(signature)) == (307, 261)
    assert body[:5] == bytes.fromhex("5F4E82012E")
    assert signature[:5] == bytes.fromhex("5F37820100")
    assert body[5:6] == body[21:22] == b"9"


def test_a_card_whose_issuer_knew_another_ca_refuses_the_terminal() -> None:
    issued = profiles.load("adult")
    other = replace(issued, jpki=replace(jpki_of(issued), terminal_ca=b"\xc0" + bytes(254) + b"\x01"))
    card = Card(other.profile())

    answers = [card.transmit(command.encode()).hex().upper() for command in terminal.commands()]
    assert answers == ["9000", "9000", "9000", "6A80"]


def test_a_card_of_before_terminals_were_known_refuses_every_one() -> None:
    issued = profiles.load("adult")
    profile = replace(issued, jpki=replace(jpki_of(issued), terminal_ca=None)).profile()

    assert profile.by_aid[jpki.AID].by_fid[jpki.TERMINAL_CA_KEY] == InternalEF(jpki.TERMINAL_CA_KEY)
    card = Card(profile)
    answers = [card.transmit(command.encode()).hex().upper() for command in terminal.commands()]
    assert answers == ["9000", "6A80", "9000", "6A80"]
