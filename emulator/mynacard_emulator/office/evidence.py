"""Who may come to the counter with what: opening hours, papers, and whoever acts for the holder (R-019 to R-032)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from mynacard_emulator.personalise.dates import age

from .calendar import desk_is_open
from .desk import Desk
from .refusal import Refusal, Refused
from .registry import AgentCase, Person
from .visit import FirstVisit
from .visitor import Actor, Document, DocumentKind, Visitor

REPRESENTED_BELOW = 15
"""From this birthday on a parent is an agent like any other (R-029)."""

_FOR_HOUSEHOLDS = frozenset({"continue_use"})
"""What somebody of the holder's household may do like the holder (F-064)."""


def admit(desk: Desk, visitor: Visitor, *, errand: str, with_card: bool = True) -> None:
    """Let a visitor come to the desk with an errand.

    Raises `Refused` with the reason why not, and `FirstVisit` for an agent whom the desk sends away until the holder
    has filled in the form that is posted now. On the agent's second visit the case is closed with the errand.

    Args:
        desk: The desk.
        visitor: Who comes.
        errand: What for; every agent's case is about one errand.
        with_card: Whether the holder's card has to be shown.

    """
    if not desk_is_open(desk.at):
        raise Refused(Refusal.DESK_CLOSED)
    match _acting(desk.person, visitor, errand, desk):
        case Actor.PRINCIPAL:
            _require_card(visitor, with_card=with_card)
            _require_holders_document(desk, visitor)
        case Actor.HOUSEHOLD_MEMBER:
            _require_card(visitor, with_card=with_card)
            _require(desk, visitor.own)
        case Actor.LEGAL_REPRESENTATIVE:
            _admit_representative(desk, visitor, with_card=with_card)
        case Actor.VOLUNTARY_AGENT:
            _admit_agent(desk, visitor, errand, with_card=with_card)


def _acting(person: Person, visitor: Visitor, errand: str, desk: Desk) -> Actor:
    """In whose name somebody acts in the eyes of the desk, whatever they say."""
    match visitor.actor:
        case Actor.LEGAL_REPRESENTATIVE if not _has_representative(person, desk):
            return Actor.VOLUNTARY_AGENT
        case Actor.HOUSEHOLD_MEMBER if errand not in _FOR_HOUSEHOLDS:
            return Actor.VOLUNTARY_AGENT
        case actor:
            return actor


def _has_representative(person: Person, desk: Desk) -> bool:
    """Whether the law gives this person one (R-021, R-029)."""
    return person.guardianship or age(desk.day, person.holder.born) < REPRESENTED_BELOW


def _admit_representative(desk: Desk, visitor: Visitor, *, with_card: bool) -> None:
    _require_card(visitor, with_card=with_card)
    _require_holders_document(desk, visitor)
    _require_representation(desk, visitor)
    _require_two_own(desk, visitor)


def _require_representation(desk: Desk, visitor: Visitor) -> None:
    """Ask who represents whom; a parent needs no paper where the city sees it (R-022, R-023)."""
    if desk.person.guardianship:
        _require(desk, (*visitor.documents, *visitor.own), _is_guardianship_register)
    elif not (visitor.same_household or visitor.register_in_city):
        _require(desk, (*visitor.documents, *visitor.own), _proves_representation)


def _admit_agent(desk: Desk, visitor: Visitor, errand: str, *, with_card: bool) -> None:
    """Let an agent come who was here before, and has the form that the holder got by post (R-025 to R-030)."""
    if not any(document.kind.is_photo_id for document in visitor.own):
        raise Refused(Refusal.AGENT_NOT_ELIGIBLE)
    _require(desk, visitor.own, _is_photo_id)
    case = desk.registry.find(AgentCase, f"{desk.card.serial}.{errand}")
    if case is None or case.done:
        raise FirstVisit(AgentCase(card=desk.card.serial, errand=errand, opened=desk.at))
    if not visitor.reply_form:
        raise Refused(Refusal.DOCUMENT_MISSING)
    if case.opened.date() == desk.day:  # it is in the post
        raise Refused(Refusal.SECOND_VISIT_REQUIRED)
    _require_card(visitor, with_card=with_card)
    _require_holders_document(desk, visitor)
    _require_two_own(desk, visitor)
    desk.put(AgentCase(card=case.card, errand=case.errand, opened=case.opened, done=True))


def _require_card(visitor: Visitor, *, with_card: bool) -> None:
    if with_card and not visitor.card:
        raise Refused(Refusal.DOCUMENT_MISSING)


def _require_holders_document(desk: Desk, visitor: Visitor) -> None:
    """Ask for one paper of the holder's beside the card (R-020, D-07)."""
    _require(desk, visitor.documents, _is_photo_id if desk.policy.require_extra_photo_id else _identifies)


def _require_two_own(desk: Desk, visitor: Visitor) -> None:
    """Ask whoever acts for the holder for two papers, one of them with a photo (R-024, R-028)."""
    _require(desk, visitor.own, _is_photo_id)
    _require(desk, visitor.own, _identifies, count=2)


def _is_photo_id(document: Document) -> bool:
    return document.kind.is_photo_id


def _identifies(document: Document) -> bool:
    return not document.kind.proves_representation


def _proves_representation(document: Document) -> bool:
    return document.kind.proves_representation


def _is_guardianship_register(document: Document) -> bool:
    return document.kind is DocumentKind.GUARDIANSHIP_REGISTER


def _require(
    desk: Desk, shown: Iterable[Document], suits: Callable[[Document], bool] = _identifies, *, count: int = 1
) -> None:
    """Ask for so many suitable papers that have not expired (R-019)."""
    suitable = [document for document in shown if suits(document)]
    if sum(document.is_valid_on(desk.day) for document in suitable) < count:
        raise Refused(Refusal.DOCUMENT_MISSING if len(suitable) < count else Refusal.DOCUMENT_EXPIRED)
