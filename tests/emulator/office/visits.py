"""Shared by the tests of the office: a world with a card in its reader, and what its holder does with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mynacard_emulator.card import Memory
from mynacard_emulator.office import certification
from mynacard_emulator.office.desk import Desk
from mynacard_emulator.office.registry import CertificateEntry, Entry, Registry
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World, WorldCard

State = tuple[Registry, tuple[tuple[IssuedCard, Memory], ...]]


def opened(profile: str = "adult", /, *, world: World | None = None, **state: Any) -> World:
    """A world with such a card in its reader."""
    world = world or World()
    world.insert(world.issue(profile, **state))
    return world


def everything(world: World) -> State:
    """The registry, and all that the chips are and remember."""
    snapshot = world.snapshot()
    return world.office.registry, snapshot.cards


def holder_signs(card: WorldCard, kind: str, message: bytes) -> bytes:
    """What the chip's key of this kind signs, without a way to the chip."""
    issued = card.in_hand.issued.certificate(kind)
    assert issued is not None
    key = load_pem_private_key(issued.private_key.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.sign(message, padding.PKCS1v15(), SHA256())


def certificate(card: WorldCard, kind: str = "auth") -> bytes:
    """The certificate that is on the chip."""
    issued = card.in_hand.issued.certificate(kind)
    assert issued is not None
    return issued.der


def happens(world: World, event: CertEvent, *kinds: CertKind) -> None:
    """Something becomes of the certificates of the current card."""

    def work(desk: Desk) -> None:
        certification.revoke(desk, event, *kinds)

    assert world.office.carry_out(work).done


def renewed(world: World, *kinds: CertKind) -> None:
    """The current card gets new certificates, and the old ones are revoked, whatever the day."""

    def work(desk: Desk) -> None:
        certification.revoke(desk, CertEvent.RENEW, *kinds)
        for kind in kinds:
            certification.issue(desk, kind, renewal=True)

    assert world.office.carry_out(work).done


def enter(world: World, *entries: Entry) -> None:
    """Enter into the registry what no errand does."""
    world.office.registry = world.office.registry.put(*entries)


def by_hand(world: World, change: Callable[[CertificateEntry], CertificateEntry]) -> None:
    """Write something else about every certificate into the registry."""
    enter(world, *(change(entry) for entry in world.office.registry.all(CertificateEntry)))


def tries(world: World) -> dict[str, int | None]:
    """What is left of the current card's PINs."""
    return {pin: world.truth.tries_left(pin) for pin in ("sign", "auth", "juki", "text")}


def types(world: World, pin: str, value: str) -> Visit:
    """Type a PIN into the current card, at a terminal."""
    return world.office.carry_out(lambda desk: desk.type_in(pin, value))
