"""The files of the visual application, byte by byte.

Its own hierarchy of card-verifiable certificates ends in the issuer's key (EF 0004), which signs everything here that
is signed. One public key, the card's own, stands in three files: whoever has read any of them can ask the card to prove
that it is no copy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import accumulate

from mynacard_emulator.card import Padding, Signer
from mynacard_emulator.iso7816 import tlv

from .holder import Sex
from .records import Sign, data_object, key_id, public_key

CARD_FACE_EF_SIZE = 8192
"""Bytes of EF 0002 (an assumption); more where the pictures need it."""
CV_CA_KEY_ID = key_id("9000023", "001")
BASIC_INFO_KEY_ID = key_id("9000024", "001")
SIGNED_BASIC_INFO_KEY_ID = key_id("9000025", "001")

_AP_VERSION = bytes.fromhex("06030E01")
_VERSION = b"0001"
_THREE_DIGESTS = bytes.fromhex("3071300D06096086480165030402010500 0460")
_OFFSET_TABLE_SIZE = 3 + 2 * 9
_PORTRAIT = 0xDF27


@dataclass(frozen=True, slots=True)
class Face:
    """What is printed on the front: PNG name, address and security code, a JPEG 2000 portrait."""

    born: date
    sex: Sex
    not_after: date
    name: bytes = field(repr=False)
    address: bytes = field(repr=False)
    portrait: bytes = field(repr=False)
    security_code: bytes = field(repr=False)


def issuer_key_id(municipality_code: str) -> bytes:
    """The identifier of the key with which a municipality signs for this application."""
    return key_id(f"9{municipality_code}2", "000")


def age_record(born: date, modulus: bytes, sign: Sign) -> bytes:
    """EF 0001: the birth date and the card's public key, signed together."""
    objects = data_object(0xDF11, _digits(born)) + data_object(0xDF12, public_key(modulus))
    return data_object(0xFF10, objects + data_object(0xDF13, sign(objects)))


def card_face(face: Face, modulus: bytes, sign: Signer) -> bytes:
    """EF 0002: an offset table, the face, filler.

    The signature is over one DigestInfo of three digests, of data, text pictures and portrait; what was added behind
    it, expiry and security code, it does not cover.
    """
    data = (
        data_object(0xDF22, _digits(face.born)),
        data_object(0xDF23, face.sex.value.encode("ascii")),
        data_object(0xDF24, public_key(modulus)),
    )
    texts = (data_object(0xDF25, face.name), data_object(0xDF26, face.address))
    picture = data_object(_PORTRAIT, face.portrait)
    objects = (
        *data,
        *texts,
        picture,
        data_object(0xDF28, sign(digest_info(b"".join(data), b"".join(texts), picture), Padding.PKCS1_V1_5)),
        data_object(0xDF29, _digits(face.not_after)),
        data_object(0xDF2A, face.security_code),
    )
    first = 5 + _OFFSET_TABLE_SIZE
    offsets = list(accumulate(map(len, objects), initial=first))[:-1]
    table = data_object(0xDF21, b"".join(offset.to_bytes(2, "big") for offset in offsets))
    record = data_object(0xFF20, table + b"".join(objects))
    return record.ljust(CARD_FACE_EF_SIZE, b"\xff")


def portrait_in(card_face_ef: bytes) -> bytes:
    """The portrait in EF 0002."""
    record, _ = tlv.decode(card_face_ef)
    return next(item.value for item in tlv.decode_all(record.value) if item.tag == _PORTRAIT)


def digest_info(*parts: bytes) -> bytes:
    """A DigestInfo that says SHA-256 and has three digests where one belongs: 115 bytes."""
    return _THREE_DIGESTS + b"".join(sha256(part).digest() for part in parts)


def basic_info(municipality_code: str, sign: Sign) -> bytes:
    """EF 0003: versions, a key identifier, the municipality, and a signature (its key and extent are assumptions)."""
    objects = data_object(0xDF31, _AP_VERSION) + data_object(0xDF32, BASIC_INFO_KEY_ID)
    objects += data_object(0xDF33, _VERSION) + data_object(0xDF34, municipality_code.encode("ascii"))
    return data_object(0xFF30, objects + data_object(0xDF35, SIGNED_BASIC_INFO_KEY_ID + sign(objects)))


def my_number_image(picture: bytes, modulus: bytes, sign: Sign) -> bytes:
    """EF 0005: the My Number as a picture, with the card's public key, signed together."""
    objects = data_object(0xDF41, picture) + data_object(0xDF42, public_key(modulus))
    return data_object(0xFF40, objects + data_object(0xDF43, sign(objects)))


def _digits(day: date) -> bytes:
    return f"{day:%Y%m%d}".encode("ascii")
