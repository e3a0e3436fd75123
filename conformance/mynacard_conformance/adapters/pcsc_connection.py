"""The way to a card through PC/SC."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from mynacard_conformance.ports import AnyStage, Connection

from .connection import (
    CardRemoved,
    CardReset,
    CardUnreadable,
    ConnectionLost,
    NoCard,
    NoReader,
    PcscMissing,
    ReaderBusy,
)


@dataclass(slots=True)
class _Handle:
    """A connection as PC/SC knows it; `held` while a transaction keeps others away."""

    context: int
    card: int
    pci: int
    held: bool = False


class PcscConnection:
    """A shared connection to whatever card is in a reader, opened when it is first used.

    After any failure it starts anew at the next `transmit`; it never repeats a command by itself. Raises `PcscMissing`
    where pyscard is not installed; `transmit` raises the other kinds of `ConnectionLost`.
    """

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._scard = load_scard()
        self._failures = failures(self._scard)
        self._handle: _Handle | None = None
        self._in_transaction = False

    @property
    def reader(self) -> str:
        """The reader's name."""
        return self._reader

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        handle = self._handle = self._handle or self._connect()
        if self._in_transaction and not handle.held:
            self._check(self._scard.SCardBeginTransaction(handle.card))
            handle.held = True
        result, response = self._scard.SCardTransmit(handle.card, handle.pci, list(command))
        self._check(result)
        if not response:  # some drivers say so when the card has just left
            self._let_go(self._scard.SCARD_LEAVE_CARD)
            raise CardUnreadable("the card gave an empty response")
        return bytes(response)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep every other program from the card meanwhile: it might select another PIN's file between two commands.

        It begins with the first command, so that its failure is that command's.
        """
        self._in_transaction = True
        try:
            yield
        finally:
            self._in_transaction = False
            if self._handle is not None and self._handle.held:
                self._scard.SCardEndTransaction(self._handle.card, self._scard.SCARD_LEAVE_CARD)
                self._handle.held = False

    def disconnect(self) -> None:
        """Let go of the card with its power cut, so that nobody inherits a verified PIN."""
        self._let_go(self._scard.SCARD_UNPOWER_CARD)

    def leave(self) -> None:
        """Let go of the card, and leave it as it is."""
        self._let_go(self._scard.SCARD_LEAVE_CARD)

    def _connect(self) -> _Handle:
        scard = self._scard
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        self._check(result)
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, card, protocol = scard.SCardConnect(context, self._reader, scard.SCARD_SHARE_SHARED, protocols)
        if result != scard.SCARD_S_SUCCESS:
            scard.SCardReleaseContext(context)
        self._check(result)
        pci = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        return _Handle(context, card, pci)

    def _check(self, result: int) -> None:
        if result == self._scard.SCARD_S_SUCCESS:
            return
        self._let_go(self._scard.SCARD_LEAVE_CARD)
        failure = self._failures.get(result, CardUnreadable)
        raise failure(f"{self._scard.SCardGetErrorMessage(result).strip()} ({result & 0xFFFFFFFF:08X})")

    def _let_go(self, disposition: int) -> None:
        if self._handle is not None:
            handle, self._handle = self._handle, None
            self._scard.SCardDisconnect(handle.card, disposition)
            self._scard.SCardReleaseContext(handle.context)


def connector(stage: AnyStage) -> Callable[[], Connection]:
    """What gives a Python client a new way to the card: through the stage's reader, or straight where it has none."""
    reader = stage.reader
    return stage.connect if reader is None else partial(PcscConnection, reader)


def load_scard() -> Any:  # noqa: ANN401 - pyscard has no types
    """Import the low-level part of pyscard, now that it is needed; raise `PcscMissing`."""
    try:
        from smartcard import scard  # noqa: PLC0415 - only needed here, and not always installed
    except ImportError as error:
        raise PcscMissing("PC/SC needs pyscard: pip install 'mynacard[pcsc]'") from error
    return scard


def failures(scard: Any) -> dict[int, type[ConnectionLost]]:  # noqa: ANN401 - pyscard has no types
    """What each of PC/SC's reasons means."""
    return {
        scard.SCARD_W_REMOVED_CARD: CardRemoved,
        scard.SCARD_W_RESET_CARD: CardReset,
        scard.SCARD_W_UNPOWERED_CARD: CardReset,
        scard.SCARD_E_NO_SMARTCARD: NoCard,
        scard.SCARD_E_SHARING_VIOLATION: ReaderBusy,
        scard.SCARD_E_UNKNOWN_READER: NoReader,
        scard.SCARD_E_READER_UNAVAILABLE: NoReader,
        scard.SCARD_E_NO_READERS_AVAILABLE: NoReader,
        scard.SCARD_E_NO_SERVICE: NoReader,
        scard.SCARD_E_SERVICE_STOPPED: NoReader,
    }
