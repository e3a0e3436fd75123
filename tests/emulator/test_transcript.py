"""Conversations written down: their meaning in words, and never a PIN."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mynacard_emulator.iso7816 import CommandAPDU
from mynacard_emulator.transcript import Event, Exchange, Narrator, TranscriptError, lines, masked, read

EVENTS: tuple[Event, ...] = ("power_on", "power_off", "reset", "insert", "eject")

JPKI, TEXT = "00A4040C0AD392F000260100000001", "00A4040C0AD3921000310001010408"


def explained(*exchanges: tuple[str, str] | Event) -> list[str]:
    """What a narrator says to the last of these."""
    narrator, written = Narrator(), list[str]()
    for said in exchanges:
        if isinstance(said, str):
            exchange = Exchange(said)
        else:
            exchange = Exchange("command", bytes.fromhex(said[0]), bytes.fromhex(said[1]))
        written = list(lines(exchange, narrator))
    return [line.partition("; ")[2] or line for line in written]


def test_the_files_of_the_visual_application_have_names() -> None:
    select, verify = ("00A4040C0AD3921000310001010402", "9000"), ("0020009106" + "353530323137", "9000")

    assert explained(select) == ["SELECT the visual application", "done"]
    assert explained(select, verify) == ["VERIFY the birth date", "done"]
    assert explained(select, verify, ("00B0810000", "FF109000")) == [
        "READ BINARY: 256 bytes of the age record from 0",
        "2 bytes, done",
    ]


@pytest.mark.parametrize(
    ("command", "response", "said"),
    [
        ("FFCA000000", "0102030405069000", ["reader: UID", "6 bytes, done"]),
        ("FFCA000003", "6C04", ["reader: UID", "wrong length; there are 4 bytes"]),
        ("FFCA000005", "010203046282", ["reader: UID", "4 bytes, which is all there is"]),
        ("FFCA010000", "6A81", ["reader: historical bytes", "function not supported"]),
        ("FFCA020000", "6A81", ["reader: GET DATA", "function not supported"]),
        ("FF00520000", "6D00", ["reader: buzzer on or off", "no such instruction"]),
        ("FF", "6700", ["reader: no such command", "wrong length"]),
    ],
)
def test_what_is_said_to_the_reader_is_told_from_what_the_card_hears(
    command: str, response: str, said: list[str]
) -> None:
    assert explained((command, response)) == said


# ---------------------------------------------------------------- no PIN


@pytest.mark.parametrize(
    ("command", "written"),
    [
        pytest.param("0020008004" + "31323334", "0020008004••••••••", id="VERIFY"),
        pytest.param("0020009B06" + "414243313233", "0020009B06••••••••••••", id="VERIFY by short identifier"),
        pytest.param("0024018004" + "31323334", "0024018004••••••••", id="CHANGE REFERENCE DATA"),
        pytest.param("8032008004" + "31323334", "8032008004••••••••", id="CHANGE KEY"),
        pytest.param("802C028004" + "31323334", "802C028004••••••••", id="RESET RETRY COUNTER"),
        pytest.param("0820008004" + "31323334", "0820008004••••••••", id="VERIFY in another class"),
        pytest.param("0820009113" + "8611" + "AA" * 17, "0820009113" + "••" * 19, id="a protected VERIFY"),
        pytest.param("00200080000004" + "31323334", "00200080000004" + "••" * 4, id="VERIFY in the extended form"),
        pytest.param(
            "0020008004" + "3132333400", "0020008004" + "••" * 5, id="VERIFY with Le, or a PIN with a wrong Lc"
        ),
        pytest.param("0020008002" + "31323334", "00200080" + "••" * 5, id="VERIFY with more data than Lc says"),
        pytest.param("00200080", "00200080", id="the empty VERIFY is written as it is"),
        pytest.param("0020008000", "0020008000", id="so is its five-byte form"),
        pytest.param("0020", "0020", id="so is half a header"),
        pytest.param("802A008003AABBCC00", "802A008003AABBCC00", id="so is what is signed"),
        pytest.param("", "", id="so is nothing"),
    ],
)
def test_the_bytes_of_a_pin_are_dots(command: str, written: str) -> None:
    assert masked(bytes.fromhex(command)) == written


@st.composite
def entered_twice(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """Two commands that differ in the bytes of a PIN alone, and an answer to both."""
    header = bytes((draw(st.integers(0, 255)), draw(st.sampled_from([0x20, 0x24, 0x32]))))
    header += draw(st.sampled_from([b"\x00\x80", b"\x01\x80", b"\x00\x98"]) | st.binary(min_size=2, max_size=2))
    length = draw(st.integers(1, 20) | st.integers(1, 255))
    lc = draw(st.sampled_from([bytes((length,)), b"\x00" + length.to_bytes(2, "big"), b"\x04"]))
    assume((lc, length) != (b"\x04", 5))  # the fifth byte would be Le, which is no secret
    one, other = (draw(st.binary(min_size=length, max_size=length)) for _ in range(2))
    answer = draw(st.sampled_from([b"\x90\x00", b"\x63\xc2", b"\x69\x84", b""]))
    return header + lc + one, header + lc + other, answer


@pytest.mark.property
@settings(deadline=None)
@given(entered=entered_twice(), explained=st.booleans())
def test_nobody_can_tell_from_a_transcript_which_pin_was_entered(
    entered: tuple[bytes, bytes, bytes], *, explained: bool
) -> None:
    one, other, answer = entered
    first, second = (
        list(lines(Exchange("command", command, answer), Narrator() if explained else None)) for command in (one, other)
    )

    assert first == second
    assert "•" in first[0]


@pytest.mark.property
@settings(deadline=None)
@given(pin=st.binary(min_size=4, max_size=16), ins=st.sampled_from([0x20, 0x24]), extended=st.booleans())
def test_no_line_has_the_digits_of_a_pin(pin: bytes, ins: int, *, extended: bool) -> None:
    command = CommandAPDU(0x00, ins, ins >> 2 & 1, 0x80, pin, extended=extended).encode()
    header = command[: -len(pin)].hex().upper()
    said, answered = lines(Exchange("command", command, b"\x63\xc2"), Narrator())
    written = said.removeprefix("> ").partition(" ")[0]

    assert header.startswith(written.rstrip("•"))
    assert len(written) == 2 * len(command)
    assert answered.startswith("< 63C2")


def test_an_exchange_does_not_show_its_command() -> None:
    assert "31323334" not in repr(Exchange("command", bytes.fromhex("002000800431323334"), b"\x90\x00"))
    assert "1234" not in repr(Exchange("command", bytes.fromhex("002000800431323334"), b"\x90\x00"))


# ---------------------------------------------------------------- there and back

EXCHANGES = st.builds(Exchange, st.sampled_from(EVENTS)) | st.builds(
    Exchange, st.just("command"), st.binary(max_size=40), st.binary(max_size=40)
)


def without_pin(exchange: Exchange) -> Exchange:
    """The same exchange with zeros for what is a secret."""
    command = exchange.command
    command = bytes.fromhex(masked(command).replace("•", "0"))
    return Exchange(exchange.event, command, exchange.response)


@pytest.mark.property
@settings(deadline=None)
@given(exchanges=st.lists(EXCHANGES, max_size=8), explained=st.booleans())
def test_what_is_written_is_read_back_but_for_the_pins(exchanges: list[Exchange], *, explained: bool) -> None:
    narrator = Narrator() if explained else None
    written = [line for exchange in exchanges for line in lines(exchange, narrator)]

    assert list(read(written)) == [without_pin(exchange) for exchange in exchanges]


def test_every_event_is_written_and_read_back() -> None:
    written = [line for event in EVENTS for line in lines(Exchange(event))]

    assert written == ["* power on", "* power off", "* reset", "* insert", "* eject"]
    assert [exchange.event for exchange in read(written)] == list(EVENTS)


def test_spaces_remarks_and_empty_lines_are_welcome() -> None:
    source = ["# a remark", "", "  > 00 20 00 80 04 ••••••••  ; VERIFY", "<  63 c2", "*  power off ; ", "   ; nothing"]

    assert list(read(source)) == [
        Exchange("command", bytes.fromhex("0020008004") + bytes(4), b"\x63\xc2"),
        Exchange("power_off"),
    ]


@pytest.mark.parametrize(
    ("source", "says"),
    [
        pytest.param(["00200080", "63C3"], "line 1: a transcript has", id="no marks"),
        pytest.param(["< 9000"], "line 1: a transcript has", id="an answer to nothing"),
        pytest.param(["> 00", "> 00"], "line 2: a transcript has", id="two commands in a row"),
        pytest.param(["> 00", "< 9000", "< 9000"], "line 3: a transcript has", id="two answers in a row"),
        pytest.param(["# remark", "> 0", "< 9000"], "line 2: not hexadecimal", id="half a byte"),
        pytest.param(["> 00", "< hello"], "line 2: not hexadecimal", id="no hex"),
        pytest.param(["> 00•", "< 9000"], "line 1: not hexadecimal", id="half a dotted byte"),
        pytest.param(["* explode"], "line 1: no such event", id="an unknown event"),
        pytest.param(["*"], "line 1: no such event", id="an event without a name"),
    ],
)
def test_what_is_no_transcript_is_refused_in_one_line(source: list[str], says: str) -> None:
    with pytest.raises(TranscriptError, match=f"^{re.escape(says)}[^\n]*$"):
        list(read(source))


@pytest.mark.property
@settings(deadline=None)
@given(st.lists(st.text(st.sampled_from("><*#;• 09AFpower\t"), max_size=14) | st.text(max_size=10), max_size=6))
def test_any_text_is_a_transcript_or_is_refused(source: list[str]) -> None:
    try:
        exchanges = list(read(source))
    except TranscriptError as error:
        exchanges, message = [], str(error)
    else:
        message = "no error"

    assert len(message.splitlines()) == 1
    assert len(exchanges) <= len(source)


# ---------------------------------------------------------------- meaning

FIRST = (JPKI, "9000")
IN_TEXT = (TEXT, "9000")
AT_PIN = ("00A4020C020018", "9000")


@pytest.mark.parametrize(
    ("exchanges", "said", "answered"),
    [
        ([FIRST], "SELECT the JPKI application", "done"),
        ([(TEXT, "9000")], "SELECT the text application", "done"),
        ([("00A4040C05D392F00026", "9000")], "SELECT the JPKI application", "done"),
        ([("00A4040C05A000000001", "6A82")], "SELECT an application by name", "no such file or application"),
        ([("00A40000", "6A86")], "SELECT with no name", "wrong parameters"),
        ([FIRST, AT_PIN], "SELECT the auth PIN", "done"),
        ([AT_PIN], "SELECT EF 0018", "done"),
        ([FIRST, ("00A4020C02001C", "9000")], "SELECT EF 001C", "done"),
        (
            [FIRST, AT_PIN, ("00200080", "63C3")],
            "VERIFY, empty: how many tries are left for the auth PIN?",
            "3 tries left",
        ),
        (
            [FIRST, AT_PIN, ("00200080", "63C0")],
            "VERIFY, empty: how many tries are left for the auth PIN?",
            "no try left: locked",
        ),
        ([FIRST, AT_PIN, ("0020008004" + "31" * 4, "6984")], "VERIFY the auth PIN", "blocked"),
        ([FIRST, ("0020009B06" + "31" * 6, "63C4")], "VERIFY the sign PIN", "4 tries left"),
        ([("00200080", "6986")], "VERIFY, empty: how many tries are left for the current file?", "no file is selected"),
        (
            [FIRST, AT_PIN, ("0024018004" + "31" * 4, "9000")],
            "CHANGE REFERENCE DATA: a new value for the auth PIN",
            "done",
        ),
        ([FIRST, ("802A009702AABB00", "6982")], "sign 2 bytes with the auth key", "a PIN is needed first"),
        (
            [FIRST, ("802A039702AABB00", "6982")],
            "sign 2 bytes, hashed and wrapped, with the auth key",
            "a PIN is needed first",
        ),
        (
            [("802A050002AABB00", "6A86")],
            "sign 2 bytes, hashed, with PSS with the application's own key",
            "wrong parameters",
        ),
        (
            [FIRST, ("00B0810004", "308205A79000")],
            "READ BINARY: 4 bytes of the sign certificate from 0",
            "4 bytes, done",
        ),
        (
            [FIRST, ("00B0810004", "308205A79000"), ("00B0010000", "6B00")],
            "READ BINARY: 256 bytes of the sign certificate from 256",
            "beyond the end of the file",
        ),
        (
            [FIRST, AT_PIN, ("00B0810004", "6982"), ("00200080", "63C3")],
            "VERIFY, empty: how many tries are left for the auth PIN?",
            "3 tries left",
        ),
        (
            [FIRST, ("00A4020C02000A", "6A82"), ("00B0000004", "6986")],
            "READ BINARY: 4 bytes of the current file from 0",
            "no file is selected",
        ),
        (
            [FIRST, AT_PIN, "power_off", ("00200080", "6986")],
            "VERIFY, empty: how many tries are left for the current file?",
            "no file is selected",
        ),
        (
            [FIRST, AT_PIN, "reset", ("00200080", "63C3")],
            "VERIFY, empty: how many tries are left for the auth PIN?",
            "3 tries left",
        ),
        ([("00B2010C00", "6A82")], "READ RECORD 1 of EF 0001", "no such file or application"),
        ([("00B2020500", "6986")], "READ RECORD 2 and all after it of the current file", "no file is selected"),
        ([("00CA5F5100", "6A88")], "GET DATA: the answer to reset of the contacts", "no such data"),
        ([("00CADF3005", "6A88")], "GET DATA: object DF30", "no such data"),
        ([("8032008004" + "31" * 4, "6986")], "CHANGE KEY: a new value for the current file", "no file is selected"),
        (
            [FIRST, AT_PIN, ("802C028004" + "31" * 4, "6D00")],
            "RESET RETRY COUNTER, for tests: a new value for the auth PIN",
            "no such instruction",
        ),
        (
            [FIRST, ("802C039B", "9000"), ("802C0380", "9000")],
            "RESET RETRY COUNTER, for tests: all tries for the sign PIN",
            "done",
        ),
        ([("0084000008", "00" * 8 + "9000")], "GET CHALLENGE: 8 bytes", "8 bytes, done"),
        (
            [("00A4040C0AD3921000310001010100", "9000"), ("0088009902AABB00", "6982")],
            "INTERNAL AUTHENTICATE: 2 bytes, by the card's authentication key",
            "a PIN is needed first",
        ),
        ([("80AE0000", "66F1")], "SET SESSION KEY", "no environment for secure messaging"),
        ([("80FC0000", "6700")], "last-command indicator", "wrong length"),
        (
            [IN_TEXT, ("08B0820400000596030000000000", "8611" + "00" * 17 + "9000")],
            "protected READ BINARY of the four attributes from 4",
            "19 bytes, done",
        ),
        (
            [IN_TEXT, ("08B08200", "9000"), ("08B0010000000596030000100000", "6988")],
            "protected READ BINARY of the four attributes from 256",
            "an incorrect message; secure messaging has ended",
        ),
        (
            [IN_TEXT, ("08B0010000000596030000100000", "6982")],
            "protected READ BINARY of the current file from 256",
            "a PIN is needed first",
        ),
        ([IN_TEXT, ("0820009100", "63C2")], "protected VERIFY the text PIN", "2 tries left"),
        ([IN_TEXT, ("0820009100", "63C2"), ("0820008000", "63C1")], "protected VERIFY the text PIN", "1 try left"),
        ([IN_TEXT, ("08A4020C00", "6982")], "protected SELECT", "a PIN is needed first"),
        (
            [IN_TEXT, ("00B0820000", "9000"), ("08A4020C00", "9000"), ("00B0000000", "9000")],
            "READ BINARY: 256 bytes of the current file from 0",
            "done",
        ),
        ([IN_TEXT, ("08A4040C00", "9000"), ("00B0820000", "9000")], "READ BINARY: 256 bytes of EF 0002 from 0", "done"),
        ([IN_TEXT, ("08CA004200", "6882")], "another protected command", "no secure messaging"),
        ([("0CB0820000", "6987")], "protected READ BINARY of EF 0002 from 0", "secure messaging in another form"),
        ([("80A206C101AA", "6700")], "terminal authentication: the certificate", "wrong length"),
        ([("00A4080C020018", "6A86")], "SELECT by path", "wrong parameters"),
        ([("0020", "6700")], "no command APDU", "wrong length"),
        ([("0070000000", "6D00")], "nothing this card knows", "no such instruction"),
        ([("00A40000", "1234")], "SELECT with no name", "no diagnosis"),
        ([("00A40000", "")], "SELECT with no name", "no answer: the power was lost"),
    ],
)
def test_an_exchange_in_words(exchanges: list[tuple[str, str] | Event], said: str, answered: str) -> None:
    assert explained(*exchanges) == [said, answered]


def test_an_exchange_without_a_narrator_is_hex_alone() -> None:
    assert list(lines(Exchange("command", b"\x00\x20\x00\x80", b"\x63\xc3"))) == ["> 00200080", "< 63C3"]
