"""The office: the registry and its desks, as a test or a command holds it in its hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from mynacard_emulator.cards import CardInHand
from mynacard_emulator.clock import WorldClock
from mynacard_emulator.personalise.issued import IssuedCard

from . import chip
from .civil_register import CivilRegister
from .counter import Counter
from .desk import Desk
from .enrolment import card_serial, entries_for
from .errands import perform
from .hotline import Helpline, Hotline
from .kiosk import Kiosk
from .online import Online
from .phone import Phone
from .policy import DEFAULT, Policy
from .refusal import Refusal, Refused
from .registry import PendingWrite, Registry, key
from .reset_app import ResetApp
from .time import as_of
from .visit import FirstVisit, Visit, WrongPin


class Hand(Protocol):
    """Whoever holds the cards: a world, or a command with files. What it calls a card is its own affair."""

    def look(self, card: object) -> IssuedCard:
        """Tell what a card is, without taking it anywhere; None is the card in question."""
        ...

    def take(self, card: object) -> AbstractContextManager[CardInHand]:
        """Bring a card to a desk, out of the reader if it is in one, and put it back afterwards."""
        ...

    def receive(self, issued: IssuedCard, pins: Mapping[str, str | None]) -> object:
        """Receive a new card with these PINs; return what to call it from now on."""
        ...


class Office:
    """The authority's side of a world.

    Args:
        clock: The world's.
        hand: Whoever holds the cards.
        registry: What is known already.
        policy: The switches that hold.
        on_registry: Called with the old and the new registry before an errand is called done; whoever stores the
            registry does it here.

    """

    def __init__(
        self,
        clock: WorldClock,
        hand: Hand,
        *,
        registry: Registry | None = None,
        policy: Policy = DEFAULT,
        on_registry: Callable[[Registry, Registry], None] | None = None,
    ) -> None:
        self.clock = clock
        self.policy = policy
        self.registry = registry or Registry()
        self.counter = Counter(self.carry_out)
        self.app = ResetApp(self.carry_out)
        self.kiosk = Kiosk(self.carry_out)
        self.online = Online(self.carry_out)
        self.phone = Phone(self.carry_out)
        self.hotline = Hotline(self.carry_out)
        self.helpline = Helpline(self.carry_out)
        self.civil_register = CivilRegister(self.carry_out)
        self._hand = hand
        self._on_registry = on_registry

    @property
    def standing(self) -> Registry:
        """The registry as it stands now, with what time alone has done to it; asking stores nothing."""
        return as_of(self.registry, self.clock.now)

    def enrol(self, card: object = None) -> None:
        """Enter a card, its holder and its certificates into the registry; one that is there already stays."""
        issued = self._hand.look(card)
        known = self.registry.entries
        fresh = [e for e in entries_for(issued, now=self.clock.now) if key(e) not in known]
        if fresh:
            self._store(self.registry.put(*fresh))

    def perform(self, errand: str, /, **details: object) -> Visit:
        """Have an errand carried out by its name, such as `counter.reset_pin`; raise `ErrandError`."""
        return perform(self, errand, details)

    def carry_out(self, work: Callable[[Desk], Visit | None], card: object = None, *, brought: bool = True) -> Visit:
        """Carry out an errand about a card; what it did counts when it is done, and nothing of it when it is not."""
        seen = self._hand.look(card)
        if not brought:
            return self._carry_out(work, seen, None)
        with self._hand.take(card) as in_hand:
            self._finish_writing(card_serial(seen), in_hand)
            return self._carry_out(work, seen, in_hand)

    def _carry_out(self, work: Callable[[Desk], Visit | None], seen: IssuedCard, in_hand: CardInHand | None) -> Visit:
        desk = Desk(self.standing, self.clock.now, self.policy, card_serial(seen), in_hand, seen)
        try:
            visit = work(desk) or Visit()
        except Refused as refused:
            return Visit(refusal=refused.refusal)
        except WrongPin as wrong:
            return Visit(pin=wrong.failure)
        except FirstVisit as first:
            self._store(self.registry.put(first.case))
            return Visit(refusal=Refusal.SECOND_VISIT_REQUIRED)
        if desk.issued is not None or desk.pins:
            pins = tuple(desk.pins.items())
            desk.put(PendingWrite(card=desk.token.serial, issued=desk.issued, pins=pins, new=desk.new_card))
        self._store(desk.registry)
        if desk.new_card:
            return replace(visit, card=self._hand_over(desk.token.serial))
        if in_hand is not None:
            self._finish_writing(desk.serial, in_hand)
        return visit

    def _finish_writing(self, serial: str | None, in_hand: CardInHand) -> None:
        """Write into the chip what the registry says is still to be written, also after an interruption."""
        pending = self.registry.find(PendingWrite, serial or "")
        if pending is not None:
            chip.write(in_hand, pending.issued, dict(pending.pins))
            self._store(self.registry.without(pending))

    def _hand_over(self, serial: str) -> object:
        """Give a new card to its holder; until they have it, it can be collected."""
        pending = self.registry.find(PendingWrite, serial)
        if pending is None or pending.issued is None:
            raise LookupError(f"the card {serial} was never ordered")
        card = self._hand.receive(pending.issued, dict(pending.pins))
        self._store(self.registry.without(pending))
        return card

    def _store(self, registry: Registry) -> None:
        if self._on_registry is not None:
            self._on_registry(self.registry, registry)
        self.registry = registry
