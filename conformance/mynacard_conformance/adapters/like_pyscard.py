"""A connection in the shape of pyscard's, for libraries that were written for that and are judged without PC/SC."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NoReturn

from mynacard_conformance.outcome import Outcome
from mynacard_conformance.ports import Connection

from .connection import outcome_of, words_of

_T1 = 2
"""`CardConnection.T1_protocol`."""


class LikePyscard:
    """What pyscard's `reader.createConnection()` gives, over any connection that has `transmit(bytes) -> bytes`.

    Failures are pyscard's own exceptions where pyscard is installed, else what the connection raises. The ATR is there
    where the connection has one (`atr`, as in the harness's process); to disconnect cuts the card's power, as pyscard
    does unless it is told otherwise.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection: Any = connection

    def connect(self, protocol: int | None = None, mode: int | None = None, disposition: int | None = None) -> None:
        """Find a card in the reader; `NoCardException` where none is, so far as the connection knows."""
        del protocol, mode, disposition
        with suppress(AttributeError):  # such a connection tells at the first command
            self.getATR()

    def disconnect(self) -> None:
        """Let go of the card, with its power cut."""
        cut = getattr(self._connection, "disconnect", None) or getattr(self._connection, "power_cycle", None)
        with suppress(OSError):  # the card may have left, and nobody needs to know
            if cut is not None:
                cut()

    def release(self) -> None:
        """Do nothing more than `disconnect` has done."""

    def getATR(self) -> list[int]:  # noqa: N802 - pyscard's name
        """What the card answered to reset, as numbers."""
        try:
            return list(self._connection.atr)
        except OSError as error:
            _fail(error, connecting=True)

    def getProtocol(self) -> int:  # noqa: N802 - pyscard's name
        """T=1, as pyscard numbers it."""
        return _T1

    def getReader(self) -> str | None:  # noqa: N802 - pyscard's name
        """The reader's name, where there is one."""
        reader: str | None = self._connection.reader
        return reader

    def transmit(self, command: Iterable[int], protocol: int | None = None) -> tuple[list[int], int, int]:
        """Exchange one APDU: numbers in; data, SW1 and SW2 out."""
        del protocol
        try:
            response: bytes = self._connection.transmit(bytes(command))
        except OSError as error:
            _fail(error, connecting=False)
        if len(response) < 2:
            _fail(OSError("the card's answer is cut short"), connecting=False)
        return list(response[:-2]), response[-2], response[-1]


def _fail(error: OSError, *, connecting: bool) -> NoReturn:
    """Raise what pyscard would; it says nothing of the command, which may hold a PIN."""
    try:
        from smartcard import scard  # noqa: PLC0415 - an extra
        from smartcard.Exceptions import CardConnectionException, NoCardException  # noqa: PLC0415 - an extra
    except ImportError:
        raise error from None
    words = words_of(error)
    match outcome_of(error):
        case Outcome.NO_CARD if connecting:
            raise NoCardException(words, hresult=scard.SCARD_E_NO_SMARTCARD) from None
        case Outcome.NO_CARD | Outcome.CARD_REMOVED:
            raise CardConnectionException(words, hresult=scard.SCARD_W_REMOVED_CARD) from None
        case _:
            raise CardConnectionException(words, hresult=scard.SCARD_E_NOT_TRANSACTED) from None
