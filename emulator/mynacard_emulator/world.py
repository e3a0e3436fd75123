"""The world: card, reader, clock and trace, as a test holds it in its hand.

It fulfils the harness's `Stage` by shape, and knows nothing of the harness.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

from . import profiles
from .card import Memory
from .cards import CardInHand
from .clock import OPENING, WorldClock
from .observed import ObservedCard
from .personalise.dates import JST
from .readers.faults import (
    LOOK_AT_ATR,
    Accident,
    Elsewhere,
    Fault,
    Faults,
    FaultyCard,
    Metal,
    NoAccident,
    Placement,
    named,
    noise_named,
)
from .readers.port import AnswerLost, CardEjected, ReaderError
from .readers.reader import Reader
from .transcript import Exchange

if TYPE_CHECKING:
    from .office.office import Office
    from .office.registry import Registry
    from .personalise.issued import IssuedCard
    from .readers.pcsc import ReaderConnection
    from .readers.stack import PrivateStack
    from .readers.vpcd import VirtualSlot

Transport: TypeAlias = Literal["private", "direct"]

_PATIENCE = 10.0
"""Seconds to wait for a reader to notice a card; it takes half a second where all is well."""


class EmptyReaderError(OSError):
    """An APDU was sent, and no card is in the reader."""

    outcome = "no_card"
    """What a client should make of it, in the words of the driver protocol."""


class CardRemovedError(EmptyReaderError):
    """The card left while a command was on its way; whether it acted on it is not known."""

    outcome = "card_removed"


class CardUnreadableError(OSError):
    """A card is in the reader, and does not speak."""

    outcome = "card_unreadable"


class AnswerLostError(OSError):
    """The answer to a command was lost; the card is still there, and whether it acted is not known."""

    outcome = "unknown_outcome"


class NoCardError(Exception):
    """The world was asked about a card, and none was ever inserted."""


@dataclass(slots=True, eq=False)
class WorldCard:
    """A card of a world: as held in the hand, as seen through the reader, and as clients see it on a bad day."""

    in_hand: CardInHand
    observed: ObservedCard
    port: FaultyCard


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so about the card that was inserted last, read from the card itself."""

    world: World

    def tries_left(self, pin: str) -> int | None:
        """The card's own counter of a PIN."""
        return self.world.current.in_hand.tries_left(pin)

    def certificate(self, kind: str) -> bytes | None:
        """The certificate on the card (`sign`, `auth`, `sign_ca`, `auth_ca`) as DER; None where there is none."""
        issued = self.world.current.in_hand.issued
        if certificate := issued.certificate(kind):
            return certificate.der
        return None if issued.jpki is None else issued.jpki.authorities().get(kind)

    def my_number(self) -> str | None:
        """The twelve digits of the card's holder."""
        issued = self.world.current.in_hand.issued
        return None if issued.text is None else issued.my_number

    def attributes(self) -> Mapping[str, str] | None:
        """The four attributes of the card's holder: `name`, `address`, `birth_date` (ISO 8601) and `sex`."""
        issued = self.world.current.in_hand.issued
        if issued.text is None:
            return None
        holder = issued.holder
        return {
            "name": holder.name,
            "address": holder.address,
            "birth_date": holder.born.isoformat(),
            "sex": holder.sex.name.lower(),
        }

    def ends(self) -> date | None:
        """The last day of the card itself."""
        return self.world.current.in_hand.issued.not_after

    def status(self, certificate: bytes) -> str:
        """What the registry says of a certificate (DER) now: `good`, `unknown`, or why it is revoked (RFC 5280)."""
        return self.world.status_of(certificate)

    def trace(self, since: int = 0) -> Sequence[Exchange]:
        """What the cards have seen since the exchange of that number."""
        return self.world.exchanges[since:]


