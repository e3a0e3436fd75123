"""Who may come to the counter with what, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import AgentCase, Person
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.office.visitor import Actor, Document, DocumentKind, Visitor
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.world import World

LICENCE, PASSPORT = Document(DocumentKind.DRIVING_LICENCE), Document(DocumentKind.PASSPORT)
INSURANCE, PENSION = Document(DocumentKind.HEALTH_INSURANCE), Document(DocumentKind.PENSION_BOOK)
FAMILY_REGISTER = Document(DocumentKind.FAMILY_REGISTER)
GUARDIANSHIP_REGISTER = Document(DocumentKind.GUARDIANSHIP_REGISTER)

TODAY = OPENING.date()
YESTERDAY = TODAY - timedelta(days=1)
FOURTEEN = datetime(2026, 5, 29, 10, tzinfo=JST)
"""The last working day before the child's fifteenth birthday, which is a Monday."""

PARENT = Visitor(actor=Actor.LEGAL_REPRESENTATIVE, documents=(INSURANCE,), own=(LICENCE, PENSION), same_household=True)
GUARDIAN = replace(PARENT, own=(LICENCE, PENSION, GUARDIANSHIP_REGISTER))
AGENT = Visitor(actor=Actor.VOLUNTARY_AGENT, documents=(), own=(LICENCE, INSURANCE), card=False)
AGENT_AGAIN = replace(AGENT, documents=(PENSION,), card=True, reply_form=True)


def a_world(profile: str = "adult", at: datetime = OPENING, **pins: Any) -> World:
    world = World(at=at)
    world.insert(world.issue(profile, **(pins or {"auth": "locked"})))
    return world


def reset(world: World, visitor: Visitor, pin: str = "auth", new: str = "9876") -> Visit:
    return world.office.counter.reset_pin(pin, new, visitor=visitor)


def the_only_case(world: World) -> AgentCase:
    (case,) = world.office.registry.all(AgentCase)
    return case


# ---------------------------------------------------------------- hours
@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        ("2026-11-16 08:59:59", "desk_closed"),
        ("2026-11-16 09:00:00", "ok"),
        ("2026-11-20 17:00:00", "ok"),
        ("2026-11-20 17:00:01", "desk_closed"),
        ("2026-11-21 10:00:00", "desk_closed"),
        ("2026-11-23 10:00:00", "desk_closed"),
        ("2026-12-29 10:00:00", "desk_closed"),
        ("2027-01-03 10:00:00", "desk_closed"),
        ("2027-01-04 10:00:00", "ok"),
    ],
)
def test_the_desk_takes_who_arrives_while_it_is_open(at: str, outcome: str) -> None:
    world = a_world(at=datetime.fromisoformat(at).replace(tzinfo=JST))

    assert reset(world, Visitor()).outcome == outcome


# ---------------------------------------------------------------- the holder
@pytest.mark.parametrize(
    ("documents", "outcome"),
    [
        pytest.param((), "document_missing", id="the card alone"),
        pytest.param((Document(DocumentKind.DRIVING_LICENCE, YESTERDAY),), "document_expired", id="ended yesterday"),
        pytest.param((Document(DocumentKind.DRIVING_LICENCE, TODAY),), "ok", id="ends today"),
        pytest.param((Document(DocumentKind.PASSPORT, YESTERDAY), INSURANCE), "ok", id="an expired one and another"),
        pytest.param((INSURANCE,), "ok", id="one without a photo"),
        pytest.param((FAMILY_REGISTER,), "document_missing", id="one that identifies nobody"),
    ],
)
def test_the_holder_brings_the_card_and_another_document(documents: tuple[Document, ...], outcome: str) -> None:
    assert reset(a_world(), Visitor(documents=documents)).outcome == outcome


def test_the_holder_brings_the_card() -> None:
    assert reset(a_world(), Visitor(card=False)).refusal is Refusal.DOCUMENT_MISSING


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        (INSURANCE, "document_missing"),
        (Document(DocumentKind.PASSPORT, YESTERDAY), "document_expired"),
        (PASSPORT, "ok"),
    ],
)
def test_a_strict_office_asks_for_another_document_with_a_photo(document: Document, outcome: str) -> None:
    world = a_world()
    world.office.policy = replace(world.office.policy, require_extra_photo_id=True)

    assert reset(world, Visitor(documents=(document,))).outcome == outcome


