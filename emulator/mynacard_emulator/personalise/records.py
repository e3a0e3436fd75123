"""The files of the text application, byte by byte.

Three keys meet here. The CA of card-verifiable certificates signs the issuer's key (EF 0004); the issuer's key signs
what the card says about its holder and about its own key (EF 0003 and 0007); the card's own keys only appear as public
halves. Key identifiers keep the shape of real ones and begin with 9, which no real hierarchy does.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from itertools import accumulate
from typing import TypeAlias

from mynacard_emulator.iso7816 import tlv

from .holder import Holder

Sign: TypeAlias = Callable[[bytes], bytes]
"""A PKCS#1 v1.5 signature over SHA-256 of a message."""

ATTRIBUTES_EF_SIZE = 1024
"""Bytes of EF 0002: room for the longest name and address (an assumption; the real size is not public)."""
BASIC_INFO_EF_SIZE = 256

_SHORT_FORM_MAX = 127
_OFFSET_TABLE_SIZE = 3 + 2 * 4
_PUBLIC_EXPONENT = bytes.fromhex("010001")
_AP_VERSION = bytes.fromhex("01030E01")
_UNKNOWN_SIZE, _UNKNOWN_FILLER = 32, 96


def key_id(number: str, group: str) -> bytes:
    """A 16-byte key identifier: seven digits, 08 05, three digits, four zero bytes."""
    return f"{number:0>7}".encode() + b"\x08\x05" + f"{group:0>3}".encode() + bytes(4)


CV_CA_KEY_ID = key_id("9000033", "001")
BASIC_INFO_KEY_ID = key_id("9000034", "001")


def issuer_key_id(municipality_code: str) -> bytes:
    """The identifier of the key with which a municipality signs."""
    return key_id(f"9{municipality_code}1", "000")


def data_object(tag: int, value: bytes, *, long_form: bool = False) -> bytes:
    """One data object as this card writes it: one length byte up to 127, then `82 hh ll`, never `81 ll`."""
    long_form = long_form or len(value) > _SHORT_FORM_MAX
    return tag.to_bytes(2, "big") + tlv.encode_length(len(value), width=2 if long_form else 0) + value


def public_key(modulus: bytes) -> bytes:
    """An RSA-2048 public key in 265 bytes: exponent, then modulus."""
    return tlv.encode(0x90, _PUBLIC_EXPONENT) + tlv.encode(0x91, modulus)


def my_number(number: str) -> bytes:
    """EF 0001: the twelve digits and two bytes of filler."""
    return data_object(0xFF10, number.encode("ascii")) + b"\xff\xff"


def attribute_objects(holder: Holder) -> tuple[bytes, ...]:
    """DF22 to DF25: name, address, birth date, sex."""
    return (
        data_object(0xDF22, holder.name.encode()),
        data_object(0xDF23, holder.address.encode()),
        data_object(0xDF24, f"{holder.born:%Y%m%d}".encode("ascii")),
        data_object(0xDF25, holder.sex.value.encode("ascii")),
    )


def attributes(objects: tuple[bytes, ...], *, long_header: bool = False) -> bytes:
    """EF 0002: an offset table, the four attributes, filler.

    The offsets count from the start of the file, so they depend on the length of the header: `FF 20 LL` for up to 127
    bytes, `FF 20 82 hh ll` for more. Cards with the long form around short content are reported too: `long_header`.
    """
    size = _OFFSET_TABLE_SIZE + sum(map(len, objects))
    long_header = long_header or size > _SHORT_FORM_MAX
    first = (5 if long_header else 3) + _OFFSET_TABLE_SIZE
    offsets = list(accumulate(map(len, objects), initial=first))[:-1]
    table = data_object(0xDF21, b"".join(offset.to_bytes(2, "big") for offset in offsets))
    record = data_object(0xFF20, table + b"".join(objects), long_form=long_header)
    return record.ljust(ATTRIBUTES_EF_SIZE, b"\xff")


def has_long_header(attributes_ef: bytes) -> bool:
    """Whether EF 0002 begins with the header of five bytes."""
    return attributes_ef[2] > _SHORT_FORM_MAX


def integrity(my_number_ef: bytes, objects: tuple[bytes, ...], sign: Sign) -> bytes:
    """EF 0003: digests of EF 0001 as stored and of the attributes without header and table, signed together."""
    digests = data_object(0xDF31, sha256(my_number_ef).digest())
    digests += data_object(0xDF32, sha256(b"".join(objects)).digest())
    return data_object(0xFF30, digests + data_object(0xDF33, sign(digests)))


def cv_certificate(issuer: bytes, subject: bytes, modulus: bytes, sign: Sign) -> bytes:
    """EF 0004: two key identifiers and a public key; the signature covers these 297 bytes without their header."""
    return data_object(0x7F21, cv_certificate_objects(issuer, subject, modulus, sign))


def cv_certificate_objects(issuer: bytes, subject: bytes, modulus: bytes, sign: Sign) -> bytes:
    """The two objects in a card-verifiable certificate: its body, and the signature over that."""
    body = issuer + subject + public_key(modulus)
    return data_object(0x5F4E, body) + data_object(0x5F37, sign(body))


def basic_info(unknown: bytes) -> bytes:
    """EF 0005: version, a key identifier, and 32 bytes of which nobody knows the meaning."""
    if len(unknown) != _UNKNOWN_SIZE:
        raise ValueError(f"{_UNKNOWN_SIZE} bytes expected")
    objects = data_object(0xDF41, _AP_VERSION) + data_object(0xDF42, BASIC_INFO_KEY_ID)
    objects += data_object(0xDF43, unknown + b"\xff" * _UNKNOWN_FILLER)
    return data_object(0xFF40, objects).ljust(BASIC_INFO_EF_SIZE, b"\xff")


def session_key(modulus: bytes) -> bytes:
    """EF 0006: the key to which a client encrypts a session key; it is not signed."""
    return tlv.encode(0xA1, public_key(modulus))


def internal_key(modulus: bytes, sign: Sign) -> bytes:
    """EF 0007: the public half of the card's own signing key, signed by the issuer."""
    certified = data_object(0xDF51, public_key(modulus))
    return data_object(0xFF50, certified + data_object(0xDF52, sign(certified)))
