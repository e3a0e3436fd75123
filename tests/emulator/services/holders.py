"""Shared by the tests of the services: what a holder shows at a login."""

from __future__ import annotations

from collections.abc import Mapping

from mynacard_emulator.services.served import Served
from mynacard_emulator.world import World, WorldCard
from tests.emulator.office.visits import certificate, holder_signs


def proof(world: World, service: str, card: WorldCard | None = None) -> Mapping[str, bytes]:
    """A certificate, a fresh challenge, and a signature of it by the card that was inserted last."""
    card = card or world.current
    challenge = world.services.challenge(service)
    return {
        "certificate": certificate(card),
        "challenge": challenge,
        "signature": holder_signs(card, "auth", challenge),
    }


def log_in(world: World, service: str, action: str = "log_in", /, **details: object) -> Served:
    """Log in at a service with the card that was inserted last."""
    return world.services.perform(f"{service}.{action}", **proof(world, service), **details)