@dataclass(frozen=True, slots=True)
class DirectConnection:
    """A way to the card that needs no reader: APDUs in this process."""

    world: World
    reader: None = None

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU; raise `EmptyReaderError` where no card is."""
        return self.world.transmit(command)


@dataclass(frozen=True, slots=True)
class ReaderName:
    """The name of the world's reader, for a client that finds its own way through PC/SC."""

    reader: str

    def transmit(self, command: bytes) -> bytes:
        """Refuse: a card in a real reader is reached through PC/SC."""
        raise ReaderError(f"connect to the reader {self.reader!r} through PC/SC; {len(command)} bytes were not sent")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A world at one moment: what each of its cards was and remembered, the registry if there was one, and the time."""

    cards: tuple[tuple[IssuedCard, Memory], ...]
    registry: Registry | None
    now: datetime


@dataclass(frozen=True, slots=True)
class HandOfWorld:
    """The world's cards as the office gets hold of them: brought out of the reader, and put back."""

    world: World

    def look(self, card: object) -> IssuedCard:
        """Tell what a card is; None is the current one."""
        return self._card(card).in_hand.issued

    @contextmanager
    def take(self, card: object) -> Iterator[CardInHand]:
        """Bring a card to a desk; while it is away, the reader is empty."""
        taken = self._card(card)
        with self.world.away(taken):
            yield taken.in_hand

    def receive(self, issued: IssuedCard, pins: Mapping[str, str | None]) -> WorldCard:
        """Bring a new card into the world."""
        del pins  # they are on the card already
        return self.world.admit(CardInHand.in_memory(issued))

    def _card(self, card: object) -> WorldCard:
        return card if isinstance(card, WorldCard) else self.world.current


