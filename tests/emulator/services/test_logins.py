"""Who is let in by card: nobody with a challenge or certificate that is not what it should be; all is in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World
from tests.emulator.office.visits import certificate, happens, holder_signs, opened, renewed

from .holders import attempt, foreign, log_in, proof

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
SERVICES = ("mykey", "portal")
every_service = pytest.mark.parametrize("service", SERVICES)

ENTERS = {"mykey": "not_registered", "portal": "ok"}
"""What a holder hears at a first login."""


def granted_nothing(world: World, service: str) -> bool:
    """Whether nobody is logged in, and the last line of the log says why."""
    line = world.services.log[-1]
    shown = world.services.perform(f"{service}.show")
    return line.action == f"{service}.log_in" and line.outcome != "ok" and shown.outcome == "not_logged_in"


@every_service
def test_a_holder_enters_with_a_fresh_challenge(service: str) -> None:
    assert log_in(opened(), service).outcome == ENTERS[service]


@every_service
def test_a_challenge_is_good_once(service: str) -> None:
    world = opened()
    shown = proof(world, service)
    attempt(world, service, shown, "own")
    assert attempt(world, service, shown).outcome == "cert_invalid"
    assert granted_nothing(world, service)


@every_service
def test_a_challenge_is_good_for_five_minutes(service: str) -> None:
    world = opened()
    shown = proof(world, service)
    world.clock.advance(5 * MINUTE)
    assert attempt(world, service, shown, "own").outcome == ENTERS[service]
    shown = proof(world, service)
    world.clock.advance(5 * MINUTE + SECOND)
    assert attempt(world, service, shown).outcome == "cert_invalid"
    assert granted_nothing(world, service)


@every_service
def test_a_challenge_is_spent_by_a_failure_and_must_be_ours(service: str) -> None:
    world = opened()
    shown = proof(world, service)
    assert attempt(world, service, {**shown, "signature": b""}).outcome == "cert_invalid"
    assert attempt(world, service, shown).outcome == "cert_invalid"
    own = bytes(32)
    made_up = {"certificate": certificate(world.current), "challenge": own}
    signature = holder_signs(world.current, "auth", own)
    assert attempt(world, service, {**made_up, "signature": signature}).outcome == "cert_invalid"
    assert granted_nothing(world, service)


@every_service
def test_what_no_ca_of_ours_has_issued_opens_nothing(service: str) -> None:
    world = opened()
    for forged in (foreign(world), certificate(world.current, "sign"), certificate(world.current)[:-1], b""):
        shown = {**proof(world, service), "certificate": forged}
        assert attempt(world, service, shown).outcome == "cert_invalid"
        assert granted_nothing(world, service)


@every_service
@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (CertEvent.HOLD, "cert_on_hold"),
        (CertEvent.ABOLISH, "cert_revoked"),
        (CertEvent.LEAK, "cert_revoked"),
        (CertEvent.DEATH, "cert_revoked"),
    ],
)
def test_a_certificate_that_is_not_good_opens_nothing(service: str, event: CertEvent, outcome: str) -> None:
    world = opened()
    happens(world, event)
    assert log_in(world, service).outcome == outcome
    assert granted_nothing(world, service)


@every_service
def test_an_expired_certificate_opens_nothing(service: str) -> None:
    world = opened()
    world.clock.advance(timedelta(days=3653))
    assert log_in(world, service).outcome == "cert_expired"
    assert granted_nothing(world, service)


@every_service
def test_a_certificate_that_was_replaced_opens_nothing_and_the_new_one_does(service: str) -> None:
    world = opened()
    old = proof(world, service)
    renewed(world, CertKind.AUTH)
    assert attempt(world, service, old).outcome == "cert_revoked"
    assert log_in(world, service).outcome == ENTERS[service]


def test_a_challenge_of_one_service_is_not_good_at_another() -> None:
    world = opened()
    shown = proof(world, "mykey")
    assert attempt(world, "portal", shown).outcome == "cert_invalid"
    assert attempt(world, "mykey", shown).outcome == "cert_invalid"


@every_service
def test_the_page_of_one_browser_is_not_that_of_another(service: str) -> None:
    world = opened()
    log_in(world, service, browser="own")
    assert world.services.perform(f"{service}.show", browser="another").outcome == "not_logged_in"
