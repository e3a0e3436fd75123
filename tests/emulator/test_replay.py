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
from mynacard_emulator.applications import jpki
from mynacard_emulator.card import Behaviour, Card, ContactATR, Question, questions
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.iso7816 import SW
from mynacard_emulator.personalise.answers import as_word
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.pins import Pins
from mynacard_emulator.readers.stack import PrivateStack
from mynacard_emulator.readers.vpcd import VirtualSlot
from mynacard_emulator.replay import Difference, against_card
from mynacard_emulator.transcript import Event, Exchange, Narrator, lines, read

from .card import small
from .card.conversation import ask, hold
from .card.held import content
from .card.test_behaviour import EXPERIMENTS, GIVEN

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


def against(exchanges: Iterable[Exchange], hand: CardInHand) -> Difference:
    return against_card(exchanges, hand.card.profile, hand.card.state.memory)


def test_the_same_card_answers_the_same(issued: IssuedCard) -> None:
    difference = against(recorded(issued, DAY), CardInHand.in_memory(issued))

    assert difference == Difference(found=False, lines=("no difference",))


def test_nothing_recorded_is_no_difference(issued: IssuedCard) -> None:
    assert not against([], CardInHand.in_memory(issued)).found


def test_what_the_reader_said_is_no_difference(issued: IssuedCard) -> None:
    uid = Exchange("command", bytes.fromhex("FFCA000000"), bytes.fromhex("010203049000"))

    assert not against([uid, *recorded(issued, DAY)], CardInHand.in_memory(issued)).found


def test_a_difference_is_told_with_the_open_question_that_explains_it_and_how_a_profile_answers_it(
    issued: IssuedCard,
) -> None:
    other = CardInHand.in_memory(replace(issued, behaviour=Behaviour(blocked_verify=SW.AUTHENTICATION_METHOD_BLOCKED)))
    difference = against(recorded(issued, DAY), other)

    assert difference.found
    assert difference.lines == (
        f"difference: exchange {len(DAY) - 2}",
        "  > 0020008004••••••••  ; VERIFY the auth PIN",
        "  recorded < 6984  ; blocked",
        "  now      < 6983  ; blocked",
        "  an open question: What does VERIFY answer for a PIN that is blocked already?",
        '    blocked_verify = "6984"',
        "a profile with this has no difference:",
        "[behaviour]",
        'blocked_verify = "6984"',
    )


def test_a_warm_reset_that_forgets_shows_at_the_next_command(issued: IssuedCard) -> None:
    other = CardInHand.in_memory(replace(issued, behaviour=Behaviour(warm_reset_keeps_session=False)))
    difference = against(recorded(issued, DAY), other)

    assert difference.lines[0] == "difference: exchange 8"
    assert difference.lines[2:4] == ("  recorded < 63C3  ; 3 tries left", "  now      < 6986  ; no file is selected")
    assert difference.lines[-1] == 'warm_reset_keeps_session = "true"'


def test_a_card_with_other_pins_gets_its_own_right_and_wrong_ones(issued: IssuedCard) -> None:
    pins = Pins(sign="ZZZ999", auth="0000", juki="2345", text="3456")
    said = [SELECT_JPKI, AT_AUTH_PIN, WRONG, RIGHT, WRONG, RIGHT, "0020009B06" + b"ABC123".hex()]

    assert not against(recorded(issued, said), CardInHand.in_memory(replace(issued, pins=pins))).found


def test_a_pin_of_another_length_cannot_be_entered_in_its_place(issued: IssuedCard) -> None:
    longer = CardInHand.in_memory(replace(issued, pins=Pins(sign="ABC1234", auth="1234", juki="2345", text="3456")))
    difference = against(recorded(issued, [SELECT_JPKI, "0020009B06" + b"ABC123".hex()]), longer)

    assert difference.lines[2:] == (
        "  recorded < 9000  ; done",
        "  now      < 63C4  ; 4 tries left",
        "no open question about the card explains that",
    )


