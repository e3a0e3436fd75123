"""What the holder's client software applies for from home."""

from __future__ import annotations

from datetime import datetime

import pytest

from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import CardEntry
from mynacard_emulator.office.states import CardEvent, CertEvent
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.names import CertKind
from tests.emulator.services.holders import hand_in, join, my_page

from .visits import enter, everything, happens, opened, tries


def test_the_holder_revokes_the_sign_certificate_and_the_chip_goes_on_signing() -> None:
    """REISSUE-12."""
    world = opened()
    join(world)
    assert world.office.perform("online.revoke", kind="sign", pin="ABC123").done
    assert hand_in(world) == "cert_revoked"
    assert my_page(world).outcome == "ok"


def test_the_auth_certificate_is_revoked_by_its_own_pin() -> None:
    world = opened()
    assert world.office.online.revoke("auth", "1234").done
    assert my_page(world).outcome == "cert_revoked"
    assert world.office.online.revoke("auth", "1234").refusal is Refusal.CERT_NOT_VALID


def test_a_wrong_pin_costs_a_try_and_revokes_nothing() -> None:
    world = opened()
    registry = world.office.registry
    assert [world.office.online.revoke("sign", "ABC124").tries_left for _ in range(5)] == [4, 3, 2, 1, 0]
    assert world.office.online.revoke("sign", "ABC123").outcome == "locked"
    assert (world.office.registry, tries(world)["sign"]) == (registry, 0)


@pytest.mark.parametrize(
    ("profile", "kind", "refusal"),
    [
        ("no-certificates", "sign", Refusal.CERT_ABSENT),
        ("child", "sign", Refusal.CERT_ABSENT),
        ("adult", "juki", Refusal.CERT_ABSENT),
        ("expired", "auth", Refusal.CARD_ABOLISHED),
        ("face-auth", "auth", Refusal.PIN_ABSENT),
        ("juki-card", "sign", Refusal.NOT_REGISTERED),
        ("other-card", "sign", Refusal.NOT_REGISTERED),
    ],
)
def test_what_is_not_there_or_over_is_not_revoked(profile: str, kind: str, refusal: Refusal) -> None:
    world = opened(profile)
    before = everything(world)
    assert world.office.online.revoke(kind, "ABC123").refusal is refusal
    assert everything(world) == before


def test_an_expired_certificate_is_not_revoked() -> None:
    world = opened()
    world.clock.set(datetime(2030, 2, 18, tzinfo=JST))
    assert world.office.online.revoke("auth", "1234").refusal is Refusal.CERT_NOT_VALID


def test_nobody_else_revokes_what_is_on_hold() -> None:
    world = opened()
    happens(world, CertEvent.HOLD, CertKind.SIGN)
    enter(world, *(entry.after(CardEvent.SUSPEND) for entry in world.office.registry.all(CardEntry)))
    assert world.office.online.revoke("sign", "ABC123").refusal is Refusal.CARD_SUSPENDED


def test_a_leak_is_reported_at_the_counter() -> None:
    world = opened()
    before = everything(world)
    assert world.office.perform("online.report_leak", kind="sign").refusal is Refusal.SERVICE_NOT_OFFERED
    assert everything(world) == before
