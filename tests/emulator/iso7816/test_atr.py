"""Answers to reset: structure and checksum, with the ones that cards and readers were seen to give."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.iso7816 import ATR, MalformedATR
from mynacard_emulator.iso7816.atr import checksum, is_contactless

SEEN = {
    "3BE000FF8131FE4514": ((1, 1), ""),
    "3BDA13FF8131FB468012392F31C173C601C03B": ((1, 1), "8012392F31C173C601C0"),
    "3BC5FF8131FB458073C6010000": ((1, 1), "8073C60100"),
    "3BF59100FF918171FE400042000100D1D6": ((1, 1), "42000100D1"),
    "3BF59100FF918171FE4000420001B3A115": ((1, 1), "420001B3A1"),
    "3B888001000005E0B381A1007F": ((0, 1), "000005E0B381A100"),
    "3B888001000041E0B381A1003B": ((0, 1), "000041E0B381A100"),
    "3B888001004B51FF0081D100BC": ((0, 1), "004B51FF0081D100"),
    "3B888001004B51FFB381D1000F": ((0, 1), "004B51FFB381D100"),
}


CONTACT = ["3BE000FF8131FE4514", "3BDA13FF8131FB468012392F31C173C601C03B", "3BC5FF8131FB458073C6010000"]


@pytest.mark.parametrize("raw", SEEN)
def test_what_cards_were_seen_to_answer_is_understood(raw: str) -> None:
    atr = ATR.parse(bytes.fromhex(raw))

    assert (atr.protocols, atr.historical.hex().upper()) == SEEN[raw]
    assert atr.raw.hex().upper() == raw


@pytest.mark.parametrize("raw", SEEN)
def test_a_flipped_bit_is_refused_unless_what_is_left_has_no_checksum(raw: str) -> None:
    size = len(raw) // 2
    for bit in range(8 * (size - 1)):  # TS is not covered
        flipped = (int(raw, 16) ^ 1 << bit).to_bytes(size, "big")
        with suppress(MalformedATR):
            assert not any(ATR.parse(flipped).protocols)


@pytest.mark.parametrize("raw", SEEN)
def test_an_atr_that_a_reader_made_up_for_a_card_in_its_field_is_known_from_the_card_s_own(raw: str) -> None:
    assert is_contactless(bytes.fromhex(raw)) is (raw not in CONTACT)


@pytest.mark.parametrize(
    ("raw", "contactless"),
    [
        pytest.param("3B80800101", True, id="mapped, no historical bytes"),
        pytest.param("3B8F8001" + 15 * "00" + "0E", True, id="mapped, fifteen historical bytes"),
        pytest.param("3F80800101", False, id="inverse convention"),
        pytest.param("3B908001", False, id="an interface byte more"),
        pytest.param("3B808002", False, id="another second protocol"),
        pytest.param("3B8080", False, id="cut short"),
        pytest.param("3B", False, id="one byte"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_a_contactless_atr_is_known_by_its_first_four_bytes(raw: str, contactless: bool) -> None:  # noqa: FBT001 - a row
    assert is_contactless(bytes.fromhex(raw)) is contactless


@pytest.mark.parametrize(
    ("raw", "historical"),
    [
        pytest.param("3B00", "", id="nothing but the format"),
        pytest.param("3F021450", "1450", id="inverse convention, two historical bytes"),
        pytest.param("3B8000", "", id="T=0 said aloud"),
        pytest.param("3B9F11" + "00" + "AA" * 15, "AA" * 15, id="an interface byte and fifteen historical ones"),
    ],
)
def test_where_t_0_alone_is_offered_there_is_no_checksum(raw: str, historical: str) -> None:
    assert ATR.parse(bytes.fromhex(raw)) == ATR(bytes.fromhex(raw), (0,), bytes.fromhex(historical))


def test_what_a_checksum_covers_may_have_any_number_of_bytes() -> None:
    for historical in (b"", b"\xaa", b"\xaa\xaa"):
        raw = bytes((0x3B, 0x80 | len(historical), 0x80, 0x01)) + historical
        whole = raw + bytes((checksum(raw),))

        assert ATR.parse(whole) == ATR(whole, (0, 1), historical)


def test_the_longest_answer_has_thirty_three_bytes() -> None:
    longest = bytes.fromhex("3BFF" + 3 * "AAAAAAF0" + "AAAAAA00" + 15 * "55")

    assert len(longest) == 33
    assert ATR.parse(longest) == ATR(longest, (0, 0, 0, 0), 15 * b"\x55")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param("", "2 to 33", id="nothing"),
        pytest.param("3B", "2 to 33", id="one byte"),
        pytest.param("3B" + "00" * 33, "2 to 33", id="thirty-four bytes"),
        pytest.param("3C00", "3B or 3F", id="another first byte"),
        pytest.param("3B80", "do not end", id="a TD byte announced and missing"),
        pytest.param("3BF0000000", "do not end", id="the fourth interface byte missing"),
        pytest.param("3B8080", "do not end", id="a chain of TD bytes cut short"),
        pytest.param("3B02AA", "announce 4", id="a historical byte missing"),
        pytest.param("3B0000", "announce 2", id="a byte too many"),
        pytest.param("3B8001", "announce 4", id="T=1 without a checksum"),
        pytest.param("3BE000FF8131FE4515", "TCK 15 should be 14", id="a wrong checksum"),
    ],
)
def test_bytes_that_are_no_answer_to_reset_are_refused(raw: str, says: str) -> None:
    with pytest.raises(MalformedATR, match=says):
        ATR.parse(bytes.fromhex(raw))


@st.composite
def atrs(draw: st.DrawFn) -> ATR:
    """Draw an answer to reset, built byte by byte from the front."""
    historical = draw(st.binary(max_size=15))
    levels = draw(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 15)), max_size=3))
    present = [*(interface for interface, _ in levels), draw(st.integers(0, 7))]
    raw, high = bytearray([0x3B]), [8 * (level < len(levels)) + bits for level, bits in enumerate(present)]
    low = [len(historical), *(protocol for _, protocol in levels)]
    for level, bits in enumerate(present):
        raw.append(high[level] << 4 | low[level])
        raw += draw(st.binary(min_size=bits.bit_count(), max_size=bits.bit_count()))
    raw += historical
    protocols = tuple(protocol for _, protocol in levels) or (0,)
    if any(protocols):
        raw.append(checksum(bytes(raw)))
    return ATR(bytes(raw), protocols, historical)


@pytest.mark.property
@settings(deadline=None)
@given(atrs())
def test_an_answer_that_was_built_is_taken_apart(atr: ATR) -> None:
    assert len(atr.raw) > 33 or ATR.parse(atr.raw) == atr


@pytest.mark.property
@settings(deadline=None)
@given(atrs().filter(lambda atr: any(atr.protocols) and len(atr.raw) <= 33), st.data())
def test_a_flipped_bit_behind_the_interface_bytes_is_refused(atr: ATR, data: st.DataObject) -> None:
    bit = data.draw(st.integers(0, 8 * (len(atr.historical) + 1) - 1))
    flipped = int.from_bytes(atr.raw, "big") ^ 1 << bit

    with pytest.raises(MalformedATR, match="TCK"):
        ATR.parse(flipped.to_bytes(len(atr.raw), "big"))


@pytest.mark.property
@settings(deadline=None)
@given(st.binary(max_size=40) | st.binary(max_size=34).map(lambda tail: b"\x3b" + tail))
def test_arbitrary_bytes_are_an_answer_or_are_refused(raw: bytes) -> None:
    try:
        atr = ATR.parse(raw)
    except MalformedATR:
        return
    assert atr.raw == raw
    assert atr.historical in raw
