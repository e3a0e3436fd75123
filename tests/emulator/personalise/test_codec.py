"""Issued cards as JSON: there and back, and what is said about JSON that is something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator import profiles
from mynacard_emulator.personalise import codec
from mynacard_emulator.personalise.errors import IssuedDataError
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.pki.errors import IssuerError, UnusableKeyError

DAY = date(2026, 11, 20)
SPEC = profiles.spec("adult")
CARD = personalise(replace(SPEC, behaviour=replace(SPEC.behaviour, strict_pin_length=True)), today=DAY)


def written(card: IssuedCard = CARD) -> Any:
    return json.loads(json.dumps(card.to_json()))


@pytest.mark.parametrize("name", profiles.names())
def test_a_card_comes_back_from_json_as_it_was(name: str) -> None:
    card = profiles.load(name, today=DAY)

    assert IssuedCard.from_json(written(card)) == card


def test_a_card_from_before_there_was_the_visual_application_has_none_and_every_other_part_must_be_there() -> None:
    older = written()
    del older["visual"]

    assert IssuedCard.from_json(older) == replace(CARD, visual=None)
    del older["text"]
    with pytest.raises(IssuedDataError, match=r"card\.text: missing"):
        IssuedCard.from_json(older)


def test_a_behaviour_is_kept_as_the_answers_that_differ() -> None:
    assert written()["behaviour"] == {"strict_pin_length": "true"}
    assert IssuedCard.from_json(written()).behaviour == CARD.behaviour


def test_json_shows_what_people_look_for() -> None:
    record = written()

    assert record["holder"] == {
        "name": "架空　太郎",
        "sex": "1",
        "born": "1980-02-17",
        "address": "東京都架空市見本町１－２－３",
        "name_substitutes": "00000",
        "address_substitutes": "00000000000000",
    }
    assert (record["made"], record["not_after"]) == ("2025-10-27", "2035-02-17")
    assert record["pins"] == {"sign": "ABC123", "auth": "1234", "juki": "2345", "text": "3456"}
    assert record["jpki"]["auth"]["not_after"] == "2030-02-17T23:59:59+09:00"
    assert record["jpki"]["auth"]["der"].startswith("3082")
    assert record["jpki"]["auth"]["private_key"].startswith("-----BEGIN PRIVATE KEY-----\n")


def test_a_card_file_of_before_lacks_what_was_added_later() -> None:
    record = written()
    del record["common"], record["issuer"], record["kind"]
    del record["jpki"]["auth_guarded"], record["jpki"]["sign_only"]

    assert IssuedCard.from_json(record) == replace(CARD, common=None, issuer=None)


def put(*path: str, value: Any) -> Callable[[Any], Any]:
    def change(record: Any) -> Any:
        *parents, last = path
        place = record
        for parent in parents:
            place = place[parent]
        place[last] = value
        return record

    return change


def drop(name: str) -> Callable[[Any], Any]:
    def change(record: Any) -> Any:
        del record[name]
        return record

    return change


@pytest.mark.parametrize(
    ("change", "line"),
    [
        pytest.param(lambda _: None, "card: expected an object", id="nothing"),
        pytest.param(lambda _: [1], "card: expected an object", id="a list"),
        pytest.param(drop("atr"), "card.atr: missing", id="missing"),
        pytest.param(put("colour", value=1), "card.colour: not known here", id="unknown"),
        pytest.param(put("name", value=1), "card.name: expected text", id="number for text"),
        pytest.param(put("name", value="\ud800"), "card.name: expected text", id="half a character"),
        pytest.param(
            put("holder", "born", value="1800-01-01"), "card: 1800-01-01 is before the Meiji era", id="too old"
        ),
        pytest.param(put("made", value="soon"), "card.made: expected a date", id="no date"),
        pytest.param(put("made", value=3), "card.made: expected a date", id="number for date"),
        pytest.param(put("atr", value="3G"), "card.atr: expected hex digits", id="no hex"),
        pytest.param(put("holder", "sex", value="7"), "card.holder.sex: expected another value", id="no member"),
        pytest.param(put("holder", "sex", value=[]), "card.holder.sex: expected another value", id="list for member"),
        pytest.param(
            put("jpki", "auth", "serial_number", value=True),
            "card.jpki.auth.serial_number: expected a number",
            id="boolean for number",
        ),
        pytest.param(
            put("jpki", "auth", "not_after", value="2030-02-17T23:59:59"),
            "card.jpki.auth.not_after: expected a date and time with offset",
            id="no offset",
        ),
        pytest.param(put("jpki", "auth", value="x"), "card.jpki.auth: expected an object", id="text for record"),
        pytest.param(put("behaviour", "x", value="y"), "card.behaviour.x: no such question", id="no question"),
        pytest.param(
            put("behaviour", "blocked_verify", value=1),
            "card.behaviour.blocked_verify: '1' is not one of: 6984, 6983",
            id="no answer",
        ),
        pytest.param(
            put("pins", "auth", value="９９９９"),
            "card.pins: the auth PIN must be exactly four ASCII digits",
            id="a PIN that cannot be",
        ),
        pytest.param(
            put("licence", value={"data": "", "signature": "", "pin": "12345"}),
            "card: the PIN of a licence has four digits",
            id="a licence PIN that cannot be",
        ),
        pytest.param(put("kind", value="passport"), "card.kind: expected another value", id="no kind"),
        *(
            pytest.param(
                put(name, value=None),
                "card: a card of the kind 'my-number-card' has other applications",
                id=f"no {name}",
            )
            for name in ("jpki", "text")
        ),
        pytest.param(
            put("kind", value="android"), "card: a card of the kind 'android' has other applications", id="a full phone"
        ),
        pytest.param(
            put("jpki", "auth_guarded", value=1), "card.jpki.auth_guarded: expected true or false", id="number for flag"
        ),
        pytest.param(
            put("my_number", value="1"),
            "card: a My Number has twelve digits and a security code four",
            id="a My Number that cannot be",
        ),
    ],
)
def test_json_that_is_no_card_is_named_without_its_value(change: Callable[[Any], Any], line: str) -> None:
    with pytest.raises(IssuedDataError) as refused:
        IssuedCard.from_json(change(written()))

    assert str(refused.value) == line
    assert isinstance(refused.value, IssuerError)


def test_a_damaged_private_key_is_found_when_the_card_is_made_of_it() -> None:
    card = IssuedCard.from_json(put("jpki", "auth", "private_key", value="-----BEGIN")(written()))

    with pytest.raises(UnusableKeyError):
        card.profile()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from(sorted(CARD.to_json())), JSON)
def test_no_json_crashes_the_reader(name: str, value: Any) -> None:
    record = put(name, value=value)(written())
    try:
        card = IssuedCard.from_json(record)
    except IssuedDataError:
        return
    assert IssuedCard.from_json(written(card)) == card


def test_only_records_have_a_json_form() -> None:
    with pytest.raises(TypeError, match="no JSON for set"):
        codec.encode({1})
