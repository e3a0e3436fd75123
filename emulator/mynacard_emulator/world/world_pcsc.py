"""A world whose readers other programs reach through PC/SC."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from mynacard_emulator.clock import OPENING
from mynacard_emulator.readers.faults import Placement
from mynacard_emulator.readers.port import ReaderError

from .connections import ReaderName
from .mishaps import make_noise
from .snapshot import Snapshot
from .things import WorldCard
from .world import World

if TYPE_CHECKING:
    from mynacard_emulator.readers.stack import PrivateStack

_PATIENCE = 10.0
"""Seconds to wait for a reader to notice a card; it takes half a second where all is well."""


_HARMLESS = bytes.fromhex("0084000008")
"""GET CHALLENGE, which every state of the card allows and none is changed by."""


class PcscWorld(World):
    """A world whose readers are in a private PC/SC stack: unmodified programs take its cards for real ones.

    Raises `ReaderError` where the machine cannot serve.
    """

    def __init__(self, stack: PrivateStack, *, at: datetime = OPENING, seed: int = 0) -> None:
        from mynacard_emulator.readers.pcsc import ReaderConnection, activate  # noqa: PLC0415 - an extra
        from mynacard_emulator.readers.vpcd import VirtualSlot  # noqa: PLC0415 - needed only here

        super().__init__(readers=stack.prefixes, at=at, seed=seed)
        activate(stack)
        self._stack = stack
        self.warning = stack.warning
        self.reader = self.readers[0]
        self._slots = [VirtualSlot(partial(stack.connect, number)) for number in range(len(self.readers))]
        self._controls = [ReaderConnection(reader) for reader in self.readers]
        self._keepers = [ReaderConnection(reader) for reader in self.readers]

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
        self._notice_departure(self._checked(reader))
        super().insert(card, reader)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to what was then; a card that has left by itself since is put in again."""
        for reader in range(len(self.readers)):
            self._notice_departure(reader)
        super().restore(snapshot)

    def noise(self, name: str, reader: int = 0) -> None:
        """Let a platform say its own through PC/SC, in a connection that leaves the card as it is then."""
        with self._controls[self._checked(reader)] as control:
            make_noise(name, control.atr, control.transmit)

    def keep_power(self, reader: int = 0) -> None:
        """Keep a shared connection to the card, so that no client's end cuts its power."""
        self._keepers[self._checked(reader)].connect()

    def let_go(self, reader: int = 0) -> None:
        """End that connection, and leave the card as it is."""
        self._keepers[self._checked(reader)].release()

    def is_free(self, reader: int = 0) -> bool | None:
        """Whether another program can exchange APDUs with the card now; what it asks for changes nothing."""
        from mynacard_emulator.readers.pcsc import ReaderBusy  # noqa: PLC0415 - an extra

        try:
            with self._controls[self._checked(reader)] as control:
                control.transmit(_HARMLESS)
        except ReaderBusy:
            return False
        return True

    def connect(self, reader: int = 0) -> ReaderName:
        """Name the reader; a client finds its own way there."""
        return ReaderName(self.readers[self._checked(reader)])

    def close(self) -> None:
        """Take the cards out and the stack down."""
        for control in (*self._controls, *self._keepers):
            control.close()
        for slot in self._slots:
            slot.close()
        self._stack.stop()

    def _notice_departure(self, reader: int) -> None:
        """Have the reader see that a card has left by itself, before another comes."""
        if self.card_in(reader) is not None and not self._slots[reader].inserted:
            self.eject(reader)

    def _couple(self, card: WorldCard, reader: int) -> None:
        """Put a card in, and return when the reader has noticed."""
        slot = self._slots[reader]
        slot.insert(card.port)
        if self.faults_of(reader).placement is Placement.UNSEEN:
            return
        if not slot.wait_powered(_PATIENCE) or not self._controls[reader].wait_present(_PATIENCE):
            slot.eject()
            raise ReaderError(f"the reader did not notice the card within {_PATIENCE:.0f} s; try `mynacard doctor`")

    def _decouple(self, card: WorldCard, reader: int) -> None:
        """Take the card out, and return when the reader has noticed."""
        self._slots[reader].eject()
        self._note("eject", card, reader)
        if not self._controls[reader].wait_absent(_PATIENCE):
            raise ReaderError(f"the reader did not notice the ejection within {_PATIENCE:.0f} s; start the stack anew")