class World:
    """One reader, the cards that were issued, and a clock.

    Args:
        at: The time at which it begins.
        seed: Decides every byte of its cards, together with that day, and the UIDs that its reader tells.

    """

    reader: str | None = None
    warning: str | None = None

    def __init__(self, *, at: datetime = OPENING, seed: int = 0) -> None:
        self.clock = WorldClock(at)
        self.exchanges: list[Exchange] = []
        self.truth = Truth(self)
        self._at = at
        self._policy: Mapping[str, object] = {}
        self._seed = seed
        self._reader = Reader(random=Random(seed).randbytes)  # noqa: S311 - a seed decides every UID, too
        self._cards: list[WorldCard] = []
        self._current: WorldCard | None = None
        self._inserted = False
        self._office: Office | None = None
        self.faults = Faults(seed=seed)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client's process needs in its environment."""
        return {}

    @property
    def current(self) -> WorldCard:
        """The card that was inserted last, whether it still is or not."""
        if self._current is None:
            raise NoCardError("no card was ever inserted into this world")
        return self._current

    def begin(self, at: datetime | None = None, policy: Mapping[str, object] | None = None) -> None:
        """Begin anew: no cards, nothing in the registry, any time, and the office's switches as named."""
        if self._inserted:
            self.eject()
        self._cards.clear()
        self._current, self._office = None, None
        self._policy = policy or {}
        self.faults.clear()
        self.clock.go_back((at or self._at).astimezone(JST))

    def issue(
        self,
        profile: str,
        /,
        *,
        born: date | None = None,
        made: date | None = None,
        stay_until: date | None = None,
        behaviour: Mapping[str, str] | None = None,
        **state: object,
    ) -> WorldCard:
        """Personalise a card, as of the world's day; `auth="locked"` or `sign=1` set the state of its PINs.

        Days and answers to open questions take the place of those of the profile.
        """
        today = self.clock.now.date()
        if born or made or stay_until or behaviour:
            issued = profiles.to_order(
                profile,
                today=today,
                seed=self._seed,
                born=born,
                made=made,
                stay_until=stay_until,
                behaviour=behaviour,
            )
        else:
            issued = profiles.load(profile, today=today, seed=self._seed)
        return self.admit(CardInHand.in_memory(issued, state))

    def admit(self, in_hand: CardInHand) -> WorldCard:
        """Bring a card into the world that was made elsewhere, one that lives in a file for instance."""
        observed = ObservedCard(in_hand.card, self.exchanges.append, self._reader)
        card = WorldCard(in_hand, observed, FaultyCard(observed, self.faults))
        self._cards.append(card)
        if self._office is not None:
            self._office.enrol(card)
        return card

    def insert(self, card: WorldCard, reader: int = 0) -> None:
        """Put a card into the reader."""
        self._one_reader(reader)
        if self._inserted:
            raise ReaderError("a card is in the reader; eject it first, or swap the cards")
        self._current, self._inserted = card, True
        self.exchanges.append(Exchange("insert"))
        card.port.power_on()

    def eject(self, reader: int = 0) -> None:
        """Take the card out."""
        self._one_reader(reader)
        self.current.port.power_off()
        self._inserted = False
        self.exchanges.append(Exchange("eject"))

    def swap(self, card: WorldCard, reader: int = 0) -> None:
        """Take the card out, if one is in, and put another in."""
        if self._inserted:
            self.eject(reader)
        self.insert(card, reader)

    def power_cycle(self, reader: int = 0) -> None:
        """Cut the card's power for a moment."""
        self._one_reader(reader)
        self.current.port.power_off()
        self.current.port.power_on()

    def warm_reset(self, reader: int = 0) -> None:
        """Reset the card with its power on."""
        self._one_reader(reader)
        self.current.port.reset()

    def fault(self, spec: str | Fault, reader: int = 0) -> None:
        """Order an accident: `verify:1:tear-after` at the next VERIFY. `faults` tells what is ordered, and happened.

        Raises `NoFault`.
        """
        self._one_reader(reader)
        self.faults.order(spec)

    def accident(self, name: str, reader: int = 0) -> Accident:
        """Let something happen to the card that was inserted last, by its name: `upside-down`, `metal-desk`.

        `put_right` ends it. Raises `NoAccident`, also for what only a PC/SC stack and another program bring about.
        """
        self._one_reader(reader)
        accident = named(name)
        match accident.through(self._reader.touches(self.current.observed.atr)):
            case Placement() as placement:
                self._lay(placement)
            case Metal(percent):
                self.faults.metal = percent
            case Elsewhere() as deed:
                raise NoAccident(f"accident {name}: {deed.value}")
            case None:
                raise NoAccident(f"accident {name}: {accident.holder}; choose another reader")
            case orders:
                for line in orders:
                    self.fault(line)
        return accident

    def put_right(self) -> None:
        """End every accident: nothing is ordered any more, and the card lies in the reader as it should."""
        self.faults.clear()
        self._lay(Placement.RIGHT)

    def noise(self, name: str, reader: int = 0) -> None:
        """Let a platform say its own to the card, as before a client's first word. Raises `NoAccident`."""
        self._one_reader(reader)
        for command in noise_named(name).commands:
            if command == LOOK_AT_ATR:
                _ = self.current.port.atr
            else:
                self.transmit(command)

    def _lay(self, placement: Placement) -> None:
        if self._inserted:
            self.eject()
        self.faults.placement = placement
        self.insert(self.current)

    def snapshot(self) -> Snapshot:
        """All that this world is now: cards, registry and time."""
        cards = tuple((card.in_hand.issued, card.in_hand.card.state.memory) for card in self._cards)
        return Snapshot(cards, None if self._office is None else self._office.registry, self.clock.now)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what was then; cards issued since stay as they are, and the registry forgets them."""
        for card, (issued, memory) in zip(self._cards, snapshot.cards, strict=False):
            if issued is card.in_hand.issued:
                card.observed.remember(memory)
            else:
                with self.away(card):
                    card.in_hand.rewrite(issued, memory)
        if self._office is not None and snapshot.registry is not None:
            self._office.registry = snapshot.registry
        else:
            self._office = None  # it will be opened anew, and knows what is issued by then
        self.clock.go_back(snapshot.now)

    @property
    def office(self) -> Office:
        """The authority's side of this world; it knows the cards that were issued here."""
        if self._office is None:
            from .office.office import Office  # noqa: PLC0415 - most worlds need no office
            from .office.policy import policy_of  # noqa: PLC0415 - likewise

            self._office = Office(self.clock, HandOfWorld(self), policy=policy_of(self._policy))
            for card in self._cards:
                self._office.enrol(card)
        return self._office

    def status_of(self, certificate: bytes) -> str:
        """What the registry says of a certificate (DER) now: `good`, `unknown`, or why it is revoked (RFC 5280)."""
        from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - most worlds are not asked

        from .office.registry import CertificateEntry  # noqa: PLC0415 - likewise

        serial = load_der_x509_certificate(certificate).serial_number
        entry = self.office.standing.find(CertificateEntry, f"{serial:08X}")
        if entry is None or entry.usable_from is None or self.clock.now < entry.usable_from:
            return "unknown"
        seen = [change.reason for change in entry.changes if change.effective <= self.clock.now]
        reason = seen[-1] if seen else None
        return "good" if reason is None else reason.word

    @contextmanager
    def away(self, card: WorldCard) -> Iterator[None]:
        """Have a card elsewhere for a while: out of the reader, if it is in it, and back again."""
        here = self._inserted and card is self._current
        if here:
            self.eject()
        try:
            yield
        finally:
            if here:
                self.insert(card)

    def connect(self) -> DirectConnection | ReaderName:
        """Give a Python client its way to the card."""
        return DirectConnection(self)

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU with the card that is in; raise `EmptyReaderError` where none is."""
        if not self._inserted:
            raise EmptyReaderError("no card is in the reader")
        if self.faults.placement is Placement.UNSEEN:
            raise EmptyReaderError("the reader does not see a card")
        if self.faults.placement is Placement.MUTE:
            raise CardUnreadableError("the card does not answer; look how it lies")
        try:
            return self.current.port.transmit(command)
        except AnswerLost as loss:
            if loss.empty:
                return b""
            raise AnswerLostError("the answer was lost on the way; look at the card before the next try") from None
        except CardEjected as leaving:
            self.eject()
            if leaving.answer is not None:
                return leaving.answer
            if leaving.torn:
                raise CardRemovedError("the card left before it had answered") from None
            raise EmptyReaderError("no card is in the reader") from None

    def close(self) -> None:
        """Take everything down."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _one_reader(self, reader: int) -> None:
        if reader:
            raise ReaderError("this world has one reader, number 0")


