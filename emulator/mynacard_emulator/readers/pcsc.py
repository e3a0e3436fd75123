"""A PC/SC connection of our own, beside those of the programs that are being watched."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from .port import ReaderError
from .stack import StackError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from .stack import PrivateStack

_VARIABLE = "PCSCLITE_CSOCK_NAME"


class PcscError(ReaderError):
    """PC/SC refused a call or could not do it; `code` is its own name for the reason."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{sentence} ({code})")
        self.code = code


class NoReader(PcscError):
    """There is no such reader, or no pcscd."""


class NoCard(PcscError):
    """The reader is empty."""


class CardRemoved(PcscError):
    """The card that we were connected to has left; the connection stays dead even when a new one comes."""


class CardWasReset(PcscError):
    """Another program reset the card, so that our session with it is over."""


class ReaderBusy(PcscError):
    """Another program has the card for itself."""


class CardUnreadable(PcscError):
    """There is a card, but it does not speak."""


class TransmitFailed(PcscError):
    """The command or its answer was lost on the way; whether the card acted on it is unknown."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    code: str
    kind: type[PcscError]
    sentence: str


_MEANINGS = {
    0x80100009: _Meaning("SCARD_E_UNKNOWN_READER", NoReader, "there is no reader of this name; see `pcsc_scan -r`"),
    0x8010002E: _Meaning("SCARD_E_NO_READERS_AVAILABLE", NoReader, "pcscd has no reader; start the stack anew"),
    0x80100017: _Meaning("SCARD_E_READER_UNAVAILABLE", NoReader, "the reader has gone; start the stack anew"),
    0x8010001D: _Meaning("SCARD_E_NO_SERVICE", NoReader, "pcscd does not run; start it"),
    0x8010001E: _Meaning("SCARD_E_SERVICE_STOPPED", NoReader, "pcscd has ended; start it"),
    0x8010000C: _Meaning("SCARD_E_NO_SMARTCARD", NoCard, "no card is in the reader; insert one"),
    0x80100069: _Meaning("SCARD_W_REMOVED_CARD", CardRemoved, "the card was taken out; connect to the next one"),
    0x80100068: _Meaning("SCARD_W_RESET_CARD", CardWasReset, "another program reset the card; connect again"),
    0x8010000B: _Meaning("SCARD_E_SHARING_VIOLATION", ReaderBusy, "another program has the card for itself; end it"),
    0x80100065: _Meaning("SCARD_W_UNSUPPORTED_CARD", CardUnreadable, "the card's ATR means nothing; look at it"),
    0x80100066: _Meaning("SCARD_W_UNRESPONSIVE_CARD", CardUnreadable, "the card does not answer; insert it again"),
    0x80100067: _Meaning("SCARD_W_UNPOWERED_CARD", CardUnreadable, "the card has no power; connect again"),
    0x8010000F: _Meaning("SCARD_E_PROTO_MISMATCH", CardUnreadable, "the card has neither T=0 nor T=1; look at its ATR"),
    0x80100016: _Meaning("SCARD_E_NOT_TRANSACTED", TransmitFailed, "the card did not answer; see if it is still there"),
    0x8010002F: _Meaning("SCARD_E_COMM_DATA_LOST", TransmitFailed, "the card's answer was lost; connect again"),
    0x80100013: _Meaning("SCARD_F_COMM_ERROR", TransmitFailed, "pcscd does not answer; see if it still runs"),
    0x80100003: _Meaning("SCARD_E_INVALID_HANDLE", CardRemoved, "this connection has ended; connect again"),
}
"""What is worth telling apart among the codes of the PC/SC specification, part 5; the numbers are pcsc-lite's."""


def leave_inherited_stack() -> None:
    """Forget the address of the stack that this process was started in, such as that of `mynacard exec`.

    Once pyscard has been imported it is too late, and nothing is done.
    """
    if "smartcard.scard" not in sys.modules:
        os.environ.pop(_VARIABLE, None)


def activate(stack: PrivateStack) -> None:
    """Make this process a client of this stack, before its first PC/SC call.

    It stays one for life: libpcsclite reads its address once, and would silently go on with the first. Raises
    `StackError` when the process has another address already, and when the stack does not run.
    """
    path = stack.socket_path
    if os.environ.setdefault(_VARIABLE, path) != path:
        raise StackError(
            f"this process uses the pcscd at {os.environ[_VARIABLE]} and cannot change to another; use a new process,"
            f" without {_VARIABLE} in its environment"
        )


