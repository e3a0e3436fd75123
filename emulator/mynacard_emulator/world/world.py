"""A world in this process: readers, the cards that were issued, and a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Self

from mynacard_emulator import profiles
from mynacard_emulator.card import Card
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.clock import OPENING, WorldClock
from mynacard_emulator.observed import ObservedCard
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.readers.faults import (
    Accident,
    Elsewhere,
    Fault,
    Faults,
    FaultyCard,
    Happened,
    NoAccident,
    Placement,
)
from mynacard_emulator.readers.names import check, full_names, prefixes
from mynacard_emulator.readers.port import CardPort, ReaderError
from mynacard_emulator.readers.reader import Interface, Reader
from mynacard_emulator.transcript import Event, Exchange

from . import mishaps
from .connections import DirectConnection, ReaderName
from .institutions import Institutions
from .snapshot import CardSnapshot, Snapshot
from .things import EmptyReaderError, NoCardError, WorldCard
from .truth import Truth

if TYPE_CHECKING:
    from mynacard_emulator.office.office import Office
    from mynacard_emulator.services.services import Services


class World:
    """Readers, the cards that were issued, and a clock.

    Args:
        readers: How many readers, or how the name of each begins; as for `open_world`.
        at: The time at which it begins.
        seed: Decides every byte of its cards, together with that day, and the UIDs that its reader tells.
        exchanges: Where all that the cards see is noted; by default a list that keeps it all.
        hardware: What its readers are like; by default each is of the kind that the card's ATR speaks of.
        tell: Called with a line when a fault happens.

    """

    reader: str | None = None
    warning: str | None = None

    def __init__(  # noqa: PLR0913 - what a world is, and who watches it
        self,
        *,
        readers: int | Sequence[str] = 1,
        at: datetime = OPENING,
        seed: int = 0,
        exchanges: list[Exchange] | None = None,
        hardware: Reader | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._prefixes = check(prefixes_of(readers))
        self.readers = full_names(self._prefixes)
        self.clock = WorldClock(at)
        self.exchanges: list[Exchange] = [] if exchanges is None else exchanges
        self.truth = Truth(self)
        self._at = at
        self._seed = seed
        self._random = Random(seed)  # noqa: S311 - a seed decides every UID, too
        self._reader = hardware or Reader(random=self._random.randbytes)
        self._tell = tell
        self._cards: list[WorldCard] = []
        self._issued = 0
        self._current: WorldCard | None = None
        self._inside: list[WorldCard | None] = [None] * len(self.readers)
        self._last: list[WorldCard | None] = [None] * len(self.readers)
        self._faults = [
            Faults(tell=partial(self._tell_of, number), seed=seed + number) for number in range(len(self.readers))
        ]
        self._hindered: dict[int, Elsewhere] = {}
        self._institutions = Institutions(self)

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

    @property
    def cards(self) -> tuple[WorldCard, ...]:
        """Every card of this world, in the order in which they came into it."""
        return tuple(self._cards)

    def last_in(self, reader: int) -> WorldCard:
        """The card that was inserted last into this reader, whether it still is or not."""
        card = self._last[self._checked(reader)]
        if card is None:
            raise NoCardError(f"no card was ever inserted into reader {reader}")
        return card

    def truth_of(self, card: WorldCard | None = None, *, reader: int | None = None) -> Truth:
        """What is so about this card, or about the one that was inserted last into this reader."""
        return Truth(self, card, None if reader is None else self._checked(reader))

    def begin(self, at: datetime | None = None, policy: Mapping[str, object] | None = None) -> None:
        """Begin anew: no cards, nothing in the registry, any time, and the office's switches as named."""
        for reader in range(len(self.readers)):
            self._recover(reader)
            self.eject(reader)
        self._cards.clear()
        self._last = [None] * len(self.readers)
        self._current = None
        self._institutions = Institutions(self, policy)
        for faults in self._faults:
            faults.clear()
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
        observed.number, self._issued = self._issued, self._issued + 1
        card = WorldCard(in_hand, observed, FaultyCard(observed, self._faults[0]))
        self._cards.append(card)
        self._institutions.enrol(card)
        return card

    def insert(self, card: WorldCard, reader: int = 0) -> None:
        """Put a card into a reader."""
        if self._inside[self._checked(reader)] is not None:
            raise ReaderError("a card is in the reader; eject it first, or swap the cards")
        if (elsewhere := self.reader_of(card)) is not None:
            raise ReaderError(f"this card is in reader {elsewhere}; eject it there first")
        self._current = self._last[reader] = self._inside[reader] = card
        card.observed.place, card.port.faults = reader, self._faults[reader]
        self._note("insert", card, reader)
        try:
            self._couple(card, reader)
        except BaseException:
            self._inside[reader] = None
            raise

    def insert_each(self, cards: Sequence[WorldCard]) -> None:
        """Put one card into each reader, as many as there are."""
        for reader, card in enumerate(cards):
            self.insert(card, reader)

    def eject(self, reader: int = 0) -> None:
        """Take the card out; harmless when the reader is empty."""
        card = self._inside[self._checked(reader)]
        if card is not None:
            self._inside[reader] = None
            self._decouple(card, reader)

    def swap(self, card: WorldCard, reader: int = 0) -> None:
        """Take the card out, if one is in, and put another in."""
        self.eject(reader)
        self.insert(card, reader)

    def power_cycle(self, reader: int = 0) -> None:
        """Cut the card's power for a moment."""
        port = self._card_in(reader).port
        port.power_off()
        port.power_on()

    def warm_reset(self, reader: int = 0) -> None:
        """Reset the card with its power on."""
        self._card_in(reader).port.reset()

    @property
    def faults(self) -> Faults:
        """What is ordered to go wrong at the first reader, and what has happened."""
        return self._faults[0]

    def faults_of(self, reader: int) -> Faults:
        """What is ordered to go wrong at this reader, and what has happened."""
        return self._faults[self._checked(reader)]

    def fault(self, spec: str | Fault, reader: int = 0) -> None:
        """Order an accident: `verify:1:tear-after` at the next VERIFY. `faults` tells what is ordered, and happened.

        Raises `NoFault`.
        """
        self.faults_of(reader).order(spec)

    def call_off(self, reader: int = 0) -> None:
        """Call off the faults that are ordered at this reader and have not happened yet."""
        self.faults_of(reader).call_off()

    def accident(self, name: str, reader: int = 0) -> Accident:
        """Let something happen to the card that was inserted last, by its name: `upside-down`, `metal-desk`.

        `put_right` ends it. Raises `NoAccident`, also for what cannot be in a world of this kind.
        """
        return mishaps.happen(self, name, reader)

    def put_right(self, reader: int = 0) -> None:
        """End every accident: nothing is ordered any more, and the card lies in the reader as it should."""
        faults = self.faults_of(reader)
        self._recover(reader)
        lies_right = faults.placement is Placement.RIGHT and self.card_in(reader) is not None
        faults.clear()
        card = self._last[reader]
        if card is not None and not lies_right and self.reader_of(card) in {None, reader}:
            mishaps.lay(self, Placement.RIGHT, reader)

    def suffer(self, deed: Elsewhere, reader: int) -> None:
        """Bear what becomes of a reader, or what another program does there. Raises `NoAccident`."""
        match deed:
            case Elsewhere.AWAY | Elsewhere.EXCLUSIVE:
                self._hindered[reader] = deed
                if deed is Elsewhere.AWAY and (card := self.card_in(reader)) is not None:
                    card.port.power_off()
            case Elsewhere.VERIFY:
                mishaps.enter_wrong_pin(self._card_in(reader), lambda command: self.transmit(command, reader))
            case Elsewhere.RESTARTED | Elsewhere.TRANSACTION:
                raise NoAccident(f"{deed.value}: in this process there is no PC/SC; take open_world('private')")

    def noise(self, name: str, reader: int = 0) -> None:
        """Let a platform say its own to the card, as before a client's first word. Raises `NoAccident`."""
        card = self._card_in(reader)
        mishaps.make_noise(name, lambda: card.port.atr, lambda command: self.transmit(command, reader))

    def keep_power(self, reader: int = 0) -> None:
        """Keep the card's power on, whoever ends a connection; in this process nobody cuts it by that."""
        self._card_in(reader)

    def let_go(self, reader: int = 0) -> None:
        """Stop keeping the power on."""
        self._checked(reader)

    def is_free(self, reader: int = 0) -> bool | None:
        """Whether another program can use the card; None in this process, where nobody can keep it from others."""
        self._checked(reader)
        return None

    def touches(self, card: WorldCard) -> Interface:
        """How this world's readers touch a card."""
        return self._reader.touches(card.observed.atr)

    def card_in(self, reader: int = 0) -> WorldCard | None:
        """The card that is in this reader."""
        return self._inside[self._checked(reader)]

    def noticed(self, reader: int = 0) -> bool:
        """Whether the reader has powered the card on that is in it."""
        return self.card_in(reader) is not None

    def reader_of(self, card: WorldCard) -> int | None:
        """The number of the reader that this card is in."""
        return next((number for number in range(len(self.readers)) if self.card_in(number) is card), None)

    def snapshot(self) -> Snapshot:
        """All that this world is now, but for what a power cut ends: the sessions of its cards."""
        numbers = {id(card): number for number, card in enumerate(self._cards)}
        return Snapshot(
            cards=tuple(CardSnapshot(card.in_hand.issued, card.in_hand.card.state.memory) for card in self._cards),
            readers=self.readers,
            inside=tuple(numbers.get(id(card)) for card in self._inside),
            current=numbers.get(id(self._current)),
            registry=self._institutions.registry,
            policy=self._institutions.switches,
            now=self.clock.now,
            seed=self._seed,
            seen=len(self.exchanges),
            services=self._institutions.ledger,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what was then; cards issued since are forgotten, and stay as they are.

        A card that is where it was then stays there, in its session; what was seen stays in the trace. Raises
        `ReaderError` where this world has too few readers.
        """
        if len(snapshot.inside) > len(self.readers):
            raise ReaderError(f"this was a world with {len(snapshot.inside)} readers; open one with as many")
        for issued, memory in snapshot.cards[len(self._cards) :]:
            self.admit(CardInHand(issued, Card(issued.profile(), memory)))
        inside = self._by_number(snapshot.inside)
        for reader, card in enumerate(inside):
            if self._inside[reader] is not card:
                self.eject(reader)
        del self._cards[len(snapshot.cards) :]
        self._rewrite(snapshot.cards)
        self._seed = snapshot.seed
        self.clock.go_back(snapshot.now)
        self._institutions.go_back(snapshot)
        for reader, card in enumerate(inside):
            if card is not None and self._inside[reader] is not card:
                self.insert(card, reader)
        self._current = None if snapshot.current is None else self._cards[snapshot.current]
        self._last = [card if card in self._cards else None for card in self._last]

    def fork(self) -> World:
        """Make a second world in this process, the same to the last session, which goes its own way from here."""
        other = World(readers=self._prefixes, at=self._at, seed=self._seed)
        for card in self._cards:
            in_hand = card.in_hand
            other.admit(CardInHand(in_hand.issued, Card(in_hand.card.profile, in_hand.card.state.memory)))
        other.restore(self.snapshot())
        other._random.setstate(self._random.getstate())
        for mine, theirs in zip(self._cards, other._cards, strict=True):
            theirs.observed.go_on_from(mine.observed)
            theirs.observed.number = mine.observed.number
        other._last = [None if card is None else other._cards[self._cards.index(card)] for card in self._last]
        other.exchanges[:] = self.exchanges
        other._issued = self._issued
        return other

    @property
    def office(self) -> Office:
        """The authority's side of this world; it knows the cards that were issued here."""
        return self._institutions.office

    @property
    def services(self) -> Services:
        """The relying parties of this world, which ask its office about certificates."""
        return self._institutions.services

    def status_of(self, certificate: bytes) -> str:
        """What the registry says of a certificate (DER) now: `good`, `unknown`, or why it is revoked (RFC 5280)."""
        return self._institutions.status_of(certificate)

    @contextmanager
    def away(self, card: WorldCard) -> Iterator[None]:
        """Have a card elsewhere for a while: out of its reader, if it is in one, and back again."""
        reader, current = self.reader_of(card), self._current
        if reader is not None:
            self.eject(reader)
        try:
            yield
        finally:
            if reader is not None:
                self.insert(card, reader)
                self._current = current

    def at_contacts(self, reader: int = 0) -> CardPort:
        """The card in this reader as the reader has it: power, reset and bytes, past any PC/SC."""
        return self._card_in(reader).port

    def connect(self, reader: int = 0) -> DirectConnection | ReaderName:
        """Give a Python client its way to the card in this reader."""
        return DirectConnection(self, number=self._checked(reader))

    def transmit(self, command: bytes, reader: int = 0) -> bytes:
        """Exchange one APDU with the card that is in; raise `EmptyReaderError` where none is."""
        mishaps.hinder(self._hindered.get(reader))
        port = self._card_in(reader).port
        return mishaps.through(self.faults_of(reader), port.transmit, lambda: self.eject(reader), command)

    def atr(self, reader: int = 0) -> bytes:
        """What the card that is in answers to reset; raise `EmptyReaderError` where none is."""
        return self._card_in(reader).port.atr

    def close(self) -> None:
        """Take everything down."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _couple(self, card: WorldCard, reader: int) -> None:  # noqa: ARG002 - where the reader matters, it is another's
        """Let the reader notice a card."""
        card.port.power_on()

    def _decouple(self, card: WorldCard, reader: int) -> None:
        """Let the reader notice that a card has gone, and note it."""
        card.port.power_off()
        self._note("eject", card, reader)

    def _recover(self, reader: int) -> None:
        """End what became of this reader, and what another program does there."""
        if self._hindered.pop(reader, None) is Elsewhere.AWAY and (card := self.card_in(reader)) is not None:
            card.port.power_on()

    def _tell_of(self, reader: int, happened: Happened) -> None:
        self._tell(f"fault {happened}" if reader == 0 else f"reader {reader}: fault {happened}")

    def _note(self, event: Event, card: WorldCard, reader: int) -> None:
        self.exchanges.append(Exchange(event, reader=reader, card=card.observed.number))

    def _rewrite(self, cards: Sequence[CardSnapshot]) -> None:
        """Make the cards what they were."""
        for card, (issued, memory) in zip(self._cards, cards, strict=False):
            if issued is card.in_hand.issued:
                card.observed.remember(memory)
            else:
                with self.away(card):
                    card.in_hand.rewrite(issued, memory)

    def _by_number(self, numbers: Sequence[int | None]) -> list[WorldCard | None]:
        """The cards of these numbers, one for each reader of this world."""
        cards = [None if number is None else self._cards[number] for number in numbers]
        return cards + [None] * (len(self.readers) - len(cards))

    def _card_in(self, reader: int) -> WorldCard:
        card = self._inside[self._checked(reader)]
        if card is None:
            raise EmptyReaderError("no card is in the reader")
        return card

    def _checked(self, reader: int) -> int:
        if not 0 <= reader < len(self.readers):
            raise ReaderError(f"this world has no reader {reader}; it has {len(self.readers)}, the first is 0")
        return reader


def prefixes_of(readers: int | Sequence[str]) -> Sequence[str]:
    """How the name of each reader begins, also where only their number was said."""
    if isinstance(readers, int):
        return prefixes(readers)
    return [readers] if isinstance(readers, str) else readers
