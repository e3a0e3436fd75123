"""A card in a reader to which accidents happen: what the client sees of it."""

from __future__ import annotations

from typing import Protocol

from mynacard_emulator.iso7816 import CommandAPDU, MalformedAPDU, StatusWord
from mynacard_emulator.readers.port import AnswerLost, CardEjected, CardPort

from .accidents import Placement
from .fault import Effect, Fault
from .plan import Faults

_GET_RESPONSE = bytes.fromhex("00C00000")
_SHORT_MAX = 256
_NO_ATR = b"\xff\xff"  # what a virtual reader passes on as a card that makes no sense


class Tearable(CardPort, Protocol):
    """A card whose power can be lost in the middle of a command."""

    def cut_short(self, command: bytes, /) -> None:
        """Begin the command, and lose the power after a try was written off and before anything was compared."""
        ...


class FaultyCard:
    """Hands everything on to a card, except where a fault is due.

    What the chip really did is known to the card alone; this is what gets through to the client.
    """

    def __init__(self, card: Tearable, faults: Faults) -> None:
        self._card = card
        self._faults = faults
        self._kept = b""  # data that GET RESPONSE fetches, and the status behind it
        self._gone = False

    @property
    def atr(self) -> bytes:
        """The card's answer to reset, if it can be heard."""
        match self._faults.placement:
            case Placement.RIGHT:
                return self._card.atr
            case Placement.MUTE:
                return _NO_ATR
            case Placement.UNSEEN:
                return b""

    def power_on(self) -> bytes:
        """Supply power; a card that had left is in again."""
        self._kept, self._gone = b"", False
        self._faults.take_time()
        self._card.power_on()
        return self.atr

    def power_off(self) -> None:
        """Cut the power."""
        self._kept = b""
        self._card.power_off()

    def reset(self) -> bytes:
        """Reset with the power on."""
        self._kept = b""
        return self._card.reset()

    def interrupt(self) -> None:
        """End a pause that is under way."""
        self._faults.hurry()

    def transmit(self, command: bytes, /) -> bytes:
        """Carry out one command, or let happen what is due. Raises `CardEjected` and `AnswerLost`."""
        if self._gone:
            raise CardEjected
        kept, self._kept = self._kept, b""
        if kept and command[:4] == _GET_RESPONSE:
            return self._fetched(kept, command)
        fault = self._faults.due(command)
        return self._card.transmit(command) if fault is None else self._play(fault, command)

    def _play(self, fault: Fault, command: bytes) -> bytes:
        effect, amount = fault.effect, fault.amount or 0
        match effect:
            case Effect.EJECT:
                raise self._leaving(CardEjected())
            case Effect.TEAR_BEFORE:
                raise self._leaving(CardEjected(torn=True))
            case Effect.LOSE_COMMAND:
                raise AnswerLost
            case Effect.HANG:
                self._faults.wait(amount)
                raise self._leaving(CardEjected(torn=True))
            case Effect.ZERO_BYTES:
                raise self._leaving(CardEjected(b""))
            case Effect.RESET:
                self._card.reset()
                return self._card.transmit(command)
            case Effect.POWER_CYCLE:
                self._card.power_off()
                self._card.power_on()
                return self._card.transmit(command)
            case Effect.POWER_CUT:
                self._card.cut_short(command)
                raise self._leaving(CardEjected(torn=True))
            case _:
                return self._after(fault, command, self._card.transmit(command))

    def _after(self, fault: Fault, command: bytes, answer: bytes) -> bytes:  # noqa: C901 - one arm each
        """Spoil an answer that the chip has given."""
        effect, amount = fault.effect, int(fault.amount or 0)
        match effect:
            case Effect.TEAR_AFTER:
                raise self._leaving(CardEjected(torn=True))
            case Effect.EJECT_AFTER:
                raise self._leaving(CardEjected(answer))
            case Effect.LOSE_ANSWER:
                raise AnswerLost
            case Effect.EMPTY:
                raise AnswerLost(empty=True)
            case Effect.DELAY:
                self._faults.wait(fault.amount or 0)
                return answer
            case Effect.TRUNCATE:
                return answer[:amount]
            case Effect.GARBAGE:
                return self._faults.noise(fault, len(answer))
            case Effect.FLIP_BIT:
                return _with_bit_flipped(answer, amount)
            case Effect.GET_RESPONSE:
                return self._kept_back(answer)
            case Effect.WRONG_LE:
                return _asked_exactly(command, answer)
            case _:
                raise AssertionError(effect)

    def _leaving(self, how: CardEjected) -> CardEjected:
        self._gone = True
        return how

    def _kept_back(self, answer: bytes) -> bytes:
        """Tell that there is data, as readers of T=0 do; a status alone needs no fetching."""
        if len(answer) <= 2:
            return answer
        self._kept = answer
        return _bytes_waiting(0x6100, len(answer) - 2)

    def _fetched(self, kept: bytes, command: bytes) -> bytes:
        """Answer GET RESPONSE (ISO 7816-4:2020, 11.9.1)."""
        data, status = kept[:-2], kept[-2:]
        try:
            ne = CommandAPDU.decode(command).ne or _SHORT_MAX
        except MalformedAPDU:
            ne = _SHORT_MAX
        if ne < len(data):
            self._kept = data[ne:] + status
            return data[:ne] + _bytes_waiting(0x6100, len(data) - ne)
        return data + status


def _asked_exactly(command: bytes, answer: bytes) -> bytes:
    """Answer 6CXX where Le was not exactly as long as the data; the command has to come again."""
    try:
        ne = CommandAPDU.decode(command).ne
    except MalformedAPDU:
        return answer
    length = len(answer) - 2
    return answer if length in (0, ne) or length > _SHORT_MAX else _bytes_waiting(0x6C00, length)


def _bytes_waiting(status: int, length: int) -> bytes:
    """The status word with a length in its second byte; 00 is 256, or more."""
    return StatusWord(status | (length if length < _SHORT_MAX else 0)).to_bytes(2, "big")


def _with_bit_flipped(answer: bytes, bit: int) -> bytes:
    """The answer with one bit the other way round, counted from the first; beyond the end it begins anew."""
    if not answer:
        return answer
    place, spoilt = bit % (8 * len(answer)), bytearray(answer)
    spoilt[place // 8] ^= 0x80 >> place % 8
    return bytes(spoilt)