class ReaderConnection:
    """A shared connection to the card in one reader, by its PC/SC name; to be used by one thread at a time.

    While it is connected the card keeps its power. pcscd cuts it 0.43 to 0.79 s after the last client released the
    card. All that talks to pcscd raises `PcscError`, or `StackError` when pyscard is not installed.

    With `exclusive` it has the card for itself, and is refused where somebody is connected already.
    """

    def __init__(self, reader: str, *, exclusive: bool = False) -> None:
        self.reader = reader
        self._exclusive = exclusive
        self._context: int | None = None
        self._card: int | None = None
        self._protocol = 0
        self._present_at: int | None = None

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    @property
    def connected(self) -> bool:
        """Whether we hold the card, so far as we know."""
        return self._card is not None

    def connect(self) -> None:
        """Connect to the card, which powers it on if it was off; harmless when connected."""
        if self._card is None:
            scard = _scard()
            protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            mode = scard.SCARD_SHARE_EXCLUSIVE if self._exclusive else scard.SCARD_SHARE_SHARED
            answer = scard.SCardConnect(self._opened(scard), self.reader, mode, protocols)
            _, self._card, self._protocol = _checked(answer)

    def transmit(self, command: bytes) -> bytes:
        """Send one command APDU; return the response APDU."""
        scard = _scard()
        header = scard.SCARD_PCI_T1 if self._protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        _, response = _checked(scard.SCardTransmit(self._held(), header, list(command)))
        return bytes(response)

    def atr(self) -> bytes:
        """Tell what the card answered to its last reset."""
        *_, answer_to_reset = _checked(_scard().SCardStatus(self._held()))
        return bytes(answer_to_reset)

    def begin_transaction(self) -> None:
        """Let every other client wait, until we let go of the card."""
        _checked((_scard().SCardBeginTransaction(self._held()),))

    def power_cycle(self) -> None:
        """Cut the power for a moment: the card forgets its session, and every other client's connection is over."""
        scard = _scard()
        _checked((scard.SCardDisconnect(self._held(), scard.SCARD_UNPOWER_CARD),))
        self._card = None
        self.connect()

    def warm_reset(self) -> None:
        """Reset the card without cutting the power; every other client learns of it at its next call."""
        scard = _scard()
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        mode, action = scard.SCARD_SHARE_SHARED, scard.SCARD_RESET_CARD
        _, self._protocol = _checked(scard.SCardReconnect(self._held(), mode, protocols, action))

    def wait_present(self, timeout: float) -> bool:
        """Wait until pcscd has seen a card come; return False if it took longer, in seconds."""
        present = _scard().SCARD_STATE_PRESENT
        return self._wait(timeout, lambda state: bool(state & present))

    def wait_absent(self, timeout: float) -> bool:
        """Wait until pcscd has seen the card go; return False if it took longer, in seconds.

        Some calls on a card that has left make pcscd 1.9.9 show an empty reader before it has looked itself. A card
        that comes in between is never seen: hence this waits for the look, after the card that was last waited for.
        """
        empty = _scard().SCARD_STATE_EMPTY
        return self._wait(timeout, lambda state: bool(state & empty) and state >> 16 != self._present_at)

    def release(self) -> None:
        """Let go of the card and leave it as it is; harmless when not connected."""
        card, self._card = self._card, None
        if card is not None:
            scard = _scard()
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)  # it may have left: nothing to tell anybody

    def close(self) -> None:
        """Release the card and say goodbye to pcscd."""
        self.release()
        context, self._context = self._context, None
        if context is not None:
            _scard().SCardReleaseContext(context)

    def _opened(self, scard: ModuleType) -> int:
        context = self._context
        if context is None:
            _, context = _checked(scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
            self._context = context
        return context

    def _held(self) -> int:
        if self._card is None:
            raise NoCard("SCARD_E_INVALID_HANDLE", "this connection holds no card; connect first")
        return self._card

    def _wait(self, timeout: float, wanted: Callable[[int], bool]) -> bool:
        """Wait for a state of the reader; its upper half counts the cards that pcscd saw come and go."""
        scard = _scard()
        context, state = self._opened(scard), scard.SCARD_STATE_UNAWARE
        deadline = time.monotonic() + timeout
        while not wanted(state):
            left = max(0, round(1000 * (deadline - time.monotonic())))
            answer = scard.SCardGetStatusChange(context, left, [(self.reader, state)])
            if answer[0] == scard.SCARD_E_TIMEOUT:
                return False
            _, state, _ = _checked(answer)[1][0]
            if state & scard.SCARD_STATE_PRESENT:
                self._present_at = state >> 16
        return True


def _scard() -> ModuleType:
    """Import pyscard, an extra, now that it is needed; only its own low-level part, which hides nothing."""
    try:
        from smartcard import scard  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise StackError(f"pyscard cannot be used ({error}); install it: pip install mynacard[pcsc]") from None
    module: ModuleType = scard
    return module


def _checked(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return what PC/SC answered, whose first item says how it went. Raises `PcscError`."""
    number = answer[0] & 0xFFFF_FFFF
    if number == 0:
        return answer
    meaning = _MEANINGS.get(number)
    if meaning is None:
        raise PcscError(f"0x{number:08X}", "PC/SC failed; look this code up in pcsclite.h")
    raise meaning.kind(meaning.code, meaning.sentence)
