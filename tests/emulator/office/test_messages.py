"""What an office says: every sentence is there, in two languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import pytest

from mynacard_emulator.office import messages
from mynacard_emulator.office.errands import ERRANDS
from mynacard_emulator.office.messages import Message, of_visit
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.visit import PinFailure, Visit

EVERY_ERRAND = {f"{desk}.{name}" for desk, names in ERRANDS.items() for name in names}
TABLES: Mapping[str, Mapping[str, Message]] = {
    "refusals": {reason.value: message for reason, message in messages.REFUSALS.items()},
    "outcomes": messages.OUTCOMES,
    "done": messages.DONE,
    "advice": messages.ADVICE,
    "PINs": messages.PIN_NAMES,
}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def test_there_is_a_sentence_for_every_refusal() -> None:
    assert messages.REFUSALS.keys() == set(Refusal)


def test_there_is_a_sentence_for_every_errand_that_is_done() -> None:
    assert EVERY_ERRAND - messages.DONE.keys() == set()


@pytest.mark.parametrize("table", TABLES)
def test_each_sentence_is_in_english_and_in_japanese(table: str) -> None:
    for message in TABLES[table].values():
        assert message.en
        assert not JAPANESE.search(message.en)
        assert JAPANESE.search(message.ja)


def test_what_is_refused_is_said_in_one_sentence() -> None:
    assert list(of_visit("counter.reset_pin", Visit(refusal=Refusal.DESK_CLOSED), "en")) == [
        "It is closed at this hour or on this day: come when it is open."
    ]


def test_a_wrong_pin_is_named_with_the_tries_that_are_left() -> None:
    visit = Visit(pin=PinFailure("auth", 2))

    assert list(of_visit("counter.renew", visit, "en")) == ["The auth PIN was wrong; 2 tries left."]
    assert list(of_visit("counter.renew", visit, "ja")) == [
        "利用者証明用電子証明書の暗証番号が違います。あと2回入力できます。"
    ]


def test_one_try_is_one() -> None:
    assert list(of_visit("counter.renew", Visit(pin=PinFailure("sign", 1)), "en")) == [
        "The sign PIN was wrong; 1 try left."
    ]


def test_a_pin_that_is_locked_is_said_to_be_so() -> None:
    visit = Visit(pin=PinFailure("juki", 0))

    assert list(of_visit("counter.renew", visit, "en")) == [
        "The register PIN was not accepted, and is locked: have it reset."
    ]


def test_whoever_applied_for_a_card_hears_when_it_is_ready() -> None:
    visit = Visit(ready_on=date(2026, 12, 21))

    assert list(of_visit("counter.apply_reissue", visit, "en"))[-1] == "The card can be collected from 2026-12-21 on."


def test_advice_comes_after_the_rest() -> None:
    said = list(of_visit("counter.reset_pin", Visit(advice=("Some words.",)), "en"))

    assert said == ["The counter has set the new PIN.", "Some words."]
