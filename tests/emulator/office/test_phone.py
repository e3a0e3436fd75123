"""Certificates in a telephone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography import x509

from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import CardEntry, CertificateEntry, PhoneToken
from mynacard_emulator.office.states import CardEvent, CardState, CertEvent
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World, WorldCard
from tests.emulator.services.holders import hand_in as signed
from tests.emulator.services.holders import join, my_page

from .visits import certificate, enter, everything, happens, opened, tries

PHONE_SIGN, PHONE_AUTH = "PHONE123", "6789"


def enrol(world: World, **details: object) -> Visit:
    return world.office.perform(
        "phone.enrol", **{"sign_pin": "ABC123", "auth": PHONE_AUTH, "sign": PHONE_SIGN, **details}
    )


def enrolled(platform: str = "android") -> tuple[World, WorldCard]:
    world = opened()
    phone = enrol(world, platform=platform).card
    assert isinstance(phone, WorldCard)
    return world, phone


def type_in(world: World, pin: str, value: str, phone: WorldCard) -> Visit:
    return world.office.carry_out(lambda desk: desk.type_in(pin, value), phone)


@pytest.mark.parametrize(("platform", "label"), [("android", b"JPKIAPGPSETOKEN"), ("iphone", b"JPKIAPIOSTOKEN")])
def test_a_telephone_has_certificates_keys_and_pins_of_its_own(platform: str, label: bytes) -> None:
    world, phone = enrolled(platform)
    card, issued = world.current, phone.in_hand.issued
    assert issued.jpki is not None
    assert issued.jpki.token_info.startswith(label)
    assert (issued.kind.value, issued.my_number) == (platform, card.in_hand.issued.my_number)
    assert [type_in(world, *typed, phone).outcome for typed in (("sign", PHONE_SIGN), ("auth", PHONE_AUTH))] == [
        "ok"
    ] * 2
    for kind in ("auth", "sign"):
        there, here = (x509.load_der_x509_certificate(certificate(token, kind)) for token in (phone, card))
        assert there.serial_number != here.serial_number
        assert there.public_key() != here.public_key()
        assert there.not_valid_after_utc <= here.not_valid_after_utc
    assert (signed(world, phone), signed(world, card)) == ("ok", "ok")


def test_two_telephones_of_one_day_are_two() -> None:
    world, first = enrolled()
    second = enrol(world).card
    assert isinstance(second, WorldCard)
    assert len({token.serial for token in world.office.registry.all(PhoneToken)}) == 2
    assert certificate(first) != certificate(second)


def test_what_becomes_of_a_telephones_pin_is_nothing_to_the_card() -> None:
    """MOBILE-01."""
    world, phone = enrolled()
    assert [type_in(world, "auth", "0000", phone).tries_left for _ in range(3)] == [2, 1, 0]
    assert tries(world)["auth"] == 3
    assert world.office.perform("phone.reset_pin", pin="sign", new="NEW456", card_sign_pin="ABC123", phone=phone).done
    assert type_in(world, "sign", "NEW456", phone).done
    assert type_in(world, "auth", PHONE_AUTH, phone).outcome == "locked"
    assert world.office.phone.reset_pin("auth", "1357", "ABC123").done
    assert type_in(world, "auth", "1357", phone).done


def test_without_the_cards_sign_pin_no_pin_of_the_telephone_is_reset() -> None:
    world, phone = enrolled()
    registry = world.office.registry
    assert [world.office.phone.reset_pin("auth", "1357", "WRONG1").tries_left for _ in range(5)] == [4, 3, 2, 1, 0]
    assert world.office.phone.reset_pin("auth", "1357", "ABC123").refusal is Refusal.PREREQUISITE_PIN_LOCKED
    assert (world.office.registry, type_in(world, "auth", PHONE_AUTH, phone).done) == (registry, True)


@pytest.mark.parametrize(
    ("profile", "outcome"),
    [
        ("child", "cert_absent"),
        ("no-certificates", "cert_absent"),
        ("face-auth", "cert_absent"),
        ("android", "not_registered"),
    ],
)
def test_a_card_without_a_sign_certificate_enrols_nothing(profile: str, outcome: str) -> None:
    world = opened(profile)
    before = everything(world)
    assert enrol(world).outcome == outcome
    assert everything(world) == before


def test_a_sign_certificate_that_is_not_good_enrols_nothing() -> None:
    world = opened()
    happens(world, CertEvent.ATTRIBUTE_CHANGE, CertKind.SIGN)
    assert enrol(world).refusal is Refusal.CERT_NOT_VALID


def test_the_sign_pin_can_lock_on_the_way() -> None:
    world = opened(sign=2)
    assert [enrol(world, sign_pin="WRONG1").outcome for _ in range(2)] == ["wrong_pin", "locked"]
    assert enrol(world).outcome == "locked"
    assert not list(world.office.registry.all(PhoneToken))


@pytest.mark.parametrize("wrong", [{"auth": "12345"}, {"auth": "ABCD"}, {"sign": "short"}, {"sign": "lower123"}])
def test_malformed_pins_are_refused(wrong: dict[str, str]) -> None:
    world = opened()
    before = everything(world)
    assert enrol(world, **wrong).refusal is Refusal.PIN_FORMAT
    assert everything(world) == before


@pytest.mark.parametrize(("platform", "last_day_without"), [("android", (2023, 5, 10)), ("iphone", (2025, 6, 23))])
def test_there_was_a_time_before_each_platform(platform: str, last_day_without: tuple[int, int, int]) -> None:
    world = World(at=datetime(*last_day_without, 23, tzinfo=JST))
    world.insert(world.admit(World().issue("adult").in_hand))
    assert enrol(world, platform=platform).refusal is Refusal.FEATURE_NOT_YET_AVAILABLE
    world.clock.advance(timedelta(hours=1))
    assert enrol(world, platform=platform).refusal is Refusal.CERT_NOT_VALID  # it is a later card
    assert enrol(world, platform="abacus").refusal is Refusal.SERVICE_NOT_OFFERED


def test_a_lost_telephone_is_suspended_and_released_and_the_card_goes_on() -> None:
    world, phone = enrolled()
    join(world, name="CARD0001")
    join(world, name="PHONE001", card=phone)
    auth, sign = certificate(phone), certificate(phone, "sign")
    assert world.office.perform("phone.suspend").done
    assert (my_page(world, phone).outcome, signed(world, phone)) == ("cert_on_hold", "cert_on_hold")
    assert (my_page(world).account, signed(world, world.current)) == ("CARD0001", "ok")
    assert world.office.phone.suspend().refusal is Refusal.CARD_SUSPENDED
    assert world.office.phone.reset_pin("auth", "1357", "ABC123").refusal is Refusal.CARD_SUSPENDED
    assert world.office.perform("phone.release").done
    assert (my_page(world, phone).account, signed(world, phone)) == ("PHONE001", "ok")
    assert (certificate(phone) == auth, certificate(phone, "sign") == sign) == (True, False)
    assert world.office.phone.release().refusal is Refusal.WRONG_STATE
    assert type_in(world, "sign", PHONE_SIGN, phone).done


def test_the_holder_gives_the_certificates_up_for_good() -> None:
    world, phone = enrolled()
    assert world.office.phone.revoke("0000").tries_left == 2
    assert world.office.perform("phone.revoke", auth_pin=PHONE_AUTH).done
    assert signed(world, phone) == "cert_revoked"
    assert [token.state for token in world.office.registry.all(PhoneToken)] == [CardState.ABOLISHED]
    for again in (world.office.phone.suspend(), world.office.phone.release(), world.office.phone.revoke(PHONE_AUTH)):
        assert again.refusal is Refusal.CARD_ABOLISHED
    assert signed(world, world.current) == "ok"


def test_a_telephone_is_no_card_at_the_counter_and_a_card_no_telephone() -> None:
    world, phone = enrolled()
    before = everything(world)
    assert world.office.counter.reset_pin("auth", "1357", card=phone).refusal is Refusal.NOT_REGISTERED
    assert world.office.hotline.suspend(card=phone).refusal is Refusal.NOT_REGISTERED
    assert world.office.phone.suspend(phone=world.current).refusal is Refusal.NOT_REGISTERED
    assert everything(world) == before


def test_somebody_elses_card_resets_no_pin_of_a_telephone() -> None:
    world, phone = enrolled()
    another = world.issue("new-chip")
    visit = world.office.phone.reset_pin("auth", "1357", "ABC123", phone=phone, card=another)
    assert visit.refusal is Refusal.NOT_REGISTERED


def test_it_ends_with_the_certificate_it_was_enrolled_by() -> None:
    world, phone = enrolled()
    token = next(world.office.registry.all(PhoneToken))
    end = max(entry.not_after for entry in world.office.registry.all(CertificateEntry) if entry.card == token.serial)
    world.clock.set(end)
    assert signed(world, phone) == "ok"
    world.clock.advance(timedelta(seconds=1))
    assert signed(world, phone) == "cert_expired"
    assert world.office.phone.suspend().refusal is Refusal.CARD_ABOLISHED


def test_a_suspended_card_enrols_no_telephone() -> None:
    world = opened()
    enter(world, *(entry.after(CardEvent.SUSPEND) for entry in world.office.registry.all(CardEntry)))
    assert enrol(world).refusal is Refusal.CARD_SUSPENDED
