"""A card in the hand: made, put in a file, taken out, looked at; and what is said where that cannot be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import text
from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.cards import CardInHand, UnknownPinError, with_state
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.storage import CardFile, CardFileDamaged, CardFileError, CardFileExists, CardFileInUse
from tests.emulator.card.conversation import ask, hold

JPKI = bytes.fromhex("D392F000260100000001")
RIGHT, WRONG = "00 20 00 98 04 31323334", "00 20 00 98 04 30303030"


@pytest.fixture(scope="module")
def issued() -> IssuedCard:
    return profiles.load("adult")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.card"


def say(hand: CardInHand, *commands: str) -> list[str]:
    """Say commands to the JPKI application of a card; return the answers."""
    hold(hand.card, "> 00 A4 04 0C 0A [jpki] -> 9000", jpki=JPKI)
    return [ask(hand.card, command) for command in commands]


# ---------------------------------------------------------------- state by name


@pytest.mark.parametrize(
    ("state", "left"),
    [
        ({}, {"sign": 5, "auth": 3, "juki": 3, "text": 3, "number_a": 10, "number_b": 10}),
        (
            {"auth": "locked", "number_b": 1},
            {"sign": 5, "auth": 0, "juki": 3, "text": 3, "number_a": 10, "number_b": 1},
        ),
        (
            {"juki": 1, "text": "2", "number_a": 0},
            {"sign": 5, "auth": 3, "juki": 1, "text": 2, "number_a": 0, "number_b": 10},
        ),
    ],
)
def test_a_card_is_made_with_so_many_tries_left(
    issued: IssuedCard, state: Mapping[str, object], left: dict[str, int]
) -> None:
    hand = CardInHand.in_memory(issued, state)

    visual = {"visual_number_a": 10, "visual_number_b": 10, "birth_date": 10}

    assert {name: hand.tries_left(name) for name in PINS} == left | visual | {"licence": None}


def test_a_locked_pin_is_blocked_on_the_card(issued: IssuedCard) -> None:
    assert say(CardInHand.in_memory(issued, {"auth": "locked"}), "00 20 00 98", RIGHT) == ["63C0", "6984"]


def test_the_tries_left_follow_the_card(issued: IssuedCard) -> None:
    hand = CardInHand.in_memory(issued)
    say(hand, WRONG)

    assert (hand.tries_left("auth"), hand.tries_left("face")) == (2, None)


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ({"face": 1}, "'face' is no PIN of this card; it has sign, auth, juki, text, number_a, number_b"),
        ({"": "locked"}, "'' is no PIN of this card; it has "),
        ({"auth": 4}, "auth: a state is 'locked' or a number of tries up to 3"),
        ({"sign": -1}, "sign: a state is 'locked' or a number of tries up to 5"),
        ({"number_a": "blocked"}, "number_a: a state is 'locked' or a number of tries up to 10"),
        ({"text": None}, "text: a state is 'locked' or a number of tries up to 3"),
        ({"text": 1.5}, "text: a state is 'locked' or a number of tries up to 3"),
    ],
)
def test_a_state_that_cannot_be_is_refused_in_one_line(
    issued: IssuedCard, path: Path, state: Mapping[str, object], says: str
) -> None:
    with pytest.raises(UnknownPinError) as refused:
        CardInHand.in_memory(issued, state)
    with pytest.raises(UnknownPinError) as not_created:
        CardInHand.create(path, issued, state)

    assert str(refused.value) == str(not_created.value)
    assert str(refused.value).startswith(says)
    assert "\n" not in str(refused.value)
    assert not path.exists()


def test_a_pin_that_this_card_does_not_have_is_no_pin_of_it(issued: IssuedCard) -> None:
    memory = CardInHand.in_memory(issued).card.state.memory
    without = type(memory)({path: data for path, data in memory.reference_data.items() if path.aid == text.AID})

    with pytest.raises(UnknownPinError, match="'auth' is no PIN of this card"):
        with_state(without, {"auth": 1})


# ---------------------------------------------------------------- in a file


def test_a_card_comes_out_of_its_file_as_it_went_in(issued: IssuedCard, path: Path) -> None:
    with CardInHand.create(path, issued, {"sign": 2}) as made:
        memory = made.card.state.memory
    with CardInHand.open(path) as taken:
        assert taken.issued == issued
        assert taken.card.state.memory == memory
        assert taken.card.profile.behaviour == issued.behaviour
        assert taken.tries_left("sign") == 2
        assert say(taken, RIGHT, "00 B0 8A 00 00") == say(made, RIGHT, "00 B0 8A 00 00")


@pytest.mark.parametrize("sync", [False, True])
def test_what_verify_did_is_there_after_the_card_was_put_away(issued: IssuedCard, path: Path, *, sync: bool) -> None:
    CardInHand.create(path, issued).close()
    for commands, left in (((WRONG,), 2), ((WRONG, RIGHT), 3), ((WRONG, WRONG, WRONG, RIGHT), 0)):
        with CardInHand.open(path, sync=sync) as hand:
            say(hand, *commands)
        assert CardInHand.look(path).tries_left("auth") == left
        with CardInHand.open(path, sync=sync) as hand:
            assert hand.tries_left("auth") == left


def test_a_changed_pin_is_the_new_one_after_the_card_was_put_away(issued: IssuedCard, path: Path) -> None:
    with CardInHand.create(path, issued) as hand:
        say(hand, RIGHT, "00 A4 02 0C 02 00 18", "00 24 01 80 04 39383736")
    with CardInHand.open(path) as hand:
        assert say(hand, RIGHT, "00 20 00 98 04 39383736") == ["63C2", "9000"]


def test_each_miss_is_in_the_file_before_its_answer_is_heard(issued: IssuedCard, path: Path) -> None:
    with CardInHand.create(path, issued) as hand:
        for left in (2, 1, 0):
            assert say(hand, WRONG) == [f"63C{left}"]
            assert CardInHand.look(path).tries_left("auth") == left


def test_a_card_put_away_answers_no_more_what_it_would_have_to_remember(issued: IssuedCard, path: Path) -> None:
    hand = CardInHand.create(path, issued)
    hand.close()
    hand.close()

    with pytest.raises(ValueError, match="is closed"):
        say(hand, WRONG)
    assert CardInHand.look(path).tries_left("auth") == 3


def test_looking_holds_nothing_and_stores_nothing(issued: IssuedCard, path: Path) -> None:
    with CardInHand.create(path, issued) as held:
        copy = CardInHand.look(path)
        assert say(copy, WRONG) == ["63C2"]
        assert held.tries_left("auth") == CardInHand.look(path).tries_left("auth") == 3
        copy.close()


def test_nobody_else_takes_a_card_that_is_held(issued: IssuedCard, path: Path) -> None:
    with CardInHand.create(path, issued), pytest.raises(CardFileInUse):
        CardInHand.open(path)


def test_a_card_is_replaced_only_where_that_was_asked_for(issued: IssuedCard, path: Path) -> None:
    CardInHand.create(path, issued, {"auth": 1}).close()
    with pytest.raises(CardFileExists):
        CardInHand.create(path, issued)
    assert CardInHand.look(path).tries_left("auth") == 1
    CardInHand.create(path, issued, force=True).close()

    assert CardInHand.look(path).tries_left("auth") == 3


# ---------------------------------------------------------------- damaged


DAMAGES = [
    pytest.param(lambda card, _: card.clear(), id="an empty card"),
    pytest.param(lambda card, _: card.pop("pins"), id="no PINs"),
    pytest.param(lambda card, _: card.update(extra=1), id="something unknown"),
    pytest.param(lambda card, _: card.update(atr=7), id="an ATR that is a number"),
    pytest.param(lambda card, _: card.update(made="yesterday"), id="no date"),
    pytest.param(lambda card, _: card.update(jpki=None), id="no JPKI application"),
    pytest.param(lambda card, _: card.update(my_number="12"), id="a short My Number"),
    pytest.param(lambda card, _: card.update(behaviour={"blocked_verify": "9000"}), id="an unknown answer"),
    pytest.param(
        lambda card, _: card["text"].update(internal_private_key="no key"),
        id="a private key that is none",
    ),
    pytest.param(lambda _, memory: memory.clear(), id="an empty memory"),
    pytest.param(lambda _, memory: memory.pop("JPKI/0018"), id="a PIN forgotten"),
    pytest.param(lambda _, memory: memory.update({"JPKI/0018": None}), id="a PIN of nothing"),
    pytest.param(lambda _, memory: memory.update({"JPKI/0018": [1]}), id="a PIN that is a list"),
    pytest.param(lambda _, memory: memory["JPKI/0018"].pop("left"), id="no tries left"),
    pytest.param(lambda _, memory: memory["JPKI/0018"].update(left="3"), id="tries that are text"),
    pytest.param(lambda _, memory: memory["JPKI/0018"].update(left=4), id="more tries than there are"),
    pytest.param(lambda _, memory: memory["JPKI/0018"].update(tries=16), id="a limit that cannot be"),
    pytest.param(lambda _, memory: memory["JPKI/0018"].update(value=1234), id="a value that is a number"),
    pytest.param(lambda _, memory: memory["JPKI/0018"].update(value="xyz"), id="a value that is no hex"),
]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_card_file_with_another_card_in_it_is_refused_in_one_line(
    issued: IssuedCard, path: Path, damage: Any
) -> None:
    with CardInHand.create(path, issued):
        card, memory = json.loads(json.dumps(CardFile.read(path)))
    damage(card, memory)
    CardFile.create(path, card, memory, force=True).close()
    whole = path.read_bytes()

    for take in (CardInHand.open, CardInHand.look):
        with pytest.raises(CardFileDamaged) as refused:
            take(path)
        message = str(refused.value)
        assert message.startswith(f"{path} is damaged (in the card itself")
        assert "restore a copy" in message
        assert "\n" not in message
        assert "1234" not in message.removeprefix(str(path))
    assert path.read_bytes() == whole
    CardFile.open(path).close()  # nobody holds it


@pytest.mark.parametrize("raw", [b"", b"{}", b"\x00" * 100, b'{"format": "mynacard-card", "version": 1}'])
def test_a_file_that_is_no_card_is_refused_in_one_line(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    for take in (CardInHand.open, CardInHand.look):
        with pytest.raises(CardFileError) as refused:
            take(path)
        assert str(path) in str(refused.value)
        assert "\n" not in str(refused.value)
