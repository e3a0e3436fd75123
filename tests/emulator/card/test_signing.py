"""Signing: the six modes, the three ways to name a key, and how long what is signed may be."""

from __future__ import annotations

from hashlib import sha256

import pytest

from mynacard_emulator.card import Padding
from mynacard_emulator.iso7816 import CommandAPDU

from . import small
from .conversation import ask, hold

VERIFIED = "> 00 A4 04 0C 06 [first] -> 9000\n> 00 20 00 84 04 [value] -> 9000\n"
DIGEST = sha256(b"a message").digest()
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420") + DIGEST


def say(p1: int, p2: int, data: bytes) -> str:
    return CommandAPDU(0x80, 0x2A, p1, p2, data, ne=256).encode().hex()


@pytest.mark.parametrize(
    ("p1", "data", "signed", "padding"),
    [
        pytest.param(0, b"a message", b"a message", Padding.PKCS1_V1_5, id="as given"),
        pytest.param(1, b"a message", DIGEST, Padding.PKCS1_V1_5, id="hashed"),
        pytest.param(2, DIGEST, DIGEST_INFO, Padding.PKCS1_V1_5, id="a digest, wrapped"),
        pytest.param(3, b"a message", DIGEST_INFO, Padding.PKCS1_V1_5, id="hashed and wrapped"),
        pytest.param(4, DIGEST, DIGEST, Padding.PSS, id="a digest, PSS"),
        pytest.param(5, b"a message", DIGEST, Padding.PSS, id="hashed, PSS"),
    ],
)
def test_the_card_prepares_what_it_signs(p1: int, data: bytes, signed: bytes, padding: Padding) -> None:
    card = small.card()
    hold(card, VERIFIED, **small.GIVEN)

    assert ask(card, say(p1, 0x87, data)) == small.sign(signed, padding).hex().upper() + "9000"


@pytest.mark.parametrize(
    ("p1", "length", "answer"),
    [
        *((0, length, answer) for length, answer in ((1, "9000"), (245, "9000"), (246, "6700"))),
        *((p1, length, "9000") for p1 in (1, 3, 5) for length in (1, 255)),
        *((p1, 256, "6700") for p1 in (1, 3, 5)),
        *((p1, length, "6700") for p1 in (2, 4) for length in (1, 31, 33, 255)),
    ],
)
def test_how_long_what_is_signed_may_be(p1: int, length: int, answer: str) -> None:
    card = small.card()
    hold(card, VERIFIED, **small.GIVEN)

    assert ask(card, say(p1, 0x87, bytes(length)))[-4:] == answer


@pytest.mark.parametrize("p1", range(6))
def test_no_mode_signs_nothing(p1: int) -> None:
    card = small.card()
    hold(card, VERIFIED, **small.GIVEN)

    assert ask(card, f"80 2A {p1:02X} 87 00") == "6700"


@pytest.mark.parametrize("p1", range(6))
def test_no_mode_signs_without_the_pin(p1: int) -> None:
    card = small.card()
    hold(card, "> 00 A4 04 0C 06 [first] -> 9000", **small.GIVEN)

    assert ask(card, say(p1, 0x87, DIGEST)) == "6982"


def test_the_default_key_of_an_application_signs_as_the_same_key_by_name_does() -> None:
    card = small.card()
    hold(card, "> 00 A4 04 0C 06 [second] -> 9000", **small.GIVEN)
    by_default, by_name = (ask(card, say(3, p2, b"a message")) for p2 in (0x00, 0x87))

    assert by_default == by_name == small.sign(DIGEST_INFO).hex().upper() + "9000"


def test_the_default_key_is_found_whatever_file_is_current_and_leaves_it_so() -> None:
    hold(
        small.card(),
        """
        > 00 A4 04 0C 06 [second]    -> 9000
        > 00 A4 02 0C 02 00 01       -> 9000
        > 80 2A 00 00 01 AA 00       -> {256} 9000
        > 00 B0 00 00 00             -> 7365636F6E64 9000
        """,
        **small.GIVEN,
    )


def test_above_all_applications_there_is_no_default_key() -> None:
    hold(small.card(), "> 80 2A 00 00 01 AA 00 -> 6A86")
