"""What the tests of a card's life ask the registry."""

from __future__ import annotations

from mynacard_emulator.office.chip import type_in
from mynacard_emulator.office.refusal import Refused
from mynacard_emulator.office.registry import CardEntry, CertificateEntry
from mynacard_emulator.office.states import CardState, CertState
from mynacard_emulator.office.visit import WrongPin
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason
from mynacard_emulator.world import World


def card_of(world: World) -> CardEntry:
    """The youngest card of the world."""
    return list(world.office.standing.all(CardEntry))[-1]


def state_of(world: World) -> CardState:
    return card_of(world).state


def certificates(world: World, kind: CertKind) -> list[CertificateEntry]:
    """All of a kind, the oldest first."""
    found = [entry for entry in world.office.standing.all(CertificateEntry) if entry.kind is kind]
    return sorted(found, key=lambda entry: entry.serial_number)


def last(world: World, kind: CertKind) -> CertificateEntry:
    return certificates(world, kind)[-1]


def states(world: World) -> tuple[CertState, CertState]:
    """Of the last auth and the last sign certificate."""
    return last(world, CertKind.AUTH).state, last(world, CertKind.SIGN).state


def reason(entry: CertificateEntry) -> RevocationReason | None:
    """The last thing that relying parties learned of it."""
    return entry.changes[-1].reason


def type_pin(world: World, pin: str, value: str) -> str:
    """What comes of typing a PIN into a terminal."""
    try:
        type_in(world.current.in_hand.card, pin, value)
    except WrongPin as wrong:
        return "wrong_pin" if wrong.failure.tries_left else "locked"
    except Refused as refused:
        return refused.refusal.value
    return "ok"