def test_a_verify_of_what_is_no_pin_is_played_as_it_is(issued: IssuedCard) -> None:
    said = [RIGHT, SELECT_JPKI, "0020008A04" + "31" * 4, "0020008F04" + "31" * 4, AT_AUTH_PIN, QUERY]

    assert not against(recorded(issued, said), CardInHand.in_memory(issued)).found


def test_what_was_recorded_with_its_pins_is_played_with_them(issued: IssuedCard) -> None:
    exchanges = happened(CardInHand.in_memory(issued), [SELECT_JPKI, AT_AUTH_PIN, WRONG[:-2] + "31", RIGHT])

    assert not against(exchanges, CardInHand.in_memory(issued)).found
    assert against(exchanges, CardInHand.in_memory(issued, {"auth": 1})).lines[2:4] == (
        "  recorded < 63C2  ; 2 tries left",
        "  now      < 63C0  ; no try left: locked",
    )


def test_no_line_about_a_difference_has_a_pin(issued: IssuedCard) -> None:
    difference = against(
        happened(CardInHand.in_memory(issued), [SELECT_JPKI, AT_AUTH_PIN, RIGHT]),
        CardInHand.in_memory(issued, {"auth": "locked"}),
    )

    assert difference.found
    assert not re.search("31323334|1234", " ".join(difference.lines))


# ---------------------------------------------------------------- what cannot be compared


def test_random_bytes_are_no_difference_and_their_refusal_is(issued: IssuedCard) -> None:
    said = ["0084000008", SELECT_JPKI, AT_AUTH_PIN, RIGHT, "802A0597010100"]

    assert not against(recorded(issued, said), CardInHand.in_memory(issued)).found
    assert against([Exchange("command", bytes.fromhex("0084000008"), b"\x6d\0")], CardInHand.in_memory(issued)).found


def test_content_that_was_left_out_of_a_recording_is_compared_by_its_status_and_whether_there_is_any(
    issued: IssuedCard,
) -> None:
    def compared(answer: str) -> tuple[str, ...]:
        written = ["> 00A4040C0AD392F000260100000001", "< 9000", "> 00B0860004", f"< {answer}"]
        return against(read(written), CardInHand.in_memory(issued)).lines

    assert compared("••••••••9000") == ("no difference",)
    assert compared("••9000") == ("no difference", "content of another length, perhaps another holder's: exchange 2")
    assert compared("••••••••6282")[2:4] == (
        "  recorded < ••••••••6282  ; 4 bytes, which is all there is",
        "  now      < ••••••••9000  ; 4 bytes, done",
    )
    assert compared("9000")[0] == "difference: exchange 2"


# ---------------------------------------------------------------- what explains a difference


class Noted(Card):
    """A card whose conversation is written down."""

    noted: tuple[Exchange, ...] = ()

    def transmit(self, command: bytes) -> bytes:
        answer = super().transmit(command)
        self.noted = (*self.noted, Exchange("command", command, answer))
        return answer

    def reset(self) -> bytes:
        self.noted = (*self.noted, Exchange("reset"))
        return super().reset()


ALTERNATIVES = [(question, answer) for question in questions() for answer in question.alternatives]
HEARD = [
    pytest.param(question, answer, id=f"{question.name}={as_word(answer)}")
    for question, answer in ALTERNATIVES
    if question.name in EXPERIMENTS
]


def experiment(about: Question, question: Question, answer: object) -> tuple[Exchange, ...]:
    """What is said in the experiment about one question to a card that answers a question, perhaps another, so."""
    card = Noted(small.profile(**{question.name: answer}))
    try:
        hold(card, EXPERIMENTS[about.name].first, **GIVEN)
    except AssertionError:
        return ()
    ask(card, EXPERIMENTS[about.name].then, **GIVEN)
    return card.noted