class PcscWorld(World):
    """A world whose reader is in a private PC/SC stack: unmodified programs take its card for a real one.

    Raises `ReaderError` where the machine cannot serve.
    """

    def __init__(self, stack: PrivateStack, *, at: datetime = OPENING, seed: int = 0) -> None:
        from .readers.pcsc import ReaderConnection, activate  # noqa: PLC0415 - an extra, needed only here
        from .readers.vpcd import VirtualSlot  # noqa: PLC0415 - needed only here

        super().__init__(at=at, seed=seed)
        activate(stack)
        self._stack = stack
        self.warning = stack.warning
        self.reader = stack.readers[0]
        self._slot: VirtualSlot = VirtualSlot(stack.connect)
        self._control: ReaderConnection = ReaderConnection(self.reader)

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client's process needs in its environment to reach this stack and no other."""
        return {**os.environ, **self._stack.environment}

    def insert(self, card: WorldCard, reader: int = 0) -> None:
        """Put a card into the reader, and return when the reader has noticed."""
        self._one_reader(reader)
        if self._inserted and not self._slot.inserted:
            self.eject()  # it left by itself, and the reader must notice before the next one comes
        self._current = card
        self.exchanges.append(Exchange("insert"))
        self._slot.insert(card.port)
        unseen = self.faults.placement is Placement.UNSEEN
        if not unseen and not (self._slot.wait_powered(_PATIENCE) and self._control.wait_present(_PATIENCE)):
            raise ReaderError(f"the reader did not notice the card within {_PATIENCE:.0f} s; try `mynacard doctor`")
        self._inserted = True

    def eject(self, reader: int = 0) -> None:
        """Take the card out, and return when the reader has noticed."""
        self._one_reader(reader)
        self._slot.eject()
        self._inserted = False
        self.exchanges.append(Exchange("eject"))
        if not self._control.wait_absent(_PATIENCE):
            raise ReaderError(f"the reader did not notice the ejection within {_PATIENCE:.0f} s; start the stack anew")

    def noise(self, name: str, reader: int = 0) -> None:
        """Let a platform say its own through PC/SC, in a connection that leaves the card as it is then."""
        self._one_reader(reader)
        with self._control as control:
            for command in noise_named(name).commands:
                _ = control.atr() if command == LOOK_AT_ATR else control.transmit(command)

    def power_cycle(self, reader: int = 0) -> None:
        """Cut the card's power for a moment, through PC/SC: every client that is connected learns of it."""
        self._one_reader(reader)
        with self._control as control:
            control.power_cycle()

    def warm_reset(self, reader: int = 0) -> None:
        """Reset the card through PC/SC."""
        self._one_reader(reader)
        with self._control as control:
            control.warm_reset()

    def connect(self) -> ReaderName:
        """Name the reader; a client finds its own way there."""
        return ReaderName(self._stack.readers[0])

    def close(self) -> None:
        """Take the card out and the stack down."""
        self._control.close()
        self._slot.close()
        self._stack.stop()


def open_world(
    transport: Transport = "private", *, isolate: bool = False, at: datetime = OPENING, seed: int = 0
) -> World:
    """Make a world: `private` with a PC/SC stack of its own, `direct` in this process alone.

    With `isolate` a stack that cannot have namespaces of its own is an error. Raises `ReaderError`.
    """
    if transport == "direct":
        return World(at=at, seed=seed)
    from .readers.pcsc import leave_inherited_stack  # noqa: PLC0415 - needed only here
    from .readers.stack import Isolation, PrivateStack  # noqa: PLC0415 - needed only here

    leave_inherited_stack()
    stack = PrivateStack(isolation=Isolation.REQUIRED if isolate else Isolation.AUTO)
    stack.start()
    try:
        return PcscWorld(stack, at=at, seed=seed)
    except BaseException:
        stack.stop()
        raise
