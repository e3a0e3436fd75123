"""The resident register: what becomes of a person, and so of what is certified of them; no chip learns of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from mynacard_emulator.personalise import profile_holder
from mynacard_emulator.personalise.errors import ProfileError
from mynacard_emulator.personalise.holder import Holder, Municipality
from mynacard_emulator.personalise.toml_table import Table
from mynacard_emulator.pki.names import CertKind

from .calendar import OVERSEAS_CONTINUATION_SINCE
from .certification import effective
from .desk import CarryOut, Desk
from .errands import ErrandError
from .refusal import Refusal, Refused
from .registry import CardEntry, CertificateEntry, Person, PhoneToken
from .reissue import ORDERED, discard
from .states import CardEvent, CardState, CertEvent, CertState
from .visit import Visit

_IN_USE = (CardState.ACTIVE, CardState.SUSPENDED)
_LIVING = (CertState.VALID, CertState.ON_HOLD)

T = TypeVar("T")


class CivilRegister:
    """The resident register of all municipalities; a card only says whose entry is meant.

    Each errand raises `ErrandError` for words that no card could carry.
    """

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out

    def move(
        self,
        address: str,
        municipality_code: str | None = None,
        prefecture: str | None = None,
        city: str | None = None,
        *,
        card: object = None,
    ) -> Visit:
        """Move; out of the municipality, the card has to be continued at the new one within 90 days (F-064)."""
        given = {"code": municipality_code, "prefecture": prefecture, "city": city}

        def change(desk: Desk, person: Person) -> Person:
            town = _municipality(person.municipality, given)
            if town.code != person.municipality.code:
                for entry in _cards(desk, person, *_IN_USE):
                    desk.put(_moved(entry, desk.day))
            return replace(person, holder=_holder(person.holder, address=address), municipality=town, abroad=False)

        return self._change(change, card)

    def rename(self, name: str, *, card: object = None) -> Visit:
        """Change the name: family name, U+3000, given name."""
        return self._change(lambda _, person: replace(person, holder=_holder(person.holder, name=name)), card)

    def correct(self, sex: str | None = None, born: date | None = None, *, card: object = None) -> Visit:
        """Correct the sex (`male`, `female`, `not-applicable`, `unknown`) or the birth date.

        The last day of the card stays what it is: it was fixed when the card was made (F-041).
        """

        def change(_: Desk, person: Person) -> Person:
            words = {key: value for key, value in (("sex", sex), ("born", born)) if value is not None}
            return replace(person, holder=_holder(person.holder, **words))

        return self._change(change, card)

    def die(self, *, card: object = None) -> Visit:
        """Die: cards and certificates end (F-066)."""

        def work(desk: Desk) -> None:
            person = _living(desk)
            _end(desk, person, CardEvent.DIE, CertEvent.DEATH)
            desk.put(replace(person, died=desk.day))

        return self._carry_out(work, card, brought=False)

    def leave(self, *, continuing: bool = False, card: object = None) -> Visit:
        """Move abroad: the card ends, or, since 27 May 2024, goes on without the sign certificate (F-065, F-058)."""

        def work(desk: Desk) -> None:
            person = _living(desk)
            if not continuing:
                _end(desk, person, CardEvent.LEAVE, CertEvent.ABOLISH)
            elif desk.day < OVERSEAS_CONTINUATION_SINCE:
                raise Refused(Refusal.FEATURE_NOT_YET_AVAILABLE)
            else:
                _revoke_sign(desk, person)
            desk.put(replace(person, abroad=True))

        return self._carry_out(work, card, brought=False)

    def _change(self, change: Callable[[Desk, Person], Person], card: object) -> Visit:
        """Change somebody's entry; the sign certificate says what is no longer so, the other names nobody (F-058)."""

        def work(desk: Desk) -> None:
            person = _living(desk)
            changed = change(desk, person)
            desk.put(changed)
            if changed != person:
                _revoke_sign(desk, person)

        return self._carry_out(work, card, brought=False)


def _living(desk: Desk) -> Person:
    if desk.person.died is not None:
        raise Refused(Refusal.NOT_REGISTERED)
    return desk.person


def _cards(desk: Desk, person: Person, *states: CardState) -> Iterator[CardEntry]:
    cards = tuple(desk.registry.all(CardEntry))
    return (entry for entry in cards if entry.person == person.id and entry.state in states)


def _moved(card: CardEntry, day: date) -> CardEntry:
    """A card to be continued; a second move does not give more time, nor does a suspension take any."""
    due = replace(card, moved=card.moved or day)
    return due.after(CardEvent.MOVE) if due.state is CardState.ACTIVE else due


def _end(desk: Desk, person: Person, card_event: CardEvent, event: CertEvent) -> None:
    for card in _cards(desk, person, *_IN_USE):
        desk.put(card.after(card_event))
    for phone in tuple(desk.registry.all(PhoneToken)):
        if phone.person == person.id and phone.state in _IN_USE:
            desk.put(phone.after(card_event))
    for card in _cards(desk, person, *ORDERED):
        discard(desk, card)
    _revoke(desk, person, event, *CertKind)


def _revoke_sign(desk: Desk, person: Person) -> None:
    _revoke(desk, person, CertEvent.ATTRIBUTE_CHANGE, CertKind.SIGN)
    for entry in tuple(desk.registry.all(CertificateEntry)):
        if entry.person == person.id and entry.kind is CertKind.SIGN and entry.state is CertState.ISSUED:
            desk.put(entry.after(CertEvent.DISCARD, desk.at))  # the card that waits gets another when it is collected


def _revoke(desk: Desk, person: Person, event: CertEvent, *kinds: CertKind) -> None:
    """On every card of that person, and in their telephone."""
    for entry in tuple(desk.registry.all(CertificateEntry)):
        if entry.person == person.id and entry.kind in kinds and entry.state in _LIVING:
            desk.put(entry.after(event, effective(desk, event)))


def _holder(old: Holder, **changes: object) -> Holder:
    """The holder with other words, held to the rules of a profile."""
    words: dict[str, object] = {
        "name": old.name,
        "address": old.address,
        "sex": next(word for word, sex in profile_holder.SEXES.items() if sex is old.sex),
        "born": old.born,
        **changes,
    }
    if "name" not in changes:
        words["name_substitutes"] = old.name_substitutes
    if "address" not in changes:
        words["address_substitutes"] = old.address_substitutes
    return _read(profile_holder.holder, "holder", words)


def _municipality(old: Municipality, given: Mapping[str, object]) -> Municipality:
    said = {key: word for key, word in given.items() if word is not None}
    words = {"code": old.code, "prefecture": old.prefecture, "city": old.city, **said}
    return _read(profile_holder.municipality, "municipality", words)


def _read(read: Callable[[Table], T], name: str, words: Mapping[str, object]) -> T:
    try:
        return read(Table("civil register", name, words))
    except ProfileError as error:
        raise ErrandError(str(error)) from None
