"""Cards that are lost, replaced, collected, found, and returned."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from mynacard_emulator.office.calendar import next_opening
from mynacard_emulator.office.enrolment import card_serial
from mynacard_emulator.office.errands import ErrandError
from mynacard_emulator.office.policy import HoldPolicy
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import CardEntry, Link, LossReport, PendingWrite
from mynacard_emulator.office.states import CardState, CertState
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.personalise.dates import JST, card_not_after
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason
from mynacard_emulator.world import World, WorldCard

from .lives import card_of, certificates, last, reason, state_of, states, type_pin

PINS = {"auth": "1111", "sign": "NEW111", "juki": "2222", "text": "3333"}
SIX_WEEKS = 50


def world_of(profile: str = "adult", **state: Any) -> World:
    world = World()
    world.insert(world.issue(profile, **state))
    return world


def apply(world: World, why: str = "lost", /, **form: object) -> Visit:
    details = {"police_number": "12-345", **PINS, **form}
    return world.office.perform("counter.apply_reissue", reason=why, **details)


def wait(world: World, days: int) -> None:
    """Come again after so many days, when the desk is open."""
    world.clock.set(next_opening(world.clock.now + timedelta(days=days)))


def collected(world: World) -> WorldCard:
    """Wait for the card, collect it, and put it into the reader."""
    wait(world, SIX_WEEKS)
    visit = world.office.perform("counter.collect")
    assert visit.done
    assert isinstance(visit.card, WorldCard)
    world.swap(visit.card)
    return visit.card


def serial(issued: IssuedCard) -> str:
    return card_serial(issued) or ""


# ---------------------------------------------------------------- loss and re-issue


def test_a_lost_card_is_replaced_only_with_the_number_of_the_police() -> None:
    world = world_of()
    world.office.hotline.suspend()

    assert apply(world, police_number=None).refusal is Refusal.POLICE_NUMBER_MISSING
    assert state_of(world) is CardState.SUSPENDED
    assert apply(world).done
    assert world.office.registry.find(CardEntry, serial(world.current.in_hand.issued)) is not None


def test_the_number_may_have_been_told_with_the_report() -> None:
    world = world_of()
    assert world.office.counter.report_loss().done
    first = world.clock.now
    wait(world, 3)
    assert world.office.perform("counter.report_loss", police_number="12-345").done

    report = world.office.registry.find(LossReport, serial(world.current.in_hand.issued))
    assert report is not None
    assert (report.reported, report.police_number) == (first, "12-345")
    assert apply(world, police_number=None).done


def test_where_offices_do_not_ask_for_it_no_number_is_needed() -> None:
    world = world_of()
    world.office.policy = replace(world.office.policy, require_police_number=False)

    assert apply(world, police_number=None).done


def test_the_old_card_and_its_certificates_end_with_the_application() -> None:
    world = world_of()
    chip = world.current.in_hand.issued, world.current.in_hand.card.state.memory

    visit = apply(world)

    old = world.office.registry.find(CardEntry, serial(world.current.in_hand.issued))
    assert old is not None
    assert old.state is CardState.ABOLISHED
    for kind in CertKind:
        first, waiting = certificates(world, kind)
        assert (first.state, reason(first)) == (CertState.REVOKED, RevocationReason.CESSATION_OF_OPERATION)
        assert (waiting.state, waiting.usable_from) == (CertState.ISSUED, None)
    assert (world.current.in_hand.issued, world.current.in_hand.card.state.memory) == chip
    assert visit.ready_on == date(2027, 1, 4)


def test_a_new_card_is_handed_over_with_new_keys_serials_and_pins() -> None:
    world = world_of(auth="locked", sign=2)
    old = world.current.in_hand.issued
    apply(world)
    new = collected(world).in_hand.issued

    assert (new.my_number, new.holder, new.municipality) == (old.my_number, old.holder, old.municipality)
    assert serial(new) != serial(old)
    for kind in ("auth", "sign"):
        before, after = old.certificate(kind), new.certificate(kind)
        assert before is not None
        assert after is not None
        assert after.serial_number > before.serial_number
        assert after.private_key != before.private_key
    assert {pin: world.truth.tries_left(pin) for pin in PINS} == {"auth": 3, "sign": 5, "juki": 3, "text": 3}
    assert type_pin(world, "auth", "1234") == "wrong_pin"
    assert {pin: type_pin(world, pin, value) for pin, value in PINS.items()} == dict.fromkeys(PINS, "ok")


def test_the_new_card_lasts_from_the_day_it_was_made_and_is_linked_to_the_old() -> None:
    world = world_of()
    apply(world)
    collected(world)

    card = card_of(world)
    holder = world.current.in_hand.issued.holder
    assert (card.state, card.made, card.delivered) == (CardState.ACTIVE, date(2027, 1, 4), world.clock.now.date())
    assert card.not_after == card_not_after(card.made, holder.born) == world.current.in_hand.issued.not_after
    for kind in CertKind:
        old, new = certificates(world, kind)
        link = world.office.registry.find(Link, old.id)
        assert link is not None
        assert link.new == new.serial_number
        assert (new.state, new.usable_from) == (CertState.VALID, world.clock.now)


def test_a_card_that_is_not_ready_is_not_handed_over() -> None:
    world = world_of()
    apply(world)
    wait(world, 38)  # the week before New Year

    assert state_of(world) is CardState.APPLIED
    assert world.office.counter.collect().refusal is Refusal.WRONG_STATE


def test_whoever_waits_for_a_card_or_for_none_is_told_so() -> None:
    world = world_of()
    assert world.office.counter.collect().refusal is Refusal.NO_CARD
    assert world.office.counter.discard().refusal is Refusal.NO_CARD

    apply(world)
    collected(world)

    assert world.office.counter.collect().refusal is Refusal.NO_CARD


def test_an_interrupted_hand_over_is_made_up_for_at_the_next_visit() -> None:
    world = world_of()
    apply(world)
    wait(world, SIX_WEEKS)
    orders = tuple(world.office.registry.all(PendingWrite))
    assert world.office.counter.collect().done
    delivered = world.office.registry
    world.office.registry = delivered.put(*orders)  # as it was stored before the card left the office

    visit = world.office.counter.collect()

    assert isinstance(visit.card, WorldCard)
    assert world.office.registry == delivered


def test_a_card_that_nobody_collects_is_discarded_with_its_certificates() -> None:
    world = world_of()
    apply(world)

    assert world.office.perform("counter.discard").done

    assert state_of(world) is CardState.ABOLISHED
    assert states(world) == (CertState.REVOKED, CertState.REVOKED)
    assert {reason(last(world, kind)) for kind in CertKind} == {RevocationReason.UNSPECIFIED}
    assert list(world.office.registry.all(Link)) == []
    assert world.office.counter.collect().refusal is Refusal.NO_CARD


@pytest.mark.parametrize("why", ["locked", "forgotten", ""])
def test_a_locked_pin_is_no_reason_for_a_new_card(why: str) -> None:
    world = world_of(auth="locked")

    assert apply(world, why).refusal is Refusal.NOT_A_REASON
    assert state_of(world) is CardState.ACTIVE


@pytest.mark.parametrize("why", ["damaged", "notes-full"])
def test_a_card_that_nobody_else_has_is_replaced_without_the_police(why: str) -> None:
    world = world_of()

    assert apply(world, why, police_number=None, bring_card=False).done


@pytest.mark.parametrize("form", [{"auth": "12"}, {"sign": "new111"}, {"juki": None}, {"text": "33333"}])
def test_pins_on_the_form_are_held_to_the_rules(form: dict[str, str | None]) -> None:
    world = world_of()

    assert apply(world, **form).refusal is Refusal.PIN_FORMAT
    assert state_of(world) is CardState.ACTIVE


def test_a_new_card_has_the_certificates_whose_pins_were_chosen() -> None:
    world = world_of()
    apply(world, sign=None)
    card = collected(world)

    assert card.in_hand.issued.certificate("sign") is None
    assert card.in_hand.issued.certificate("auth") is not None
    assert len(certificates(world, CertKind.SIGN)) == 1


def test_a_child_gets_no_sign_certificate_with_a_new_card() -> None:
    parents = {"by": "legal-representative", "own_documents": ("passport", "health_insurance"), "same_household": True}
    world = World(at=datetime(2026, 5, 29, 10, 0, tzinfo=JST))
    world.insert(world.issue("child"))

    assert apply(world, **parents).refusal is Refusal.NOT_ELIGIBLE_FOR_SIGN
    assert apply(world, sign=None, **parents).done


# ---------------------------------------------------------------- the express lane


def test_an_express_card_is_there_in_five_days() -> None:
    world = world_of()

    assert apply(world, lane="express").ready_on == date(2026, 11, 25)


@pytest.mark.parametrize(("days", "refusal"), [(30, None), (31, Refusal.EXPRESS_NOT_OFFERED)])
def test_a_lost_card_is_replaced_by_express_up_to_thirty_days_after_the_report(
    days: int, refusal: Refusal | None
) -> None:
    world = World(at=datetime(2026, 11, 16, 10, 0, tzinfo=JST))
    world.insert(world.issue("adult"))
    world.office.counter.report_loss("12-345")
    world.clock.advance(timedelta(days=days))

    assert apply(world, lane="express").refusal is refusal
    assert apply(world).done is (refusal is not None)


def test_before_december_2024_there_was_no_express_lane() -> None:
    world = world_of()
    world.clock.go_back(datetime(2024, 11, 29, 10, 0, tzinfo=JST))

    assert apply(world, "damaged", lane="express").refusal is Refusal.EXPRESS_NOT_OFFERED


def test_there_is_no_third_lane() -> None:
    world = world_of()

    with pytest.raises(ErrandError, match="lane: 'pigeon' is none of normal, express"):
        apply(world, lane="pigeon")


# ---------------------------------------------------------------- cards that have ended


def test_an_abolished_card_that_is_found_stays_abolished() -> None:
    world = world_of()
    assert world.office.counter.revive().refusal is Refusal.WRONG_STATE
    apply(world)

    assert world.office.perform("counter.revive").refusal is Refusal.CARD_ABOLISHED
    assert world.office.counter.release().refusal is Refusal.CARD_ABOLISHED
    assert world.office.counter.return_card().refusal is Refusal.CARD_ABOLISHED
    assert world.office.counter.report_loss().refusal is Refusal.CARD_ABOLISHED
    assert apply(world).refusal is Refusal.CARD_ABOLISHED


def test_who_has_no_card_any_more_applies_for_a_new_one() -> None:
    world = world_of()
    assert apply(world, "ended").refusal is Refusal.WRONG_STATE
    assert world.office.perform("counter.return_card").done
    assert (state_of(world), *states(world)) == (CardState.ABOLISHED, CertState.REVOKED, CertState.REVOKED)

    assert apply(world, "ended", lane="express").refusal is Refusal.EXPRESS_NOT_OFFERED
    assert apply(world, "ended").done
    assert apply(world, "ended").refusal is Refusal.WRONG_STATE
    collected(world)
    assert world.office.registry.find(Link, certificates(world, CertKind.AUTH)[0].id) is not None


def test_a_stay_that_is_over_before_the_card_is_made_gets_no_card() -> None:
    world = world_of("foreigner")
    world.clock.set(
        next_opening(datetime.combine(card_of(world).not_after - timedelta(days=8), world.clock.now.timetz()))
    )

    assert apply(world, "damaged").refusal is Refusal.OUTSIDE_WINDOW


def test_a_card_that_nobody_collected_in_its_time_is_abolished() -> None:
    world = world_of()
    apply(world)
    world.clock.advance(timedelta(days=12 * 365))

    assert state_of(world) is CardState.ABOLISHED


# ---------------------------------------------------------------- release


def suspended(policy: HoldPolicy = HoldPolicy.REISSUE_BOTH, profile: str = "adult") -> World:
    world = world_of(profile, auth=2)
    world.office.policy = replace(world.office.policy, hold_policy=policy)
    world.office.counter.report_loss("12-345")
    assert world.office.hotline.suspend().done
    return world


def test_a_card_that_was_found_is_released_at_the_counter_alone() -> None:
    world = suspended()

    assert world.office.perform("counter.release", bring_card=False).refusal is Refusal.DOCUMENT_MISSING
    assert world.office.perform("counter.release", auth="1111", sign="NEW111").done

    assert (state_of(world), card_of(world).suspended_at) == (CardState.ACTIVE, None)
    assert world.office.registry.find(LossReport, card_of(world).serial) is None
    assert world.office.counter.release().refusal is Refusal.WRONG_STATE


def test_both_certificates_are_issued_anew_and_their_pins_set() -> None:
    world = suspended()
    world.office.counter.release(auth="1111", sign="NEW111")

    for kind in CertKind:
        old, new = certificates(world, kind)
        assert (old.state, reason(old)) == (CertState.REVOKED, RevocationReason.SUPERSEDED)
        assert new.state is CertState.VALID
        on_chip = world.current.in_hand.issued.certificate(kind.value)
        assert on_chip is not None
        assert on_chip.serial_number == new.serial_number
    assert (type_pin(world, "auth", "1111"), type_pin(world, "sign", "NEW111")) == ("ok", "ok")


def test_in_older_offices_the_auth_certificate_resumes() -> None:
    world = suspended(HoldPolicy.AUTH_RESUMES)
    world.office.counter.release(sign="NEW111")

    (auth,) = certificates(world, CertKind.AUTH)
    assert (auth.state, reason(auth)) == (CertState.VALID, None)
    assert [entry.state for entry in certificates(world, CertKind.SIGN)] == [CertState.REVOKED, CertState.VALID]
    assert world.truth.tries_left("auth") == 2


def test_who_chooses_no_pin_keeps_the_old_ones() -> None:
    world = suspended()
    world.office.counter.release(auth="")

    assert world.truth.tries_left("auth") == 3
    assert (type_pin(world, "auth", "1234"), type_pin(world, "sign", "ABC123")) == ("ok", "ok")


def test_a_malformed_pin_releases_nothing() -> None:
    world = suspended()

    assert world.office.counter.release(auth="12").refusal is Refusal.PIN_FORMAT
    assert states(world) == (CertState.ON_HOLD, CertState.ON_HOLD)


# ---------------------------------------------------------------- keys


@pytest.mark.parametrize("kind", list(CertKind))
def test_a_leaked_key_is_reported_at_the_counter(kind: CertKind) -> None:
    world = world_of()

    assert world.office.perform("counter.report_leak", kind=kind.value).done

    assert reason(last(world, kind)) is RevocationReason.KEY_COMPROMISE
    assert sorted(state.value for state in states(world)) == ["revoked", "valid"]
    assert world.office.counter.report_leak(kind.value).refusal is Refusal.CERT_NOT_VALID
    assert state_of(world) is CardState.ACTIVE


def test_only_certificates_have_keys_that_leak() -> None:
    with pytest.raises(ErrandError, match="kind: 'juki' is none of"):
        world_of().office.counter.report_leak("juki")
