"""The oracle of one life: a person, their cards, and what the authority knows of both."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from mynacard_conformance.outcome import KeyKind, PinKind

from . import dates
from .card import Card, Standing
from .certificate import Certificate, Reason
from .reservation import Reservation
from .visitor import Case


@dataclass(slots=True)
class Order:
    """A card that was applied for.

    Attributes:
        pins: Those that were chosen; they are set when it is handed over (D-21).
        express: Whether it is made fast (F-063).
        ready_on: The day on which it is made and can be collected, as the counter told.
        sign_is_stale: Whether the sign certificate on it says what is no longer so.

    """

    pins: dict[PinKind, str] = field(repr=False)
    express: bool = False
    ready_on: date | None = None
    sign_is_stale: bool = False


@dataclass(slots=True)
class Life:
    """What is so, as far as it was foreseen.

    Attributes:
        born: The holder's birth date.
        at: What time it is.
        card: The card in question.
        former: Cards that another one took the place of.
        guardianship: Whether the holder is under guardianship (F-067).
        dead: Whether the holder has died, or left the country for good.
        order: The card that was applied for.
        lost_since: The day on which the loss of the card was reported.
        police_number: The receipt number that was told with it.
        reservations: By the PIN that is to be reset.
        cases: Agents who have been here once, by errand.
        name: What the holder is called now; empty where it never changed.
        address: Where they live now; empty where it never changed.

    """

    born: date
    at: datetime
    card: Card
    former: list[Card] = field(default_factory=list)
    guardianship: bool = False
    dead: bool = False
    order: Order | None = None
    lost_since: date | None = None
    police_number: str | None = None
    reservations: dict[PinKind, Reservation] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    name: str = ""
    address: str = ""

    @property
    def today(self) -> date:
        """The day it is in Japan."""
        return self.at.astimezone(dates.JST).date()

    @property
    def may_sign(self) -> bool:
        """Whether the holder may have a sign certificate (F-067)."""
        return dates.age(self.born, self.today) >= 15 and not self.guardianship

    def pass_time(self, to: datetime) -> None:
        """Let time pass: cards end, deadlines are missed; a card's PINs never change by it (F-014)."""
        self.at = to
        card = self.card
        if card.standing not in (Standing.ACTIVE, Standing.SUSPENDED):
            return
        missed = None if card.moved is None else card.moved + timedelta(days=90)
        if missed is not None and missed < min(self.today, card.end):
            card.abolish(dates.last_second(missed) + timedelta(seconds=1))
        elif self.today > card.end:
            card.standing = Standing.EXPIRED

    def certificate(self, kind: KeyKind, *, in_time: bool = False, reason: Reason = Reason.SUPERSEDED) -> Certificate:
        """Issue a certificate now, in the place of what is left of the one before, and say when it ends."""
        auth = self.card.certificates.get(KeyKind.AUTH)
        ceilings = [self.card.end]
        if kind is KeyKind.SIGN and auth is not None and self.at <= auth.not_after:
            ceilings.append(auth.not_after.astimezone(dates.JST).date())
        end = dates.certificate_end(self.today, self.born, *ceilings, in_time=in_time)
        self.card.revoke(self.at, reason, kind)
        new = Certificate(kind, self.at, dates.last_second(end), known_from=self.at)
        self.card.issue(new)
        return new

    def collect(self, order: Order) -> None:
        """Hand over the card that was applied for; what it has was made on the day on which it was ready."""
        made = order.ready_on or self.today
        self.former.append(self.card)
        self.card = Card(end=dates.card_end(made, self.born), pins=dict(order.pins), says=(self.name, self.address))
        ends = dates.certificate_end(made, self.born, self.card.end)
        for kind in (KeyKind.AUTH, KeyKind.SIGN):
            if kind.pin not in order.pins:
                continue
            if kind is KeyKind.SIGN and order.sign_is_stale:
                self.certificate(kind)
            else:
                begin = datetime.combine(made, datetime.min.time(), dates.JST)
                self.card.issue(Certificate(kind, begin, dates.last_second(ends), known_from=self.at))
        self.order, self.lost_since, self.police_number = None, None, None
        self.cases.clear()

    def attribute_changed(self) -> None:
        """The sign certificate says what is no longer so; the auth certificate names nobody (F-058, F-059, D-11)."""
        order = self.order
        if order is not None and order.ready_on is not None:
            end = dates.certificate_end(order.ready_on, self.born, dates.card_end(order.ready_on, self.born))
            order.sign_is_stale |= self.today <= end  # one that has ended by itself is not issued anew
        tomorrow = datetime.combine(self.today + timedelta(days=1), datetime.min.time(), dates.JST)
        self.card.revoke(self.at, Reason.AFFILIATION_CHANGED, KeyKind.SIGN, since=tomorrow)
