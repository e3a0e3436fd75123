"""What can be ordered to go wrong in a world: faults at commands, accidents by name, and what platforms say first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from mynacard_emulator.applications import jpki
from mynacard_emulator.applications.pins import reference_data
from mynacard_emulator.iso7816 import INS, CommandAPDU
from mynacard_emulator.readers.faults import (
    LOOK_AT_ATR,
    Accident,
    Elsewhere,
    Faults,
    Metal,
    NoAccident,
    Placement,
    named,
    noise_named,
)
from mynacard_emulator.readers.port import AnswerLost, CardEjected

from .things import (
    AnswerLostError,
    CardRemovedError,
    CardUnreadableError,
    EmptyReaderError,
    NoReaderError,
    ReaderBusyError,
    WorldCard,
)

if TYPE_CHECKING:
    from .world import World


def happen(world: World, name: str, reader: int) -> Accident:
    """Let an accident happen to the card in a reader; raise `NoAccident`."""
    accident, card = named(name), world.last_in(reader)
    match accident.through(world.touches(card)):
        case Placement() as placement:
            lay(world, placement, reader)
        case Metal(percent):
            world.faults_of(reader).metal = percent
        case Elsewhere() as deed:
            world.suffer(deed, reader)
        case None:
            raise NoAccident(f"accident {name}: {accident.holder}; choose another reader")
        case orders:
            for line in orders:
                world.fault(line, reader)
    return accident


def lay(world: World, placement: Placement, reader: int) -> None:
    """Have the card lie in its reader like this: it is taken out and put in again."""
    card, faults = world.last_in(reader), world.faults_of(reader)
    world.eject(reader)
    faults.placement = placement
    world.insert(card, reader)


def enter_wrong_pin(card: WorldCard, say: Callable[[bytes], object]) -> None:
    """Let another program enter an auth PIN that is wrong. Raises `NoAccident` where the card has none."""
    data = reference_data(card.in_hand.card.state.memory, "auth")
    if data is None or data.value is None:
        raise NoAccident("this card has no auth PIN that another program could enter; insert another card")
    wrong = next(value for value in (b"0000", b"1111") if value != data.value)
    say(CommandAPDU(0x00, INS.SELECT, 0x04, 0x0C, jpki.AID).encode())
    say(CommandAPDU(0x00, INS.SELECT, 0x02, 0x0C, jpki.AUTH_PIN.to_bytes(2, "big")).encode())
    say(CommandAPDU(0x00, INS.VERIFY, 0x00, 0x80, wrong).encode())


def make_noise(name: str, look: Callable[[], object], say: Callable[[bytes], object]) -> None:
    """Let a platform say its own to the card, as before a client's first word. Raises `NoAccident`."""
    for command in noise_named(name).commands:
        if command == LOOK_AT_ATR:
            look()
        else:
            say(command)


def hinder(deed: Elsewhere | None) -> None:
    """Say as an error what keeps a client of this process from its card, if anything does."""
    if deed is Elsewhere.AWAY:
        raise NoReaderError("there is no such reader; look for readers again when it is back")
    if deed is Elsewhere.EXCLUSIVE:
        raise ReaderBusyError("another program has the card for itself; end it")


def through(faults: Faults, transmit: Callable[[bytes], bytes], leave: Callable[[], None], command: bytes) -> bytes:
    """Exchange an APDU in this process, and say as an error what a client would see of a mishap."""
    match faults.placement:
        case Placement.UNSEEN:
            raise EmptyReaderError("the reader does not see a card")
        case Placement.MUTE:
            raise CardUnreadableError("the card does not answer; look how it lies")
        case Placement.RIGHT:
            pass
    try:
        return transmit(command)
    except AnswerLost as loss:
        if loss.empty:
            return b""
        raise AnswerLostError("the answer was lost on the way; look at the card before the next try") from None
    except CardEjected as leaving:
        leave()
        if leaving.answer is not None:
            return leaving.answer
        if leaving.torn:
            raise CardRemovedError("the card left before it had answered") from None
        raise EmptyReaderError("no card is in the reader") from None
