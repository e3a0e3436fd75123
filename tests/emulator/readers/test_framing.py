"""The vpcd framing: every message has one meaning, in whatever slices it comes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.readers.framing import (
    MAX_PAYLOAD,
    Command,
    Control,
    Event,
    FrameDecoder,
    PayloadTooLong,
    encode,
)

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
LONGEST = bytes(MAX_PAYLOAD)

MEANINGS = [
    pytest.param("000100", [Control.POWER_OFF], id="power off"),
    pytest.param("000101", [Control.POWER_ON], id="power on"),
    pytest.param("000102", [Control.RESET], id="reset"),
    pytest.param("000104", [Control.ATR], id="the ATR is asked for"),
    pytest.param("000103", [Command(b"\x03")], id="an unknown single byte is a command, or the reader waits for ever"),
    pytest.param("0000", [Command(b"")], id="an empty payload is a command too"),
    pytest.param("00020104", [Command(b"\x01\x04")], id="two bytes are no control, though they begin like one"),
    pytest.param("000F" + SELECT.hex(), [Command(SELECT)], id="a command"),
    pytest.param(
        "000101" + "000104" + "000400840000",
        [Control.POWER_ON, Control.ATR, Command(bytes.fromhex("00840000"))],
        id="three messages in one segment",
    ),
    pytest.param("", [], id="nothing"),
    pytest.param("00", [], id="half a length"),
    pytest.param("0001", [], id="a length without its payload"),
    pytest.param("000400", [], id="a message that does not end"),
    pytest.param("000104" + "0004", [Control.ATR], id="a message and the length of the next"),
    pytest.param("FFFF" + LONGEST.hex(), [Command(LONGEST)], id="the longest message"),
]


def pieces(stream: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(stream) + 1) for cut in cuts), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


def decode(slices: list[bytes]) -> list[Event]:
    decoder = FrameDecoder()
    return [event for piece in slices for event in decoder.feed(piece)]


@pytest.mark.parametrize(("stream", "events"), MEANINGS)
def test_a_stream_means(stream: str, events: list[Event]) -> None:
    assert FrameDecoder().feed(bytes.fromhex(stream)) == events


@pytest.mark.parametrize(("stream", "events"), MEANINGS[:-1])
def test_byte_by_byte_it_means_the_same(stream: str, events: list[Event]) -> None:
    assert decode([bytes([byte]) for byte in bytes.fromhex(stream)]) == events


def test_a_message_ends_with_the_slice_that_completes_it() -> None:
    decoder = FrameDecoder()
    assert decoder.feed(b"\x00") == []
    assert decoder.feed(b"\x04\x00\x84") == []
    assert decoder.feed(b"\x00\x00\x00\x01") == [Command(bytes.fromhex("00840000"))]
    assert decoder.feed(b"\x04") == [Control.ATR]


def test_an_unfinished_message_is_all_that_is_kept() -> None:
    decoder = FrameDecoder()
    for _ in range(100):
        decoder.feed(encode(SELECT) * 10)
    decoder.feed(encode(LONGEST)[:-1])
    assert len(decoder._pending) == 2 + MAX_PAYLOAD - 1
    decoder.feed(b"\x00")
    assert not decoder._pending


@pytest.mark.parametrize("payload", [b"", b"\x04", b"\x90\x00", SELECT, LONGEST], ids=len)
def test_encode_puts_the_length_in_front(payload: bytes) -> None:
    message = encode(payload)
    assert int.from_bytes(message[:2], "big") == len(payload)
    assert message[2:] == payload


def test_encode_refuses_what_the_length_cannot_announce() -> None:
    with pytest.raises(PayloadTooLong, match="65536 bytes"):
        encode(LONGEST + b"\x00")


def test_a_command_does_not_show_its_bytes() -> None:
    assert repr(Command(b"\x00\x20\x00\x80\x041234")) == "Command()"


@given(st.binary(max_size=400), st.lists(st.integers(min_value=0), max_size=20))
def test_any_slicing_of_any_bytes_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    assert decode(pieces(stream, cuts)) == FrameDecoder().feed(stream)


@given(st.lists(st.binary(max_size=300), max_size=8), st.lists(st.integers(min_value=0), max_size=20))
def test_what_is_encoded_is_decoded_in_any_slicing(payloads: list[bytes], cuts: list[int]) -> None:
    events = decode(pieces(b"".join(map(encode, payloads)), cuts))
    assert [bytes([e.value]) if isinstance(e, Control) else e.apdu for e in events] == payloads
    assert [e for e in events if isinstance(e, Command) and len(e.apdu) == 1 and e.apdu[0] in (0, 1, 2, 4)] == []


@given(st.binary(max_size=2000))
def test_no_bytes_crash_it_and_little_is_kept(noise: bytes) -> None:
    decoder = FrameDecoder()
    decoder.feed(noise)
    assert len(decoder._pending) < 2 + MAX_PAYLOAD
