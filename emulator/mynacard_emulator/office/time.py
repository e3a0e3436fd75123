"""What time alone does to a registry: nobody comes, and yet certificates end, cards end, and deadlines are missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from mynacard_emulator.personalise.dates import JST, start_of_day

from .calendar import continuation_deadline
from .registry import CardEntry, CertificateEntry, Entry, Person, PhoneToken, Registry
from .states import CardEvent, CardState, CertEvent, CertState

_DAY = timedelta(days=1)
_IN_USE = (CardState.ACTIVE, CardState.SUSPENDED)
_NOT_OVER = (CertState.ISSUED, CertState.VALID, CertState.ON_HOLD)


def as_of(registry: Registry, at: datetime) -> Registry:
    """The registry as it stands at that time, if no errand has come since it was made.

    Asking again, now or for a later time, gives what asking once would have given.
    """
    fresh = [entry for card in registry.all(CardEntry) for entry in _aged(registry, card, at)]
    registry = registry.put(*fresh) if fresh else registry
    over: list[Entry] = [
        entry.after(CertEvent.EXPIRE, entry.not_after)
        for entry in registry.all(CertificateEntry)
        if entry.state in _NOT_OVER and entry.not_after < at
    ]
    today = at.astimezone(JST).date()
    phones = (phone for phone in registry.all(PhoneToken) if phone.state in _IN_USE and phone.not_after < today)
    over.extend(phone.after(CardEvent.EXPIRE) for phone in phones)
    return registry.put(*over) if over else registry


def _aged(registry: Registry, card: CardEntry, at: datetime) -> Iterator[Entry]:
    """What becomes of a card and, at the missed deadline, of its certificates."""
    today = at.astimezone(JST).date()
    if card.state is CardState.APPLIED and card.made <= today:
        card = card.after(CardEvent.PRODUCE)
        yield card
    missed = _missed(card, today)
    if missed is not None:
        yield replace(
            card.after(CardEvent.MISS_DEADLINE if card.state is CardState.ACTIVE else CardEvent.ABOLISH), moved=None
        )
        yield from _revoked(registry, card, start_of_day(missed + _DAY))
    elif card.not_after < today:
        event = _end(registry, card)
        if event is not None:
            yield card.after(event)


def _missed(card: CardEntry, today: date) -> date | None:
    """The last day on which the card could have been continued, where that has gone by and ended it (F-064)."""
    if card.moved is None or card.state not in _IN_USE:
        return None
    deadline = continuation_deadline(card.moved)
    return deadline if deadline < min(today, card.not_after) else None


def _end(registry: Registry, card: CardEntry) -> CardEvent | None:
    """What happens to a card on the day after its last one; who has a limited stay loses it for good (F-042)."""
    if card.state is CardState.READY:
        return CardEvent.DISCARD
    if card.state not in _IN_USE:
        return None
    person = registry.find(Person, card.person)
    return CardEvent.ABOLISH if person is not None and person.stay_until is not None else CardEvent.EXPIRE


def _revoked(registry: Registry, card: CardEntry, moment: datetime) -> Iterator[CertificateEntry]:
    for entry in registry.certificates_of(card.serial):
        if entry.state in (CertState.VALID, CertState.ON_HOLD) and entry.not_after >= moment:
            yield entry.after(CertEvent.ABOLISH, moment)
