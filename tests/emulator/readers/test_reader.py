"""The reader that a card is in: it answers class FF itself, and the card hears everything else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.iso7816 import SW, StatusWord
from mynacard_emulator.readers.port import CONTACT_ATR, TransmitOnly
from mynacard_emulator.readers.reader import (
    CardInReader,
    Interface,
    Reader,
    ReaderBehaviour,
    reader_questions,
)

CONTACTLESS_ATR = bytes.fromhex("3B888001000041E0B381A1003B")
UID, HISTORICAL_BYTES, BUZZER = "FFCA000000", "FFCA010000", "FF00520000"
LOAD_KEYS = "FF82000006FFFFFFFFFFFF"


class Heard:
    """A card that remembers what it heard."""

    def __init__(self) -> None:
        self.commands: list[bytes] = []

    def transmit(self, command: bytes, /) -> bytes:
        self.commands.append(command)
        return b"\x90\x00"


def numbered() -> Iterator[bytes]:
    return (number.to_bytes(4, "big") for number in count(1))


def card(atr: bytes = CONTACTLESS_ATR, interface: Interface | None = None, **answers: object) -> CardInReader:
    """A card in a reader that numbers its UIDs from 1."""
    uids = numbered()
    behaviour = replace(ReaderBehaviour(), **answers)  # type: ignore[arg-type]  # each test gives the right ones
    return CardInReader(TransmitOnly(Heard(), atr), Reader(interface, behaviour, lambda _: next(uids)))


def ask(asked: CardInReader, *commands: str) -> list[str]:
    return [asked.transmit(bytes.fromhex(command)).hex().upper() for command in commands]


def test_a_contactless_reader_tells_the_uid_of_this_activation() -> None:
    asked = card()

    assert ask(asked, UID, UID) == 2 * ["000000019000"]
    asked.power_on()
    assert ask(asked, UID) == ["000000029000"]


def test_a_warm_reset_is_no_new_activation() -> None:
    asked = card()
    before = ask(asked, UID)
    asked.reset()

    assert ask(asked, UID) == before


def test_a_reader_whose_uid_stays_may_be_chosen() -> None:
    asked = card(uid_changes=False)
    before = ask(asked, UID)
    asked.power_off()
    asked.power_on()

    assert ask(asked, UID) == before


def test_left_to_itself_a_reader_draws_four_random_bytes() -> None:
    drawn = set()
    for _ in range(8):
        asked = CardInReader(TransmitOnly(Heard(), CONTACTLESS_ATR))
        drawn.update(ask(asked, UID))

    assert {len(answer) for answer in drawn} == {12}
    assert len(drawn) == 8


@pytest.mark.parametrize(
    ("command", "response"),
    [
        pytest.param("FFCA000004", "000000019000", id="exactly as long as it is"),
        pytest.param("FFCA0000000000", "000000019000", id="an extended length"),
        pytest.param("FFCA000003", "6C04", id="too short a length"),
        pytest.param("FFCA000005", "000000016282", id="too long a length"),
        pytest.param("FFCA0000", "6700", id="no length"),
        pytest.param("FFCA00000203", "6700", id="lengths that contradict one another"),
        pytest.param("FFCA", "6700", id="half a header"),
        pytest.param("FF", "6700", id="a class and nothing else"),
        pytest.param("FFCA020000", "6A81", id="an unknown P1"),
        pytest.param("FFCA000100", "6A81", id="an unknown P2"),
        pytest.param("FFCA010100", "6A81", id="both"),
        pytest.param(HISTORICAL_BYTES, "6A81", id="historical bytes"),
        pytest.param(BUZZER, "6D00", id="buzzer"),
        pytest.param("FF00400004", "6D00", id="something else of a maker's"),
        pytest.param(LOAD_KEYS, "6D00", id="a key for a memory card"),
        pytest.param("FF20008004", "6D00", id="not VERIFY"),
    ],
)
def test_the_reader_answers_by_itself(command: str, response: str) -> None:
    assert ask(card(), command) == [response]


def test_historical_bytes_are_those_of_the_atr() -> None:
    told = card(historical_bytes=SW.NO_ERROR)
    senseless = card(b"\x3b\x8f\x80\x01", historical_bytes=SW.NO_ERROR)

    assert ask(told, HISTORICAL_BYTES) == ["000041E0B381A1009000"]
    assert ask(senseless, HISTORICAL_BYTES) == ["9000"]


def test_a_contact_reader_knows_no_uid() -> None:
    assert ask(card(CONTACT_ATR), UID, HISTORICAL_BYTES, BUZZER) == ["6A81", "6A81", "6D00"]


@pytest.mark.parametrize("atr", [CONTACT_ATR, CONTACTLESS_ATR])
@pytest.mark.parametrize(
    ("interface", "answer"), [(Interface.CONTACT, "6A81"), (Interface.CONTACTLESS, "000000019000")]
)
def test_what_kind_of_reader_it_is_may_be_said(atr: bytes, interface: Interface, answer: str) -> None:
    assert ask(card(atr, interface), UID) == [answer]


EXPERIMENTS = {
    "uid_changes": (CONTACTLESS_ATR, UID),
    "contact_uid": (CONTACT_ATR, UID),
    "historical_bytes": (CONTACTLESS_ATR, HISTORICAL_BYTES),
    "buzzer": (CONTACTLESS_ATR, BUZZER),
    "other_command": (CONTACTLESS_ATR, LOAD_KEYS),
}


@pytest.mark.parametrize("question", reader_questions(), ids=lambda question: question.name)
def test_every_answer_to_a_question_makes_a_difference(question: object) -> None:
    name, answers = question.name, (question.default, *question.alternatives)  # type: ignore[attr-defined]
    atr, command = EXPERIMENTS[name]
    seen = set()
    for answer in answers:
        asked = card(atr, **{name: answer})
        first = ask(asked, command)
        asked.power_on()
        seen.add((*first, *ask(asked, command)))

    assert len(seen) == len(answers)


def test_an_answer_that_nobody_listed_is_refused() -> None:
    with pytest.raises(ValueError, match="buzzer: 1234 is none of the known answers"):
        ReaderBehaviour(buzzer=StatusWord(0x1234))


@pytest.mark.property
@given(st.binary(max_size=300))
def test_the_card_hears_what_is_not_the_readers_and_nothing_else(command: bytes) -> None:
    heard = Heard()
    answer = CardInReader(TransmitOnly(heard)).transmit(command)

    assert heard.commands == ([] if command[:1] == b"\xff" else [command])
    assert len(answer) >= 2


def test_power_and_atr_are_the_cards() -> None:
    asked = card()

    assert (asked.atr, asked.power_on(), asked.reset()) == 3 * (CONTACTLESS_ATR,)
