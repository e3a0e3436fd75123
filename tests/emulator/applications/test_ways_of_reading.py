"""Every way in which clients read a certificate: in pages, in one go, blindly, by short identifier."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import jpki
from mynacard_emulator.card import Card, Profile
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import certificate, content, given

Way = Callable[[Card, int], bytes]

SHORT_HEADER, PAGE = 4, 256


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


def part(card: Card, offset: int, le: str) -> bytes:
    """One READ BINARY of the current file, which must succeed."""
    answer = bytes.fromhex(ask(card, f"00 B0 {offset:04X} {le}"))
    assert answer[-2:] == b"\x90\x00"
    return answer[:-2]


def short(ne: int) -> str:
    return f"{ne % 256:02X}"


def extended(ne: int) -> str:
    return f"00 {ne % 65536:04X}"


def total(header: bytes) -> int:
    """The length that four bytes of DER announce, these four included."""
    assert header[:2] == b"\x30\x82"
    return 4 + int.from_bytes(header[2:4], "big")


def pages_from_zero(size: int) -> Way:
    def read(card: Card, fid: int) -> bytes:
        hold(card, f"> 00 A4 02 0C 02 {fid:04X} -> 9000")
        whole, data = total(part(card, 0, "04")), b""
        while len(data) < whole:
            data += part(card, len(data), short(min(size, whole - len(data))))
        return data

    return read


def on_from_the_header(header: int, size: int) -> Way:
    def read(card: Card, fid: int) -> bytes:
        hold(card, f"> 00 A4 02 0C 02 {fid:04X} -> 9000")
        data = part(card, 0, short(header))
        whole = total(data)
        while len(data) < whole:
            data += part(card, len(data), short(min(size, whole - len(data))))
        return data

    return read


def whole_pages_then_cut(card: Card, fid: int) -> bytes:
    hold(card, f"> 00 A4 02 0C 02 {fid:04X} -> 9000")
    whole = total(part(card, 0, "04"))
    return b"".join(part(card, page << 8, "00") for page in range((whole >> 8) + 1))[:whole]


def the_rest_in_one(card: Card, fid: int) -> bytes:
    hold(card, f"> 00 A4 02 0C 02 {fid:04X} -> 9000")
    header = part(card, 0, "04")
    return header + part(card, 4, extended(total(header) - 4))


def all_in_one_once_the_length_is_known(card: Card, fid: int) -> bytes:
    hold(card, f"> 00 A4 02 0C 02 {fid:04X} -> 9000")
    return part(card, 0, extended(total(part(card, 0, "04"))))


def by_short_identifier_then_on(card: Card, fid: int) -> bytes:
    first = bytes.fromhex(ask(card, f"00 B0 {0x80 | fid:02X} 00 00"))
    assert first[-2:] == b"\x90\x00"
    data, whole = first[:-2], total(first)
    while len(data) < whole:
        data += part(card, len(data), short(min(PAGE, whole - len(data))))
    return data


def blindly(le: int) -> Way:
    def read(card: Card, fid: int) -> bytes:
        hold(card, f"> 00 A4 02 0C 02 {fid:04X} -> 9000")
        data = b""
        while True:
            answer = bytes.fromhex(ask(card, f"00 B0 {len(data):04X} {le:02X}"))
            if answer == b"\x6b\x00":
                return data
            assert answer[-2:] == b"\x90\x00"
            data += answer[:-2]
            if len(answer) - 2 < le:
                return data

    return read


def everything(card: Card, fid: int) -> bytes:
    hold(card, f"> 00 A4 02 0C 02 {fid:04X} -> 9000")
    return part(card, 0, extended(65536))


def everything_by_short_identifier(card: Card, fid: int) -> bytes:
    answer = bytes.fromhex(ask(card, f"00 B0 {0x80 | fid:02X} 00 00 00 00"))
    assert answer[-2:] == b"\x90\x00"
    return answer[:-2]


FILES = pytest.mark.parametrize(
    "fid",
    [jpki.SIGN_CERTIFICATE, jpki.SIGN_CA_CERTIFICATE, jpki.AUTH_CERTIFICATE, jpki.AUTH_CA_CERTIFICATE],
    ids=["sign", "sign CA", "auth", "auth CA"],
)


def opened(adult: Profile) -> Card:
    card = Card(adult)
    hold(card, "> 00 A4 04 0C 0A [jpki] -> 9000\n> 00 20 00 9B 06 [sign] -> 9000", **given(adult))
    return card


@FILES
@pytest.mark.parametrize(
    "read",
    [
        pytest.param(pages_from_zero(256), id="4 bytes, then pages of 256 from the beginning"),
        pytest.param(pages_from_zero(128), id="4 bytes, then pages of 128 from the beginning"),
        pytest.param(on_from_the_header(4, 256), id="4 bytes, then on in pages of 256"),
        pytest.param(on_from_the_header(7, 256), id="7 bytes, then on"),
        pytest.param(on_from_the_header(8, 255), id="8 bytes, then on in pages of 255"),
        pytest.param(whole_pages_then_cut, id="4 bytes, then whole pages beyond the end of the certificate"),
        pytest.param(the_rest_in_one, id="4 bytes, then the rest in one extended read"),
        pytest.param(all_in_one_once_the_length_is_known, id="4 bytes, then all in one extended read"),
        pytest.param(by_short_identifier_then_on, id="the first page by short identifier, then on"),
    ],
)
def test_a_certificate_is_read(adult: Profile, read: Way, fid: int) -> None:
    assert read(opened(adult), fid) == certificate(adult, fid)


@FILES
@pytest.mark.parametrize(
    "read",
    [
        pytest.param(blindly(0xE0), id="E0 at a time: the last read is at the very end"),
        pytest.param(blindly(0xFF), id="FF at a time: the last read is short"),
        pytest.param(everything, id="extended Le of everything"),
        pytest.param(everything_by_short_identifier, id="extended Le of everything, by short identifier"),
    ],
)
def test_a_file_is_read_to_its_end_with_what_fills_it(adult: Profile, read: Way, fid: int) -> None:
    assert read(opened(adult), fid) == content(adult, jpki.AID, fid)
