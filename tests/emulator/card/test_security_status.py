"""What the security status survives, and what ends it (F-029)."""

from __future__ import annotations

import pytest

from .conversation import ask, hold
from .small import FIRST, GIVEN, PIN, card

SURVIVES, ENDS = "[content] 9000", "6982"


@pytest.mark.parametrize(
    ("event", "then"),
    [
        pytest.param("* power off", ENDS, id="power-off ends it"),
        pytest.param("* power on", ENDS, id="a cold reset ends it"),
        pytest.param("* reset", SURVIVES, id="it survives a warm reset"),
        pytest.param("> 00 A4 04 0C 06 [first] -> 9000", SURVIVES, id="and SELECT of the same application"),
        pytest.param("> 00 A4 04 00 06 [first] 00 -> {10} 9000", SURVIVES, id="and so with control information"),
        pytest.param("> 00 A4 04 0C 01 F0 -> 9000", SURVIVES, id="and so by a partial name"),
        pytest.param("> 00 A4 04 0C 02 F0 FF -> 6A82", SURVIVES, id="and SELECT of what is not there"),
        pytest.param("> 00 A4 00 00 -> 9000", SURVIVES, id="and SELECT with no name"),
        pytest.param("> 00 A4 02 0C 02 00 08 -> 9000", SURVIVES, id="and SELECT of another file"),
        pytest.param("> 00 A4 04 0C 06 [second] -> 9000", ENDS, id="SELECT of another application ends it"),
        pytest.param("> 00 A4 04 0E 01 F0 -> 9000", ENDS, id="and so as the next of a name"),
        pytest.param("> 00 A4 04 0C 07 A0000001510000 -> 9000", ENDS, id="SELECT of the level above ends it"),
    ],
)
def test_after_a_success(event: str, then: str) -> None:
    hold(
        card(),
        f"""
        > 00 A4 04 0C 06 [first]     -> 9000
        > 00 20 00 84 04 [value]     -> 9000
        > 00 B0 82 00 00             -> [content] 9000
        {event}
        > 00 A4 04 0C 06 [first]     -> 9000
        > 00 B0 82 00 00             -> {then}
        """,
        **GIVEN,
    )


def test_a_warm_reset_leaves_the_application_and_the_file_current() -> None:
    reset = card()
    hold(reset, "> 00 A4 04 0C 06 [first] -> 9000\n> 00 A4 02 0C 02 00 04 -> 9000\n* reset", **GIVEN)

    assert (reset.state.session.aid, reset.state.session.fid) == (FIRST, PIN)
    assert ask(reset, "00 20 00 80") == "63C3"


@pytest.mark.parametrize("first_event", ["* power off", "* power on"])
def test_after_power_off_no_application_is_current(first_event: str) -> None:
    cut = card()
    hold(cut, f"> 00 A4 04 0C 06 [first] -> 9000\n> 00 A4 02 0C 02 00 04 -> 9000\n{first_event}", **GIVEN)

    assert ask(cut, "00 20 00 80") == "6986"
    assert ask(cut, "00 A4 02 0C 02 00 04") == "6A82"


def test_nobody_else_can_use_a_success_of_the_same_number_in_another_application() -> None:
    hold(
        card(),
        """
        > 00 A4 04 0C 06 [second]    -> 9000
        > 00 20 00 84 04 39393939    -> 9000
        > 00 A4 04 0C 06 [first]     -> 9000
        > 00 B0 82 00 00             -> 6982
        """,
        **GIVEN,
    )
