"""READ RECORD and GET DATA, by conversation with the small card."""

from __future__ import annotations

import pytest

from . import small
from .conversation import ask, hold

IN_FIRST = "> 00 A4 04 0C 06 [first] -> 9000\n"
AT_RECORDS = IN_FIRST + "> 00 A4 02 0C 02 00 0B -> 9000\n"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        pytest.param("00 B2 01 04 00", "01 02 41 42 9000", id="the first record"),
        pytest.param("00 B2 02 04 00", "02 01 43 9000", id="the second"),
        pytest.param("00 B2 02 04 03", "02 01 43 9000", id="Le of just its length"),
        pytest.param("00 B2 03 04 00", "{256} 9000", id="the third, cut by a short Le"),
        pytest.param("00 B2 03 04 00 00 00", "{257} 9000", id="the third, whole"),
        pytest.param("00 B2 04 04 00", "6A83", id="past the end"),
        pytest.param("00 B2 04 05 00", "6A83", id="all from past the end"),
        pytest.param("00 B2 00 04 00", "6A83", id="number 0"),
        pytest.param("00 B2 02 05 00 00 00", "02 01 43 {257} 9000", id="all from the second on"),
        pytest.param("00 B2 01 5C 00", "01 02 41 42 9000", id="by short identifier"),
        pytest.param("00 B0 00 00 00", "6981", id="READ BINARY"),
        pytest.param("00 B0 8B 00 00", "6981", id="READ BINARY by short identifier"),
        pytest.param("00 B2 01 0C 00", "6981", id="READ RECORD of a transparent file"),
        pytest.param("00 B2 01 24 00", "6981", id="READ RECORD of a PIN"),
        pytest.param("00 B2 01 44 00", "6981", id="READ RECORD of an internal file"),
        pytest.param("00 B2 01 54 00", "6A82", id="READ RECORD of no file"),
        pytest.param("00 B2 01 64 00", "6982", id="READ RECORD of a guarded file"),
        pytest.param("00 B2 09 64 00", "6982", id="READ RECORD past the end of a guarded file"),
    ],
)
def test_a_record_is_read_by_its_number(command: str, answer: str) -> None:
    hold(small.card(), AT_RECORDS + f"> {command} -> {answer}", **small.GIVEN)


def test_reading_a_record_by_short_identifier_makes_that_file_current() -> None:
    hold(
        small.card(),
        IN_FIRST
        + """
        > 00 B2 01 04 00             -> 6986
        > 00 B2 01 5C 00             -> 01 02 41 42 9000
        > 00 B2 02 04 00             -> 02 01 43 9000
        > 00 20 00 84 04 [value]     -> 9000
        > 00 B2 02 64 00             -> 02 01 43 9000
        """,
        **small.GIVEN,
    )


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        pytest.param("00 CA 00 42 00", "69 73 73 75 65 72 9000", id="a small object"),
        pytest.param("00 CA 00 42 06", "69 73 73 75 65 72 9000", id="Le of just its length"),
        pytest.param("00 CA 00 42 00 00 00", "69 73 73 75 65 72 9000", id="a small object, extended Le"),
        pytest.param("00 CA 00 F9 00", "{256} 9000", id="256 bytes"),
        pytest.param("00 CA 00 F8 00", "6700", id="257 bytes to a short Le"),
        pytest.param("00 CA 00 F8 00 00 00", "{257} 9000", id="257 bytes to an extended Le"),
        pytest.param("00 CA 00 F8 00 01 00", "6700", id="257 bytes to an extended Le of 256"),
        pytest.param("00 CA 00 43 00", "6A88", id="no such object"),
        pytest.param("00 CA DF 30 05", "6A88", id="an object of other cards"),
    ],
)
def test_an_object_is_told_above_all_applications(command: str, answer: str) -> None:
    hold(small.card(), f"> {command} -> {answer}")
    hold(small.card(), IN_FIRST + f"> 00 A4 04 0C 01 A0 -> 9000\n> {command} -> {answer}", **small.GIVEN)


@pytest.mark.parametrize("tag", ["00 42", "00 F8", "5F 51"])
def test_in_an_application_no_object_is_told(tag: str) -> None:
    card = small.card()
    hold(card, IN_FIRST, **small.GIVEN)

    assert ask(card, f"00 CA {tag} 00 00 00") == "6A88"
