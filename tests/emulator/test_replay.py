"""A recorded conversation, played again: on the same card nothing differs, on another the first difference is named."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.card import Behaviour
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.iso7816 import SW
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.pins import Pins
from mynacard_emulator.readers.stack import PrivateStack
from mynacard_emulator.readers.vpcd import VirtualSlot
from mynacard_emulator.replay import Difference, against_card
from mynacard_emulator.transcript import Event, Exchange, Narrator, lines, read

SELECT_JPKI, AT_AUTH_PIN = "00A4040C0AD392F000260100000001", "00A4020C020018"
QUERY, RIGHT, WRONG, CHANGE = (
    "00200080",
    "0020008004" + b"1234".hex(),
    "0020008004" + b"0000".hex(),
    "0024018004" + b"9876".hex(),
)
AUTH_CERTIFICATE = "00B08A0000"
PATIENCE = 20.0

DAY: tuple[str | Event, ...] = (
    "insert",
    SELECT_JPKI,
    AT_AUTH_PIN,
    QUERY,
    WRONG,
    RIGHT,
    "reset",
    QUERY,
    AUTH_CERTIFICATE,
    "0020009B06" + b"ABC123".hex(),
    WRONG,
    "eject",
    "insert",
    "00A40000",
    SELECT_JPKI,
    AT_AUTH_PIN,
    RIGHT,
    "power_off",
    "power_on",
    "8C",
    SELECT_JPKI,
    AT_AUTH_PIN,
    WRONG,
    WRONG,
    WRONG,
    WRONG,
    RIGHT,
    QUERY,
)
"""A card's day: every event, right and wrong PINs of both kinds, and a lock at the end."""


@pytest.fixture(scope="module")
def issued() -> IssuedCard:
    return profiles.load("adult")


def happened(hand: CardInHand, said: Iterable[str | Event]) -> list[Exchange]:
    """Say it to a card; return what a reader would have noted."""
    noted = []
    for words in said:
        match words:
            case "insert" | "power_on" | "power_off" | "eject" | "reset" as event:
                {"reset": hand.card.reset}.get(event, hand.card.power_off)()
                noted.append(Exchange(event))
            case _:
                command = bytes.fromhex(words)
                noted.append(Exchange("command", command, hand.card.transmit(command)))
    return noted


def recorded(issued: IssuedCard, said: Iterable[str | Event]) -> list[Exchange]:
    """The same, written down with dots for the PINs, and read again."""
    narrator = Narrator()
    written = [line for exchange in happened(CardInHand.in_memory(issued), said) for line in lines(exchange, narrator)]
    assert not any(pin in line for line in written for pin in ("31323334", "414243313233"))
    return list(read(written))


def test_the_same_card_answers_the_same(issued: IssuedCard) -> None:
    difference = against_card(recorded(issued, DAY), CardInHand.in_memory(issued))

    assert difference == Difference(found=False, lines=("no difference",))


def test_nothing_recorded_is_no_difference(issued: IssuedCard) -> None:
    assert not against_card([], CardInHand.in_memory(issued)).found


def test_what_the_reader_said_is_no_difference(issued: IssuedCard) -> None:
    uid = Exchange("command", bytes.fromhex("FFCA000000"), bytes.fromhex("010203049000"))

    assert not against_card([uid, *recorded(issued, DAY)], CardInHand.in_memory(issued)).found


def test_the_first_difference_is_named_with_what_was_said_before_and_now(issued: IssuedCard) -> None:
    other = CardInHand.in_memory(replace(issued, behaviour=Behaviour(blocked_verify=SW.AUTHENTICATION_METHOD_BLOCKED)))
    difference = against_card(recorded(issued, DAY), other)

    assert difference.found
    assert difference.lines == (
        f"first difference: exchange {len(DAY) - 2}",
        "  > 0020008004••••••••  ; VERIFY the auth PIN",
        "  recorded < 6984  ; blocked",
        "  now      < 6983  ; blocked",
    )


def test_a_warm_reset_that_forgets_shows_at_the_next_command(issued: IssuedCard) -> None:
    other = CardInHand.in_memory(replace(issued, behaviour=Behaviour(warm_reset_keeps_session=False)))
    difference = against_card(recorded(issued, DAY), other)

    assert difference.lines[:1] == ("first difference: exchange 8",)
    assert difference.lines[2:] == ("  recorded < 63C3  ; 3 tries left", "  now      < 6986  ; no file is selected")


