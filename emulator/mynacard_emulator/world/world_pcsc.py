"""A world whose readers other programs reach through PC/SC."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mynacard_emulator.clock import OPENING
from mynacard_emulator.readers.faults import Elsewhere, NoAccident, Placement
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.readers.reader import Reader
from mynacard_emulator.transcript import Exchange

from .connections import ReaderName
from .mishaps import enter_wrong_pin, make_noise
from .snapshot import Snapshot
from .things import WorldCard
from .world import World

if TYPE_CHECKING:
    from mynacard_emulator.readers.pcsc import ReaderConnection
    from mynacard_emulator.readers.stack import PrivateStack

_PATIENCE = 10.0
"""Seconds to wait for a reader to notice a card; it takes half a second where all is well."""

_HARMLESS = bytes.fromhex("0084000008")
"""GET CHALLENGE, which every state of the card allows and none is changed by."""


def at_once(act: Callable[[int], object], readers: Sequence[int]) -> None:
    """Do the same to each of these readers, all at once: each takes its time to look."""
    if len(readers) == 1:
        act(readers[0])
    elif readers:
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most worlds have one reader

        with ThreadPoolExecutor(len(readers)) as pool:
            list(pool.map(act, readers))


_LOOK_SECONDS = 1.0
"""How long another program waits for its turn; a transaction of somebody else takes a few milliseconds."""


class PcscWorld(World):
    """A world whose readers are in a private PC/SC stack: unmodified programs take its cards for real ones.

    Raises `ReaderError` where the machine cannot serve.
    """

    def __init__(  # noqa: PLR0913 - as for any world
        self,
        stack: PrivateStack,
        *,
        at: datetime = OPENING,
        seed: int = 0,
        exchanges: list[Exchange] | None = None,
        hardware: Reader | None = None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        from mynacard_emulator.readers.pcsc import ReaderConnection, activate  # noqa: PLC0415 - an extra
        from mynacard_emulator.readers.vpcd import VirtualSlot  # noqa: PLC0415 - needed only here

        super().__init__(readers=stack.prefixes, at=at, seed=seed, exchanges=exchanges, hardware=hardware, tell=tell)
        activate(stack)
        self._stack = stack
        self.warning = stack.warning
        self.reader = self.readers[0]
        self._slots = [VirtualSlot(partial(stack.connect, number)) for number in range(len(self.readers))]
        self._connection = ReaderConnection
        self._controls = [ReaderConnection(reader) for reader in self.readers]
        self._keepers = [ReaderConnection(reader) for reader in self.readers]
        self._others: dict[int, ReaderConnection] = {}
        self._away: set[int] = set()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client's process needs in its environment to reach this stack and no other."""
        return {**os.environ, **self._stack.environment}

    def power_cycle(self, reader: int = 0) -> None:
        """Cut the card's power for a moment, through PC/SC: every client that is connected learns of it."""
        with self._control(reader) as control:
            control.power_cycle()

    def warm_reset(self, reader: int = 0) -> None:
        """Reset the card through PC/SC."""
        with self._control(reader) as control:
            control.warm_reset()

    def insert(self, card: WorldCard, reader: int = 0) -> None:
        """Put a card into a reader, and return when the reader has noticed."""
        for each in {self._checked(reader), *(number for number, inside in enumerate(self._inside) if inside is card)}:
            self._notice_departure(each)
        super().insert(card, reader)

    def insert_each(self, cards: Sequence[WorldCard]) -> None:
        """Put one card into each reader, as many as there are, all at once: each reader takes its time to look."""
        at_once(lambda reader: self.insert(cards[reader], reader), range(len(cards)))
        self._current = cards[-1] if cards else self._current

    def card_in(self, reader: int = 0) -> WorldCard | None:
        """The card that is in this reader, be that away or not, unless the card has left by itself."""
        there = self._slots[self._checked(reader)].inserted or reader in self._away
        return super().card_in(reader) if there else None

    def noticed(self, reader: int = 0) -> bool:
        """Whether pcscd has powered the card on that is in this reader."""
        slot = self._slots[self._checked(reader)]
        return slot.inserted and slot.wait_powered(0)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what was then; a card that has left by itself since is put in again."""
        for reader in range(len(self.readers)):
            self._notice_departure(reader)
        super().restore(snapshot)

    def noise(self, name: str, reader: int = 0) -> None:
        """Let a platform say its own through PC/SC, in a connection that leaves the card as it is then."""
        with self._control(reader) as control:
            make_noise(name, control.atr, control.transmit)

    def put_right(self, reader: int = 0) -> None:
        """End every accident; a card that has left by itself is put in again."""
        self._recover(self._checked(reader))
        self._notice_departure(reader)
        super().put_right(reader)

    def suffer(self, deed: Elsewhere, reader: int) -> None:
        """Bear what becomes of the reader, or what another program does: a connection of ours that is nobody else's."""
        match deed:
            case Elsewhere.AWAY:
                self._start_anew(self._away | self._with_slots(reader))
            case Elsewhere.RESTARTED:
                self._start_anew(self._away)
            case Elsewhere.EXCLUSIVE | Elsewhere.TRANSACTION:
                self._let_in_another(deed, reader)
            case Elsewhere.VERIFY:
                with self._control(reader) as control:
                    enter_wrong_pin(self._card_in(reader), control.transmit)

    def keep_power(self, reader: int = 0) -> None:
        """Keep a shared connection to the card, so that no client's end cuts its power."""
        self._keepers[self._checked(reader)].connect()

    def let_go(self, reader: int = 0) -> None:
        """End that connection, and leave the card as it is."""
        self._keepers[self._checked(reader)].release()

    def is_free(self, reader: int = 0) -> bool | None:
        """Whether another program can exchange APDUs with the card now; what it asks for changes nothing.

        A connection waits in pcscd for as long as somebody else has a transaction: that is not free.
        """
        heard: list[bool] = []
        name = self.readers[self._checked(reader)]
        looks = threading.Thread(target=lambda: heard.append(_can_ask(name)), name="mynacard-look", daemon=True)
        looks.start()
        looks.join(_LOOK_SECONDS)
        return heard == [True]

    def connect(self, reader: int = 0) -> ReaderName:
        """Name the reader; a client finds its own way there."""
        return ReaderName(self.readers[self._checked(reader)])

    def close(self) -> None:
        """Take the cards out and the stack down."""
        for control in (*self._others.values(), *self._controls, *self._keepers):
            control.close()
        for slot in self._slots:
            slot.close()
        self._stack.stop()

    def _notice_departure(self, reader: int) -> None:
        """Have the reader see that a card has left by itself, before another comes."""
        if self._inside[reader] is not None and self.card_in(reader) is None:
            self.eject(reader)

    def _control(self, reader: int) -> ReaderConnection:
        """Our own connection, beside which there is no other program that would keep it waiting."""
        if self._checked(reader) in self._others:
            raise ReaderError(f"another program has the card in reader {reader}; put that right first")
        return self._controls[reader]

    def _let_in_another(self, deed: Elsewhere, reader: int) -> None:
        """Let another program take the card for itself, or begin a transaction, until `_recover`."""
        self._control(reader)  # there is not yet another
        other = self._connection(self.readers[reader], exclusive=deed is Elsewhere.EXCLUSIVE)
        try:
            other.connect()
            if deed is Elsewhere.TRANSACTION:
                other.begin_transaction()
        except ReaderError as error:
            other.close()
            taken = deed is Elsewhere.EXCLUSIVE and self.noticed(reader)
            reason = "a client is connected already; order this before it connects" if taken else error
            raise NoAccident(f"{deed.value}: {reason}") from None
        self._others[reader] = other

    def _recover(self, reader: int) -> None:
        """Send the other program away, and have the reader back."""
        self._send_away(reader)
        if reader in self._away:
            self._start_anew(self._away - self._with_slots(reader))

    def _send_away(self, reader: int) -> None:
        if (other := self._others.pop(reader, None)) is not None:
            other.close()

    def _with_slots(self, reader: int) -> set[int]:
        """This reader, and the other slot of the same."""
        return {number for number, prefix in enumerate(self._prefixes) if prefix == self._prefixes[reader]}

    def _start_anew(self, away: set[int]) -> None:
        """Start pcscd anew without these readers; the cards in the others stay in, and have no power meanwhile."""
        for reader in range(len(self.readers)):
            self._send_away(reader)
            self._notice_departure(reader)
        for connection in (*self._controls, *self._keepers):
            connection.close()
        for slot in self._slots:
            slot.eject()
        self._away = away
        self._stack.restart(away)
        self._controls = [self._connection(reader) for reader in self.readers]
        self._keepers = [self._connection(reader) for reader in self.readers]
        there = [number for number, card in enumerate(self._inside) if card is not None and number not in away]
        at_once(self._be_noticed, there)

    def _couple(self, card: WorldCard, reader: int) -> None:
        """Put a card in, and return when the reader has noticed."""
        if reader in self._away:
            raise ReaderError(f"reader {reader} is away; put that right first")
        slot = self._slots[reader]
        slot.insert(card.port)
        if self.faults_of(reader).placement is Placement.UNSEEN:
            return
        if not slot.wait_powered(_PATIENCE) or not self._is_published(reader):
            slot.eject()
            raise ReaderError(f"the reader did not notice the card within {_PATIENCE:.0f} s; try `mynacard doctor`")

    def _be_noticed(self, reader: int) -> None:
        """Have the card noticed that is in the reader already."""
        if (card := self._inside[reader]) is not None:
            self._couple(card, reader)

    def _is_published(self, reader: int) -> bool:
        """Wait until clients are told of the card: pcscd powers it on a moment before.

        Without pyscard nobody can tell; then a client that is very quick may still find no card.
        """
        return find_spec("smartcard") is None or self._controls[reader].wait_present(_PATIENCE)

    def _decouple(self, card: WorldCard, reader: int) -> None:
        """Take the card out, and return when the reader has noticed."""
        self._slots[reader].eject()
        self._send_away(reader)
        self._note("eject", card, reader)
        if reader in self._away:
            return
        if not self._controls[reader].wait_absent(_PATIENCE):
            raise ReaderError(f"the reader did not notice the ejection within {_PATIENCE:.0f} s; start the stack anew")


def _can_ask(reader: str) -> bool:
    """Ask the card for something that changes nothing, as a program of its own."""
    from mynacard_emulator.readers.pcsc import PcscError, ReaderBusy, ReaderConnection  # noqa: PLC0415 - an extra

    connection = ReaderConnection(reader)
    try:
        connection.connect()
        connection.transmit(_HARMLESS)
    except ReaderBusy:
        return False
    except PcscError:
        return True  # nobody keeps it from us; there is something else
    finally:
        connection.close()
    return True
