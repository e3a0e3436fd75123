"""What is shown by somebody who may not enter: nobody is let in, nothing changes, and the log has it.

Each case is tried at each place where a card is shown, of a holder who has an account there, so that there is something
to be granted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.pki import ocsp, shipped
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.services.ledger import (
    AppDevice,
    Challenge,
    EligibilityAccount,
    LogLine,
    PortalSession,
    Record,
    key,
)
from mynacard_emulator.services.services import LOGINS, ActionError
from mynacard_emulator.services.states import PortalState
from mynacard_emulator.world import World
from tests.emulator.office.visits import certificate, happens, holder_signs, opened, renewed

from .holders import foreign, join, log_in, proof

DAY, MINUTE, SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
OVERSIZED = b"\x30" * 1_000_000
PC, CLINIC = "pc", "clinic-1"

Shown = Mapping[str, bytes]


def settled(world: World | None = None) -> World:
    """A world whose holder has a MyKey ID and an account at the portal, and in which a clinic checks cards by PIN."""
    world = opened(world=world)
    join(world, "mykey")
    join(world, "portal", "かくう")
    app = world.services.eligibility
    assert app.apply(CLINIC, "apple-4829").done
    assert app.register(CLINIC, "apple-4829").done
    assert app.set_mode("pin").done
    return world


# ---------------------------------------------------------------- where a card is shown


class Place(NamedTuple):
    """Where a card is shown: the action, what else is said, and whose line of the log it is."""

    action: str
    details: Mapping[str, str]
    account: str | None = None

    @property
    def service(self) -> str:
        return self.action.partition(".")[0]


def at_mykey(_: World) -> Place:
    return Place("mykey.log_in", {"browser": PC})


def at_a_reader(world: World) -> Place:
    assert world.services.portal.start(browser=PC).done
    return Place("portal.log_in", {"browser": PC})


def at_a_telephone(world: World) -> Place:
    code = world.services.portal.show_barcode(browser=PC).shown["barcode"]
    assert world.services.portal.scan(code).done
    return Place("portal.log_in_by_barcode", {"barcode": code})


def at_a_clinic(_: World) -> Place:
    return Place("eligibility.check", {}, CLINIC)


PLACES: tuple[Callable[[World], Place], ...] = (at_mykey, at_a_reader, at_a_telephone, at_a_clinic)

# ---------------------------------------------------------------- what is shown there


def another_signature(world: World, service: str) -> Shown:
    shown = proof(world, service)
    return {**shown, "signature": holder_signs(world.current, "sign", shown["challenge"])}


def no_signature(world: World, service: str) -> Shown:
    return {**proof(world, service), "signature": b""}


def a_signature_with_a_wrong_bit(world: World, service: str) -> Shown:
    shown = proof(world, service)
    return {**shown, "signature": bytes((shown["signature"][0] ^ 1,)) + shown["signature"][1:]}


def a_signature_of_something_else(world: World, service: str) -> Shown:
    return {**proof(world, service), "signature": holder_signs(world.current, "auth", b"contract")}


def an_oversized_signature(world: World, service: str) -> Shown:
    return {**proof(world, service), "signature": OVERSIZED}


def a_challenge_that_came_back_before(world: World, service: str) -> Shown:
    shown = proof(world, service)
    assert spend(world, service, shown) in ("ok", "wrong_state")
    return shown


def a_challenge_that_came_back_with_a_wrong_signature(world: World, service: str) -> Shown:
    shown = proof(world, service)
    assert spend(world, service, {**shown, "signature": b""}) == "cert_invalid"
    return shown


def a_challenge_that_is_stale(world: World, service: str) -> Shown:
    """It is older than the barcode, which still lasts."""
    shown = proof(world, service)
    given = Challenge(value=shown["challenge"].hex(), service=service, given=world.clock.now - 5 * MINUTE - SECOND)
    world.services.ledger = world.services.ledger.put(given)
    return shown


def a_challenge_of_another_service(world: World, service: str) -> Shown:
    return proof(world, next(other for other in LOGINS if other != service))


def signed(world: World, challenge: bytes) -> Shown:
    """A challenge that no service has given out, signed as it should be."""
    signature = holder_signs(world.current, "auth", challenge)
    return {"certificate": certificate(world.current), "challenge": challenge, "signature": signature}


def a_challenge_that_was_made_up(world: World, _: str) -> Shown:
    return signed(world, bytes(32))


def no_challenge(world: World, _: str) -> Shown:
    return signed(world, b"")


def a_challenge_with_a_byte_too_many(world: World, service: str) -> Shown:
    return signed(world, world.services.challenge(service) + b"\0")


def an_oversized_challenge(world: World, _: str) -> Shown:
    return signed(world, OVERSIZED)


def a_foreign_ca(world: World, service: str) -> Shown:
    return {**proof(world, service), "certificate": foreign(world)}


def a_sign_certificate(world: World, service: str) -> Shown:
    challenge = world.services.challenge(service)
    signature = holder_signs(world.current, "sign", challenge)
    return {"certificate": certificate(world.current, "sign"), "challenge": challenge, "signature": signature}


def the_certificate_of_the_ca(world: World, service: str) -> Shown:
    return {**proof(world, service), "certificate": shipped.authority(CertKind.AUTH).der}


def the_certificate_of_the_responder(world: World, service: str) -> Shown:
    responder = ocsp.responder_certificate(CertKind.AUTH, 1).public_bytes(Encoding.DER)
    return {**proof(world, service), "certificate": responder}


def another_holders_certificate(world: World, service: str) -> Shown:
    """The own key has signed, and somebody else's certificate is shown, of another key."""
    elsewhere = opened("foreigner")
    renewed(elsewhere, CertKind.AUTH)
    return {**proof(world, service), "certificate": certificate(elsewhere.current)}


