"""From bytes to meaning: every form of a command that means something, and what the others are told."""

from __future__ import annotations

import pytest

from mynacard_emulator.card import Behaviour, CheckingError
from mynacard_emulator.card.commands import (
    _PARSERS,
    AuthenticateTerminal,
    ChangeReferenceData,
    Command,
    ComputeSignature,
    GetChallenge,
    GetData,
    InternalAuthenticate,
    LastCommandIndicator,
    Query,
    ReadBinary,
    ReadRecord,
    ResetRetryCounter,
    SelectByName,
    SelectByPath,
    SelectEF,
    SelectMF,
    SetSessionKey,
    SignatureMode,
    TerminalBlock,
    Verify,
    parse,
)
from mynacard_emulator.iso7816 import INS, SW, CommandAPDU, ProprietaryINS

NAME = bytes.fromhex("D392F000260100000001")


def test_every_instruction_has_a_parser() -> None:
    assert {cla: set(parsers) for cla, parsers in _PARSERS.items()} == {0x00: set(INS), 0x80: set(ProprietaryINS)}


@pytest.mark.parametrize(
    ("raw", "meaning"),
    [
        ("00A4040C0AD392F000260100000001", SelectByName(NAME, next_occurrence=False, wants_fci=False)),
        ("00A404000AD392F000260100000001", SelectByName(NAME, next_occurrence=False, wants_fci=True)),
        ("00A404000AD392F00026010000000100", SelectByName(NAME, next_occurrence=False, wants_fci=True, ne=256)),
        ("00A4040001D301", SelectByName(b"\xd3", next_occurrence=False, wants_fci=True, ne=1)),
        ("00A4040E01D3", SelectByName(b"\xd3", next_occurrence=True, wants_fci=False)),
        ("00A4040201D300", SelectByName(b"\xd3", next_occurrence=True, wants_fci=True, ne=256)),
        ("00A4040C10" + "AA" * 16, SelectByName(b"\xaa" * 16, next_occurrence=False, wants_fci=False)),
        ("00A4040000", SelectByName(b"", next_occurrence=False, wants_fci=True, ne=256)),
        ("00A4020C02000A", SelectEF(0x000A)),
        ("00A4020C02FFFF", SelectEF(0xFFFF)),
        ("00A40000", SelectMF()),
        ("00A4000C", SelectMF()),
        ("00A4000000", SelectMF()),
        ("00A4080C023F00", SelectByPath()),
        ("00A4090C020018", SelectByPath()),
        ("00A40000020018", SelectByPath(identifier_alone=True)),
        ("00A40000023F01", SelectByPath(identifier_alone=True)),
        ("00B0000000", ReadBinary(None, 0, 256)),
        ("00B07FFF01", ReadBinary(None, 0x7FFF, 1)),
        ("00B08110FF", ReadBinary(1, 0x10, 255)),
        ("00B09E0000", ReadBinary(30, 0, 256)),
        ("00B0800000", ReadBinary(0, 0, 256)),
        ("00B00000000000", ReadBinary(None, 0, 65536)),
        ("00B2010400", ReadRecord(None, 1, onward=False, ne=256)),
        ("00B2FF0510", ReadRecord(None, 255, onward=True, ne=16)),
        ("00B2010C00", ReadRecord(1, 1, onward=False, ne=256)),
        ("00B200F5000000", ReadRecord(30, 0, onward=True, ne=65536)),
        ("00CA5F5100", GetData(0x5F51, 256, extended=False)),
        ("00CA00F8000000", GetData(0x00F8, 65536, extended=True)),
        ("00CADF3005", GetData(0xDF30, 5, extended=False)),
        ("00200080", Query(None)),
        ("00200091", Query(0x11)),
        ("0020008000", Query(None, has_le=True)),
        ("0020008004" + b"1234".hex(), Verify(None, b"1234")),
        ("0020008000000431323334", Verify(None, b"1234")),
        ("0020009E10" + "41" * 16, Verify(0x1E, b"A" * 16)),
        ("0020008004" + "31" * 4 + "00", Verify(None, b"1111", has_le=True)),
        ("002401800441424344", ChangeReferenceData(b"ABCD")),
        ("0024018010" + "41" * 16, ChangeReferenceData(b"A" * 16)),
        ("803200800441424344", ChangeReferenceData(b"ABCD", change_key=True)),
        ("0024019804" + "31" * 4, ChangeReferenceData(b"1111", sfi=0x18)),
        ("00240180", ChangeReferenceData(b"")),
        ("80320080", ChangeReferenceData(b"", change_key=True)),
        ("0024018011" + "31" * 17, ChangeReferenceData(b"1" * 17)),
        ("0084000000", GetChallenge(0x0000, 256, extended=False)),
        ("008400010000FF", GetChallenge(0x0001, 255, extended=True)),
        ("0088009901AA00", InternalAuthenticate(0x19, b"\xaa")),
        ("0020008001", Query(None, has_le=True)),
        ("00200080023132" + "01", Verify(None, b"12", has_le=True)),
        ("00880080FF" + "AA" * 255 + "00", InternalAuthenticate(None, b"\xaa" * 255)),
        ("0088008001AAFF", InternalAuthenticate(None, b"\xaa", ne=255)),
        ("80AE0000", SetSessionKey(b"")),
        ("80AE0000000100" + "AA" * 256, SetSessionKey(b"\xaa" * 256)),
        ("80A206C102AABB", AuthenticateTerminal(TerminalBlock.CERTIFICATE, b"\xaa\xbb")),
        ("80A200C1000100" + "00" * 256, AuthenticateTerminal(TerminalBlock.SIGNATURE, bytes(256))),
        ("80FC0000", LastCommandIndicator()),
        ("80FC000000", LastCommandIndicator()),
        ("802A008001AA00", ComputeSignature(SignatureMode.AS_GIVEN, None, b"\xaa")),
        ("802A008001AA", ComputeSignature(SignatureMode.AS_GIVEN, None, b"\xaa", ne=0)),
        ("802A019701AA00", ComputeSignature(SignatureMode.BARE_DIGEST, 0x17, b"\xaa")),
        (
            "802A029A000100" + "AA" * 256 + "0000",
            ComputeSignature(SignatureMode.WRAPPED_DIGEST, 0x1A, b"\xaa" * 256, ne=65536),
        ),
        ("802A038001AA00", ComputeSignature(SignatureMode.HASHED_AND_WRAPPED, None, b"\xaa")),
        ("802A048001AA00", ComputeSignature(SignatureMode.PSS_DIGEST, None, b"\xaa")),
        ("802A009E", ComputeSignature(SignatureMode.AS_GIVEN, 0x1E, b"", ne=0)),
        ("802A050001AA00", ComputeSignature(SignatureMode.HASHED_PSS, None, b"\xaa", default_key=True)),
    ],
)
def test_a_command_is_given_its_meaning(raw: str, meaning: Command) -> None:
    assert parse(CommandAPDU.decode(bytes.fromhex(raw))) == meaning


