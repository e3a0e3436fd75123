"""Command and response APDUs: the four cases, short and extended, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.iso7816 import SW, CommandAPDU, MalformedAPDU, ResponseAPDU, StatusWord

BYTE = st.integers(0, 255)

FOUR_CASES = [
    pytest.param("00A40000", CommandAPDU(0x00, 0xA4, 0x00, 0x00), 1, id="1, the header alone"),
    pytest.param("00B0000011", CommandAPDU(0x00, 0xB0, 0x00, 0x00, ne=17), 2, id="2, Le"),
    pytest.param("00B0010200", CommandAPDU(0x00, 0xB0, 0x01, 0x02, ne=256), 2, id="2, Le 00 is 256"),
    pytest.param("00B00000000150", CommandAPDU(0, 0xB0, 0, 0, ne=336, extended=True), 2, id="2, extended Le"),
    pytest.param("00B00000000001", CommandAPDU(0, 0xB0, 0, 0, ne=1, extended=True), 2, id="2, extended Le of one"),
    pytest.param("00B00000000000", CommandAPDU(0, 0xB0, 0, 0, ne=65536, extended=True), 2, id="2, 0000 is 65536"),
    pytest.param("00A4020C02000A", CommandAPDU(0x00, 0xA4, 0x02, 0x0C, b"\0\x0a"), 3, id="3, data"),
    pytest.param(
        "802A010200000301AA03", CommandAPDU(0x80, 0x2A, 1, 2, b"\x01\xaa\x03", extended=True), 3, id="3, extended Lc"
    ),
    pytest.param("802A008003AABBCC10", CommandAPDU(0x80, 0x2A, 0, 0x80, b"\xaa\xbb\xcc", 16), 4, id="4, data and Le"),
    pytest.param("802A008001AA00", CommandAPDU(0x80, 0x2A, 0, 0x80, b"\xaa", 256), 4, id="4, data and Le 00"),
    pytest.param(
        "802A0080000001AA0100", CommandAPDU(0x80, 0x2A, 0, 0x80, b"\xaa", 256, extended=True), 4, id="4, extended"
    ),
    pytest.param(
        "802A0080000001AA0000", CommandAPDU(0x80, 0x2A, 0, 0x80, b"\xaa", 65536, extended=True), 4, id="4, 0000"
    ),
]


@pytest.mark.parametrize(("raw", "command", "case"), FOUR_CASES)
def test_each_case_is_read_and_written_back(raw: str, command: CommandAPDU, case: int) -> None:
    assert CommandAPDU.decode(bytes.fromhex(raw)) == command
    assert command.encode() == bytes.fromhex(raw)
    assert command.case == case


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param("", "0 bytes are no command header", id="nothing"),
        pytest.param("00A404", "3 bytes are no command header", id="three bytes of a header"),
        pytest.param("00200080043132", "Lc says 4, 2 bytes follow", id="fewer bytes than Lc"),
        pytest.param("00200080023132333435", "Lc says 2, 5 bytes follow", id="two bytes more than Lc"),
        pytest.param("0020008031323334", "Lc says 49, 3 bytes follow", id="data without Lc"),
        pytest.param("00B000000000", "needs three bytes", id="00 and one byte"),
        pytest.param("00A4000000000031", "extended Lc says 0, 1 bytes follow", id="an extended Lc of nothing"),
        pytest.param("00A4000000000000000000", "says 0, 4 bytes", id="an extended Lc of nothing, then Le"),
        pytest.param("00A40000000003AABB", "says 3, 2 bytes", id="fewer bytes than the extended Lc"),
        pytest.param("00A40000000001AA00", "says 1, 2 bytes", id="half an extended Le"),
        pytest.param("00A40000000001AA000000", "says 1, 4 bytes", id="three bytes more than the extended Lc"),
    ],
)
def test_lengths_that_do_not_add_up_are_no_command(raw: str, says: str) -> None:
    with pytest.raises(MalformedAPDU, match=says):
        CommandAPDU.decode(bytes.fromhex(raw))


@pytest.mark.parametrize(
    ("command", "begins", "length"),
    [
        (CommandAPDU(0, 0xB0, 0, 0, ne=256), "00B0000000", 5),
        (CommandAPDU(0, 0xB0, 0, 0, ne=257), "00B00000000101", 7),
        (CommandAPDU(0, 0x2A, 0, 0, bytes(255)), "002A0000FF", 4 + 1 + 255),
        (CommandAPDU(0, 0x2A, 0, 0, bytes(256)), "002A0000000100", 4 + 3 + 256),
        (CommandAPDU(0, 0x2A, 0, 0, bytes(255), ne=257), "002A00000000FF", 4 + 3 + 255 + 2),
        (CommandAPDU(0, 0x2A, 0, 0, bytes(65535)), "002A000000FFFF", 4 + 3 + 65535),
        (CommandAPDU(0, 0xA4, 0, 0, extended=True), "00A40000", 4),
    ],
)
def test_the_extended_form_is_taken_where_a_length_needs_it(command: CommandAPDU, begins: str, length: int) -> None:
    raw = command.encode()

    assert raw.startswith(bytes.fromhex(begins))
    assert len(raw) == length


@pytest.mark.parametrize(
    "command",
    [
        CommandAPDU(0, 0, 0, 0, bytes(65536)),
        CommandAPDU(0, 0, 0, 0, ne=65537),
        CommandAPDU(0, 0, 0, 0, ne=-1),
        CommandAPDU(256, 0, 0, 0),
    ],
    ids=["data", "Ne", "a negative Ne", "a class"],
)
def test_what_no_apdu_can_carry_is_not_written(command: CommandAPDU) -> None:
    with pytest.raises(ValueError, match=r"\d"):
        command.encode()


def test_both_parameters_make_one_number() -> None:
    assert CommandAPDU(0, 0xB0, 0x12, 0x34).p1p2 == 0x1234


def test_the_data_of_a_command_may_be_a_pin_and_is_not_shown() -> None:
    assert "1234" not in repr(CommandAPDU.decode(bytes.fromhex("002000800431323334")))


@pytest.mark.parametrize(
    ("raw", "response"),
    [
        ("9000", ResponseAPDU()),
        ("63C2", ResponseAPDU(sw=StatusWord(0x63C2))),
        ("AABB6282", ResponseAPDU(b"\xaa\xbb", StatusWord(0x6282))),
    ],
)
def test_a_response_is_data_and_a_status_word(raw: str, response: ResponseAPDU) -> None:
    assert ResponseAPDU.decode(bytes.fromhex(raw)) == response
    assert response.encode() == bytes.fromhex(raw)


def test_a_decoded_status_word_prints_like_a_named_one() -> None:
    assert str(ResponseAPDU.decode(b"\x90\x00").sw) == str(SW.NO_ERROR) == "9000"


@pytest.mark.parametrize("raw", [b"", b"\x90"])
def test_a_response_has_at_least_two_bytes(raw: bytes) -> None:
    with pytest.raises(MalformedAPDU):
        ResponseAPDU.decode(raw)


@st.composite
def commands(draw: st.DrawFn) -> CommandAPDU:
    """Draw a command of each case, in a form that can carry its lengths."""
    data = draw(st.binary(max_size=300))
    ne = draw(st.integers(0, 65536) | st.integers(0, 257))
    long = len(data) > 255 or ne > 256
    extended = bool(data or ne) and (long or draw(st.booleans()))
    return CommandAPDU(draw(BYTE), draw(BYTE), draw(BYTE), draw(BYTE), data, ne, extended)


@pytest.mark.property
@settings(deadline=None)
@given(commands())
def test_what_is_written_is_read_back(command: CommandAPDU) -> None:
    assert CommandAPDU.decode(command.encode()) == command


@pytest.mark.property
@settings(deadline=None)
@given(st.binary(max_size=300) | commands().map(CommandAPDU.encode))
def test_what_can_be_read_is_written_back(raw: bytes) -> None:
    try:
        command = CommandAPDU.decode(raw)
    except MalformedAPDU:
        return
    assert command.encode() == raw


@pytest.mark.property
@settings(deadline=None)
@given(st.binary(min_size=2, max_size=300))
def test_a_response_is_read_and_written_back(raw: bytes) -> None:
    assert ResponseAPDU.decode(raw).encode() == raw
