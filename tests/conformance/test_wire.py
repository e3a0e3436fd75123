"""The harness's own reading of APDUs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mynacard_conformance.outcome import PinKind
from mynacard_conformance.wire import Observer

OK = b"\x90\x00"


@dataclass(frozen=True, slots=True)
class Seen:
    """An exchange, in the shape that the harness asks for."""

    command: bytes
    response: bytes = OK
    event: str = "command"


SELECTED = (
    Seen(bytes.fromhex("00A4040C0AD392F000260100000001")),
    Seen(bytes.fromhex("00A4020C020018")),
)
VERIFY = "20008004" + b"1234".hex()


@pytest.mark.parametrize(
    "said_to_reader",
    [
        pytest.param("FFCA000000", id="UID"),
        pytest.param("FF" + VERIFY, id="what would be VERIFY"),
        pytest.param("FFA4020C02001B", id="what would be SELECT"),
        pytest.param("FFB09B0000", id="what would be READ BINARY"),
    ],
)
def test_what_is_said_to_the_reader_does_nothing_to_the_card(said_to_reader: str) -> None:
    said = Seen(bytes.fromhex(said_to_reader))
    (found,) = Observer().pin_commands((*SELECTED, said, Seen(bytes.fromhex("00" + VERIFY))))

    assert found.pin is PinKind.AUTH


@pytest.mark.parametrize("setting", ["00240180", "80320080", "802C0280"], ids=["CHANGE", "CHANGE KEY", "RESET"])
def test_what_sets_a_new_value_is_tried_against_nothing(setting: str) -> None:
    (found,) = Observer().pin_commands((*SELECTED, Seen(bytes.fromhex(setting + "0431313131"))))

    assert (found.pin, found.data, found.changes, found.counts) == (PinKind.AUTH, b"1111", True, False)


@pytest.mark.parametrize(
    ("response", "pin"),
    [pytest.param(OK, PinKind.SIGN, id="done"), pytest.param(b"\x6d\x00", PinKind.AUTH, id="refused")],
)
def test_an_unblocking_by_short_identifier_makes_its_pin_current_only_where_it_is_done(
    response: bytes, pin: PinKind
) -> None:
    unblocking = Seen(bytes.fromhex("802C039B"), response)
    (found,) = Observer().pin_commands((*SELECTED, unblocking, Seen(bytes.fromhex("00" + VERIFY))))

    assert found.pin is pin
