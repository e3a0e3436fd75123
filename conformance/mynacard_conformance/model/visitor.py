"""The oracle of the counter's door: whom it sends away, and why (R-019 to R-032).

The facts name the reasons and not their order: where several hold, any of them may be the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from .dates import age, desk_is_open

PHOTO = frozenset({"driving_licence", "passport", "residence_card"})
"""Papers on which a government has put the bearer's photo (R-024)."""
PROOF = frozenset({"family_register", "guardianship_register"})
"""Papers that show who represents whom (R-022)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who comes, and with what; papers are told as `driving_licence` or `driving_licence:2027-03-31`."""

    by: str = "principal"
    documents: Sequence[str] = ("driving_licence",)
    own_documents: Sequence[str] = ()
    bring_card: bool = True
    same_household: bool = False
    register_in_city: bool = False
    reply_form: bool = False

    def details(self) -> dict[str, object]:
        """In the words of an errand."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Case:
    """That an agent has been here once: since when the reply form is on its way (R-026)."""

    opened: datetime

    @property
    def form_is_there(self) -> date:
        """The first day on which the holder can have it: not that of the first visit (R-025)."""
        return self.opened.date() + timedelta(days=1)


def turned_away(
    visitor: Visitor, *, at: datetime, born: date, guardianship: bool = False, case: Case | None = None
) -> frozenset[str]:
    """Every reason for which the counter sends a visitor away; none where it lets them come."""
    reasons = set() if desk_is_open(at) else {"desk_closed"}
    represented = visitor.by == "legal_representative" and (age(born, at.date()) < 15 or guardianship)
    if visitor.by in ("principal", "household_member"):
        papers = visitor.documents if visitor.by == "principal" else visitor.own_documents
        reasons.update(_papers(papers, 1, at.date()), _card(visitor))
    elif represented:
        reasons.update(_represented(visitor, at.date()))
    else:
        reasons.update(_agent(visitor, at.date(), case))
    return frozenset(reasons)


def _represented(visitor: Visitor, day: date) -> Iterator[str]:
    yield from _card(visitor)
    yield from _papers([paper for paper in visitor.documents if _kind(paper) not in PROOF], 1, day)
    yield from _own(visitor, day)
    if not (visitor.same_household or visitor.register_in_city or _proof(visitor)):
        yield "document_missing"


def _agent(visitor: Visitor, day: date, case: Case | None) -> Iterator[str]:
    """An agent who does everything right the first time has still to come again."""
    yield from _own(visitor, day)
    if case is None or day < case.form_is_there:
        yield "second_visit_required"
        if case is not None and not visitor.reply_form:
            yield "document_missing"
        return
    if not visitor.reply_form:
        yield "document_missing"
    yield from _card(visitor)
    yield from _papers(visitor.documents, 1, day)


def _own(visitor: Visitor, day: date) -> Iterator[str]:
    """Two papers of whoever acts for the holder, one with a photo (R-024, R-030)."""
    papers = [paper for paper in visitor.own_documents if _kind(paper) not in PROOF]
    if not any(_kind(paper) in PHOTO for paper in papers):
        yield "agent_not_eligible"
    yield from _papers(papers, 2, day)


def _papers(papers: Sequence[str], number: int, day: date) -> Iterator[str]:
    """So many papers that are unexpired; the last day of one is still good (R-019)."""
    expired = sum(_expired(paper, day) for paper in papers)
    if len(papers) < number:
        yield "document_missing"
    if expired and len(papers) - expired < number:
        yield "document_expired"


def _card(visitor: Visitor) -> Iterator[str]:
    if not visitor.bring_card:
        yield from ("document_missing", "no_card")


def _proof(visitor: Visitor) -> bool:
    return any(_kind(paper) in PROOF for paper in (*visitor.documents, *visitor.own_documents))


def _kind(paper: str) -> str:
    return paper.partition(":")[0]


def _expired(paper: str, day: date) -> bool:
    until = paper.partition(":")[2]
    return bool(until) and date.fromisoformat(until) < day