@pytest.mark.parametrize(
    ("raw", "sw"),
    [
        # class
        pytest.param("01A4040C01D3", "6881", id="logical channel 1"),
        pytest.param("43A4040C01D3", "6881", id="a further logical channel"),
        pytest.param("08A4040C01D3", "6882", id="secure messaging, SELECT"),
        pytest.param("0CA4040C01D3", "6882", id="secure messaging with a signed header, SELECT"),
        pytest.param("0824018004" + "31" * 4, "6882", id="secure messaging, CHANGE REFERENCE DATA"),
        pytest.param("04B0000000", "69FC", id="secure messaging, READ BINARY"),
        pytest.param("0820008004" + "31" * 4, "69FC", id="secure messaging, VERIFY"),
        pytest.param("10B0000000", "6884", id="command chaining"),
        pytest.param("20A40000", "6E00", id="a reserved class"),
        pytest.param("21A40000", "6E00", id="a reserved class with the bits of a channel"),
        pytest.param("28A40000", "6E00", id="a reserved class with the bits of secure messaging"),
        pytest.param("90B0000000", "6E00", id="another proprietary class"),
        pytest.param("FFCA000000", "6E00", id="a command for the reader"),
        # instruction
        pytest.param("0070000000", "6D00", id="an unknown instruction"),
        pytest.param("002A008001AA00", "6D00", id="signing in the interindustry class"),
        pytest.param("80200080", "6D00", id="VERIFY in the proprietary class"),
        # SELECT
        pytest.param("00A4020002000A", "6A86", id="SELECT EF with P2 00"),
        pytest.param("00A4020E02000A", "6A86", id="SELECT of the next EF"),
        pytest.param("00A4000402000A", "6A86", id="SELECT with no name and P2 04"),
        pytest.param("00A4040401D3", "6A86", id="SELECT by name with P2 04"),
        pytest.param("00A4000C023F00", "6A82", id="SELECT 3F00"),
        pytest.param("00A4020C0118", "6700", id="SELECT EF with one byte"),
        pytest.param("00A4020C03000018", "6700", id="SELECT EF with three bytes"),
        pytest.param("00A4040C", "6700", id="SELECT by name without one"),
        pytest.param("00A4040C11" + "AA" * 17, "6700", id="SELECT by a name of 17 bytes"),
        # READ BINARY
        pytest.param("00B09F0000", "6A86", id="short identifier 31"),
        pytest.param("00B0A10000", "6A86", id="reserved bit 6 of P1"),
        pytest.param("00B0C10000", "6A86", id="reserved bit 7 of P1"),
        pytest.param("00B00000", "6700", id="READ BINARY without Le"),
        pytest.param("00B0000001AA", "6700", id="READ BINARY with data"),
        pytest.param("00B0000001AA00", "6700", id="READ BINARY with data and Le"),
        # READ RECORD and GET DATA
        pytest.param("00B2010000", "6A86", id="a record by its identifier"),
        pytest.param("00B2010600", "6A86", id="all records backwards"),
        pytest.param("00B201FC00", "6A86", id="READ RECORD of short identifier 31"),
        pytest.param("00B20104", "6700", id="READ RECORD without Le"),
        pytest.param("00B2010401AA00", "6700", id="READ RECORD with data"),
        pytest.param("00CA0042", "6700", id="GET DATA without Le"),
        pytest.param("00CA004201AA00", "6700", id="GET DATA with data"),
        # VERIFY
        pytest.param("00200180", "6A86", id="VERIFY with P1 01"),
        pytest.param("00200000", "6A86", id="VERIFY with P2 00"),
        pytest.param("0020009F", "6A86", id="VERIFY of short identifier 31"),
        pytest.param("002000A0", "6A86", id="VERIFY with a reserved bit in P2"),
        pytest.param("0020008011" + "31" * 17, "6700", id="VERIFY of 17 bytes"),
        # CHANGE REFERENCE DATA
        pytest.param("0024008004" + "31" * 4, "6A86", id="CHANGE REFERENCE DATA with the old value in front"),
        pytest.param("0024018004" + "31" * 4 + "00", "6700", id="CHANGE REFERENCE DATA with Le"),
        pytest.param("0024010004" + "31" * 4, "6A86", id="CHANGE REFERENCE DATA with P2 00"),
        pytest.param("8032018004" + "31" * 4, "6A86", id="CHANGE KEY with P1 01"),
        pytest.param("802C028004" + "31" * 4, "6D00", id="administration that was invented for tests"),
        pytest.param("002C028004" + "31" * 4, "6D00", id="RESET RETRY COUNTER in the interindustry class"),
        # authentication
        pytest.param("00840000", "6700", id="GET CHALLENGE without Le"),
        pytest.param("0084000001AA00", "6700", id="GET CHALLENGE with data"),
        pytest.param("0088018001AA00", "6A86", id="INTERNAL AUTHENTICATE with P1 01"),
        pytest.param("0088000001AA00", "6A86", id="INTERNAL AUTHENTICATE with P2 00"),
        pytest.param("00880080", "6700", id="INTERNAL AUTHENTICATE of nothing"),
        pytest.param("00880080000100" + "AA" * 256 + "0000", "6700", id="INTERNAL AUTHENTICATE of 256 bytes"),
        pytest.param("80820080", "6D00", id="EXTERNAL AUTHENTICATE, as one tool tries it"),
        pytest.param("80AE0001", "6A86", id="SET SESSION KEY with P2 01"),
        *(pytest.param(f"80A2{p1p2}01AA", "6A86", id=f"80 A2 {p1p2}") for p1p2 in ("0000", "00AE", "8000", "00B6")),
        # signing
        pytest.param("802A068001AA00", "6A86", id="signing with P1 06"),
        pytest.param("802A00A001AA00", "6A86", id="signing with a reserved bit in P2"),
    ],
)
def test_what_means_nothing_is_told_why(raw: str, sw: str) -> None:
    with pytest.raises(CheckingError) as refused:
        parse(CommandAPDU.decode(bytes.fromhex(raw)))

    assert str(refused.value.sw) == sw


