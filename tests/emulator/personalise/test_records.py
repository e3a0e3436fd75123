"""The text application's files, taken apart by hand and verified with the keys inside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.personalise import records
from mynacard_emulator.personalise.holder import Holder, Sex
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.keys import modulus
from mynacard_emulator.profiles import spec
from tests.emulator.personalise.written import text_of

DAY = date(2026, 11, 20)
TEXT = text_of(personalise(spec("adult"), today=DAY))
HOLDER = Holder("架空　太郎", Sex.MALE, date(1980, 2, 17), "東京都架空市見本町１－２－３", "0" * 5, "0" * 14)


def take(raw: bytes, tag: str) -> tuple[bytes, bytes]:
    """Cut one object with a tag of that many bytes off by hand: its value, and what follows."""
    head = bytes.fromhex(tag)
    assert raw.startswith(head)
    raw = raw[len(head) :]
    if raw[0] < 0x80:
        length, raw = raw[0], raw[1:]
    else:
        assert raw[0] == 0x82, "this card never writes 81"
        length, raw = int.from_bytes(raw[1:3], "big"), raw[3:]
    assert len(raw) >= length
    return raw[:length], raw[length:]


def public_key(raw: bytes) -> rsa.RSAPublicKey:
    assert len(raw) == 265
    exponent, rest = take(raw, "90")
    modulus_bytes, rest = take(rest, "91")
    assert (exponent, len(modulus_bytes), rest) == (b"\x01\x00\x01", 256, b"")
    return rsa.RSAPublicNumbers(65537, int.from_bytes(modulus_bytes, "big")).public_key()


def verify(key: rsa.RSAPublicKey, signature: bytes, message: bytes) -> None:
    key.verify(signature, message, padding.PKCS1v15(), SHA256())


def issuer_key() -> rsa.RSAPublicKey:
    """The key that EF 0004 certifies."""
    return public_key(TEXT.cv_certificate[5 + 5 + 32 : 5 + 5 + 32 + 265])


def test_every_file_has_the_size_seen_on_cards() -> None:
    files = (TEXT.my_number, TEXT.integrity, TEXT.cv_certificate, TEXT.basic_info, TEXT.session_key, TEXT.internal_key)

    assert [len(file) for file in files] == [17, 336, 568, 256, 269, 536]


def test_the_my_number_file_is_twelve_digits_and_two_bytes_of_filler() -> None:
    assert records.my_number("123456789019") == bytes.fromhex("FF100C") + b"123456789019" + b"\xff\xff"


def test_the_attributes_are_as_on_a_card_byte_by_byte() -> None:
    name, address = HOLDER.name.encode(), HOLDER.address.encode()
    expected = (
        bytes.fromhex("FF2059 DF2108 000E 0020 004D 0058")
        + (b"\xdf\x22\x0f" + name)
        + (b"\xdf\x23\x2a" + address)
        + (b"\xdf\x24\x0819800217" + b"\xdf\x25\x011")
    )

    assert TEXT.attributes == expected.ljust(1024, b"\xff")


def test_the_long_header_shifts_every_offset_by_two() -> None:
    file = records.attributes(records.attribute_objects(HOLDER), long_header=True)

    assert file[:16] == bytes.fromhex("FF20820059 DF2108 0010 0022 004F 005A")
    assert len(file) == 1024


@given(
    st.text("あ架Z", min_size=1, max_size=100),
    st.text("あ架Z", min_size=1, max_size=200),
    st.sampled_from(Sex),
    st.booleans(),
)
def test_offsets_always_point_at_the_attributes(
    name: str,
    address: str,
    sex: Sex,
    forced: bool,  # noqa: FBT001 - drawn by Hypothesis
) -> None:
    holder = replace(HOLDER, name=name, address=address, sex=sex)
    file = records.attributes(records.attribute_objects(holder), long_header=forced)
    content, filler = take(file, "FF20")
    table, rest = take(content, "DF21")
    offsets = [int.from_bytes(table[at : at + 2], "big") for at in range(0, 8, 2)]
    expected = {"DF22": name, "DF23": address, "DF24": "19800217", "DF25": sex.value}

    assert file[2] == (0x82 if forced or len(content) > 127 else len(content))
    for offset, (tag, text) in zip(offsets, expected.items(), strict=True):
        value, rest = take(rest, tag)
        assert take(file[offset:], tag)[0] == value == text.encode()
    assert rest == b""
    assert set(filler) <= {0xFF}
    assert len(file) == 1024


@pytest.mark.parametrize(("address", "header"), [("あ" * 25 + "a", "FF207F"), ("あ" * 25 + "aa", "FF20820080")])
def test_the_header_grows_where_the_content_passes_127_bytes(address: str, header: str) -> None:
    objects = records.attribute_objects(replace(HOLDER, name="架空　太郎", address=address))
    shift = 127 - 11 - sum(map(len, objects)) + (len(address) - 26)

    assert records.attributes((*objects[:3], objects[3] + bytes(shift))).startswith(bytes.fromhex(header))


def test_the_integrity_record_holds_two_digests_signed_by_the_issuer() -> None:
    content, rest = take(TEXT.integrity, "FF30")
    of_number, after_first = take(content, "DF31")
    of_attributes, after_second = take(after_first, "DF32")
    signature, end = take(after_second, "DF33")
    values = TEXT.attributes[0x0E:].rstrip(b"\xff")

    assert (rest, end) == (b"", b"")
    assert of_number == sha256(TEXT.my_number).digest()
    assert of_attributes == sha256(values).digest()
    verify(issuer_key(), signature, content[:70])


def test_the_internal_key_is_signed_by_the_issuer() -> None:
    content, rest = take(TEXT.internal_key, "FF50")
    key, after = take(content, "DF51")
    signature, end = take(after, "DF52")

    assert (rest, end) == (b"", b"")
    assert public_key(key).public_numbers().n == int.from_bytes(modulus(shipped.card_keys().internal), "big")
    verify(issuer_key(), signature, content[:270])
    with pytest.raises(InvalidSignature):
        verify(public_key(key), signature, content[:270])


def test_the_issuers_key_is_certified_by_the_ca_of_these_certificates() -> None:
    content, rest = take(TEXT.cv_certificate, "7F21")
    body, after = take(content, "5F4E")
    signature, end = take(after, "5F37")

    assert (rest, end, len(body)) == (b"", b"", 297)
    assert body[:16] == b"9000033\x08\x05001\x00\x00\x00\x00"
    assert body[16:32] == b"9990011\x08\x05000\x00\x00\x00\x00"
    verify(shipped.key(shipped.CV_CA).public_key(), signature, body)


def test_the_basic_info_is_version_key_identifier_and_32_unknown_bytes() -> None:
    content, filler = take(TEXT.basic_info, "FF40")
    version, after = take(content, "DF41")
    key_id, after = take(after, "DF42")
    unknown, end = take(after, "DF43")

    assert TEXT.basic_info[:5] == bytes.fromhex("FF4082009F")
    assert version == bytes.fromhex("01030E01")
    assert key_id == b"9000034\x08\x05001\x00\x00\x00\x00"
    assert (len(unknown), unknown[32:], end) == (128, b"\xff" * 96, b"")
    assert set(filler) == {0xFF}


def test_the_unknown_bytes_are_32() -> None:
    with pytest.raises(ValueError, match="32 bytes expected"):
        records.basic_info(bytes(31))


def test_the_session_key_is_a_third_key() -> None:
    content, rest = take(TEXT.session_key, "A1")
    session = public_key(content).public_numbers().n

    assert rest == b""
    assert session == int.from_bytes(modulus(shipped.card_keys().session), "big")
    assert session != issuer_key().public_numbers().n


@given(st.text("0123456789", min_size=5, max_size=5))
def test_no_key_identifier_begins_like_a_real_one(municipality: str) -> None:
    for key_id in (records.issuer_key_id(municipality), records.CV_CA_KEY_ID, records.BASIC_INFO_KEY_ID):
        assert key_id.startswith(b"9")
        assert len(key_id) == 16
