"""SELECT and READ BINARY, by conversation with the small card."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mynacard_emulator.card import Card, Session

from . import small
from .conversation import ask, hold

IN_FIRST = "> 00 A4 04 0C 06 [first] -> 9000\n"


@pytest.mark.parametrize(
    ("name", "next_", "ends_in"),
    [
        pytest.param("F00102030401", "0C", "F00102030401", id="the whole name"),
        pytest.param("F00102030402", "0C", "F00102030402", id="the whole name of the second"),
        pytest.param("F0", "0C", "F00102030401", id="the first of two that begin so"),
        pytest.param("F0", "0E", "F00102030401", id="the next, of nothing: the first"),
        pytest.param("F0", "0E 0E", "F00102030402", id="the next of the first"),
        pytest.param("F00102030402", "0C 0C", "F00102030402", id="the same again"),
        pytest.param("A0", "0C", "A0000001510000", id="the issuer security domain by one byte"),
        pytest.param("A0000001510000", "0C", "A0000001510000", id="the issuer security domain"),
    ],
)
def test_a_name_or_its_first_bytes_select_an_application(name: str, next_: str, ends_in: str) -> None:
    card = small.card()
    for p2 in next_.split():
        assert ask(card, f"00 A4 04 {p2} {len(name) // 2:02X} {name}") == "9000"
    current = card.state.session.aid

    assert (current.hex().upper() if current else "A0000001510000") == ends_in


def test_a_card_without_a_security_domain_has_its_applications_and_nothing_to_select_above_them() -> None:
    card = Card(replace(small.profile(), security_domain=False))

    hold(card, IN_FIRST + "> 00 A4 04 0C 07 A0000001510000 -> 6A82\n> 00 A4 04 0C 01 A0 -> 6A82", **small.GIVEN)
    assert card.state.session == Session(small.FIRST)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("00 A4 04 0C 07 F0 01 02 03 04 01 00", id="a longer name"),
        pytest.param("00 A4 04 0C 02 F1 01", id="another name"),
        pytest.param("00 A4 04 0E 06 [first]", id="no other of this name"),
        pytest.param("00 A4 02 0C 02 00 0A", id="no such file"),
        pytest.param("00 A4 00 0C 02 3F 00", id="the master file"),
    ],
)
def test_what_is_not_found_leaves_the_selection_as_it_was(command: str) -> None:
    card = small.card()
    hold(card, IN_FIRST + "> 00 A4 02 0C 02 00 04 -> 9000", **small.GIVEN)

    assert ask(card, command, **small.GIVEN) == "6A82"
    assert card.state.session == Session(small.FIRST, small.PIN)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        pytest.param("00 A4 04 00 01 F0", "9000", id="no Le, no control information"),
        pytest.param("00 A4 04 00 01 F0 00", "6F 08 84 06 [first] 9000", id="Le: the name in full"),
        pytest.param("00 A4 04 02 01 F0 00", "6F 08 84 06 [first] 9000", id="the next, with Le"),
        pytest.param("00 A4 04 00 02 A0 00 00", "6F 09 84 07 A0000001510000 9000", id="the level above"),
    ],
)
def test_control_information_names_what_was_selected(command: str, answer: str) -> None:
    hold(small.card(), f"> {command} -> {answer}", **small.GIVEN)


def test_after_power_on_there_is_no_file_and_nothing_to_go_back_to() -> None:
    hold(
        small.card(),
        """
        > 00 A4 00 00           -> 6A86
        > 00 A4 00 0C           -> 6A86
        > 00 A4 00 00 02 3F 00  -> 6A82
        > 00 A4 02 0C 02 00 01  -> 6A82
        > 00 B0 81 00 00        -> 6A82
        > 00 B0 00 00 00        -> 6986
        > 00 20 00 80           -> 6986
        > 00 20 00 84           -> 6A82
        > 80 2A 00 80 01 AA 00  -> 6986
        > 80 2A 00 87 01 AA 00  -> 6A82
        """,
    )


def test_select_with_no_name_succeeds_in_an_application_and_changes_nothing() -> None:
    hold(
        small.card(),
        IN_FIRST
        + """
        > 00 A4 02 0C 02 00 01  -> 9000
        > 00 A4 00 00           -> 9000
        > 00 B0 00 00 10        -> [content] 9000
        """,
        **small.GIVEN,
    )


def test_selecting_an_application_leaves_no_file_current() -> None:
    hold(
        small.card(),
        IN_FIRST + "> 00 A4 02 0C 02 00 01 -> 9000\n" + IN_FIRST + "> 00 B0 00 00 00 -> 6986",
        **small.GIVEN,
    )


@pytest.mark.parametrize(
    ("command", "begin", "end"),
    [
        pytest.param("00 B0 00 00 00", 0, 256, id="Le 00 is 256"),
        pytest.param("00 B0 01 00 00", 256, 512, id="the second page"),
        pytest.param("00 B0 02 00 00", 512, 700, id="the last page is short"),
        pytest.param("00 B0 02 BB FF", 699, 700, id="one byte is left"),
        pytest.param("00 B0 00 03 05", 3, 8, id="from the middle"),
        pytest.param("00 B0 00 00 00 01 2C", 0, 300, id="extended Le"),
        pytest.param("00 B0 00 0A 00 00 00", 10, 700, id="extended Le of everything"),
        pytest.param("00 B0 89 00 00", 0, 256, id="by short identifier"),
        pytest.param("00 B0 89 FF 02", 255, 257, id="by short identifier, with an offset"),
    ],
)
def test_a_read_ends_where_the_file_does_and_says_9000(command: str, begin: int, end: int) -> None:
    hold(
        small.card(),
        IN_FIRST + f"> 00 A4 02 0C 02 00 09 -> 9000\n> {command} -> [part] 9000",
        part=small.LONG_CONTENT[begin:end],
        **small.GIVEN,
    )


@pytest.mark.parametrize("offset", ["02 BC", "02 BD", "03 00", "7F FF"])
def test_a_read_beyond_the_end_is_6b00(offset: str) -> None:
    hold(small.card(), IN_FIRST + f"> 00 A4 02 0C 02 00 09 -> 9000\n> 00 B0 {offset} 00 -> 6B00", **small.GIVEN)


def test_reading_by_short_identifier_makes_that_file_current() -> None:
    hold(
        small.card(),
        IN_FIRST
        + """
        > 00 A4 02 0C 02 00 09 -> 9000
        > 00 B0 81 00 01       -> 40 9000
        > 00 B0 00 00 10       -> [content] 9000
        """,
        **small.GIVEN,
    )


@pytest.mark.parametrize("command", ["00 B0 83 00 00", "00 B0 84 00 00", "00 B0 81 10 01", "00 B0 8A 00 00"])
def test_a_refused_read_by_short_identifier_leaves_the_current_file(command: str) -> None:
    card = small.card()
    hold(card, IN_FIRST + "> 00 A4 02 0C 02 00 09 -> 9000", **small.GIVEN)

    assert ask(card, command)[0] == "6"
    assert card.state.session.fid == small.LONG


@pytest.mark.parametrize(
    ("file", "answer"),
    [
        pytest.param("81", "[content] 9000", id="a free file"),
        pytest.param("82", "6982", id="a guarded file"),
        pytest.param("83", "6982", id="a closed file"),
        pytest.param("84", "6981", id="a PIN"),
        pytest.param("87", "6981", id="a key"),
        pytest.param("88", "6981", id="an internal file"),
        pytest.param("8A", "6A82", id="no file"),
    ],
)
def test_what_may_be_read_before_any_pin(file: str, answer: str) -> None:
    hold(small.card(), IN_FIRST + f"> 00 B0 {file} 00 00 -> {answer}", **small.GIVEN)