def a_certificate_that_ends_early(world: World, service: str) -> Shown:
    return {**proof(world, service), "certificate": certificate(world.current)[:-1]}


def a_certificate_with_a_byte_too_many(world: World, service: str) -> Shown:
    return {**proof(world, service), "certificate": certificate(world.current) + b"\0"}


def no_certificate(world: World, service: str) -> Shown:
    return {**proof(world, service), "certificate": b""}


def an_oversized_certificate(world: World, service: str) -> Shown:
    return {**proof(world, service), "certificate": OVERSIZED}


def a_ca_that_is_not_trusted(world: World, service: str) -> Shown:
    world.services.trust(shipped.foreign_authority(CertKind.AUTH).der)
    return proof(world, service)


def on_hold(world: World, service: str) -> Shown:
    happens(world, CertEvent.HOLD)
    return proof(world, service)


def of_a_card_that_ended(world: World, service: str) -> Shown:
    happens(world, CertEvent.ABOLISH)
    return proof(world, service)


def of_somebody_dead(world: World, service: str) -> Shown:
    happens(world, CertEvent.DEATH)
    return proof(world, service)


def of_a_leaked_key(world: World, service: str) -> Shown:
    happens(world, CertEvent.LEAK, CertKind.AUTH)
    return proof(world, service)


def put_on_hold_after_the_signature(world: World, service: str) -> Shown:
    shown = proof(world, service)
    happens(world, CertEvent.HOLD)
    return shown


def replaced(world: World, service: str) -> Shown:
    shown = proof(world, service)
    renewed(world, CertKind.AUTH)
    return shown


def not_known_yet(world: World, service: str) -> Shown:
    world.office.policy = Policy(status_lag=DAY)
    renewed(world, CertKind.AUTH)
    return proof(world, service)


INVALID: tuple[Callable[[World, str], Shown], ...] = (
    another_signature,
    no_signature,
    a_signature_with_a_wrong_bit,
    a_signature_of_something_else,
    an_oversized_signature,
    a_challenge_that_came_back_before,
    a_challenge_that_came_back_with_a_wrong_signature,
    a_challenge_that_is_stale,
    a_challenge_of_another_service,
    a_challenge_that_was_made_up,
    no_challenge,
    a_challenge_with_a_byte_too_many,
    an_oversized_challenge,
    a_foreign_ca,
    a_sign_certificate,
    the_certificate_of_the_ca,
    the_certificate_of_the_responder,
    another_holders_certificate,
    a_certificate_that_ends_early,
    a_certificate_with_a_byte_too_many,
    no_certificate,
    an_oversized_certificate,
    a_ca_that_is_not_trusted,
)
NOT_GOOD: Mapping[Callable[[World, str], Shown], str] = {
    on_hold: "cert_on_hold",
    put_on_hold_after_the_signature: "cert_on_hold",
    of_a_card_that_ended: "cert_revoked",
    of_somebody_dead: "cert_revoked",
    of_a_leaked_key: "cert_revoked",
    replaced: "cert_revoked",
    not_known_yet: "status_unknown",
}
CASES = {**dict.fromkeys(INVALID, "cert_invalid"), **NOT_GOOD}


