"""A world whose reader is somebody else's: the system's virtual reader, or a TCP port; cards come and go from here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeAlias

from mynacard_emulator.readers.faults import Elsewhere, NoAccident
from mynacard_emulator.readers.port import CardPort, ReaderError
from mynacard_emulator.readers.reader import ANY_READER, Reader
from mynacard_emulator.readers.vpcd import CardFailed
from mynacard_emulator.transcript import Exchange
from mynacard_emulator.world import Recent, World, WorldCard

Serve: TypeAlias = Callable[[CardPort, threading.Event, Callable[[bool], None]], None]
"""Keeps a card in the reader until the event is set or the card leaves by itself.

It says as soon as it can whether the reader has noticed the card, or that nobody is there yet to notice it.
"""

NOTICE_SECONDS = 2.0
"""How long an insertion waits for the reader to look; pcscd looks every 0.4 s."""
EJECT_SECONDS = 12.0
"""How long an ejection waits for a card that is in a command; the slot itself gives up after 10 s."""


class _Stay:
    """One stay of a card in the reader, in a thread of its own."""

    def __init__(self, serve: Serve, card: CardPort, on_left: Callable[[ReaderError | None], None]) -> None:
        self.noticed = False
        self.failure: ReaderError | None = None
        self._serve, self._card, self._on_left = serve, card, on_left
        self._stop, self._settled = threading.Event(), threading.Event()
        self._asked = False
        self._thread = threading.Thread(target=self._run, name="mynacard-reader", daemon=True)

    def begin(self) -> None:
        self._thread.start()
        self._settled.wait(NOTICE_SECONDS)

    def end(self) -> None:
        self._asked = True
        self._stop.set()
        self._thread.join(EJECT_SECONDS)
        if self._thread.is_alive():
            raise CardFailed(f"the card is still busy after {EJECT_SECONDS:.0f} s and cannot be ejected; end the run")

    def _run(self) -> None:
        try:
            self._serve(self._card, self._stop, self._tell)
        except ReaderError as error:
            self.failure = error
        finally:
            if not self._asked:
                self._on_left(self.failure)
            self._settled.set()

    def _tell(self, noticed: bool) -> None:  # noqa: FBT001 - its one argument
        self.noticed = noticed
        self._settled.set()


class ServedWorld(World):
    """A world whose reader is served from here.

    Its power is the reader's affair: `power_cycle` and `warm_reset` are accidents inside the chip, of which no reader
    is told; the session is over all the same.

    Args:
        serve: Keeps a card in the reader.
        note: Called with each exchange.
        reader: The reader that the card is in, as a card sees it.
        tell: Called with a line when a fault happens.
        left: Called when a card has left by itself, with what it failed of, in the thread of its stay.
        at: The time at which it begins.

    """

    def __init__(  # noqa: PLR0913 - as for any world
        self,
        serve: Serve,
        *,
        at: datetime,
        note: Callable[[Exchange], None] = lambda _: None,
        reader: Reader = ANY_READER,
        tell: Callable[[str], None] = lambda _: None,
        left: Callable[[ReaderError | None], None] = lambda _: None,
    ) -> None:
        self.recent = Recent(note)
        super().__init__(at=at, exchanges=self.recent, hardware=reader, tell=tell)
        self._serve = serve
        self._on_left = left
        self._stay: _Stay | None = None

    def noticed(self, reader: int = 0) -> bool:
        """Whether the reader has powered the card on that is in."""
        return super().noticed(reader) and self._stay is not None and self._stay.noticed

    def suffer(self, deed: Elsewhere, reader: int) -> None:
        """Bear what another program does to the card; what concerns the reader is not ours."""
        if deed is not Elsewhere.VERIFY:
            raise NoAccident(f"{deed.value}: this reader is not ours; take `mynacard exec`, which has its own")
        super().suffer(deed, reader)

    def close(self) -> None:
        """Take the card out."""
        self.eject()

    def _couple(self, card: WorldCard, reader: int) -> None:  # noqa: ARG002 - there is one
        """Have the card served as it is seen from the reader, and wait a moment for the reader to look."""
        self._stay = _Stay(self._serve, card.port, partial(self._left, card))
        self._stay.begin()
        if self._stay.failure is not None:
            raise self._stay.failure

    def _decouple(self, card: WorldCard, reader: int) -> None:
        """Wait until the card has done with its command; one that cannot be taken out stays in."""
        if self._stay is not None:
            self.faults.hurry()
            try:
                self._stay.end()
            except CardFailed:
                self._inside[reader] = card
                raise
            finally:
                self.faults.take_time()
        self._note("eject", card, reader)

    def _left(self, card: WorldCard, failure: ReaderError | None) -> None:
        """Note that a card has left by itself; comes in the thread of its stay."""
        self._inside[0] = None
        self._note("eject", card, 0)
        self._on_left(failure)
