"""What GET DATA tells above all applications, and the certificates in it, verified."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from mynacard_emulator import profiles
from mynacard_emulator.card import Card
from mynacard_emulator.iso7816 import tlv
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.issued import IssuerRecord

DAY = date(2026, 11, 20)
ADULT = profiles.spec("adult")
CARD = personalise(ADULT, today=DAY)


def told(tag: str, card: Card | None = None) -> bytes:
    """An object as the card tells it after power-on."""
    answer = (card or Card(CARD.profile())).transmit(bytes.fromhex(f"00CA{tag}000000"))
    assert answer[-2:] == b"\x90\x00"
    return answer[:-2]


def test_the_card_tells_whose_it_is_and_how_long() -> None:
    assert len(told("0042")) == 16
    assert (told("00F0"), told("00F2")) == (b"99001", b"20350217")
    assert told("5F51") == bytes.fromhex("E000FF8131FE4514")


def test_the_identification_is_the_number_in_the_common_application_with_filler() -> None:
    assert CARD.common is not None
    number = told("0045").rstrip(b"\x00")

    assert len(told("0045")) == 32
    assert number.isdigit()
    assert CARD.common.card_record[2:17] == number


def test_the_recognition_data_is_a_whole_object_as_globalplatform_describes_it() -> None:
    outer, rest = tlv.decode(told("0066"))
    (inner,) = tlv.decode_all(outer.value)

    assert (outer.tag, rest, inner.tag) == (0x66, b"", 0x73)
    assert [item.tag for item in tlv.decode_all(inner.value)] == [0x06, 0x60, 0x63, 0x64]


def test_two_certificates_lead_from_the_ca_to_the_issuer() -> None:
    upper, lower = (list(tlv.decode_all(told(tag))) for tag in ("00F8", "7F21"))
    assert [item.tag for item in upper] == [item.tag for item in lower] == [0x5F4E, 0x5F37]
    (body, signature), (lower_body, lower_signature) = upper, lower
    exponent, modulus = tlv.decode_all(body.value[32:])
    ca = rsa.RSAPublicNumbers(int.from_bytes(exponent.value, "big"), int.from_bytes(modulus.value, "big")).public_key()

    ca.verify(signature.value, body.value, padding.PKCS1v15(), SHA256())
    ca.verify(lower_signature.value, lower_body.value, padding.PKCS1v15(), SHA256())
    assert lower_body.value[:16] == body.value[16:32]
    assert lower_body.value[16:32] == told("00F7")


@pytest.mark.parametrize("tag", ["00F8", "7F21"])
def test_a_certificate_is_too_long_for_a_short_le(tag: str) -> None:
    assert Card(CARD.profile()).transmit(bytes.fromhex(f"00CA{tag}00")) == b"\x67\x00"


def test_a_card_met_without_contacts_tells_the_atr_of_its_contacts() -> None:
    atr = bytes.fromhex("3B8880010000" + "41E0B381A1003B")
    contactless = personalise(replace(ADULT, card=replace(ADULT.card, atr=atr)), today=DAY).profile()

    assert contactless.atr == atr
    assert told("5F51", Card(contactless)) == bytes.fromhex("E000FF8131FE4514")


def test_an_older_card_has_no_lower_certificate() -> None:
    assert isinstance(CARD.issuer, IssuerRecord)
    older = replace(CARD, issuer=replace(CARD.issuer, lower_cv_certificate=None)).profile()

    assert Card(older).transmit(bytes.fromhex("00CA7F21000000")) == b"\x6a\x88"
    assert told("00F8", Card(older)) == told("00F8")
