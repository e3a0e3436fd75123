"""BER-TLV: tags of any length, lengths of every form, and bytes that are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.iso7816 import TLV, MalformedTLV, tlv

RAW = [
    pytest.param("0400", TLV(0x04, b""), id="empty"),
    pytest.param("8403AABBCC", TLV(0x84, b"\xaa\xbb\xcc"), id="one length byte"),
    pytest.param("5E01AA", TLV(0x5E, b"\xaa"), id="number 30, the last that needs no second tag byte"),
    pytest.param("FF2002AABB", TLV(0xFF20, b"\xaa\xbb"), id="two tag bytes"),
    pytest.param("1F810101AA", TLV(0x1F8101, b"\xaa"), id="three tag bytes"),
    pytest.param("1F818101" + "01AA", TLV(0x1F818101, b"\xaa"), id="four tag bytes"),
    pytest.param("30817F" + "00" * 127, TLV(0x30, bytes(127)), id="81 where a short length would do"),
    pytest.param("FF20820002AABB", TLV(0xFF20, b"\xaa\xbb"), id="82 where a short length would do"),
    pytest.param("308100", TLV(0x30, b""), id="81 of nothing"),
    pytest.param("308400000001AA", TLV(0x30, b"\xaa"), id="84"),
]


@pytest.mark.parametrize(("raw", "item"), RAW)
def test_a_data_object_is_split_off(raw: str, item: TLV) -> None:
    assert tlv.decode(bytes.fromhex(raw) + b"rest") == (item, b"rest")
    assert tlv.decode(bytes.fromhex(raw)) == (item, b"")


@pytest.mark.parametrize(
    ("length", "written"), [(0, "00"), (127, "7F"), (128, "8180"), (255, "81FF"), (256, "820100"), (65536, "83010000")]
)
def test_a_length_is_written_in_the_shortest_form(length: int, written: str) -> None:
    assert tlv.encode_length(length) == bytes.fromhex(written)
    assert TLV(0x04, bytes(length)).encode() == b"\x04" + bytes.fromhex(written) + bytes(length)


@pytest.mark.parametrize(
    ("tag", "written"),
    [
        (0x00, "0001AA"),
        (0x84, "8401AA"),
        (0xDF22, "DF2201AA"),
        (0x1F01, "1F0101AA"),
        (0x1F8101, "1F810101AA"),
        (0x1F81818101, "1F8181810101AA"),
    ],
)
def test_a_tag_is_written_in_as_many_bytes_as_it_has(tag: int, written: str) -> None:
    assert TLV(tag, b"\xaa").encode() == bytes.fromhex(written)


@pytest.mark.parametrize(("length", "width", "written"), [(5, 1, "8105"), (5, 2, "820005"), (128, 2, "820080")])
def test_a_longer_form_can_be_asked_for(length: int, width: int, written: str) -> None:
    assert tlv.encode_length(length, width=width) == bytes.fromhex(written)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param("", "no tag", id="nothing"),
        pytest.param("1F", "tag does not end", id="half a tag"),
        pytest.param("FF8081", "tag does not end", id="a tag that goes on for ever"),
        pytest.param("30", "no length", id="a tag alone"),
        pytest.param("FF20", "no length", id="a tag of two bytes alone"),
        pytest.param("3080", "80", id="the indefinite form"),
        pytest.param("30850000000001AA", "85", id="a length of five bytes"),
        pytest.param("3081", "81", id="81 and no length"),
        pytest.param("308201", "82", id="half a length"),
        pytest.param("30830000", "83", id="two thirds of a length"),
        pytest.param("3003AABB", "3 bytes, 2 follow", id="half a value"),
    ],
)
def test_bytes_that_are_no_data_object_are_refused(raw: str, says: str) -> None:
    with pytest.raises(MalformedTLV, match=says):
        tlv.decode(bytes.fromhex(raw))


def test_a_concatenation_is_read_to_its_last_byte() -> None:
    assert list(tlv.decode_all(b"")) == []
    assert list(tlv.decode_all(bytes.fromhex("0401AADF2200"))) == [TLV(0x04, b"\xaa"), TLV(0xDF22, b"")]
    with pytest.raises(MalformedTLV):
        list(tlv.decode_all(bytes.fromhex("0401AAFF")))


def _long_tag(first: int, middle: list[int], last: int) -> int:
    return int.from_bytes(bytes((first | 0x1F, *(byte | 0x80 for byte in middle), last & 0x7F)), "big")


BYTE = st.integers(0, 255)
TAGS = BYTE.filter(lambda byte: byte & 0x1F != 0x1F) | st.builds(_long_tag, BYTE, st.lists(BYTE, max_size=3), BYTE)
OBJECTS = st.builds(TLV, TAGS, st.binary(max_size=300))


@pytest.mark.property
@settings(deadline=None)
@given(st.lists(OBJECTS, max_size=5))
def test_what_is_written_is_read_back(objects: list[TLV]) -> None:
    assert list(tlv.decode_all(b"".join(item.encode() for item in objects))) == objects


@pytest.mark.property
@settings(deadline=None)
@given(OBJECTS, st.integers(2, 4), st.binary(max_size=20))
def test_every_form_of_a_length_means_the_same(item: TLV, width: int, rest: bytes) -> None:
    tag = item.encode()[: -len(tlv.encode_length(len(item.value)) + item.value)]

    assert tlv.decode(tag + tlv.encode_length(len(item.value), width=width) + item.value + rest) == (item, rest)


@pytest.mark.property
@settings(deadline=None)
@given(st.binary(max_size=60))
def test_what_can_be_read_says_the_same_when_written_again(raw: bytes) -> None:
    try:
        objects = list(tlv.decode_all(raw))
    except MalformedTLV:
        return
    again = b"".join(item.encode() for item in objects)
    assert list(tlv.decode_all(again)) == objects
    assert len(again) <= len(raw)
