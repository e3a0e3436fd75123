"""Who may do what: every file of the adult's card under every PIN, as a table that was written by hand.

A letter says which PIN, verified alone, opens the file, `-` that none was verified. What is not open is refused with
6982; a file that is for something else answers as its kind does, whatever is verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Profile
from tests.emulator.card.conversation import ask, hold
from tests.emulator.card.held import given


@dataclass(frozen=True, slots=True)
class Matrix:
    """One application: its PINs by letter, and by file what opens it.

    Attributes:
        read: READ BINARY, of transparent files.
        records: READ RECORD, of files with records.
        sign: The signing command, with keys.
        authenticate: INTERNAL AUTHENTICATE, with the key for it.
        internal: Files that can be selected, and no more.

    """

    select: str
    pins: Mapping[str, str]
    read: Mapping[int, str]
    records: Mapping[int, str]
    sign: Mapping[int, str]
    authenticate: Mapping[int, str]
    internal: tuple[int, ...]


JPKI = Matrix(
    select="[jpki]",
    pins={"A": "00 20 00 98 04 [auth]", "S": "00 20 00 9B 06 [sign]"},
    read={0x01: "S", 0x02: "-AS", 0x06: "-AS", 0x08: "-AS", 0x09: "", 0x0A: "-AS", 0x0B: "-AS"},
    records={},
    sign={0x17: "A", 0x1A: "S"},
    authenticate={},
    internal=(0x10, 0x16, 0x18, 0x19, 0x1B, 0x1C, 0x1E),
)
TEXT = Matrix(
    select="[text_ap]",
    pins={"P": "00 20 00 91 04 [text]", "A": "00 20 00 94 0C [number_a]", "B": "00 20 00 95 0E [number_b]"},
    read={
        0x01: "PA",
        0x02: "PB",
        0x03: "PAB",
        0x04: "-PAB",
        0x05: "-PAB",
        0x06: "PAB",
        0x07: "PAB",
        0x08: "PAB",
    },
    records={},
    sign={0x13: "-PAB"},
    authenticate={},
    internal=(0x10, 0x11, 0x12, 0x14, 0x15, 0x1C, 0x1E),
)
VISUAL = Matrix(
    select="[visual_ap]",
    pins={
        "D": "00 20 00 91 06 [birth_date]",
        "B": "00 20 00 92 0E [visual_number_b]",
        "A": "00 20 00 93 0C [visual_number_a]",
    },
    read={0x01: "D", 0x02: "AB", 0x03: "-DAB", 0x04: "-DAB", 0x05: "A", 0x06: "AB"},
    records={},
    sign={0x1A: "-DAB"},
    authenticate={},
    internal=(0x11, 0x12, 0x13, 0x1C, 0x1E),
)
JUKI = Matrix(
    select="[juki_ap]",
    pins={"R": "00 20 00 9C 04 [juki]"},
    read={},
    records={0x02: "-R"},
    sign={},
    authenticate={},
    internal=(0x1C,),
)
COMMON = Matrix(
    select="[common_ap]",
    pins={"R": "00 20 00 9C 04 [juki]"},
    read={},
    records={0x01: "-R", 0x02: "-R"},
    sign={},
    authenticate={0x19: "-R"},
    internal=(0x1C, 0x1E),
)
MATRICES = {"JPKI": JPKI, "text": TEXT, "visual": VISUAL, "juki": JUKI, "common": COMMON}

OPEN, CLOSED, OTHER_KIND = "9000", "6982", "6981"


@pytest.fixture(scope="module")
def adult() -> Profile:
    return profiles.adult()


@pytest.mark.parametrize(
    ("matrix", "verified"),
    [
        pytest.param(matrix, letter, id=f"{name}, {'nothing' if letter == '-' else matrix.pins[letter]}")
        for name, matrix in MATRICES.items()
        for letter in ("-", *matrix.pins)
    ],
)
def test_each_pin_opens_its_files_and_no_other(adult: Profile, matrix: Matrix, verified: str) -> None:
    words = given(adult)
    card = Card(adult)
    hold(card, f"> 00 A4 04 0C 0A {matrix.select} -> 9000", **words)
    if verified != "-":
        hold(card, f"> {matrix.pins[verified]} -> 9000", **words)
    ways = {
        "00 B0 {0:02X} 00 00": matrix.read,
        "00 B2 01 {1:02X} 00": matrix.records,
        "80 2A 00 {0:02X} 01 AA 00": matrix.sign,
    }
    files = {*matrix.read, *matrix.records, *matrix.sign, *matrix.authenticate, *matrix.internal}

    for command, opened in ways.items():
        for fid in files:
            expected = OTHER_KIND if fid not in opened else OPEN if verified in opened[fid] else CLOSED
            answer = ask(card, command.format(0x80 | fid, fid << 3 | 0x04))
            assert answer[-4:] == expected, f"{command} of EF {fid:04X}"
    for fid, opened_by in matrix.authenticate.items():
        assert verified in opened_by
        assert ask(card, f"00 88 00 {0x80 | fid:02X} 01 AA 00")[-4:] == OPEN


@pytest.mark.parametrize("name", MATRICES)
def test_the_table_has_every_file_of_the_card(adult: Profile, name: str) -> None:
    application = next(application for application in adult.applications if application.name == name)
    matrix = MATRICES[name]
    listed = [*matrix.read, *matrix.records, *matrix.sign, *matrix.authenticate, *matrix.internal]

    assert sorted(listed) == sorted(application.by_fid)


def test_the_table_has_every_application_of_the_card(adult: Profile) -> None:
    assert [application.name for application in adult.applications] == list(MATRICES)
