"""A service that knows its users by their certificates."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.registry import Account
from mynacard_emulator.office.relying_party import LogIn
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki import ocsp, shipped
from mynacard_emulator.pki.certificates import Enrolment, auth_certificate
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World

from .visits import certificate, everything, happens, holder_signs, log_in, opened, renewed

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
TARO = "taro"


def registered() -> World:
    """A world whose holder has an account."""
    world = opened()
    assert world.office.relying_party.register(TARO, certificate(world.current)) == LogIn("ok", TARO)
    return world


def foreign(world: World) -> bytes:
    """The holder's auth certificate, as a stranger's CA would issue it: number, key, dates and all."""
    own = x509.load_der_x509_certificate(certificate(world.current))
    key = shipped.key(shipped.CARD_AUTH).public_key()
    enrolment = Enrolment(
        public_key=key,
        serial_number=own.serial_number,
        not_before=own.not_valid_before_utc,
        not_after=own.not_valid_after_utc,
        common_name="AJH84YHVT45JEJ99001001A",
        prefecture="Tokyo-to",
        city="Kaku-shi",
    )
    return auth_certificate(shipped.foreign_authority(CertKind.AUTH), enrolment)


def test_a_holder_registers_once_and_logs_in() -> None:
    world = opened()
    assert log_in(world) == LogIn("not_registered")
    assert world.office.relying_party.register(TARO, certificate(world.current)) == LogIn("ok", TARO)
    assert log_in(world) == LogIn("ok", TARO)
    assert world.office.relying_party.register("jiro", certificate(world.current)) == LogIn("ok", TARO)


def test_a_challenge_is_good_once() -> None:
    world = registered()
    service = world.office.relying_party
    challenge = service.challenge()
    signature = holder_signs(world.current, "auth", challenge)
    assert service.log_in(certificate(world.current), challenge, signature).outcome == "ok"
    assert service.log_in(certificate(world.current), challenge, signature).outcome == "cert_invalid"


def test_a_challenge_is_spent_by_a_failure_too_and_must_be_ours() -> None:
    world = registered()
    service = world.office.relying_party
    challenge, stranger = service.challenge(), bytes(32)
    assert service.log_in(certificate(world.current), challenge, b"").outcome == "cert_invalid"
    for said in (challenge, stranger):
        signature = holder_signs(world.current, "auth", said)
        assert service.log_in(certificate(world.current), said, signature).outcome == "cert_invalid"


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (CertEvent.HOLD, "cert_on_hold"),
        (CertEvent.ABOLISH, "cert_revoked"),
        (CertEvent.LEAK, "cert_revoked"),
        (CertEvent.DEATH, "cert_revoked"),
    ],
)
def test_a_certificate_that_is_not_good_opens_nothing(event: CertEvent, outcome: str) -> None:
    world = registered()
    happens(world, event)
    assert log_in(world) == LogIn(outcome)
    assert world.office.relying_party.register("jiro", certificate(world.current)) == LogIn(outcome)
    signature = holder_signs(world.current, "sign", b"contract")
    assert world.office.relying_party.check_signature(certificate(world.current, "sign"), b"contract", signature) == (
        outcome
    )


def test_a_released_certificate_opens_the_same_account() -> None:
    world = registered()
    happens(world, CertEvent.HOLD, CertKind.AUTH)
    happens(world, CertEvent.RESUME, CertKind.AUTH)
    assert log_in(world) == LogIn("ok", TARO)


def test_a_certificate_is_good_to_its_last_second() -> None:
    world = registered()
    end = x509.load_der_x509_certificate(certificate(world.current)).not_valid_after_utc
    world.clock.set(end)
    assert log_in(world).outcome == "ok"
    world.clock.set(end + SECOND)
    assert log_in(world).outcome == "cert_expired"


def test_a_certificate_of_tomorrow_is_not_valid_yet() -> None:
    tomorrow = World(at=OPENING + 100 * DAY)
    card = tomorrow.issue("no-certificates")
    tomorrow.insert(card)
    renewed(tomorrow, CertKind.AUTH)
    today = World()
    today.admit(card.in_hand)
    assert log_in(today, card).outcome == "cert_not_yet_valid"


def test_renewal_keeps_the_account_and_the_old_certificate_is_superseded() -> None:
    world = registered()
    old = certificate(world.current)
    renewed(world, CertKind.AUTH, CertKind.SIGN)
    assert log_in(world) == LogIn("ok", TARO)
    assert world.office.relying_party.register("jiro", old) == LogIn("cert_revoked")
    renewed(world, CertKind.AUTH)
    renewed(world, CertKind.AUTH)
    assert log_in(world) == LogIn("ok", TARO)


def test_just_renewed_the_service_does_not_know_yet() -> None:
    """RENEW-08."""
    world = registered()
    world.office.policy = Policy(status_lag=DAY)
    renewed(world, CertKind.AUTH)
    world.clock.advance(timedelta(hours=1))
    assert log_in(world) == LogIn("status_unknown")
    world.clock.advance(DAY)
    assert log_in(world) == LogIn("ok", TARO)


def test_a_client_that_kept_the_old_certificate_has_to_read_it_again() -> None:
    """RENEW-09."""
    world = registered()
    cached = certificate(world.current)
    renewed(world, CertKind.AUTH)
    service = world.office.relying_party
    challenge = service.challenge()
    signature = holder_signs(world.current, "auth", challenge)
    assert service.log_in(cached, challenge, signature) == LogIn("cert_invalid")
    assert log_in(world) == LogIn("ok", TARO)


def test_without_a_link_the_service_takes_the_new_certificate_for_a_new_user() -> None:
    """REISSUE-07."""
    world = registered()
    world.office.policy = Policy(link_lag=DAY)
    renewed(world, CertKind.AUTH)
    assert log_in(world) == LogIn("not_registered")
    world.clock.advance(DAY)
    assert log_in(world) == LogIn("ok", TARO)


def test_a_chain_is_followed_as_far_as_it_is_known() -> None:
    world = registered()
    renewed(world, CertKind.AUTH)
    world.office.policy = Policy(link_lag=DAY)
    renewed(world, CertKind.AUTH)
    assert log_in(world) == LogIn("not_registered")
    world.clock.advance(DAY)
    assert log_in(world) == LogIn("ok", TARO)


@pytest.mark.parametrize(("year", "generation"), [(2026, 1), (2031, 2), (2035, 3)])
def test_the_issuer_is_chosen_by_key_and_not_by_name(year: int, generation: int) -> None:
    """PKI-01: a store without the generation that issued it has a CA of the same name, and does not crash."""
    world = opened(world=World(at=datetime(year, 1, 20, 10, tzinfo=JST)))
    renewed(world, CertKind.AUTH)
    service = world.office.relying_party
    assert service.register(TARO, certificate(world.current)).outcome == "ok"
    assert service.trusting(generation).register(TARO, certificate(world.current)).outcome == "ok"
    for other in {1, 2, 3} - {generation}:
        assert service.trusting(other).register(TARO, certificate(world.current)).outcome == "cert_invalid"
    assert service.trusting().register(TARO, certificate(world.current)).outcome == "cert_invalid"


def test_strangers_and_certificates_of_another_purpose_are_invalid() -> None:
    world = registered()
    service = world.office.relying_party
    responder = ocsp.responder_certificate(CertKind.AUTH, 1).public_bytes(Encoding.DER)
    ca = shipped.authority(CertKind.AUTH).der
    for received in (foreign(world), certificate(world.current, "sign"), ca):
        assert service.register(TARO, received).outcome == "cert_invalid"
    assert service.register(TARO, responder).outcome == "status_unknown"
    auth, signature = certificate(world.current), holder_signs(world.current, "auth", b"contract")
    assert service.check_signature(auth, b"contract", signature) == "cert_invalid"


def test_a_signature_is_of_one_message_only() -> None:
    world = opened()
    service, received = world.office.relying_party, certificate(world.current, "sign")
    signature = holder_signs(world.current, "sign", b"contract")
    assert service.check_signature(received, b"contract", signature) == "ok"
    assert service.check_signature(received, b"contracts", signature) == "cert_invalid"
    happens(world, CertEvent.ATTRIBUTE_CHANGE, CertKind.SIGN)
    assert service.check_signature(received, b"contract", signature) == "ok"
    world.clock.advance(DAY)
    assert service.check_signature(received, b"contract", signature) == "cert_revoked"


def test_a_snapshot_has_the_accounts() -> None:
    world = opened()
    without = world.snapshot()
    world.office.relying_party.register(TARO, certificate(world.current))
    with_account = world.snapshot()
    world.restore(without)
    assert log_in(world).outcome == "not_registered"
    world.restore(with_account)
    assert log_in(world) == LogIn("ok", TARO)
    assert [account.name for account in world.office.registry.all(Account)] == [TARO]


# ---------------------------------------------------------------- any bytes

WORLD = registered()
BYTES = st.binary(max_size=300)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A certificate in which some bytes are others, or which ends early or late."""
    der = bytearray(certificate(WORLD.current, draw(st.sampled_from(["auth", "sign"]))))
    for _ in range(draw(st.integers(1, 3))):
        der[draw(st.integers(0, len(der) - 1))] = draw(st.integers(0, 255))
    return bytes(der[: draw(st.integers(0, len(der)))] if draw(st.booleans()) else der) + draw(st.binary(max_size=3))


@pytest.mark.property
@given(BYTES | damaged(), BYTES | st.builds(WORLD.office.relying_party.challenge), BYTES)
def test_no_bytes_are_more_than_invalid(received: bytes, challenge: bytes, signature: bytes) -> None:
    service, before = WORLD.office.relying_party, everything(WORLD)
    assert service.log_in(received, challenge, signature) == LogIn("cert_invalid")
    assert service.check_signature(received, challenge, signature) == "cert_invalid"
    if received not in (certificate(WORLD.current), certificate(WORLD.current, "sign")):
        assert service.register(TARO, received) == LogIn("cert_invalid")
    assert everything(WORLD) == before


def test_a_certificate_with_a_negative_number_warns_nobody() -> None:
    der = certificate(WORLD.current)
    at = der.index(bytes.fromhex("a0030201020204")) + 7
    negative = der[:at] + b"\xff" + der[at + 1 :]
    with pytest.warns(Warning, match="serial number"):
        x509.load_der_x509_certificate(negative)
    assert WORLD.office.relying_party.register(TARO, negative) == LogIn("cert_invalid")
