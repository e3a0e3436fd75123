"""What the harness says of APDUs, in its own words."""

from __future__ import annotations

import pytest

from mynacard_conformance.report.narrator import Narrator
from mynacard_conformance.verdict import SeenAPDU

JPKI = ("00A4040C0AD392F000260100000001", "9000")
TEXT = ("00A4040C0AD3921000310001010408", "9000")
AUTH_PIN = ("00A4020C020018", "9000")


def told(*exchanges: tuple[str, str], japanese: bool = False) -> tuple[str, str]:
    """What is said of the last of these."""
    narrator = Narrator("ja" if japanese else "en")
    return [narrator.explain(SeenAPDU(*exchange)) for exchange in exchanges][-1]


@pytest.mark.parametrize(
    ("exchanges", "asked", "answered"),
    [
        ((JPKI,), "SELECT the JPKI application", "done"),
        ((("00A4040C07D392F000260100", "9000"),), "SELECT the JPKI application", "done"),
        ((("00A4040C00", "6A82"),), "SELECT another application", "no such file or application"),
        ((JPKI, AUTH_PIN), "SELECT the auth PIN", "done"),
        ((AUTH_PIN,), "SELECT file 0018", "done"),
        ((JPKI, TEXT, ("00A4020C020011", "9000")), "SELECT the text PIN", "done"),
        ((JPKI, ("00A4040C01FF", "6A82"), AUTH_PIN), "SELECT the auth PIN", "done"),
        (
            (JPKI, ("00A4020C027777", "6A82"), ("00200080", "6986")),
            "VERIFY without data: tries left of the current file?",
            "no file is selected",
        ),
        ((JPKI, AUTH_PIN, ("00200080", "63C3")), "VERIFY without data: tries left of the auth PIN?", "3 tries left"),
        ((JPKI, AUTH_PIN, ("0020008004 ••••••••", "63C1")), "VERIFY the auth PIN", "1 try left"),
        ((JPKI, ("0020009B06 ••••••••••••", "63C0")), "VERIFY the sign PIN", "no try left: locked"),
        ((JPKI, AUTH_PIN, ("0020008004 ••••••••", "6983")), "VERIFY the auth PIN", "blocked"),
        ((JPKI, AUTH_PIN, ("0020008004 ••••••••", "6984")), "VERIFY the auth PIN", "blocked"),
        ((JPKI, AUTH_PIN, ("0024018004 ••••••••", "9000")), "CHANGE REFERENCE DATA: the auth PIN", "done"),
        ((JPKI, AUTH_PIN, ("002C0380", "6D00")), "RESET RETRY COUNTER: the auth PIN", "no such instruction"),
        ((JPKI, ("00B08A0000", "30829000")), "READ BINARY: the auth certificate, from 0", "done"),
        (
            (JPKI, ("00A4020C02000A", "9000"), ("00B0010400", "9000")),
            "READ BINARY: the auth certificate, from 260",
            "done",
        ),
        ((("00B2010400", "6A83"),), "READ RECORD 1: the current file", "no such record"),
        ((("00CA004200", "9000"),), "GET DATA 0042", "done"),
        (
            (JPKI, ("00A4020C020017", "9000"), ("802A008033" + "00" * 51 + "00", "6982")),
            "SIGN with the auth key",
            "a PIN is needed first",
        ),
        ((("0084000008", "9000"),), "GET CHALLENGE", "done"),
        ((("0088000000", "6F12"),), "INTERNAL AUTHENTICATE with the current file", "status 6F12"),
        ((("00DEADBE", "6D00"),), "instruction DE", "no such instruction"),
        ((("0CA4020C00", "6882"),), "under secure messaging", "no secure messaging"),
        ((("FFCA000000", "9000"),), "for the reader, not the card", "done"),
        ((("00A4", ""),), "no command", "no answer"),
        (
            (JPKI, AUTH_PIN, ("(reset)", ""), ("00200080", "63C3")),
            "VERIFY without data: tries left of the auth PIN?",
            "3 tries left",
        ),
        (
            (JPKI, AUTH_PIN, ("(power off)", ""), ("00200080", "6986")),
            "VERIFY without data: tries left of the current file?",
            "no file is selected",
        ),
        ((("(eject)", ""),), "", ""),
    ],
)
def test_each_exchange_has_its_meaning(exchanges: tuple[tuple[str, str], ...], asked: str, answered: str) -> None:
    assert told(*exchanges) == (asked, answered)


def test_it_speaks_japanese_too() -> None:
    assert told(JPKI, AUTH_PIN, ("0020008004 ••••••••", "63C2"), japanese=True) == (
        "VERIFY(利用者証明用の暗証番号)",
        "残り2回",
    )