# ---------------------------------------------------------------- legal representatives
@pytest.mark.parametrize(
    ("parent", "outcome"),
    [
        pytest.param(PARENT, "ok", id="of the same household"),
        pytest.param(replace(PARENT, same_household=False, register_in_city=True), "ok", id="register in the city"),
        pytest.param(replace(PARENT, same_household=False), "document_missing", id="without proof"),
        pytest.param(
            replace(PARENT, same_household=False, own=(*PARENT.own, FAMILY_REGISTER)), "ok", id="with the register"
        ),
        pytest.param(
            replace(PARENT, same_household=False, documents=(INSURANCE, FAMILY_REGISTER)),
            "ok",
            id="with the register among the child's papers",
        ),
        pytest.param(replace(PARENT, card=False), "document_missing", id="without the card"),
        pytest.param(replace(PARENT, documents=()), "document_missing", id="without a document of the child's"),
        pytest.param(replace(PARENT, own=(LICENCE,)), "document_missing", id="with one document"),
        pytest.param(replace(PARENT, own=(LICENCE, FAMILY_REGISTER)), "document_missing", id="a register is none"),
        pytest.param(replace(PARENT, own=(INSURANCE, PENSION)), "document_missing", id="with none that has a photo"),
        pytest.param(
            replace(PARENT, own=(Document(DocumentKind.PASSPORT, date(2026, 5, 28)), PENSION)),
            "document_expired",
            id="with a passport that has ended",
        ),
    ],
)
def test_a_parent_acts_for_a_child_of_fourteen_at_once(parent: Visitor, outcome: str) -> None:
    assert reset(a_world("child", FOURTEEN), parent).outcome == outcome


def test_from_the_fifteenth_birthday_on_a_parent_is_an_agent_like_any_other() -> None:
    world = a_world("child", FOURTEEN)
    assert reset(world, PARENT).done
    assert not list(world.office.registry.all(AgentCase))

    world.clock.advance(timedelta(days=3))
    assert reset(world, PARENT).refusal is Refusal.SECOND_VISIT_REQUIRED
    assert the_only_case(world).errand == "reset_pin.auth"


def under_guardianship(world: World) -> World:
    office = world.office
    (person,) = office.registry.all(Person)
    office.registry = office.registry.put(replace(person, guardianship=True))
    return world


@pytest.mark.parametrize(
    ("guardian", "outcome"),
    [
        pytest.param(GUARDIAN, "ok", id="with the register of guardianships"),
        pytest.param(PARENT, "document_missing", id="a household proves nothing"),
        pytest.param(
            replace(GUARDIAN, own=(LICENCE, PENSION, FAMILY_REGISTER)), "document_missing", id="nor does a family"
        ),
    ],
)
def test_a_guardian_acts_for_an_adult_at_once(guardian: Visitor, outcome: str) -> None:
    assert reset(under_guardianship(a_world()), guardian).outcome == outcome


# ---------------------------------------------------------------- agents
def test_an_agent_comes_twice_and_the_holder_gets_a_form_in_between() -> None:
    world = a_world(sign="locked")

    first = reset(world, AGENT, "sign", "NEW456")
    assert first.refusal is Refusal.SECOND_VISIT_REQUIRED
    assert not first.done
    assert world.truth.tries_left("sign") == 0
    assert not the_only_case(world).done

    world.clock.advance(timedelta(days=6))
    assert reset(world, AGENT_AGAIN, "sign", "NEW456").done
    assert world.truth.tries_left("sign") == 5
    assert the_only_case(world).done


def test_both_visits_on_one_day_are_impossible_because_the_form_is_not_there_yet() -> None:
    world = a_world(sign="locked")
    reset(world, AGENT, "sign", "NEW456")
    world.clock.advance(timedelta(hours=6))

    assert reset(world, AGENT_AGAIN, "sign", "NEW456").refusal is Refusal.SECOND_VISIT_REQUIRED
    assert world.truth.tries_left("sign") == 0


