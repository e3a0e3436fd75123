"""Whom the counter sends away, by the rules of R-019 to R-032."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from mynacard_conformance.model.dates import JST
from mynacard_conformance.model.visitor import Case, Visitor, turned_away

NOON = datetime(2026, 11, 20, 12, tzinfo=JST)
ADULT, PUPIL = date(1980, 2, 17), date(2012, 5, 5)
TWO = ("driving_licence", "health_insurance")


@pytest.mark.parametrize(
    ("visitor", "reasons"),
    [
        (Visitor(), set()),
        (Visitor(documents=()), {"document_missing"}),
        (Visitor(documents=("driving_licence:2026-11-19",)), {"document_expired"}),
        (Visitor(documents=("driving_licence:2026-11-20",)), set()),
        (Visitor(bring_card=False), {"document_missing", "no_card"}),
    ],
    ids=["all there", "card only", "expired", "ends today", "no card"],
)
def test_the_holder_brings_the_card_and_a_good_paper(visitor: Visitor, reasons: set[str]) -> None:
    assert turned_away(visitor, at=NOON, born=ADULT) == reasons


def test_nobody_comes_to_a_closed_desk() -> None:
    assert turned_away(Visitor(), at=NOON + timedelta(days=1), born=ADULT) == {"desk_closed"}


def test_a_parent_is_let_in_without_a_proof_where_the_city_sees_it() -> None:
    parent = {"by": "legal_representative", "own_documents": TWO}
    stranger = Visitor(**parent)  # type: ignore[arg-type] # words and values
    assert turned_away(stranger, at=NOON, born=PUPIL) == {"document_missing"}
    for waived in ("same_household", "register_in_city"):
        assert not turned_away(Visitor(**parent, **{waived: True}), at=NOON, born=PUPIL)  # type: ignore[arg-type] # the same
    proven = Visitor(by="legal_representative", own_documents=(*TWO, "family_register"))
    assert not turned_away(proven, at=NOON, born=PUPIL)


def test_the_parent_of_somebody_of_15_is_an_agent() -> None:
    parent = Visitor(by="legal_representative", own_documents=TWO, same_household=True)
    birthday = PUPIL.replace(year=2027)
    eve = datetime(2027, 4, 30, 12, tzinfo=JST)
    assert not turned_away(parent, at=eve, born=PUPIL)
    on_it = datetime(2027, 5, 6, 12, tzinfo=JST)
    assert on_it.date() > birthday
    assert turned_away(parent, at=on_it, born=PUPIL) == {"second_visit_required"}


def test_an_agent_comes_twice_and_the_second_time_with_the_form() -> None:
    agent = Visitor(by="voluntary_agent", own_documents=TWO)
    again = Visitor(by="voluntary_agent", own_documents=TWO, reply_form=True)
    case, later = Case(NOON), NOON + timedelta(days=6)
    assert turned_away(agent, at=NOON, born=ADULT) == {"second_visit_required"}
    assert turned_away(again, at=NOON, born=ADULT, case=case) == {"second_visit_required"}
    assert turned_away(agent, at=later, born=ADULT, case=case) == {"document_missing"}
    assert not turned_away(again, at=later, born=ADULT, case=case)


def test_nobody_without_a_photo_is_an_agent() -> None:
    agent = Visitor(by="voluntary_agent", own_documents=("health_insurance", "pension_book"))
    assert "agent_not_eligible" in turned_away(agent, at=NOON, born=ADULT)
