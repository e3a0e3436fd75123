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


def attempt(world: World, service: str, shown: Mapping[str, bytes], browser: str = "") -> Served:
    """Show something at a login, on the page where that is asked for."""
    if service == "portal":
        world.services.portal.start(browser=browser)
    return world.services.perform(f"{service}.log_in", **shown, browser=browser)


def log_in(world: World, service: str, browser: str = "") -> Served:
    """Log in at a service with the card that was inserted last."""
    return attempt(world, service, proof(world, service), browser)
