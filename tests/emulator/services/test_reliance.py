"""Whom the services believe: what they hear of a certificate, how they follow its holder, and whose CA they trust."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki import ocsp, shipped
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.services.ledger import (
    Challenge,
    Filing,
    LogLine,
    MyKeyRecord,
    PortalAccount,
    PortalSession,
    Record,
)
from mynacard_emulator.world import World
from tests.emulator.office.visits import certificate, happens, holder_signs, opened, renewed

from .holders import attempt, foreign, hand_in, join, log_in, my_page, proof

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
SERVICES = ("mykey", "portal")
every_service = pytest.mark.parametrize("service", SERVICES)

NEW_HERE = {"mykey": ("not_registered", None), "portal": ("ok", "registration")}
"""What somebody hears at a login who has no account: the outcome, and the page."""


def registered() -> tuple[World, Mapping[str, str]]:
    """A world whose holder has an account at each service that has any, and those accounts."""
    world = opened()
    return world, {service: join(world, service) for service in SERVICES}


def greeted(world: World, service: str) -> tuple[str, str | None]:
    """What comes of a login, and the page that it leads to; whoever is in leaves again."""
    served = log_in(world, service)
    world.services.perform("mykey.log_out" if service == "mykey" else "portal.cancel")
    return served.outcome, served.shown.get("page")


# ---------------------------------------------------------------- what is heard of a certificate


@every_service
def test_a_holder_registers_once_and_logs_in(service: str) -> None:
    world = opened()
    assert greeted(world, service) == NEW_HERE[service]
    account = join(world, service)
    assert log_in(world, service).account == account
    again = world.services.mykey.create("KEY00002") if service == "mykey" else world.services.portal.confirm("another")
    assert again.outcome == ("already_registered" if service == "mykey" else "wrong_state")


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (CertEvent.HOLD, "cert_on_hold"),
        (CertEvent.ABOLISH, "cert_revoked"),
        (CertEvent.LEAK, "cert_revoked"),
        (CertEvent.DEATH, "cert_revoked"),
    ],
)
def test_a_certificate_that_is_not_good_opens_no_account_and_signs_no_document(event: CertEvent, outcome: str) -> None:
    world, _ = registered()
    happens(world, event)
    assert [log_in(world, service).outcome for service in SERVICES] == [outcome, outcome]
    assert hand_in(world) == outcome
    assert not list(world.services.ledger.all(Filing))


def test_who_was_let_in_registers_nothing_once_the_certificate_is_not_good_any_more() -> None:
    world = opened()
    assert my_page(world).outcome == "not_registered"
    happens(world, CertEvent.HOLD)
    assert world.services.mykey.create("KEY00001").outcome == "cert_not_valid"


@every_service
def test_a_released_certificate_opens_the_same_account(service: str) -> None:
    world, accounts = registered()
    happens(world, CertEvent.HOLD, CertKind.AUTH)
    happens(world, CertEvent.RESUME, CertKind.AUTH)
    assert log_in(world, service).account == accounts[service]


@every_service
def test_a_certificate_is_good_to_its_last_second(service: str) -> None:
    world, _ = registered()
    end = x509.load_der_x509_certificate(certificate(world.current)).not_valid_after_utc
    world.clock.set(end)
    assert log_in(world, service, "in time").outcome == "ok"
    world.clock.set(end + SECOND)
    assert log_in(world, service, "late").outcome == "cert_expired"


@every_service
def test_a_certificate_of_tomorrow_is_not_valid_yet(service: str) -> None:
    tomorrow = World(at=OPENING + 100 * DAY)
    card = tomorrow.issue("no-certificates")
    tomorrow.insert(card)
    renewed(tomorrow, CertKind.AUTH)
    today = World()
    today.admit(card.in_hand)
    assert log_in(today, service, card=card).outcome == "cert_not_yet_valid"


# ---------------------------------------------------------------- links


@every_service
def test_renewal_keeps_the_account_and_the_old_certificate_is_superseded(service: str) -> None:
    world, accounts = registered()
    old = proof(world, service)
    for number in range(3):
        renewed(world, CertKind.AUTH, CertKind.SIGN)
        if number:
            continue  # a second and a third renewal are not told by a login in between
        assert log_in(world, service, "new").account == accounts[service]
        assert attempt(world, service, old, "old").outcome == "cert_revoked"
    assert log_in(world, service).account == accounts[service]


@every_service
def test_just_renewed_the_service_does_not_know_yet(service: str) -> None:
    """RENEW-08."""
    world, accounts = registered()
    world.office.policy = Policy(status_lag=DAY)
    renewed(world, CertKind.AUTH)
    world.clock.advance(timedelta(hours=1))
    assert log_in(world, service).outcome == "status_unknown"
    world.clock.advance(DAY)
    assert log_in(world, service).account == accounts[service]


@every_service
def test_a_client_that_kept_the_old_certificate_has_to_read_it_again(service: str) -> None:
    """RENEW-09."""
    world, accounts = registered()
    cached = certificate(world.current)
    renewed(world, CertKind.AUTH)
    assert attempt(world, service, {**proof(world, service), "certificate": cached}).outcome == "cert_invalid"
    assert log_in(world, service).account == accounts[service]


@every_service
def test_without_a_link_the_service_takes_the_new_certificate_for_a_new_user(service: str) -> None:
    """REISSUE-07."""
    world, accounts = registered()
    world.office.policy = Policy(link_lag=DAY)
    renewed(world, CertKind.AUTH)
    assert greeted(world, service) == NEW_HERE[service]
    world.clock.advance(DAY)
    assert log_in(world, service).account == accounts[service]


@every_service
def test_a_chain_is_followed_as_far_as_it_is_known(service: str) -> None:
    world, accounts = registered()
    renewed(world, CertKind.AUTH)
    world.office.policy = Policy(link_lag=DAY)
    renewed(world, CertKind.AUTH)
    assert greeted(world, service) == NEW_HERE[service]
    world.clock.advance(DAY)
    assert log_in(world, service).account == accounts[service]


# ---------------------------------------------------------------- whom they trust


@every_service
@pytest.mark.parametrize(("year", "generation"), [(2026, 1), (2031, 2), (2035, 3)])
def test_the_issuer_is_chosen_by_key_and_not_by_name(service: str, year: int, generation: int) -> None:
    """PKI-01: a store without the generation that issued it has a CA of the same name, and does not crash."""
    world = opened(world=World(at=datetime(year, 1, 20, 10, tzinfo=JST)))
    renewed(world, CertKind.AUTH)
    account = join(world, service)
    generations = {number: shipped.authority(CertKind.AUTH, number).der for number in shipped.FIRST_DAY_OF_ISSUE}
    world.services.trust(*(der for number, der in generations.items() if number != generation))
    assert log_in(world, service, "others").outcome == "cert_invalid"
    world.services.trust()
    assert log_in(world, service, "none").outcome == "cert_invalid"
    world.services.trust(generations[generation])
    assert log_in(world, service).account == account


def test_whom_the_services_trust_is_asked_at_every_service_and_kept_in_a_snapshot() -> None:
    world = opened()
    assert world.services.eligibility.apply("clinic-1", "apple-4829").done
    assert world.services.eligibility.register("clinic-1", "apple-4829").done
    check = world.services.eligibility.check_visually
    before = world.snapshot()
    world.services.trust(shipped.authority(CertKind.SIGN).der)
    assert (check(certificate(world.current)).outcome, hand_in(world)) == ("cert_invalid", "ok")
    world.services.trust(shipped.authority(CertKind.AUTH).der)
    assert (check(certificate(world.current)).outcome, hand_in(world)) == ("ok", "cert_invalid")
    world.restore(before)
    check = world.services.eligibility.check_visually
    assert (check(certificate(world.current)).outcome, hand_in(world)) == ("ok", "ok")


@every_service
def test_strangers_and_certificates_of_another_purpose_are_invalid(service: str) -> None:
    world = opened()
    ca = shipped.authority(CertKind.AUTH).der
    responder = ocsp.responder_certificate(CertKind.AUTH, 1).public_bytes(Encoding.DER)
    for received in (foreign(world), certificate(world.current, "sign"), ca, responder):
        shown = {**proof(world, service), "certificate": received}
        assert attempt(world, service, shown).outcome == "cert_invalid"


@every_service
def test_a_responder_that_signs_a_challenge_is_nobody_the_registry_knows(service: str) -> None:
    world = opened()
    challenge = world.services.challenge(service)
    responder = ocsp.responder_certificate(CertKind.AUTH, 1).public_bytes(Encoding.DER)
    signature = shipped.key(shipped.OCSP_RESPONDER).sign(challenge, padding.PKCS1v15(), SHA256())
    shown = {"certificate": responder, "challenge": challenge, "signature": signature}
    assert attempt(world, service, shown).outcome == "status_unknown"


# ---------------------------------------------------------------- documents


def test_a_signature_is_of_one_document_only() -> None:
    world = opened()
    submit, received = world.services.etax.submit, certificate(world.current, "sign")
    signature = holder_signs(world.current, "sign", b"contract")
    assert submit(b"contract", received, signature).shown == {"receipt": "00000001"}
    assert submit(b"contracts", received, signature).outcome == "cert_invalid"
    assert submit(b"contract", received, signature[:-1]).outcome == "cert_invalid"
    happens(world, CertEvent.ATTRIBUTE_CHANGE, CertKind.SIGN)
    assert submit(b"contract", received, signature).shown == {"receipt": "00000002"}
    world.clock.advance(DAY)
    assert submit(b"contract", received, signature).outcome == "cert_revoked"
    assert [filing.id for filing in world.services.ledger.all(Filing)] == ["00000001", "00000002"]


def test_the_auth_key_signs_no_document() -> None:
    world = opened()
    signature = holder_signs(world.current, "auth", b"contract")
    assert world.services.etax.submit(b"contract", certificate(world.current), signature).outcome == "cert_invalid"


def test_of_a_document_its_signers_name_and_address_nothing_is_kept() -> None:
    world = opened()
    assert hand_in(world, document="確定申告".encode()) == "ok"
    holder = world.current.in_hand.issued.holder
    kept = world.snapshot().to_json(reveal=True).partition('"services"')[2]
    assert all(word not in kept for word in (holder.name, holder.address, "確定申告"))


# ---------------------------------------------------------------- what is kept


def test_a_snapshot_has_the_accounts() -> None:
    world = opened()
    without = world.snapshot()
    accounts = {service: join(world, service) for service in SERVICES}
    with_accounts = world.snapshot()
    world.restore(without)
    assert [greeted(world, service) for service in SERVICES] == [NEW_HERE[service] for service in SERVICES]
    world.restore(with_accounts)
    assert {service: log_in(world, service).account for service in SERVICES} == accounts
    assert [each.name for each in world.services.ledger.all(MyKeyRecord)] == [accounts["mykey"]]
    assert [each.folder for each in world.services.ledger.all(PortalAccount)] == [accounts["portal"]]


# ---------------------------------------------------------------- any bytes

WORLD, _ = registered()
FRESH = WORLD.snapshot()
BYTES = st.binary(max_size=300)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A certificate in which some bytes are others, or which ends early or late."""
    der = bytearray(certificate(WORLD.current, draw(st.sampled_from(["auth", "sign"]))))
    for _ in range(draw(st.integers(1, 3))):
        der[draw(st.integers(0, len(der) - 1))] = draw(st.integers(0, 255))
    return bytes(der[: draw(st.integers(0, len(der)))] if draw(st.booleans()) else der) + draw(st.binary(max_size=3))