@pytest.mark.parametrize(
    ("again", "refusal"),
    [
        pytest.param(replace(AGENT_AGAIN, reply_form=False), Refusal.DOCUMENT_MISSING, id="without the form"),
        pytest.param(replace(AGENT_AGAIN, card=False), Refusal.DOCUMENT_MISSING, id="without the card"),
        pytest.param(
            replace(AGENT_AGAIN, documents=()), Refusal.DOCUMENT_MISSING, id="without a paper of the holder's"
        ),
        pytest.param(replace(AGENT_AGAIN, own=(LICENCE,)), Refusal.DOCUMENT_MISSING, id="with one of the agent's"),
        pytest.param(replace(AGENT_AGAIN, own=(INSURANCE, PENSION)), Refusal.AGENT_NOT_ELIGIBLE, id="without a photo"),
        pytest.param(
            replace(AGENT_AGAIN, own=(LICENCE, Document(DocumentKind.STUDENT_CARD, YESTERDAY))),
            Refusal.DOCUMENT_EXPIRED,
            id="with a student card that has ended",
        ),
    ],
)
def test_a_second_visit_that_lacks_something_leaves_the_case_open(again: Visitor, refusal: Refusal) -> None:
    world = a_world(sign="locked")
    reset(world, AGENT, "sign", "NEW456")
    world.clock.advance(timedelta(days=6))

    assert reset(world, again, "sign", "NEW456").refusal is refusal
    assert not the_only_case(world).done
    assert reset(world, AGENT_AGAIN, "sign", "NEW456").done


def test_an_errand_that_fails_on_the_second_visit_leaves_the_case_open() -> None:
    world = a_world(sign="locked")
    reset(world, AGENT, "sign", "NEW456")
    world.clock.advance(timedelta(days=6))

    assert reset(world, AGENT_AGAIN, "sign", "123").refusal is Refusal.PIN_FORMAT
    assert not the_only_case(world).done


@pytest.mark.parametrize(
    ("own", "refusal"),
    [
        pytest.param((INSURANCE, PENSION), Refusal.AGENT_NOT_ELIGIBLE, id="two papers without a photo"),
        pytest.param((), Refusal.AGENT_NOT_ELIGIBLE, id="nothing"),
        pytest.param((Document(DocumentKind.PASSPORT, YESTERDAY),), Refusal.DOCUMENT_EXPIRED, id="an old passport"),
        pytest.param((LICENCE,), Refusal.SECOND_VISIT_REQUIRED, id="a licence"),
    ],
)
def test_nobody_without_a_photo_document_can_be_an_agent(own: tuple[Document, ...], refusal: Refusal) -> None:
    assert reset(a_world(), replace(AGENT, own=own)).refusal is refusal


def test_a_form_without_a_case_is_only_the_beginning_of_one() -> None:
    world = a_world()

    assert reset(world, AGENT_AGAIN).refusal is Refusal.SECOND_VISIT_REQUIRED
    assert world.truth.tries_left("auth") == 0


def test_the_form_for_one_errand_is_good_for_no_other_and_for_no_other_time() -> None:
    world = a_world(auth="locked", sign="locked")
    reset(world, AGENT)
    world.clock.advance(timedelta(days=6))

    assert reset(world, AGENT_AGAIN, "sign", "NEW456").refusal is Refusal.SECOND_VISIT_REQUIRED
    assert reset(world, AGENT_AGAIN).done
    assert reset(world, AGENT_AGAIN).refusal is Refusal.SECOND_VISIT_REQUIRED


def test_an_agent_at_a_closed_desk_has_not_been_there() -> None:
    world = a_world(at=OPENING + timedelta(days=1))

    assert reset(world, AGENT).refusal is Refusal.DESK_CLOSED
    assert not list(world.office.registry.all(AgentCase))


def test_a_household_member_is_an_agent_where_the_errand_is_not_for_households() -> None:
    world = a_world()
    member = replace(AGENT, actor=Actor.HOUSEHOLD_MEMBER)

    assert reset(world, member).refusal is Refusal.SECOND_VISIT_REQUIRED
