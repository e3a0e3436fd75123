"""The card checks are checked: an honest card is never accused, and a card that must be given back keeps its tries."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from mynacard_conformance.card_checks import apdu, places
from mynacard_conformance.card_checks.bench import Allowance, Bench
from mynacard_conformance.card_checks.judging import judge
from mynacard_conformance.card_checks.lives import Lives
from mynacard_conformance.card_checks.table import CHECKS
from mynacard_conformance.card_checks.verdicts import CardReport
from mynacard_conformance.requirements import Price
from mynacard_conformance.verdict import Verdict
from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Memory, PinPath, questions

from .on_the_bench import all_known, judge_card, profile

OF_CARDS = sum(check.id.startswith("card/") for check in CHECKS)


def said(report: CardReport) -> Counter[Verdict]:
    return Counter(judged.verdict for judged in report.verdicts)


def test_there_are_many_requirements_and_each_has_one_check() -> None:
    ids = [check.id for check in CHECKS]

    assert len(ids) == len(set(ids)) >= 150


def test_every_sentence_is_said_in_both_languages_and_names_its_source() -> None:
    for check in CHECKS:
        requirement = check.requirement
        assert requirement.id.startswith(("card/", "reader/"))
        assert requirement.sentence.isascii(), requirement.id
        assert not requirement.sentence_ja.isascii(), requirement.id
        assert requirement.sentence_ja.endswith("。")
        assert requirement.source


@pytest.mark.parametrize("name", profiles.names())
def test_the_honest_card_of_every_profile_is_never_accused(name: str) -> None:
    report = judge_card(Card(profile(name)))

    assert report.broken == frozenset()
    assert said(report)[Verdict.INCONCLUSIVE] == 0
    assert not report.fault


def test_an_ordinary_card_is_judged_by_every_requirement() -> None:
    left_out = {
        each.requirement.id for each in judge_card(Card(profile("adult"))).verdicts if each.verdict is not Verdict.PASS
    }

    assert left_out == {check.id for check in CHECKS if check.id.startswith("reader/")}


def test_a_card_says_which_of_the_known_ways_it_has() -> None:
    base = profile("adult")
    behaviour = replace(base.behaviour, warm_reset_keeps_session=False)

    assert judge_card(Card(base)).notes["warm-reset"] == "kept"
    assert judge_card(Card(replace(base, behaviour=behaviour))).notes["warm-reset"] == "ended"


# ---------------------------------------------------------------- mercy


class Purse(Card):
    """An honest card that notes the smallest number of tries that each PIN ever had, and every PIN's value."""

    def __init__(self, name: str) -> None:
        super().__init__(profile(name), on_memory=lambda _old, new: self.look(new))
        self.least = {path: data.counter.left for path, data in self.state.memory.reference_data.items()}
        self.values = {path: data.value for path, data in self.state.memory.reference_data.items()}
        self.changed = False

    def look(self, memory: Memory) -> None:
        for path, data in memory.reference_data.items():
            self.least[path] = min(self.least[path], data.counter.left)
            self.changed |= data.value != self.values[path]

    def left(self, pin: places.Pin) -> int:
        return self.state.memory.reference_data[PinPath(pin.application.aid, pin.fid)].counter.left

    def fewest(self, pin: places.Pin) -> int:
        return self.least[PinPath(pin.application.aid, pin.fid)]


def test_a_card_of_which_nothing_is_known_pays_nothing() -> None:
    card = Purse("adult")

    report = judge(Bench(card, Allowance()), "adult")

    assert all(card.fewest(pin) == pin.limit for pin in places.PINS if pin != places.LICENCE_PIN)
    assert report.broken == frozenset()
    assert said(report)[Verdict.PASS] > 50


def test_without_leave_to_spend_tries_none_is_spent() -> None:
    card = Purse("adult")

    report = judge(Bench(card, all_known(card.profile, spends=False, expendable=False)), "adult")

    assert all(card.fewest(pin) == pin.limit for pin in places.PINS if pin != places.LICENCE_PIN)
    left_out = [each.requirement for each in report.verdicts if each.verdict is Verdict.NOT_COVERED]
    unpaid = {each.price for each in left_out if each.id.startswith("card/")}
    assert unpaid == {Price.TRY, Price.WRITE, Price.LOCK}


def test_a_card_that_must_be_given_back_keeps_its_last_try_and_gets_all_back() -> None:
    card = Purse("adult")

    report = judge(Bench(card, all_known(card.profile, spends=True, expendable=False)), "adult")

    assert all(card.fewest(pin) >= 1 for pin in places.PINS if pin != places.LICENCE_PIN)
    assert card.left(places.AUTH_PIN) == 3
    assert not card.changed
    assert report.broken == frozenset()
    left_out = [each for each in report.verdicts if each.requirement.price in (Price.LOCK, Price.WRITE)]
    assert {each.verdict for each in left_out} == {Verdict.NOT_COVERED}


def test_an_expendable_card_is_judged_by_every_requirement_though_nobody_can_renew_it() -> None:
    card = Purse("adult")

    report = judge(Bench(card, all_known(card.profile, spends=True, expendable=True)), "adult")

    assert report.broken == frozenset()
    assert said(report)[Verdict.PASS] >= OF_CARDS - 4
    assert {path: data.value for path, data in card.state.memory.reference_data.items()} == card.values


def test_a_pin_that_the_tester_got_wrong_costs_one_try_and_is_not_entered_again() -> None:
    card = Purse("adult")
    known = Allowance({places.AUTH_PIN: b"9999", places.SIGN_PIN: b"ABC123"}, spends=True)

    report = judge(Bench(card, known), "adult")

    assert report.refuted == ("auth",)
    assert card.fewest(places.AUTH_PIN) == 2
    assert report.broken == frozenset()


def test_no_pin_and_no_content_of_a_file_is_in_a_conversation() -> None:
    assert apdu.written(apdu.verify(b"ABC123")) == "0020008006" + "••" * 6
    assert apdu.summed_up(bytes(14) + b"\x90\x00") == "(14 bytes) 9000"


@pytest.mark.parametrize("name", ["no-certificates", "iphone"])
def test_no_documented_alternative_is_accused_on_other_cards(name: str) -> None:
    base = profile(name)
    for question in questions():
        for answer in question.alternatives:
            behaviour: Any = {question.name: answer}
            card = Card(replace(base, behaviour=replace(base.behaviour, **behaviour)))
            assert (question.name, judge_card(card).broken) == (question.name, frozenset())


@pytest.mark.parametrize("name", ["adult", "iphone", "licence", "face-auth"])
@pytest.mark.parametrize("expendable", [False, True])
def test_an_honest_card_that_nobody_can_renew_surprises_nobody(name: str, *, expendable: bool) -> None:
    card = Purse(name)

    report = judge(Bench(card, all_known(card.profile, spends=True, expendable=expendable)), name, lives=Lives(10))

    assert report.broken == frozenset()