def spend(world: World, service: str, shown: Shown) -> str:
    """Show something somewhere else, so that its challenge has come back."""
    if service == "portal":
        world.services.portal.start(browser="another")
    action = "eligibility.check" if service == "eligibility" else f"{service}.log_in"
    whence = {} if service == "eligibility" else {"browser": "another"}
    return world.services.perform(action, **shown, **whence).outcome


def title(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", " ")


# ---------------------------------------------------------------- nothing is granted


def shows_in_vain(world: World, place: Place, shown: Shown, outcome: str) -> None:
    """Show it, and hold what is different afterwards against what may be: a line, the challenge, the page."""
    before = world.services.ledger.records
    served = world.services.perform(place.action, **place.details, **shown)
    after = world.services.ledger.records

    assert (served.outcome, served.account) == (outcome, place.account)
    assert served.shown == ({"page": "top"} if place.service == "portal" else {})
    line = LogLine(
        number=len(list(world.services.log)) - 1,
        at=world.clock.now,
        action=place.action,
        outcome=outcome,
        account=place.account,
    )
    came: dict[str, Record] = {key(line): line}
    if place.service == "portal":
        page = PortalSession(browser=PC, state=PortalState.TOP)
        came[key(page)] = page
    assert {name: record for name, record in after.items() if before.get(name) is not record} == came
    assert before.keys() - after.keys() <= {f"{Challenge.TABLE}/{shown['challenge'].hex()}"}
    assert f"{Challenge.TABLE}/{shown['challenge'].hex()}" not in after


@pytest.mark.parametrize("case", CASES, ids=title)
@pytest.mark.parametrize("place", PLACES, ids=title)
def test_nothing_is_granted(place: Callable[[World], Place], case: Callable[[World, str], Shown]) -> None:
    world = settled()
    here = place(world)
    shows_in_vain(world, here, case(world, here.service), CASES[case])


@pytest.mark.parametrize("place", PLACES, ids=title)
def test_an_expired_certificate_opens_nothing(place: Callable[[World], Place]) -> None:
    world = settled()
    world.clock.advance(3653 * DAY)
    here = place(world)
    shows_in_vain(world, here, proof(world, here.service), "cert_expired")


@pytest.mark.parametrize("place", PLACES, ids=title)
def test_a_certificate_of_tomorrow_opens_nothing(place: Callable[[World], Place]) -> None:
    tomorrow = World(at=OPENING + 100 * DAY)
    card = tomorrow.issue("no-certificates")
    tomorrow.insert(card)
    renewed(tomorrow, CertKind.AUTH)
    world = settled()
    world.admit(card.in_hand)
    here = place(world)
    shows_in_vain(world, here, proof(world, here.service, card), "cert_not_yet_valid")


@pytest.mark.parametrize("place", PLACES, ids=title)
def test_the_same_place_lets_in_who_may_enter(place: Callable[[World], Place]) -> None:
    """So that it is for the cases, and for nothing else, that nobody was let in."""
    world = settled()
    here = place(world)
    assert world.services.perform(here.action, **here.details, **proof(world, here.service)).done


@pytest.mark.parametrize("case", [no_certificate, a_challenge_that_is_stale, replaced], ids=title)
def test_a_telephone_that_failed_does_not_get_a_second_chance_at_its_barcode(
    case: Callable[[World, str], Shown],
) -> None:
    world = settled()
    here = at_a_telephone(world)
    shows_in_vain(world, here, case(world, "portal"), CASES[case])
    assert world.services.portal.show_barcode(browser=PC).done
    again = world.services.perform(here.action, **here.details, **proof(world, "portal"))
    assert again.outcome == "barcode_expired"
    assert world.services.portal.show(browser=PC).outcome == "not_logged_in"


# ---------------------------------------------------------------- what is not as it should be at all


@pytest.mark.parametrize(
    ("action", "details", "message"),
    [
        ("mykey.create", {"name": 5}, "mykey.create: name has to be text"),
        ("mykey.create", {"name": "KEY00001", "browser": None}, "mykey.create: browser has to be text"),
        (
            "mykey.grant_points",
            {"name": "KEY00001", "points": True},
            "mykey.grant_points: points has to be a whole number",
        ),
        (
            "mykey.grant_points",
            {"name": "KEY00001", "points": 1.5},
            "mykey.grant_points: points has to be a whole number",
        ),
        ("mykey.change_id", {"name": "KEY00001", "confirm": 1}, "mykey.change_id: confirm has to be true or false"),
        ("portal.set_up", {"software": "java-8"}, "portal.set_up: software has to be a list of texts"),
        ("portal.set_up", {"software": ["java-8", 8]}, "portal.set_up: software has to be a list of texts"),
        (
            "eligibility.check_visually",
            {"certificate": "30"},
            "eligibility.check_visually: certificate has to be bytes",
        ),
        (
            "portal.edit",
            {"nickname": "x", "login_notice": ""},
            "portal.edit: login_notice has to be true, false or nothing",
        ),
    ],
)
def test_what_is_of_another_kind_than_it_should_be_is_no_request(
    action: str, details: Mapping[str, object], message: str
) -> None:
    services = settled().services
    before = services.ledger
    with pytest.raises(ActionError) as told:
        services.perform(action, **details)
    assert str(told.value) == message
    assert services.ledger is before


@pytest.mark.parametrize("name", ["", "あ" * 101, "two\nlines", "\0", "\ud800"])
def test_an_account_has_a_name_that_can_be_written_down(name: str) -> None:
    services = World().services
    assert services.eligibility.apply(name, "apple-4829").outcome == "field_format"
    assert not list(services.ledger.all(EligibilityAccount))


@pytest.mark.parametrize("whence", ["x" * 101, "two\nlines", "\0", "\ud800"])
def test_a_browser_or_device_that_cannot_be_written_down_is_refused_and_the_log_has_it(whence: str) -> None:
    world = settled()
    services, before = world.services, dict(world.services.ledger.records)
    assert services.portal.show_barcode(browser=whence).outcome == "field_format"
    assert services.mykey.log_in(**proof(world, "mykey"), browser=whence).outcome == "field_format"
    assert services.eligibility.apply("clinic-2", "pear-9058").done
    assert services.eligibility.register("clinic-2", "pear-9058", device=whence).outcome == "field_format"
    new = {name for name, record in services.ledger.records.items() if before.get(name) is not record}
    assert {name.partition("/")[0] for name in new} == {"log", "eligibility", "challenge"}
    assert len(list(services.ledger.all(AppDevice))) == 1


def test_a_mail_address_fits_into_an_envelope() -> None:
    world = opened()
    assert log_in(world, "portal").done
    for length, outcome in ((255, "field_format"), (254, "ok")):
        mail = "a" * (length - len("@mihon.example")) + "@mihon.example"
        assert world.services.portal.confirm("かくう", mail=mail, mail_again=mail).outcome == outcome


def test_points_are_credited_in_numbers_that_can_be_written_down() -> None:
    platform = settled().services.mykey
    for points in (0, -1, 2**31, 10**5000):
        assert platform.grant_points("KEY00001", points).outcome == "field_format"
        assert platform.use_points("KEY00001", points).outcome == "field_format"
    assert platform.grant_points("KEY00001", 2**31 - 1).done


def test_a_log_is_shown_of_an_id_that_there_was_and_names_nothing_else() -> None:
    """What somebody typed in the wrong place, such as a password, is no account's name."""
    services = settled().services
    assert services.mykey.log("apple-4829").outcome == "not_registered"
    assert services.mykey.log("KEY00001").done
    assert "apple-4829" not in repr(services.log)
