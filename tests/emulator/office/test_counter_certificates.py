"""Certificates at the counter: issued, renewed, and what a card without PINs has of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.pin_values import EASILY_GUESSED
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import CertificateEntry, Link, Person
from mynacard_emulator.office.states import CardMode, CardState, CertEvent, CertState
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason
from mynacard_emulator.world import World
from tests.emulator.services.holders import my_page

from .effects import changed, facts
from .lives import card_of, certificates, last, reason, states
from .visits import certificate, enter, happens, opened

WINDOW = datetime(2029, 12, 3, 10, tzinfo=JST)
"""A Monday, on which certificates that end on 17 February 2030 are renewed."""
OVER = datetime(2030, 2, 18, 10, tzinfo=JST)
"""The day after that end, a Monday too."""

RIGHT = {"auth": "1234", "sign": "ABC123", "juki": "2345"}
AVAILABILITY = ("00A4040C0AD392F000260100000001", "00A4020C020008", "00B0000003")


def at(moment: datetime, profile: str = "adult", /, **pins: Any) -> World:
    """A world in which such a card was issued long ago, and it is this late now."""
    world = World()
    world.insert(world.issue(profile, **pins))
    world.clock.set(moment)
    return world


def last_day(entry: CertificateEntry) -> date:
    return entry.not_after.astimezone(JST).date()


def says(world: World, *commands: str) -> str:
    return [world.transmit(bytes.fromhex(command)).hex().upper() for command in commands][-1]


def under_guardianship(world: World) -> World:
    (person,) = world.office.registry.all(Person)
    enter(world, replace(person, guardianship=True))
    return world


def renew(world: World, **typed: str) -> Visit:
    return world.office.perform("counter.renew", **{**RIGHT, **typed})


# ---------------------------------------------------------------- certificates that are wanted later
def test_certificates_that_are_wanted_later_are_issued_with_their_pins() -> None:
    world = opened("no-certificates")
    before = facts(world)

    assert world.office.counter.issue_certificates(auth="5927", sign="NEW456").done
    assert changed(before, facts(world)) == {
        *("auth value", "auth tries", "sign value", "sign tries", "auth on the chip", "sign on the chip"),
        "certificate",
    }
    assert says(world, *AVAILABILITY) == "8F8F009000"
    assert my_page(world).outcome == "not_registered"
    assert [last_day(last(world, kind)) for kind in CertKind] == 2 * [date(2031, 7, 7)]


def test_one_certificate_can_be_wanted_without_the_other() -> None:
    world = opened("no-certificates")

    assert world.office.counter.issue_certificates(sign="NEW456").done
    assert says(world, *AVAILABILITY) == "8F00009000"
    assert world.truth.tries_left("auth") == 0


def test_a_sign_certificate_never_outlives_the_auth_certificate() -> None:
    world = opened("child")
    world.clock.set(OPENING + timedelta(days=402))

    assert world.office.counter.issue_certificates(sign="NEW456").done
    assert last_day(last(world, CertKind.SIGN)) == last_day(last(world, CertKind.AUTH)) == date(2030, 6, 1)


def test_a_sign_certificate_does_not_wait_for_an_auth_certificate_that_has_ended() -> None:
    world = at(OVER)

    assert world.office.counter.issue_certificates(sign="").done
    assert last_day(last(world, CertKind.SIGN)) == date(2035, 2, 17)


@pytest.mark.parametrize(
    ("profile", "at_", "refusal"),
    [
        pytest.param("child", datetime(2026, 5, 29, 10, tzinfo=JST), Refusal.NOT_ELIGIBLE_FOR_SIGN, id="fourteen"),
        pytest.param("child", datetime(2026, 6, 1, 10, tzinfo=JST), None, id="fifteen"),
    ],
)
def test_nobody_has_a_sign_certificate_before_the_fifteenth_birthday(
    profile: str, at_: datetime, refusal: Refusal | None
) -> None:
    world = opened(profile, world=World(at=at_))
    before = facts(world)

    assert world.office.counter.issue_certificates(sign="NEW456").refusal is refusal
    assert bool(changed(before, facts(world))) is (refusal is None)


def test_nor_does_an_adult_under_guardianship() -> None:
    world = under_guardianship(opened("no-certificates"))

    assert world.office.counter.issue_certificates(sign="NEW456").refusal is Refusal.NOT_ELIGIBLE_FOR_SIGN
    assert world.office.counter.issue_certificates(auth="5927").done


@pytest.mark.parametrize(
    ("profile", "wanted", "refusal"),
    [
        pytest.param("adult", {"auth": ""}, Refusal.WRONG_STATE, id="one that is good"),
        pytest.param("adult", {}, Refusal.WRONG_STATE, id="none"),
        pytest.param("no-certificates", {"auth": ""}, Refusal.PIN_ABSENT, id="no PIN to keep"),
        pytest.param("no-certificates", {"auth": "12"}, Refusal.PIN_FORMAT, id="no PIN"),
        pytest.param("no-certificates", {"auth": "1234", "sign": "ABCDEF"}, Refusal.PIN_FORMAT, id="no sign PIN"),
        pytest.param(
            "face-auth", {"auth": "1234"}, Refusal.WRONG_STATE, id="for a card without PINs, one that is good"
        ),
        pytest.param("face-auth", {"sign": "ABC123"}, Refusal.NOT_ELIGIBLE_FOR_SIGN, id="sign for a card without PINs"),
    ],
)
def test_what_cannot_be_issued_changes_nothing(profile: str, wanted: dict[str, str], refusal: Refusal) -> None:
    world = opened(profile)
    before = facts(world)

    assert world.office.perform("counter.issue_certificates", **wanted).refusal is refusal
    assert not changed(before, facts(world))


def test_a_certificate_is_issued_again_after_the_address_has_changed() -> None:
    world = opened(sign="locked")
    assert world.office.civil_register.move("東京都架空市見本町７－８－９").done
    before = facts(world)

    assert world.office.counter.issue_certificates(sign="NEW456").done
    assert changed(before, facts(world)) == {
        *("sign value", "sign tries", "sign on the chip", "certificate", "link"),
    }
    assert states(world) == (CertState.VALID, CertState.VALID)
    old, new = certificates(world, CertKind.SIGN)
    assert reason(old) is RevocationReason.AFFILIATION_CHANGED
    assert world.office.registry.find(Link, old.id) == Link(
        old=old.serial_number, new=new.serial_number, known_from=OPENING
    )


@pytest.mark.parametrize(("value", "new"), [("", set[str]()), ("5927", {"auth value"})])
def test_after_the_end_a_certificate_is_issued_anew_and_its_pin_kept_or_set(value: str, new: set[str]) -> None:
    world = at(OVER, auth=1, sign=2)
    old = certificate(world.current)
    before = facts(world)

    assert world.office.counter.issue_certificates(auth=value).done
    assert changed(before, facts(world)) == {
        *("auth tries", "auth on the chip", "certificate", "link"),
        *new,
    }
    assert states(world) == (CertState.VALID, CertState.EXPIRED)
    assert last_day(last(world, CertKind.AUTH)) == date(2035, 2, 17)
    assert my_page(world).outcome == "not_registered"
    assert certificate(world.current) != old


def test_a_card_without_pins_gets_another_auth_certificate_when_its_own_has_ended() -> None:
    world = at(datetime(2030, 8, 13, 10, tzinfo=JST), "face-auth")
    before = facts(world)

    assert world.office.counter.issue_certificates(auth="1234").refusal is Refusal.PIN_ABSENT
    assert world.office.counter.issue_certificates(auth="").done
    assert changed(before, facts(world)) == {"auth on the chip", "certificate", "link"}


# ---------------------------------------------------------------- renewal
def test_a_renewal_replaces_both_certificates_and_nothing_else() -> None:
    world = at(WINDOW)
    before = facts(world)

    assert renew(world).done
    assert changed(before, facts(world)) == {
        *("auth on the chip", "sign on the chip", "auth certificate", "sign certificate", "certificate", "link"),
    }


def test_its_certificates_have_new_keys_and_serial_numbers_and_run_to_the_sixth_birthday() -> None:
    world = at(WINDOW)
    before = [world.current.in_hand.issued.certificate(kind) for kind in ("auth", "sign")]

    assert renew(world).done
    after = [world.current.in_hand.issued.certificate(kind) for kind in ("auth", "sign")]
    serial_numbers, keys = set[int](), set[str]()
    for one in (*before, *after):
        assert one is not None
        serial_numbers.add(one.serial_number)
        keys.add(one.private_key)
    assert (len(serial_numbers), len(keys)) == (4, 4)
    assert [last_day(last(world, kind)) for kind in CertKind] == 2 * [date(2035, 2, 17)]


def test_the_old_ones_are_superseded_and_lead_to_the_new_ones() -> None:
    world = at(WINDOW)

    assert renew(world).done
    for kind in CertKind:
        old, new = certificates(world, kind)
        assert (old.state, reason(old), new.state) == (
            CertState.REVOKED,
            RevocationReason.SUPERSEDED,
            CertState.VALID,
        )
        link = world.office.registry.find(Link, old.id)
        assert link is not None
        assert link.new == new.serial_number
    assert says(world, *AVAILABILITY) == "8F8F009000"


@pytest.mark.parametrize(
    ("day", "refusal"),
    [("2029-11-16", Refusal.OUTSIDE_WINDOW), ("2029-11-19", None), ("2030-02-15", None)],
)
def test_a_renewal_comes_in_the_last_three_months(day: str, refusal: Refusal | None) -> None:
    world = at(datetime.fromisoformat(f"{day} 10:00").replace(tzinfo=JST))

    assert renew(world).refusal is refusal


def test_after_the_end_it_is_a_new_issue_for_five_birthdays() -> None:
    world = at(OVER)

    assert renew(world).done
    assert [certificates(world, kind)[0].state for kind in CertKind] == 2 * [CertState.EXPIRED]
    assert [last_day(last(world, kind)) for kind in CertKind] == 2 * [date(2035, 2, 17)]
    assert date(2035, 2, 17) == card_of(world).not_after


def test_a_wrong_pin_spends_its_try_and_stops_the_renewal() -> None:
    world = at(WINDOW)
    before = facts(world)

    visit = renew(world, sign="NEW456")
    assert (visit.done, visit.outcome, visit.tries_left) == (False, "wrong_pin", 4)
    assert changed(before, facts(world)) == {"sign tries"}


def test_a_locked_pin_stops_it_too() -> None:
    world = at(WINDOW, juki=1)

    assert renew(world, juki="0000").outcome == "locked"
    assert renew(world).outcome == "locked"


def test_a_forgotten_pin_is_reset_on_the_spot_and_the_others_are_kept() -> None:
    world = at(WINDOW, sign="locked")
    before = facts(world)

    visit = world.office.counter.renew(auth="1234", juki="2345", resets={"sign": "NEW456"})
    assert visit.done
    assert changed(before, facts(world)) == {
        *("auth on the chip", "sign on the chip", "auth certificate", "sign certificate", "certificate", "link"),
        *("sign value", "sign tries"),
    }


def test_a_pin_that_is_reset_has_not_been_when_another_one_is_wrong() -> None:
    world = at(WINDOW, sign="locked")
    before = facts(world)

    visit = world.office.counter.renew(auth="0000", juki="2345", resets={"sign": "NEW456"})
    assert visit.tries_left == 2
    assert changed(before, facts(world)) == {"auth tries"}


@pytest.mark.parametrize(
    ("typed", "resets", "refusal"),
    [
        pytest.param({"juki": ""}, {}, Refusal.PIN_FORMAT, id="nothing typed"),
        pytest.param({}, {"sign": "abc"}, Refusal.PIN_FORMAT, id="a malformed new value"),
        pytest.param({}, {"number_a": "1234"}, Refusal.PIN_ABSENT, id="no such PIN"),
    ],
)
def test_a_renewal_without_good_values_is_refused(
    typed: dict[str, str], resets: dict[str, str], refusal: Refusal
) -> None:
    world = at(WINDOW)
    before = facts(world)

    assert world.office.perform("counter.renew", **{**RIGHT, **typed}, resets=resets).refusal is refusal
    assert not changed(before, facts(world))


def test_a_weak_new_value_is_set_with_a_word_of_advice() -> None:
    visit = at(WINDOW).office.counter.renew(auth="1234", sign="ABC123", resets={"juki": "1111"})

    assert visit.done
    assert visit.advice == (EASILY_GUESSED,)


def test_where_offices_set_the_pins_anew_the_typed_values_are_set_and_not_compared() -> None:
    world = at(WINDOW, sign="locked")
    world.office.policy = replace(world.office.policy, renewal_resets_pins=True)
    before = facts(world)

    assert renew(world, auth="5927", sign="NEW456").done
    assert changed(before, facts(world)) > {"auth value", "sign value", "sign tries"}
    assert renew(world, auth="12").refusal is Refusal.OUTSIDE_WINDOW


def test_there_too_a_malformed_value_is_refused_and_the_register_pin_compared() -> None:
    world = at(WINDOW)
    world.office.policy = replace(world.office.policy, renewal_resets_pins=True)

    assert renew(world, auth="12").refusal is Refusal.PIN_FORMAT
    assert renew(world, juki="0000").tries_left == 2


def test_a_card_with_one_certificate_has_that_one_renewed() -> None:
    world = at(datetime(2030, 4, 1, 10, tzinfo=JST), "child")

    assert world.office.counter.renew(auth="1234", juki="2345").done
    assert not certificates(world, CertKind.SIGN)
    assert len(certificates(world, CertKind.AUTH)) == 2


def test_a_card_without_pins_has_its_certificate_renewed_without_them() -> None:
    world = at(datetime(2030, 7, 1, 10, tzinfo=JST), "face-auth")

    assert world.office.counter.renew(resets={"auth": "1234"}).refusal is Refusal.PIN_ABSENT
    assert world.office.counter.renew().done
    assert len(certificates(world, CertKind.AUTH)) == 2


def test_a_certificate_that_was_revoked_is_not_renewed_but_issued() -> None:
    world = at(WINDOW)
    happens(world, CertEvent.ATTRIBUTE_CHANGE, CertKind.SIGN)

    assert renew(world).done
    assert states(world) == (CertState.VALID, CertState.REVOKED)
    assert world.office.counter.issue_certificates(sign="").done


def test_where_there_is_nothing_to_renew_it_is_refused() -> None:
    assert at(WINDOW, "no-certificates").office.counter.renew(juki="2345").refusal is Refusal.CERT_ABSENT

    world = at(WINDOW)
    happens(world, CertEvent.REQUEST, *CertKind)
    assert renew(world).refusal is Refusal.CERT_NOT_VALID


# ---------------------------------------------------------------- the card without PINs
def test_a_card_without_pins_keeps_its_auth_certificate_and_nothing_that_needs_a_pin() -> None:
    world = opened(auth="locked", juki=1)
    before = facts(world)

    assert world.office.counter.convert_to_face_auth().done
    assert changed(before, facts(world)) == {
        *(f"{pin} value" for pin in ("auth", "sign", "juki", "text")),
        *("sign tries", "juki tries", "text tries"),
        *("sign on the chip", "sign certificate", "card"),
    }
    assert [world.truth.tries_left(pin) for pin in ("auth", "sign", "juki", "text")] == [0, 0, 0, 0]
    assert (card_of(world).mode, card_of(world).state) == (CardMode.FACE_AUTH, CardState.ACTIVE)
    assert states(world) == (CertState.VALID, CertState.REVOKED)
    assert reason(last(world, CertKind.SIGN)) is RevocationReason.CESSATION_OF_OPERATION
    assert says(world, *AVAILABILITY) == "008F009000"
    assert my_page(world).outcome == "not_registered"


def test_it_becomes_the_same_kind_of_card_as_one_that_was_made_so() -> None:
    converted, made = opened(), opened("face-auth")
    assert converted.office.counter.convert_to_face_auth().done

    memories = [world.current.in_hand.card.state.memory.reference_data for world in (converted, made)]
    for pin in ("auth", "sign", "juki", "text"):
        for path in PINS[pin]:
            assert memories[0][path] == memories[1][path]
    issued = converted.current.in_hand.issued
    assert issued.certificate("auth") is not None
    assert issued.pins == made.current.in_hand.issued.pins


def test_back_again_all_pins_are_set_and_a_sign_certificate_is_issued_on_request() -> None:
    world = opened()
    assert world.office.counter.convert_to_face_auth().done
    before = facts(world)

    assert world.office.counter.convert_to_normal("5927", "6038", "7149", "NEW456").done
    assert changed(before, facts(world)) == {
        *(f"{pin} {what}" for pin in ("auth", "sign", "juki", "text") for what in ("value", "tries")),
        *("sign on the chip", "certificate", "link", "card"),
    }
    assert [world.truth.tries_left(pin) for pin in ("auth", "sign", "juki", "text")] == [3, 5, 3, 3]
    assert card_of(world).mode is CardMode.NORMAL
    assert says(world, *AVAILABILITY) == "8F8F009000"
    old, new = certificates(world, CertKind.SIGN)
    assert new.serial_number > old.serial_number
    assert world.current.in_hand.issued.pins.auth == "5927"


def test_a_sign_certificate_that_is_not_asked_for_is_not_issued() -> None:
    world = opened("face-auth")

    assert world.office.counter.convert_to_normal("5927", "6038", "7149").done
    assert says(world, *AVAILABILITY) == "008F009000"
    assert world.truth.tries_left("sign") == 0


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        (("5927", "6038", "714"), Refusal.PIN_FORMAT),
        (("5927", "", "7149"), Refusal.PIN_FORMAT),
        (("5927", "6038", "7149", "ABCDEF"), Refusal.PIN_FORMAT),
        (("5927", "6038", "7149", ""), Refusal.PIN_FORMAT),
    ],
)
def test_a_card_becomes_normal_only_with_good_pins(values: tuple[str, str, str], refusal: Refusal) -> None:
    world = opened("face-auth")
    before = facts(world)

    assert world.office.counter.convert_to_normal(*values).refusal is refusal
    assert not changed(before, facts(world))


def test_a_card_is_converted_only_into_what_it_is_not() -> None:
    assert opened().office.counter.convert_to_normal("5927", "6038", "7149").refusal is Refusal.WRONG_STATE
    assert opened("face-auth").office.counter.convert_to_face_auth().refusal is Refusal.WRONG_STATE


def test_a_card_without_a_good_auth_certificate_cannot_be_one_without_pins() -> None:
    assert opened("no-certificates").office.counter.convert_to_face_auth().refusal is Refusal.CERT_ABSENT
    assert at(OVER).office.counter.convert_to_face_auth().refusal is Refusal.CERT_NOT_VALID


@pytest.mark.parametrize(("day", "refusal"), [("2023-12-14", Refusal.FEATURE_NOT_YET_AVAILABLE), ("2023-12-15", None)])
def test_there_are_no_cards_without_pins_before_15_december_2023(day: str, refusal: Refusal | None) -> None:
    world = World(at=datetime.fromisoformat(f"{day} 10:00").replace(tzinfo=JST))
    issued = profiles.load("adult", today=OPENING.date())
    world.insert(world.admit(CardInHand.in_memory(issued)))

    assert world.office.counter.convert_to_face_auth().refusal is refusal
