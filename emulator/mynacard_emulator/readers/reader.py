"""The reader that a card is in: what it answers itself, so that the card never hears of it.

A command of class FF is for the reader (PC/SC part 3, 3.2.2). What is not settled there is asked in `ReaderBehaviour`,
which `mynacard assumptions` lists beside the questions about the card.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, unique

from mynacard_emulator.card.question import Confidence, Question, answer, questions_of, require_known
from mynacard_emulator.iso7816 import (
    ATR,
    READER_CLASS,
    SW,
    CommandAPDU,
    MalformedAPDU,
    MalformedATR,
    ResponseAPDU,
    StatusWord,
    is_contactless,
)
from mynacard_emulator.iso7816.apdu import EXTENDED_MAX_NE, SHORT_MAX_NE

from .port import CardPort

_GET_DATA, _BUZZER = 0xCA, (0x00, 0x52)  # the one an instruction, the other an instruction with its P1
_END_REACHED = StatusWord(0x6282)

_PUPI_LENGTH = 4
"""What a type-B card calls itself before it is selected: its pseudo-unique PICC identifier."""


@unique
class Interface(Enum):
    """How the reader touches the card."""

    CONTACT = "contact"
    CONTACTLESS = "contactless"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderBehaviour:
    """Answers to the open questions about the reader; the defaults are those of a plain PC/SC part 3 reader."""

    uid_changes: bool = answer(
        True,
        False,
        asks="Does the UID, FF CA 00 00, change whenever the card gets power?",
        source="several clients saw another one each time; not shown for every card generation",
        confidence=Confidence.LIKELY,
    )
    contact_uid: StatusWord = answer(
        SW.FUNCTION_NOT_SUPPORTED,
        SW.INSTRUCTION_NOT_SUPPORTED,
        SW.CLASS_NOT_SUPPORTED,
        asks="What does a contact reader answer to GET DATA, where there is no UID? (6E00: as the card would)",
        source="PC/SC part 3, 3.2.2.1.3: 6A81, not supported; many contact readers hand the command on to the card",
        confidence=Confidence.GUESS,
    )
    historical_bytes: StatusWord = answer(
        SW.FUNCTION_NOT_SUPPORTED,
        SW.NO_ERROR,
        asks="What does a contactless reader answer to FF CA 01 00? (9000: the historical bytes of its ATR)",
        source="PC/SC part 3, 3.2.2.1.3: for type A; this card is of type B and has no ATS",
        confidence=Confidence.GUESS,
    )
    buzzer: StatusWord = answer(
        SW.INSTRUCTION_NOT_SUPPORTED,
        SW.CLASS_NOT_SUPPORTED,
        SW.FUNCTION_NOT_SUPPORTED,
        SW.NO_ERROR,
        asks="What does the reader answer to FF 00 52, which switches the buzzer of one maker's readers?",
        source="not in PC/SC part 3; one early client sent it to whatever reader it found",
        confidence=Confidence.GUESS,
    )
    other_command: StatusWord = answer(
        SW.INSTRUCTION_NOT_SUPPORTED,
        SW.CLASS_NOT_SUPPORTED,
        SW.FUNCTION_NOT_SUPPORTED,
        asks="What does the reader answer to every other command of its own, such as LOAD KEYS for memory cards?",
        source="PC/SC part 3, 3.2.2: each may be missing; this card is no memory card",
        confidence=Confidence.GUESS,
    )

    def __post_init__(self) -> None:
        require_known(self, reader_questions())


def reader_questions() -> tuple[Question, ...]:
    """Every open question about the reader, in the order of the fields."""
    return _QUESTIONS


_QUESTIONS = questions_of(ReaderBehaviour)


@dataclass(frozen=True, slots=True)
class Reader:
    """What a reader is, a constant.

    Attributes:
        interface: How it touches cards; None for what the card's ATR says.
        behaviour: Where readers differ, or nobody knows.
        random: Gives so many random bytes, for UIDs.

    """

    interface: Interface | None = None
    behaviour: ReaderBehaviour = ReaderBehaviour()
    random: Callable[[int], bytes] = field(default=os.urandom, repr=False, compare=False)

    def touches(self, atr: bytes) -> Interface:
        """Tell how it touches the card that answers to reset like this."""
        if self.interface is not None:
            return self.interface
        return Interface.CONTACTLESS if is_contactless(atr) else Interface.CONTACT


ANY_READER = Reader()


class CardInReader:
    """A card behind a reader; what is meant for the reader does not reach the card.

    Attributes:
        uid: What the reader tells as its UID; empty until it is first asked.

    """

    def __init__(self, card: CardPort, reader: Reader = ANY_READER) -> None:
        self._card = card
        self._reader = reader
        self.uid = b""

    @property
    def atr(self) -> bytes:
        """The card's answer to reset."""
        return self._card.atr

    def power_on(self) -> bytes:
        """Power the card on; it has a new UID then."""
        self._forget_uid()
        return self._card.power_on()

    def power_off(self) -> None:
        """Cut the card's power."""
        self._forget_uid()
        self._card.power_off()

    def reset(self) -> bytes:
        """Reset the card with its power on; the UID stays."""
        return self._card.reset()

    def transmit(self, command: bytes, /) -> bytes:
        """Answer what is meant for the reader, and hand everything else on to the card."""
        if command[:1] == READER_CLASS:
            return self._answer(command).encode()
        return self._card.transmit(command)

    def _answer(self, command: bytes) -> ResponseAPDU:
        try:
            apdu = CommandAPDU.decode(command)
        except MalformedAPDU:
            return ResponseAPDU(sw=SW.WRONG_LENGTH)
        if apdu.ins == _GET_DATA:
            return self._get_data(apdu)
        behaviour = self._reader.behaviour
        return ResponseAPDU(sw=behaviour.buzzer if (apdu.ins, apdu.p1) == _BUZZER else behaviour.other_command)

    def _get_data(self, apdu: CommandAPDU) -> ResponseAPDU:
        """Tell the UID or the historical bytes (PC/SC part 3, 3.2.2.1.3)."""
        behaviour = self._reader.behaviour
        if self._reader.touches(self.atr) is Interface.CONTACT:
            return ResponseAPDU(sw=behaviour.contact_uid)
        match apdu.p1, apdu.p2:
            case 0x00, 0x00:
                return _as_long_as_asked(self._pupi(), apdu.ne)
            case 0x01, 0x00 if behaviour.historical_bytes == SW.NO_ERROR:
                return _as_long_as_asked(_historical_bytes(self.atr), apdu.ne)
            case 0x01, 0x00:
                return ResponseAPDU(sw=behaviour.historical_bytes)
            case _:
                return ResponseAPDU(sw=SW.FUNCTION_NOT_SUPPORTED)

    def _pupi(self) -> bytes:
        self.uid = self.uid or self._reader.random(_PUPI_LENGTH)
        return self.uid

    def _forget_uid(self) -> None:
        if self._reader.behaviour.uid_changes:
            self.uid = b""


def _historical_bytes(atr: bytes) -> bytes:
    try:
        return ATR.parse(atr).historical
    except MalformedATR:
        return b""


def _as_long_as_asked(data: bytes, ne: int) -> ResponseAPDU:
    """Answer with all of it, or with how it should have been asked for: Le is exact, or 00 for everything."""
    if ne == 0:
        return ResponseAPDU(sw=SW.WRONG_LENGTH)
    if ne < len(data):
        return ResponseAPDU(sw=StatusWord(0x6C00 | len(data)))
    exact = ne in (len(data), SHORT_MAX_NE, EXTENDED_MAX_NE)
    return ResponseAPDU(data, SW.NO_ERROR if exact else _END_REACHED)
