"""What is known of every card: where things are, how the files are written, and what goes into a signature."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from mynacard_conformance.outcome import Attributes, CertificateKind, HashKind, KeyKind, PinKind

JPKI: Final = bytes.fromhex("D392F000260100000001")
TEXT: Final = bytes.fromhex("D3921000310001010408")
JUKI: Final = bytes.fromhex("D3921000310001010401")
ISSUER_SECURITY_DOMAIN: Final = bytes.fromhex("A0000001510000")

TOKEN_INFO: Final = 0x0006
LABEL_LENGTH: Final = 32
PREDECESSORS_LABEL: Final = b"JPKIAPICCTOKEN"
"""What the JPKI application of the predecessor calls itself (F-075); that of a My Number Card has a 2 at the end."""

AVAILABILITY: Final = 0x0008
CERTIFICATE_FILES: Final[Mapping[CertificateKind, int]] = {
    CertificateKind.SIGN: 0x0001,
    CertificateKind.SIGN_CA: 0x0002,
    CertificateKind.AUTH: 0x000A,
    CertificateKind.AUTH_CA: 0x000B,
}
KEY_FILES: Final[Mapping[KeyKind, int]] = {KeyKind.SIGN: 0x001A, KeyKind.AUTH: 0x0017}
MY_NUMBER: Final = 0x0001
ATTRIBUTES: Final = 0x0002


class PinFacts(NamedTuple):
    """What is known of a PIN before a card is there: where it lives, what it looks like, how many tries it has."""

    aid: bytes
    fid: int
    form: str
    limit: int


PINS: Final[Mapping[PinKind, PinFacts]] = {
    PinKind.SIGN: PinFacts(JPKI, 0x001B, "[A-Z0-9]{6,16}", 5),
    PinKind.AUTH: PinFacts(JPKI, 0x0018, "[0-9]{4}", 3),
    PinKind.JUKI: PinFacts(JUKI, 0x001C, "[0-9]{4}", 3),
    PinKind.TEXT: PinFacts(TEXT, 0x0011, "[0-9]{4}", 3),
    PinKind.NUMBER_A: PinFacts(TEXT, 0x0014, "[0-9]{12}", 10),
    PinKind.NUMBER_B: PinFacts(TEXT, 0x0015, "[0-9]{14}", 10),
}


MY_NUMBER_TAG = b"\xff\x10"
ATTRIBUTES_TAG = b"\xff\x20"
CERTIFICATE_TAG = b"\x30"

_DIGEST_INFO: Mapping[HashKind, bytes] = {
    HashKind.SHA256: bytes.fromhex("3031300D060960864801650304020105000420"),
    HashKind.SHA384: bytes.fromhex("3041300D060960864801650304020205000430"),
    HashKind.SHA512: bytes.fromhex("3051300D060960864801650304020305000440"),
}
"""The DER of a DigestInfo up to its digest (RFC 8017, 9.2)."""

_SEXES = {b"1": "male", b"2": "female", b"9": "not_applicable"}


class Unreadable(ValueError):
    """The bytes are not what they should be."""


class Header(NamedTuple):
    """How a data object begins: its tag, the length of its value, and the size of both as written."""

    tag: bytes
    length: int
    size: int


def header(data: bytes) -> Header:
    """Read the header of a BER data object: a tag of one or two bytes, a length in either form.

    The long form may be longer than it need be: some cards write `82 hh ll` for what fits one byte.
    Raises `Unreadable`.
    """
    tag_size = 2 if data[:1] and data[0] & 0x1F == 0x1F else 1
    first = data[tag_size] if len(data) > tag_size else 0x80
    size = tag_size + 1 + (first & 0x7F if first & 0x80 else 0)
    if first == 0x80 or len(data) < size:
        raise Unreadable("no data object")
    length = int.from_bytes(data[tag_size + 1 : size], "big") if first & 0x80 else first
    return Header(data[:tag_size], length, size)


def value(data: bytes, tag: bytes) -> bytes:
    """The value of a data object, which must have this tag and be complete; raises `Unreadable`."""
    head = header(data)
    content = data[head.size : head.size + head.length]
    if head.tag != tag or len(content) < head.length:
        raise Unreadable("another data object, or not the whole of it")
    return content


def my_number(record: bytes) -> str:
    """The twelve digits in the record of EF 0001; raises `Unreadable`."""
    digits = value(record, MY_NUMBER_TAG)
    if len(digits) != 12 or not digits.isdigit():
        raise Unreadable("not twelve digits")
    return digits.decode("ascii")


def attributes(record: bytes) -> Attributes:
    """The four attributes in the record of EF 0002; raises `Unreadable`."""
    found = dict(_objects(value(record, ATTRIBUTES_TAG)))
    try:
        name, address = found[b"\xdf\x22"].decode(), found[b"\xdf\x23"].decode()
        born, sex = found[b"\xdf\x24"].decode("ascii"), found[b"\xdf\x25"]
    except (KeyError, UnicodeDecodeError):
        raise Unreadable("an attribute is missing or no text") from None
    if len(born) != 8 or not born.isdigit():
        raise Unreadable("the birth date is no date")
    return Attributes(name, address, f"{born[:4]}-{born[4:6]}-{born[6:]}", _SEXES.get(sex, "unknown"))


def digest_info(kind: HashKind, message: bytes) -> bytes:
    """What PKCS#1 v1.5 pads and signs: the DER of the message's digest and its algorithm."""
    return _DIGEST_INFO[kind] + hashlib.new(kind.value, message).digest()


def _objects(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    while data:
        head = header(data)
        yield head.tag, value(data, head.tag)
        data = data[head.size + head.length :]