def granted(world: World) -> list[Record]:
    """All that the services know, but for the log, challenges that were given out, and the pages of browsers."""
    passing = (LogLine, Challenge, PortalSession)
    return [record for record in world.services.ledger.records.values() if not isinstance(record, passing)]


@pytest.mark.property
@given(BYTES | damaged(), BYTES | st.sampled_from(SERVICES), BYTES)
def test_no_bytes_are_more_than_invalid(received: bytes, said: bytes | str, signature: bytes) -> None:
    WORLD.restore(FRESH)
    services, before = WORLD.services, granted(WORLD)
    for service in SERVICES:
        challenge = services.challenge(said) if isinstance(said, str) else said
        shown = {"certificate": received, "challenge": challenge, "signature": signature}
        assert attempt(WORLD, service, shown).outcome == "cert_invalid"
        assert services.etax.submit(challenge, received, signature).outcome == "cert_invalid"
    assert granted(WORLD) == before
    assert services.mykey.show().outcome == services.portal.show().outcome == "not_logged_in"


def test_a_certificate_with_a_negative_number_warns_nobody() -> None:
    der = certificate(WORLD.current)
    at = der.index(bytes.fromhex("a0030201020204")) + 7
    negative = der[:at] + b"\xff" + der[at + 1 :]
    with pytest.warns(Warning, match="serial number"):
        x509.load_der_x509_certificate(negative)
    assert attempt(WORLD, "mykey", {**proof(WORLD, "mykey"), "certificate": negative}).outcome == "cert_invalid"