def test_a_card_with_other_pins_gets_its_own_right_and_wrong_ones(issued: IssuedCard) -> None:
    pins = Pins(sign="ZZZ999", auth="0000", juki="2345", text="3456")
    said = [SELECT_JPKI, AT_AUTH_PIN, WRONG, RIGHT, WRONG, RIGHT, "0020009B06" + b"ABC123".hex()]

    assert not against_card(recorded(issued, said), CardInHand.in_memory(replace(issued, pins=pins))).found


def test_a_pin_of_another_length_cannot_be_entered_in_its_place(issued: IssuedCard) -> None:
    longer = CardInHand.in_memory(replace(issued, pins=Pins(sign="ABC1234", auth="1234", juki="2345", text="3456")))
    difference = against_card(recorded(issued, [SELECT_JPKI, "0020009B06" + b"ABC123".hex()]), longer)

    assert difference.lines[2:] == ("  recorded < 9000  ; done", "  now      < 63C4  ; 4 tries left")


def test_a_verify_of_what_is_no_pin_is_played_as_it_is(issued: IssuedCard) -> None:
    said = [RIGHT, SELECT_JPKI, "0020008A04" + "31" * 4, "0020008F04" + "31" * 4, AT_AUTH_PIN, QUERY]

    assert not against_card(recorded(issued, said), CardInHand.in_memory(issued)).found


def test_what_was_recorded_with_its_pins_is_played_with_them(issued: IssuedCard) -> None:
    exchanges = happened(CardInHand.in_memory(issued), [SELECT_JPKI, AT_AUTH_PIN, WRONG[:-2] + "31", RIGHT])

    assert not against_card(exchanges, CardInHand.in_memory(issued)).found
    assert against_card(exchanges, CardInHand.in_memory(issued, {"auth": 1})).lines[2:] == (
        "  recorded < 63C2  ; 2 tries left",
        "  now      < 63C0  ; no try left: locked",
    )


def test_no_line_about_a_difference_has_a_pin(issued: IssuedCard) -> None:
    difference = against_card(
        happened(CardInHand.in_memory(issued), [SELECT_JPKI, AT_AUTH_PIN, RIGHT]),
        CardInHand.in_memory(issued, {"auth": "locked"}),
    )

    assert difference.found
    assert not re.search("31323334|1234", " ".join(difference.lines))


# ---------------------------------------------------------------- in a reader


def against_reader(exchanges: Iterable[Exchange], stack: PrivateStack, reader: str) -> list[str]:
    """Play it through PC/SC, in a process of its own, which that process stays a client of for life."""
    written = "\n".join(line for exchange in exchanges for line in lines(exchange))
    program = (
        "import sys\n"
        "from mynacard_emulator import replay, transcript\n"
        "print(*replay.against_reader(transcript.read(sys.stdin), sys.argv[1]).lines, sep='\\n')"
    )
    played = subprocess.run(
        [sys.executable, "-c", program, reader],
        input=written,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
        timeout=30,
        env={**os.environ, **stack.environment, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
    )
    return played.stdout.splitlines()


@pytest.mark.pcsc
def test_a_card_in_a_reader_is_asked_everything_but_a_pin(issued: IssuedCard) -> None:
    said = ["insert", SELECT_JPKI, AUTH_CERTIFICATE, AT_AUTH_PIN, QUERY, RIGHT, WRONG, RIGHT, CHANGE, "00B0860020"]
    exchanges = recorded(issued, said)
    same, other = CardInHand.in_memory(issued), CardInHand.in_memory(issued, {"auth": 1})
    with (
        PrivateStack(("Same", "Other")) as stack,
        VirtualSlot(lambda: stack.connect(0)) as first,
        VirtualSlot(lambda: stack.connect(1)) as second,
    ):
        for slot, hand in ((first, same), (second, other)):
            slot.insert(hand.card)
            assert slot.wait_powered(PATIENCE)
        assert against_reader(exchanges, stack, stack.readers[0]) == ["no difference"]
        assert against_reader(exchanges, stack, stack.readers[1]) == [
            "first difference: exchange 5",
            "  > 00200080  ; VERIFY, empty: how many tries are left for the auth PIN?",
            "  recorded < 63C3  ; 3 tries left",
            "  now      < 63C1  ; 1 try left",
        ]

    assert (same.tries_left("auth"), other.tries_left("auth")) == (3, 1)
