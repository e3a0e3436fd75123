"""A new card for somebody who had one: what it is asked for, ordered, made, and ready to be collected."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from enum import StrEnum, unique

from mynacard_emulator.personalise.dates import card_not_after, cert_not_after
from mynacard_emulator.personalise.days import Days
from mynacard_emulator.personalise.issue import another
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.pins import Pins
from mynacard_emulator.personalise.rewriting import rewritten
from mynacard_emulator.personalise.spec import CardSpec, CertificateSpec, ProfileSpec
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.names import CertKind

from . import certification
from .calendar import express_is_offered, is_working_day
from .desk import Desk
from .enrolment import card_serial, certificate_entry
from .refusal import Refusal, Refused
from .registry import CardEntry, CertificateEntry, LossReport, PendingWrite, Person
from .states import CardEvent, CardState, CertEvent, CertState

ORDERED = (CardState.APPLIED, CardState.READY)


@unique
class Reason(StrEnum):
    """Why somebody is given a new card; a locked PIN is no reason (F-026)."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"
    NOTES_FULL = "notes_full"
    ENDED = "ended"

    @property
    def is_loss(self) -> bool:
        """Whether somebody else may have the card."""
        return self in (Reason.LOST, Reason.STOLEN)


@unique
class Lane(StrEnum):
    """How fast a card is made (F-062, F-063)."""

    NORMAL = "normal"
    EXPRESS = "express"

    def ready(self, applied: date) -> date:
        """The day on which it is made and can be collected: the first working day after six weeks, or five days."""
        day = applied + timedelta(days=42 if self is Lane.NORMAL else 5)
        while not is_working_day(day):
            day += timedelta(days=1)
        return day


def report(desk: Desk, police_number: str | None) -> LossReport:
    """The report that the card was lost; of a second one only the receipt number is news."""
    known = desk.registry.find(LossReport, desk.card.serial)
    if known is None:
        return LossReport(card=desk.card.serial, reported=desk.at, police_number=police_number)
    return replace(known, police_number=police_number or known.police_number)


def require_express(desk: Desk, reason: Reason) -> None:
    """Refuse the express lane where it is not offered: before December 2024, or a month after a loss (F-063)."""
    loss = desk.registry.find(LossReport, desk.card.serial)
    since = loss.reported.date() if reason.is_loss and loss is not None else desk.day
    if reason is Reason.ENDED or not express_is_offered(since, desk.day):
        raise Refused(Refusal.EXPRESS_NOT_OFFERED)


def order(desk: Desk, pins: Pins, lane: Lane) -> CardEntry:
    """Order a card in the place of the desk's; it has the certificates whose PINs were chosen (R-014)."""
    person, made = desk.person, lane.ready(desk.day)
    days = _days(person, made, pins)
    if days.card_end < made:  # the holder will have left by then
        raise Refused(Refusal.OUTSIDE_WINDOW)
    first = certification.next_serial_number(desk)
    keys = sum(1 for _ in desk.registry.all(CertificateEntry))
    issued = another(
        _specification(desk, pins),
        days,
        number=sum(1 for _ in desk.registry.all(CardEntry)),
        serial_numbers=(first, first + 1),
        keys=replace(shipped.card_keys(), auth=shipped.spare_key(keys), sign=shipped.spare_key(keys + 1)),
    )
    serial = card_serial(issued) or ""
    entry = CardEntry(
        serial=serial,
        person=person.id,
        state=CardState.APPLIED,
        made=made,
        not_after=days.card_end,
        replaces=desk.card.serial,
    )
    desk.put(entry, PendingWrite(card=serial, issued=issued, new=True))
    for kind in CertKind:
        if (certificate := issued.certificate(kind.value)) is not None:
            desk.put(certificate_entry(kind, certificate, serial, person.id, usable_from=None))
    return entry


def ordered(desk: Desk) -> tuple[CardEntry, PendingWrite] | None:
    """The card that waits for the holder of the desk's card, or is being made."""
    for entry in desk.registry.all(CardEntry):
        order = desk.registry.find(PendingWrite, entry.serial)
        if entry.person == desk.card.person and order is not None and order.new:
            return entry, order
    return None


def deliver(desk: Desk, card: CardEntry, order: PendingWrite) -> None:
    """Have a card handed over; the errand is about this card from now on."""
    desk.serial, desk.new_card = card.serial, True
    if order.issued is None or card.state is CardState.ACTIVE:  # it was on its way to the holder already
        desk.issued = order.issued
        return
    desk.put(replace(card.after(CardEvent.DELIVER), delivered=desk.day))
    desk.issued = _up_to_date(desk, order.issued)
    for entry in desk.certificates():
        if entry.state is CertState.ISSUED:
            usable_from = desk.at + desk.policy.status_lag
            delivered = replace(entry.after(CertEvent.DELIVER, desk.at), usable_from=usable_from)
            certification.link(desk, delivered)
            desk.put(delivered)
    if CertKind.SIGN in _discarded(desk):
        certification.issue(desk, CertKind.SIGN)


def discard(desk: Desk, card: CardEntry) -> None:
    """Give up a card that nobody collected, and its certificates (F-060)."""
    made = card.after(CardEvent.PRODUCE) if card.state is CardState.APPLIED else card
    desk.put(made.after(CardEvent.DISCARD))
    for entry in desk.registry.certificates_of(card.serial):
        if entry.state is CertState.ISSUED:
            desk.put(entry.after(CertEvent.DISCARD, desk.at))
    order = desk.registry.find(PendingWrite, card.serial)
    if order is not None:
        desk.registry = desk.registry.without(order)


def _days(person: Person, made: date, pins: Pins) -> Days:
    born = person.holder.born
    end = card_not_after(made, born, stay_end=person.stay_until)
    auth = None if pins.auth is None else cert_not_after(made, born, end)
    sign = None if pins.sign is None else cert_not_after(made, born, end, auth_end=auth)
    return Days(made=made, handed_over=made, card_end=end, auth_end=auth, sign_end=sign)


def _specification(desk: Desk, pins: Pins) -> ProfileSpec:
    """What the office asks for: a chip of the same sort, for the holder as the register has them now."""
    return ProfileSpec(
        name=desk.seen.name,
        source="office",
        holder=desk.person.holder,
        municipality=desk.person.municipality,
        card=CardSpec(my_number=desk.person.my_number, atr=desk.seen.atr),
        certificates=CertificateSpec(sign=pins.sign is not None, auth=pins.auth is not None),
        pins=pins,
        behaviour=desk.seen.behaviour,
    )


def _up_to_date(desk: Desk, issued: IssuedCard) -> IssuedCard:
    """The card that waited, if need be written anew for what became of its holder meanwhile."""
    person = desk.person
    if (issued.holder, issued.municipality) != (person.holder, person.municipality):
        issued = rewritten(issued, holder=person.holder, municipality=person.municipality)
    return replace(issued, handed_over=desk.day)


def _discarded(desk: Desk) -> Iterator[CertKind]:
    return (entry.kind for entry in desk.certificates() if entry.state is CertState.REVOKED)