@pytest.mark.parametrize(("question", "answer"), HEARD)
def test_an_experiment_is_explained_by_what_the_card_was_made_with_and_what_looks_just_like_it(
    question: Question, answer: object
) -> None:
    heard = experiment(question, question, answer)
    alike = [
        f'    {other.name} = "{as_word(word)}"'
        for other, word in ALTERNATIVES
        if heard == experiment(question, other, word)
    ]
    told = against_card(read(line for exchange in heard for line in lines(exchange)), small.profile()).lines

    assert f'    {question.name} = "{as_word(answer)}"' in alike
    seen = question.name != "pss_longest_salt"  # which nobody sees who has not got the public key
    assert answers(told) == ([*alike, alike[0].strip()] if seen else [])


def answers(told: Iterable[str]) -> list[str]:
    """The answers to open questions among these lines, as a profile has them."""
    return [line for line in told if re.fullmatch(r' *\w+ = "[\w-]+"', line)]


def test_two_differences_are_explained_one_after_the_other(issued: IssuedCard) -> None:
    behaviour = Behaviour(blocked_verify=SW.AUTHENTICATION_METHOD_BLOCKED, verified_query=SW.NO_ERROR)
    other = replace(issued, behaviour=behaviour)
    difference = against(recorded(other, [*DAY[:6], QUERY, *DAY[6:]]), CardInHand.in_memory(issued))

    assert [line for line in difference.lines if line.startswith(("difference", "    "))] == [
        "difference: exchange 7",
        '    verified_query = "9000"',
        f"difference: exchange {len(DAY) - 1}",
        '    blocked_verify = "6983"',
    ]
    assert difference.lines[-4:] == (
        "a profile with this has no difference:",
        "[behaviour]",
        'blocked_verify = "6983"',
        'verified_query = "9000"',
    )


def test_answers_that_explain_a_difference_equally_well_are_all_named_and_the_first_is_taken(
    issued: IssuedCard,
) -> None:
    other = replace(issued, behaviour=Behaviour(contact_atr_object=ContactATR.NOWHERE))
    difference = against(recorded(other, ["00CA5F5100"]), CardInHand.in_memory(issued))

    assert answers(difference.lines) == [
        '    contact_atr_object = "in-applications"',
        '    contact_atr_object = "nowhere"',
        'contact_atr_object = "in-applications"',
    ]


def test_what_no_open_question_explains_does_not_hide_what_one_does(issued: IssuedCard) -> None:
    end = len(content(issued.profile(), jpki.AID, jpki.TOKEN_INFO))
    exchanges = [
        Exchange("command", bytes.fromhex("00A4040C03AABBCC"), b"\x90\0"),
        *recorded(replace(issued, behaviour=Behaviour(read_at_end=SW.NO_ERROR)), [SELECT_JPKI, f"00B086{end:02X}00"]),
        Exchange("command", bytes.fromhex("00B09E0000"), b"!\x90\0"),
    ]
    difference = against(exchanges, CardInHand.in_memory(issued))

    assert [line for line in difference.lines if not line.startswith("  ") or "=" in line] == [
        "difference: exchange 1",
        "difference: exchange 3",
        '    read_at_end = "9000"',
        "difference: exchange 4",
        "a profile with this leaves 2 unexplained:",
        "[behaviour]",
        'read_at_end = "9000"',
    ]


def test_many_differences_are_counted_rather_than_shown(issued: IssuedCard) -> None:
    other = CardInHand.in_memory(profiles.load("other-card"))
    told = against(recorded(issued, [SELECT_JPKI, *30 * ["00B0860001"]]), other).lines

    assert sum(line.startswith("difference") for line in told) == 10
    assert told[-2:] == ("and 21 more", "no open question about the card explains these")


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
            "difference: exchange 5",
            "  > 00200080  ; VERIFY, empty: how many tries are left for the auth PIN?",
            "  recorded < 63C3  ; 3 tries left",
            "  now      < 63C1  ; 1 try left",
        ]

    assert (same.tries_left("auth"), other.tries_left("auth")) == (3, 1)
