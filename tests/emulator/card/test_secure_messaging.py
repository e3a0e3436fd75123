"""SET SESSION KEY, protected commands, and what ends secure messaging; with the small card."""

from __future__ import annotations

import pytest

from mynacard_emulator.card import Card, SecureChannel
from mynacard_emulator.card.commands import SetSessionKey
from mynacard_emulator.iso7816 import SW

from . import small
from .conversation import ask, hold
from .protected import SEED, Client

IN_FIRST = "> 00 A4 04 0C 06 [first] -> 9000\n"
VERIFIED = IN_FIRST + "> 00 20 00 84 04 [value] -> 9000\n"
READ, VERIFY, SELECT_EF = "08B08200", "08200085", "08A4020C"
HEADER = "80 AE 00 00 00 01 00 "


def in_session(**answers: object) -> Client:
    card = small.card(**answers)
    hold(card, VERIFIED + "> [set_session_key] -> 9000", **small.GIVEN)
    return Client(card)


# ---------------------------------------------------------------- SET SESSION KEY


def test_a_session_key_is_heard_as_each_application_does() -> None:
    hold(
        small.card(),
        """
        > [set_session_key]               -> 66F1
        > 00 A4 04 0C 06 [second]         -> 9000
        > [set_session_key]               -> 66F1
        > 00 A4 04 0C 06 [third]          -> 9000
        > [set_session_key]               -> 6982
        > 00 A4 04 0C 06 [first]          -> 9000
        > 80 AE 00 00                     -> 6982
        > 00 20 00 85 06 [other]          -> 9000
        > [set_session_key]               -> 6982
        > 00 20 00 84 04 [value]          -> 9000
        > [set_session_key]               -> 9000
        """,
        **small.GIVEN,
    )


@pytest.mark.parametrize(
    ("ciphertext", "answer"),
    [
        pytest.param(b"\x80".ljust(256, b"\0"), "6F00", id="as large as the modulus"),
        pytest.param(b"\xff" * 256, "6F00", id="larger than the modulus"),
        pytest.param(b"\x7f".ljust(256, b"\xff"), "6A80", id="encrypted to another key"),
        pytest.param(bytes.fromhex("A0228020").rjust(225, b"\0") + SEED[1:], "6A80", id="a short seed"),
        pytest.param(bytes.fromhex("A0228020").rjust(223, b"\0") + SEED + b"!", "6A80", id="a long seed"),
        pytest.param(bytes.fromhex("A1228020").rjust(224, b"\0") + SEED, "6A80", id="another structure"),
        pytest.param(bytes(256), "6A80", id="nothing"),
        pytest.param(bytes.fromhex("A0228020").rjust(223, b"\0") + SEED, "6700", id="255 bytes"),
        pytest.param(bytes.fromhex("A0228020").rjust(225, b"\0") + SEED, "6700", id="257 bytes"),
    ],
)
def test_what_is_no_session_key_is_refused_and_an_earlier_one_stays(ciphertext: bytes, answer: str) -> None:
    client = in_session()

    assert ask(client.card, f"80 AE 00 00 00 {len(ciphertext):04X} [ciphertext]", ciphertext=ciphertext) == answer
    assert client.read(READ) == (small.CONTENT, "9000")


def test_a_new_session_key_takes_the_place_of_the_old_one_and_counts_from_one() -> None:
    client = in_session()
    client.read(READ)
    other = bytes(reversed(SEED))
    hold(client.card, "> " + HEADER + "[key] -> 9000", key=bytes.fromhex("A0228020").rjust(224, b"\0") + other)

    assert Client(client.card, other).read(READ) == (small.CONTENT, "9000")


def test_the_key_is_in_nothing_that_is_printed() -> None:
    card = in_session().card

    assert card.state.session.channel == SecureChannel(SEED[:16])
    assert card.state.session.channel != SecureChannel(SEED[16:])
    shown = repr((card.profile, card.state))
    assert SEED[:16].hex() not in shown
    assert repr(SEED[:16]) not in shown
    assert SetSessionKey(SEED).ciphertext == SEED


