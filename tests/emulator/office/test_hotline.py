"""Whom a holder can telephone."""

from __future__ import annotations

from datetime import datetime

from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.states import CardState, CertState
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason
from mynacard_emulator.world import World

from .lives import card_of, last, reason, state_of, states


def lost(at: datetime = datetime(2026, 11, 22, 3, 0, tzinfo=JST)) -> World:
    world = World(at=at)
    world.insert(world.issue("adult", auth=2))
    return world


def test_a_card_is_suspended_on_a_sunday_at_three_and_the_chip_knows_nothing_of_it() -> None:
    world = lost()
    before = world.current.in_hand.issued, world.current.in_hand.card.state.memory

    assert world.office.perform("hotline.suspend").done

    assert state_of(world) is CardState.SUSPENDED
    assert card_of(world).suspended_at == world.clock.now
    assert states(world) == (CertState.ON_HOLD, CertState.ON_HOLD)
    assert reason(last(world, CertKind.AUTH)) is RevocationReason.CERTIFICATE_HOLD
    assert (world.current.in_hand.issued, world.current.in_hand.card.state.memory) == before


def test_a_suspended_card_is_not_suspended_again() -> None:
    world = lost()
    world.office.hotline.suspend()
    registry = world.office.registry

    assert world.office.hotline.suspend().refusal is Refusal.CARD_SUSPENDED
    assert world.office.registry is registry


def test_nobody_releases_a_card_by_telephone() -> None:
    world = lost()
    world.office.hotline.suspend()

    assert world.office.perform("hotline.release").refusal is Refusal.PHONE_CANNOT_RELEASE
    assert state_of(world) is CardState.SUSPENDED


def test_the_helpline_resets_no_pin() -> None:
    world = lost()

    assert world.office.perform("helpline.reset_pin", pin="auth").refusal is Refusal.HELPLINE_CANNOT_RESET
    assert world.truth.tries_left("auth") == 2
