"""The chip on a desk: PINs typed at a terminal, and what only the authority can write.

How a real counter writes to a chip is not public. Here it is an administrative channel beside the reader: no APDU
reaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from mynacard_emulator.applications.pins import PINS, reference_data
from mynacard_emulator.card import Card, Memory, PinPath, ReferenceData, RetryCounter
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.iso7816 import INS, SW, CommandAPDU, ResponseAPDU, StatusWord
from mynacard_emulator.personalise.issued import IssuedCard

from .refusal import Refusal, Refused
from .visit import PinFailure, WrongPin

_MAX_LENGTH = 16
_FIRST_COMMAND = bytes.fromhex("00A40000")  # thrown away: some cards fail the first (see `first_command_fails`)
_TRIES_LEFT = range(0x63C1, 0x63D0)


def type_in(card: Card, pin: str, value: str) -> None:
    """Type a PIN at a terminal that holds the card, as the card's own VERIFY has it; a pair is tried key by key.

    Raises `WrongPin` when the card does not accept it (a try is spent), and `Refused` for a PIN that was never set or a
    value that no keypad takes.
    """
    data = reference_data(card.state.memory, pin)
    if data is None or data.value is None:
        raise Refused(Refusal.PIN_ABSENT)
    if not value.isascii() or not 0 < len(value) <= _MAX_LENGTH:
        raise Refused(Refusal.PIN_FORMAT)
    card.power_on()
    try:
        card.transmit(_FIRST_COMMAND)
        for path in PINS[pin]:
            _verify(card, pin, path, value.encode("ascii"))
    finally:
        card.power_off()


def require_tries(card: Card, pin: str) -> None:
    """Refuse before a PIN is typed that proves who comes, where it is locked (R-045)."""
    data = reference_data(card.state.memory, pin)
    if data is not None and data.value is not None and data.counter.blocked:
        raise Refused(Refusal.PREREQUISITE_PIN_LOCKED)


def _verify(card: Card, pin: str, path: PinPath, value: bytes) -> None:
    card.transmit(CommandAPDU(0x00, INS.SELECT, 0x04, 0x0C, path.aid).encode())
    answer = _say(card, CommandAPDU(0x00, INS.VERIFY, 0x00, 0x80 | path.fid, value))
    if answer != SW.NO_ERROR:
        raise WrongPin(PinFailure(pin, answer & 0x0F if answer in _TRIES_LEFT else 0))


def _say(card: Card, command: CommandAPDU) -> StatusWord:
    return ResponseAPDU.decode(card.transmit(command.encode())).sw


def write(card: CardInHand, issued: IssuedCard | None, pins: Mapping[str, str | None]) -> None:
    """Write into the chip what the authority decided.

    Args:
        card: The chip.
        issued: What it is to be; None where it stays what it is.
        pins: The values to set; an empty one unblocks and keeps the value, None takes it away.

    """
    wanted = issued or card.issued
    card.rewrite(wanted, _remembering(card.card.state.memory, wanted, pins))


def _remembering(memory: Memory, issued: IssuedCard, pins: Mapping[str, str | None]) -> Memory:
    """What the chip remembers afterwards: its own memory where it still has the PIN, and what is set anew."""
    declared = issued.profile().pins
    kept = {
        path: memory.reference_data.get(path) or ReferenceData.issued(pin.initial, pin.tries)
        for path, pin in declared.items()
    }
    changed = {path: _set(kept[path], value) for pin, value in pins.items() for path in PINS[pin] if path in kept}
    return Memory(MappingProxyType({**kept, **changed}))


def _set(data: ReferenceData, value: str | None) -> ReferenceData:
    if value is None:
        return ReferenceData(None, RetryCounter(data.counter.limit, 0))
    kept = data.value if value == "" else value.encode("ascii")
    return replace(data, value=kept, counter=data.counter.restore())