# ---------------------------------------------------------------- protected commands


@pytest.mark.parametrize("length", [1, 15, 16, 17, 111, 112, 255, 256, 700, 0])
def test_a_protected_read_gives_as_many_bytes_as_it_asks_for(length: int) -> None:
    assert in_session().read("08B08900", length) == (small.LONG_CONTENT[: length or None], "9000")


def test_a_protected_select_and_a_protected_verify_do_what_the_plain_ones_do() -> None:
    client = in_session()

    assert client.send(SELECT_EF, bytes((0, small.OTHER))) == (b"", "9000")
    assert client.card.state.session.fid == small.OTHER
    assert client.send("08200080", b"ABC000") == (b"", "63C4")
    assert client.send("08200080", b"") == (b"", "63C4")
    assert client.send("08200080", small.OTHER_VALUE) == (b"", "9000")
    assert client.card.state.session.verified == {small.PIN, small.OTHER}


def test_refused_commands_are_counted_and_plain_ones_are_not() -> None:
    client = in_session()

    assert client.read("08B08300") == (b"", "6982")
    assert client.read("08B0FF00") == (b"", "6A86")
    assert client.send(VERIFY, bytes(17)) == (b"", "6700")
    assert ask(client.card, "00 B0 82 00 00", **small.GIVEN) == small.CONTENT.hex().upper() + "9000"
    assert ask(client.card, "08") == "6700"
    assert client.read(READ) == (small.CONTENT, "9000")
    assert client.card.state.session.channel == SecureChannel(SEED[:16], 4)


def test_a_header_that_is_protected_too_is_6987_and_not_counted() -> None:
    client = in_session()

    assert ask(client.card, "0C B0 82 00 00") == "6987"
    assert client.read(READ) == (small.CONTENT, "9000")


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize(
    ("header", "data_object"),
    [
        pytest.param(READ, "96 03 00", id="an object that does not end"),
        pytest.param(READ, "96 02 00 10", id="a short length"),
        pytest.param(READ, "96 04 00 00 00 10", id="a long length"),
        pytest.param(READ, "96 03 01 00 00", id="a length beyond two bytes"),
        pytest.param(READ, "96 03 00 00 10 96 03 00 00 10", id="a second object"),
        pytest.param(READ, "97 03 00 00 10", id="another tag"),
        pytest.param(READ, "86 03 00 00 10", id="a tag that is for other commands"),
        pytest.param(VERIFY, "96 03 00 00 10", id="and this is for READ BINARY"),
        pytest.param(SELECT_EF, "96 03 00 00 10", id="likewise"),
        pytest.param(VERIFY, "86 01 01", id="no cryptogram"),
        pytest.param(VERIFY, "86 00", id="nothing at all"),
        pytest.param(VERIFY, "86 11 02" + "00" * 16, id="another padding"),
        pytest.param(VERIFY, "86 10 01" + "00" * 15, id="no whole block"),
        pytest.param(VERIFY, "86 12 01" + "00" * 17, id="a block and a byte"),
        pytest.param(VERIFY, "86 11 01" + "00" * 16, id="a wrong decryption"),
    ],
)
def test_an_incorrect_message_ends_secure_messaging(header: str, data_object: str) -> None:
    client = in_session()
    memory = client.card.state.memory

    assert client.say(header, bytes.fromhex(data_object)) == (b"", "6988")
    assert client.card.state.session.channel is None
    assert client.card.state.memory is memory
    assert client.read(READ) == (b"", "69FC")
    assert client.send(VERIFY, small.OTHER_VALUE) == (b"", "69FC")
    assert client.send(SELECT_EF, b"\0\1") == (b"", "6882")
    assert ask(client.card, "00 B0 82 00 00") == small.CONTENT.hex().upper() + "9000"


@pytest.mark.parametrize("indicator", [0x00, 0x02, 0x81])
def test_what_says_that_it_is_padded_otherwise_is_not_decrypted(indicator: int) -> None:
    client = in_session()

    assert client.say(VERIFY, client.cryptogram(small.OTHER_VALUE, indicator=indicator)) == (b"", "6988")
    assert client.card.state.session.verified == {small.PIN}


