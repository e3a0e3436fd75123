"""A world whose readers other programs reach through PC/SC."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mynacard_emulator.clock import OPENING
from mynacard_emulator.readers.faults import Placement
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.readers.reader import Reader
from mynacard_emulator.transcript import Exchange

from .connections import ReaderName
from .mishaps import make_noise
from .snapshot import Snapshot
from .things import WorldCard
from .world import World

if TYPE_CHECKING:
    from mynacard_emulator.readers.stack import PrivateStack

_PATIENCE = 10.0
"""Seconds to wait for a reader to notice a card; it takes half a second where all is well."""


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
        self._controls = [ReaderConnection(reader) for reader in self.readers]

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client's process needs in its environment to reach this stack and no other."""
        return {**os.environ, **self._stack.environment}

    def power_cycle(self, reader: int = 0) -> None:
        """Cut the card's power for a moment, through PC/SC: every client that is connected learns of it."""
        with self._controls[self._checked(reader)] as control:
            control.power_cycle()

    def warm_reset(self, reader: int = 0) -> None:
        """Reset the card through PC/SC."""
        with self._controls[self._checked(reader)] as control:
            control.warm_reset()

    def insert(self, card: WorldCard, reader: int = 0) -> None:
        """Put a card into a reader, and return when the reader has noticed."""
        for each in {self._checked(reader), *(number for number, inside in enumerate(self._inside) if inside is card)}:
            self._notice_departure(each)
        super().insert(card, reader)

    def insert_each(self, cards: Sequence[WorldCard]) -> None:
        """Put one card into each reader, as many as there are, all at once: each reader takes its time to look."""
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - most worlds have one reader

        with ThreadPoolExecutor(len(cards)) as pool:
            list(pool.map(self.insert, cards, range(len(cards))))
        self._current = cards[-1]

    def card_in(self, reader: int = 0) -> WorldCard | None:
        """The card that is in this reader, unless it has left by itself."""
        return super().card_in(reader) if self._slots[self._checked(reader)].inserted else None

    def noticed(self, reader: int = 0) -> bool:
        """Whether pcscd has powered the card on that is in this reader."""
        return super().noticed(reader) and self._slots[reader].wait_powered(0)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what was then; a card that has left by itself since is put in again."""
        for reader in range(len(self.readers)):
            self._notice_departure(reader)
        super().restore(snapshot)

    def noise(self, name: str, reader: int = 0) -> None:
        """Let a platform say its own through PC/SC, in a connection that leaves the card as it is then."""
        with self._controls[self._checked(reader)] as control:
            make_noise(name, control.atr, control.transmit)

    def connect(self, reader: int = 0) -> ReaderName:
        """Name the reader; a client finds its own way there."""
        return ReaderName(self.readers[self._checked(reader)])

    def close(self) -> None:
        """Take the cards out and the stack down."""
        for control in self._controls:
            control.close()
        for slot in self._slots:
            slot.close()
        self._stack.stop()

    def _notice_departure(self, reader: int) -> None:
        """Have the reader see that a card has left by itself, before another comes."""
        if self._inside[reader] is not None and self.card_in(reader) is None:
            self.eject(reader)

    def _couple(self, card: WorldCard, reader: int) -> None:
        """Put a card in, and return when the reader has noticed."""
        slot = self._slots[reader]
        slot.insert(card.port)
        if self.faults_of(reader).placement is Placement.UNSEEN:
            return
        if not slot.wait_powered(_PATIENCE) or not self._is_published(reader):
            slot.eject()
            raise ReaderError(f"the reader did not notice the card within {_PATIENCE:.0f} s; try `mynacard doctor`")

    def _is_published(self, reader: int) -> bool:
        """Wait until clients are told of the card: pcscd powers it on a moment before.

        Without pyscard nobody can tell; then a client that is very quick may still find no card.
        """
        return find_spec("smartcard") is None or self._controls[reader].wait_present(_PATIENCE)

    def _decouple(self, card: WorldCard, reader: int) -> None:
        """Take the card out, and return when the reader has noticed."""
        self._slots[reader].eject()
        self._note("eject", card, reader)
        if not self._controls[reader].wait_absent(_PATIENCE):
            raise ReaderError(f"the reader did not notice the ejection within {_PATIENCE:.0f} s; start the stack anew")