@pytest.mark.parametrize(
    ("raw", "meaning"),
    [
        ("802C02800431323334", ResetRetryCounter(None, b"1234")),
        ("802C029B" + "10" + "41" * 16, ResetRetryCounter(0x1B, b"A" * 16)),
        ("802C0398", ResetRetryCounter(0x18)),
    ],
)
def test_administration_for_tests_sets_a_value_or_keeps_it(raw: str, meaning: Command) -> None:
    assert parse(CommandAPDU.decode(bytes.fromhex(raw)), Behaviour(test_only_administration=True)) == meaning


@pytest.mark.parametrize(
    ("raw", "sw"),
    [
        pytest.param("002C028004" + "31" * 4, "6D00", id="in the interindustry class"),
        pytest.param("802C008004" + "31" * 4, "6A86", id="P1 00, with a code to reset by"),
        pytest.param("802C018004" + "31" * 4, "6A86", id="P1 01, with such a code alone"),
        pytest.param("802C0480", "6A86", id="P1 04"),
        pytest.param("802C020004" + "31" * 4, "6A86", id="P2 00"),
        pytest.param("802C0280", "6700", id="a new value of no bytes"),
        pytest.param("802C028011" + "31" * 17, "6700", id="a new value of 17"),
        pytest.param("802C028004" + "31" * 4 + "00", "6700", id="Le"),
        pytest.param("802C038004" + "31" * 4, "6700", id="a value where none is to be set"),
    ],
)
def test_administration_for_tests_has_two_forms(raw: str, sw: str) -> None:
    with pytest.raises(CheckingError) as refused:
        parse(CommandAPDU.decode(bytes.fromhex(raw)), Behaviour(test_only_administration=True))

    assert str(refused.value.sw) == sw


def test_a_card_that_signs_in_class_00_knows_no_other_instruction_there() -> None:
    behaviour = Behaviour(sign_in_class_00=SW.NO_ERROR)
    unknown = set(range(0x100)) - set(INS) - {ProprietaryINS.COMPUTE_DIGITAL_SIGNATURE}
    for ins in sorted(unknown):
        with pytest.raises(CheckingError) as refused:
            parse(CommandAPDU(0x00, ins, 0x00, 0x80, b"\xaa", ne=256), behaviour)
        assert refused.value.sw == SW.INSTRUCTION_NOT_SUPPORTED


@pytest.mark.parametrize("raw", ["00A4020C02001800", "00A4040C01D300", "00A4040E01D300"])
def test_an_le_where_no_data_is_asked_for_is_welcome(raw: str) -> None:
    without = parse(CommandAPDU.decode(bytes.fromhex(raw[:-2])))

    assert without == parse(CommandAPDU.decode(bytes.fromhex(raw)))