@pytest.mark.parametrize(("header", "tag"), [(VERIFY, 0x85), (VERIFY, 0x87), (SELECT_EF, 0x85), (READ, 0x86)])
def test_what_is_encrypted_well_under_another_tag_is_incorrect(header: str, tag: int) -> None:
    client = in_session()

    assert client.say(header, client.cryptogram(bytes((0, small.OTHER)), tag)) == (b"", "6988")


@pytest.mark.parametrize("tag", [0x85, 0x87, 0x95, 0x97])
def test_a_card_that_protects_all_commands_knows_two_tags(tag: int) -> None:
    for data_object in (lambda client: client.cryptogram(b"\xaa", tag), lambda _: bytes((tag, 3, 0, 0, 8))):
        client = in_session(protected_other_command=SW.NO_ERROR)

        assert client.say("08840000", data_object(client)) == (b"", "6988")


def test_a_protected_le_is_an_extended_one() -> None:
    client = in_session(protected_other_command=SW.NO_ERROR, objects_in_applications=True)

    assert client.read("08CA00F8") == (small.OBJECTS[0x00F8], "9000")
    assert client.read("08840000", 8) == (b"", "6985")


def test_a_command_that_is_counted_wrongly_ends_secure_messaging() -> None:
    client = in_session()
    client.read(READ)
    client.number = 1

    assert client.send(VERIFY, small.OTHER_VALUE) == (b"", "6988")


@pytest.mark.parametrize(
    "padded",
    [
        pytest.param(bytes(16), id="no padding"),
        pytest.param(b"ABC123\x80".ljust(16, b"\x01"), id="other bytes than zeros"),
        pytest.param(b"ABC123\x80".ljust(32, b"\0"), id="a block too much"),
        pytest.param(b"ABC123789012345\x80" + bytes(16), id="and where the data fills the block before it"),
    ],
)
def test_padding_is_one_80_and_as_many_zeros_as_fill_the_block(padded: bytes) -> None:
    client = in_session()

    assert client.say(VERIFY, client.encrypted(padded)) == (b"", "6988")


@pytest.mark.parametrize(
    ("event", "then"),
    [
        pytest.param("* reset", "9000", id="it survives a warm reset"),
        pytest.param("> 00 A4 00 00 -> 9000", "9000", id="and SELECT with no name"),
        pytest.param("> 00 A4 02 0C 02 00 08 -> 9000", "9000", id="and SELECT of a file"),
        pytest.param("> 00 A4 04 0C 02 F0 FF -> 6A82", "9000", id="and SELECT of what is not there"),
        pytest.param("> 00 20 00 84 04 30303030 -> 63C2\n> 00 20 00 84 04 [value] -> 9000", "9000", id="and VERIFY"),
        pytest.param(IN_FIRST, "69FC", id="SELECT of the same application ends it"),
        pytest.param("> 00 A4 04 0C 06 [second] -> 9000\n" + VERIFIED, "69FC", id="and SELECT of another"),
        pytest.param("* power off\n" + VERIFIED, "69FC", id="and power-off"),
    ],
)
def test_what_secure_messaging_survives(event: str, then: str) -> None:
    client = in_session()
    hold(client.card, event, **small.GIVEN)

    assert client.read(READ) == (small.CONTENT if then == "9000" else b"", then)


def test_a_protected_select_of_an_application_ends_it() -> None:
    client = in_session()

    assert client.send("08A4040C", small.FIRST) == (b"", "9000")
    assert client.card.state.session.channel is None
    assert client.read(READ) == (b"", "69FC")


def test_a_warm_reset_that_ends_the_session_ends_this_too() -> None:
    card = small.card(warm_reset_keeps_session=False)
    hold(card, VERIFIED + "> [set_session_key] -> 9000\n* reset", **small.GIVEN)

    assert card.state == Card(card.profile, card.state.memory).state
