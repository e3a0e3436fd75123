"""EF 0006 of the JPKI application, at the offsets that clients read."""

from __future__ import annotations

from mynacard_emulator.personalise.token_info import token_info

INFO = token_info("0000000090000001", label="JPKIAPICCTOKEN2")


def test_the_texts_are_padded_with_spaces() -> None:
    assert INFO[:32] == b"JPKIAPICCTOKEN2" + b" " * 17
    assert INFO[32:64] == b"0" * 31 + b"1"
    assert INFO[64:80] == b"E16R01NJ" + b" " * 8
    assert INFO[80:96] == b"0000000090000001"


def test_the_numbers_are_big_endian() -> None:
    assert INFO[96:140] == bytes.fromhex(
        "0000040D 00000001 00000000 00000001 00000000 00000010 00000006 FFFFFFFF FFFFFFFF FFFFFFFF FFFFFFFF"
    )


def test_the_versions_are_digits_and_there_is_no_clock() -> None:
    assert INFO[140:] == b"0301" + b"9" * 16
    assert len(INFO) == 160


def test_another_token_has_another_label() -> None:
    other = token_info("0000000090000001", label="JPKIAPIOSTOKEN")

    assert other[:32] == b"JPKIAPIOSTOKEN" + b" " * 18
    assert other[32:] == INFO[32:]
