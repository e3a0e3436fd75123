"""A PC/SC reader that is itself on trial: connections of every kind, each failure by its own name."""

from __future__ import annotations

from typing import Any

from .connection import CardReset, CardUnreadable, NoCard, NoReader
from .pcsc_connection import failures, load_scard


class PcscHandle:
    """One connection to the card in a reader; every method raises `ConnectionLost` where PC/SC refuses."""

    def __init__(self, scard: Any, reader: str, *, exclusive: bool) -> None:  # noqa: ANN401 - pyscard has no types
        self._scard = scard
        self._share = scard.SCARD_SHARE_EXCLUSIVE if exclusive else scard.SCARD_SHARE_SHARED
        self._protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        result, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        self._check(result)
        result, self._card, self._protocol = scard.SCardConnect(self._context, reader, self._share, self._protocols)
        if result != scard.SCARD_S_SUCCESS:
            scard.SCardReleaseContext(self._context)
        self._check(result)

    @property
    def is_t1(self) -> bool:
        """Whether the protocol is T=1, which T=CL is to PC/SC too."""
        return bool(self._protocol == self._scard.SCARD_PROTOCOL_T1)

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        pci = self._scard.SCARD_PCI_T1 if self.is_t1 else self._scard.SCARD_PCI_T0
        result, response = self._scard.SCardTransmit(self._card, pci, list(command))
        self._check(result)
        return bytes(response)

    def cold_reset(self) -> bytes:
        """Cut the power and supply it again; return the ATR."""
        return self._reconnect(self._scard.SCARD_UNPOWER_CARD)

    def warm_reset(self) -> bytes:
        """Reset the card with its power on; return the ATR."""
        return self._reconnect(self._scard.SCARD_RESET_CARD)

    def go_on(self) -> None:
        """Take notice of somebody else's reset, and go on with the card."""
        self._reconnect(self._scard.SCARD_LEAVE_CARD)

    def atr(self) -> bytes:
        """Tell what the card answered to its last reset."""
        result, _, _, _, atr = self._scard.SCardStatus(self._card)
        self._check(result)
        return bytes(atr)

    def begin(self) -> None:
        """Begin a transaction; wait while another has one."""
        self._check(self._scard.SCardBeginTransaction(self._card))

    def end(self) -> None:
        """End it."""
        self._check(self._scard.SCardEndTransaction(self._card, self._scard.SCARD_LEAVE_CARD))

    def close(self, *, cut: bool = False) -> None:
        """Let go of the card, with its power cut or as it is."""
        self._scard.SCardDisconnect(self._card, self._scard.SCARD_UNPOWER_CARD if cut else self._scard.SCARD_LEAVE_CARD)
        self._scard.SCardReleaseContext(self._context)

    def _reconnect(self, disposition: int) -> bytes:
        result, self._protocol = self._scard.SCardReconnect(self._card, self._share, self._protocols, disposition)
        self._check(result)
        return self.atr()

    def _check(self, result: int) -> None:
        if result != self._scard.SCARD_S_SUCCESS:
            failure = failures(self._scard).get(result, CardUnreadable)
            raise failure(f"{self._scard.SCardGetErrorMessage(result).strip()} ({result & 0xFFFFFFFF:08X})")


def first_with_card() -> str:
    """The name of the first reader that a card is in; raises `PcscMissing`, and `NoReader` or `NoCard` for none."""
    scard = load_scard()
    names = _names(scard)
    if not names:
        raise NoReader("there is no reader; is pcscd running?")
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    _, states = scard.SCardGetStatusChange(context, 0, [(name, scard.SCARD_STATE_UNAWARE) for name in names])
    scard.SCardReleaseContext(context)
    found = next((name for name, state, _ in states if state & scard.SCARD_STATE_PRESENT), None)
    if found is None:
        raise NoCard("no card is in any reader")
    return str(found)


class PcscReader:
    """A reader by its name, or by the beginning of it; raises `PcscMissing`, and `NoReader` for a name of none."""

    def __init__(self, name: str) -> None:
        self._scard = load_scard()
        names = _names(self._scard)
        found = [each for each in names if each == name] or [each for each in names if each.startswith(name)]
        if not found:
            there = f"there are: {', '.join(names)}" if names else "there is none; is pcscd running?"
            raise NoReader(f"no reader is called {name!r}; {there}")
        self.name = found[0]

    def connect(self, *, exclusive: bool = False) -> PcscHandle:
        """Connect to the card in it."""
        return PcscHandle(self._scard, self.name, exclusive=exclusive)


class PcscCard:
    """The card in a reader, as a card under test: one shared connection, made when it is needed."""

    def __init__(self, reader: PcscReader) -> None:
        self._reader = reader
        self._handle: PcscHandle | None = None

    def power_on(self) -> bytes:
        """Cut the power and supply it again; return the ATR."""
        try:
            return self._held().cold_reset()
        except CardReset:
            self.release()
            return self._held().cold_reset()

    def reset(self) -> bytes:
        """Reset the card with its power on; return the ATR."""
        return self._held().warm_reset()

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        return self._held().transmit(command)

    def release(self) -> None:
        """Let go of the card, with its power cut; the next command connects anew."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            handle.close(cut=True)

    def _held(self) -> PcscHandle:
        self._handle = self._handle or self._reader.connect()
        return self._handle


def _names(scard: Any) -> list[str]:  # noqa: ANN401 - pyscard has no types
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    if result != scard.SCARD_S_SUCCESS:
        return []
    _, names = scard.SCardListReaders(context, [])
    scard.SCardReleaseContext(context)
    return list(names)
