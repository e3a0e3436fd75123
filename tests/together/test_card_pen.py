"""The suite writes commands with a pen of its own, and the emulated card reads what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_conformance.card_checks import apdu, tlv
from mynacard_conformance.card_checks.apdu import Answer
from mynacard_emulator.iso7816 import CommandAPDU
from mynacard_emulator.iso7816 import tlv as theirs

pytestmark = pytest.mark.property


@given(
    header=st.binary(min_size=4, max_size=4),
    data=st.binary(max_size=300),
    le=st.none() | st.integers(1, 0x10000),
    extended=st.booleans(),
)
def test_the_card_reads_what_the_suite_writes(*, header: bytes, data: bytes, le: int | None, extended: bool) -> None:
    cla, ins, p1, p2 = header

    read = CommandAPDU.decode(apdu.command(cla, ins, p1, p2, data, le, extended=extended))

    assert (header, data, le or 0) == (bytes((read.cla, read.ins, read.p1, read.p2)), read.data, read.ne)


def test_no_length_named_means_as_much_as_there_may_be() -> None:
    assert CommandAPDU.decode(apdu.read(0, 0)).ne == 256
    assert CommandAPDU.decode(apdu.read(0, 0, extended=True)).ne == 0x10000
    assert apdu.query() == bytes.fromhex("00200080")
    assert apdu.query(0x18) == bytes.fromhex("00200098")


@given(st.binary(max_size=40))
def test_any_bytes_are_an_answer(response: bytes) -> None:
    answer = Answer.of(response)

    if len(response) < 2:
        assert (answer.data, answer.sw) == (b"", 0)
    else:
        assert answer.data + answer.sw.to_bytes(2, "big") == response


@given(st.lists(st.tuples(st.sampled_from([0x90, 0x5F4E, 0xDF21, 0xFF10]), st.binary(max_size=300)), max_size=4))
def test_data_objects_are_read_as_they_were_written(written: list[tuple[int, bytes]]) -> None:
    encoded = b"".join(theirs.encode(tag, value) for tag, value in written)

    read = tlv.objects(encoded + b"\xff" * 5, filler=b"\xff") if written else tlv.objects(encoded)
    assert [(int.from_bytes(item.tag, "big"), item.value) for item in read] == written
    assert all(encoded[item.at :].startswith(item.tag) for item in read)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_data_objects_are_refused_and_nothing_worse(data: bytes) -> None:
    try:
        items = tlv.objects(data)
    except tlv.MalformedError:
        return

    assert sum(len(item.tag) + len(item.value) for item in items) <= len(data)


@given(st.sampled_from([0x20, 0x24, 0x2C, 0x32]), st.binary(min_size=1, max_size=16))
def test_no_value_is_in_what_is_written_down(ins: int, value: bytes) -> None:
    head = f"00{ins:02X}0080{len(value):02X}"

    assert apdu.written(apdu.command(0x00, ins, 0x00, 0x80, value)) == head + "••" * len(value)
