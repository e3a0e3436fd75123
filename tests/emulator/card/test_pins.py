"""VERIFY, its empty form and CHANGE REFERENCE DATA, by conversation with the small card."""

from __future__ import annotations

import pytest

from .conversation import ask, hold
from .small import GIVEN, card

AT_PIN = "> 00 A4 04 0C 06 [first] -> 9000\n> 00 A4 02 0C 02 00 04 -> 9000\n"
RIGHT, WRONG = "> 00 20 00 80 04 [value] -> 9000\n", "> 00 20 00 80 04 31 32 33 35 -> 63 ..\n"

IN_WORDS = [
    pytest.param(
        """
        > 00 20 00 80                -> 63C3
        > 00 20 00 80                -> 63C3
        > 00 20 00 80 04 31323335    -> 63C2
        > 00 20 00 80                -> 63C2
        > 00 20 00 80 04 31323335    -> 63C1
        > 00 20 00 80                -> 63C1
        """,
        id="a miss costs one try and asking costs none",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 31323335    -> 63C2
        > 00 20 00 80 04 31323335    -> 63C1
        > 00 20 00 80 04 31323335    -> 63C0
        > 00 20 00 80 04 31323335    -> 6984
        > 00 20 00 80 04 [value]     -> 6984
        > 00 20 00 80                -> 63C0
        """,
        id="the miss that exhausts says 63C0, every VERIFY after it 6984",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 31323335    -> 63C2
        > 00 20 00 80 04 31323335    -> 63C1
        > 00 20 00 80 04 [value]     -> 9000
        > 00 20 00 80                -> 63C3
        """,
        id="a success gives all tries back, and the question is answered as ever",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 31323335    -> 63C2
        * power off
        > 00 A4 04 0C 06 [first]     -> 9000
        > 00 20 00 84                -> 63C2
        """,
        id="a counter survives a power cut",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 31323335    -> 63C2
        > 00 20 00 85 06 303030303030 -> 63C4
        > 00 20 00 80 04 31323335    -> 63C3
        > 00 20 00 84                -> 63C2
        """,
        id="a VERIFY by short identifier makes that PIN the current one",
    ),
    pytest.param(
        """
        > 00 20 00 85                -> 63C5
        > 00 20 00 80                -> 63C5
        """,
        id="so does the question",
    ),
    pytest.param(
        """
        > 00 20 00 80 01 31          -> 63C2
        > 00 20 00 80 10 31323334000000000000000000000000 -> 63C1
        """,
        id="a value of another length is a miss like any other",
    ),
    pytest.param(
        """
        > 00 20 00 85 06 616263313233 -> 63C4
        > 00 20 00 85 06 414243313233 -> 9000
        """,
        id="small letters are other bytes",
    ),
    pytest.param(
        """
        > 00 20 00 80 11 3131313131313131313131313131313131 -> 6700
        > 00 20 00 80 00             -> 6700
        > 00 20 00 80 04 313233      -> 6700
        > 00 20 00 9F 04 31323335    -> 6A86
        > 00 20 00 8A 04 31323335    -> 6A82
        > 00 20 00 81 04 31323335    -> 6981
        > 00 20 00 88 04 31323335    -> 6981
        > 00 20 00 88                -> 6981
        > 00 20 00 80                -> 63C3
        """,
        id="what is refused costs no try",
    ),
    pytest.param(
        """
        > 00 20 00 86                -> 63C0
        > 00 20 00 86 04 31323334    -> 6984
        > 00 20 00 86 04 00000000    -> 6984
        """,
        id="a PIN that was never set is delivered blocked",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 [value]     -> 9000
        > 00 B0 82 00 00             -> [content] 9000
        > 00 20 00 84 04 31323335    -> 63C2
        > 00 B0 82 00 00             -> 6982
        > 80 2A 00 87 01 AA 00       -> 6982
        """,
        id="a miss ends the earlier success",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 [value]     -> 9000
        > 00 20 00 85 06 303030303030 -> 63C4
        > 00 B0 82 00 00             -> [content] 9000
        > 00 20 00 84                -> 63C3
        """,
        id="a miss of one PIN is nothing to another",
    ),
    pytest.param(
        """
        > 00 20 00 85 06 [other]     -> 9000
        > 00 B0 82 00 00             -> 6982
        > 80 2A 00 87 01 AA 00       -> 6982
        """,
        id="one PIN does not open what another guards",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 31323335    -> 63C2
        > 00 A4 04 0C 06 [second]    -> 9000
        > 00 20 00 84                -> 63C3
        > 00 20 00 84 04 [value]     -> 63C2
        > 00 20 00 84 04 39393939    -> 9000
        > 00 A4 04 0C 06 [first]     -> 9000
        > 00 20 00 84                -> 63C2
        """,
        id="two applications have a PIN each, whatever its number",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 [value]     -> 9000
        > 80 2A 00 87 01 AA 00       -> {256} 9000
        > 80 2A 00 80 01 AA 00       -> {256} 9000
        > 80 2A 00 80 F5 [longest] 00 -> {256} 9000
        > 80 2A 00 80 F6 AA [longest] 00 -> 6700
        > 80 2A 00 80 01 AA 00       -> {256} 9000
        """,
        id="one VERIFY allows many signatures",
    ),
    pytest.param(
        """
        > 80 2A 00 87 01 AA 00       -> 6982
        > 80 2A 00 81 01 AA 00       -> 6981
        > 80 2A 00 84 01 AA 00       -> 6981
        > 80 2A 00 8A 01 AA 00       -> 6A82
        """,
        id="no signature without the PIN, nor with what is no key",
    ),
    pytest.param(
        """
        > 00 24 01 80 04 39383736    -> 6982
        > 00 20 00 80 04 [value]     -> 9000
        > 00 24 01 80 04 39383736    -> 9000
        > 00 20 00 80                -> 63C3
        > 00 B0 82 00 00             -> [content] 9000
        * power off
        > 00 A4 04 0C 06 [first]     -> 9000
        > 00 20 00 84 04 [value]     -> 63C2
        > 00 20 00 84 04 39383736    -> 9000
        """,
        id="a PIN is changed after its VERIFY, and stays verified",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 [value]     -> 9000
        > 00 A4 02 0C 02 00 05       -> 9000
        > 00 24 01 80 06 414141313131 -> 6982
        > 00 20 00 85 06 [other]     -> 9000
        """,
        id="one PIN does not allow another to be changed",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 [value]     -> 9000
        > 00 A4 02 0C 02 00 01       -> 9000
        > 00 24 01 80 04 39383736    -> 6981
        > 00 A4 04 0C 06 [first]     -> 9000
        > 00 24 01 80 04 39383736    -> 6986
        > 00 20 00 84 04 [value]     -> 9000
        """,
        id="only the current file can be changed, and only where it is a PIN",
    ),
    pytest.param(
        """
        > 00 A4 02 0C 02 00 06       -> 9000
        > 00 24 01 80 04 39383736    -> 6984
        """,
        id="a blocked PIN cannot be changed",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 [value]     -> 9000
        > 00 24 01 80 01 39          -> 9000
        > 00 20 00 80 01 39          -> 9000
        > 00 24 01 80 10 39393939 39393939 39393939 39393939 -> 9000
        > 00 20 00 80 10 39393939 39393939 39393939 39393939 -> 9000
        """,
        id="a new value may have 1 byte, and 16",
    ),
]


@pytest.mark.parametrize("script", IN_WORDS)
def test_conversation(script: str) -> None:
    hold(card(), AT_PIN + script, longest=bytes(245), **GIVEN)


def test_a_change_to_the_same_value_is_a_change_like_any_other() -> None:
    changed = card()
    hold(changed, AT_PIN + RIGHT + "> 00 24 01 80 04 [value] -> 9000\n" + WRONG + RIGHT, **GIVEN)

    assert ask(changed, "00 20 00 80") == "63C3"


ADMINISTERED = [
    pytest.param(
        """
        > 00 20 00 80 04 31323335     -> 63C2
        > 00 20 00 80 04 31323335     -> 63C1
        > 00 20 00 80 04 31323335     -> 63C0
        > 80 2C 03 80                 -> 9000
        > 00 20 00 80                 -> 63C3
        > 00 20 00 80 04 [value]      -> 9000
        """,
        id="a blocked PIN has its tries and its value again",
    ),
    pytest.param(
        """
        > 80 2C 02 80 04 39383736     -> 9000
        > 00 20 00 80 04 [value]      -> 63C2
        > 00 20 00 80 04 39383736     -> 9000
        """,
        id="a new value is in the place of the old one",
    ),
    pytest.param(
        """
        > 80 2C 02 80 05 3132333435   -> 9000
        > 00 20 00 80 05 3132333435   -> 9000
        """,
        id="a new value may be of another length, where the card is not strict",
    ),
    pytest.param(
        """
        > 00 20 00 80 04 [value]      -> 9000
        > 80 2C 03 80                 -> 9000
        > 00 A4 02 0C 02 00 02        -> 9000
        > 00 B0 00 00 00              -> 6982
        """,
        id="whoever was verified is not any more",
    ),
    pytest.param(
        """
        > 80 2C 02 85 06 414141313131 -> 9000
        > 00 20 00 80 06 414141313131 -> 9000
        > 00 20 00 84                 -> 63C3
        """,
        id="a short identifier names another PIN, which is current then",
    ),
    pytest.param(
        """
        > 80 2C 03 86                 -> 6985
        > 00 20 00 86                 -> 63C0
        > 80 2C 02 86 04 39383736     -> 9000
        > 00 20 00 86 04 39383736     -> 9000
        """,
        id="a PIN that was never set has no value to keep, and can be given one",
    ),
    pytest.param(
        """
        > 80 2C 03 81                 -> 6981
        > 00 A4 04 0C 06 [first]      -> 9000
        > 80 2C 03 80                 -> 6986
        """,
        id="only a PIN can be administered",
    ),
]


@pytest.mark.parametrize("script", ADMINISTERED)
def test_a_card_with_administration_for_tests_resets_for_anybody(script: str) -> None:
    hold(card(test_only_administration=True), AT_PIN + script, **GIVEN)


def test_a_card_that_is_strict_about_lengths_is_so_to_an_administrator() -> None:
    strict = card(test_only_administration=True, strict_pin_length=True)
    hold(strict, AT_PIN + "> 80 2C 02 80 05 3132333435 -> 6700\n" + RIGHT, **GIVEN)
