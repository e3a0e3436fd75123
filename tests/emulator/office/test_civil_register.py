"""What becomes of a person, and so of what is certified of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import x509 as asn1

from mynacard_emulator.office.calendar import next_opening
from mynacard_emulator.office.errands import ErrandError
from mynacard_emulator.office.policy import RevocationEffect
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import Person
from mynacard_emulator.office.states import CardState, CertState
from mynacard_emulator.personalise.dates import JST, start_of_day
from mynacard_emulator.personalise.holder import Sex
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason
from mynacard_emulator.world import World, WorldCard

from .lives import card_of, certificates, last, reason, state_of, states, type_pin

ADDRESS = "大阪府別市仮町１番２号"
MOVE: dict[str, object] = {
    "address": ADDRESS,
    "municipality_code": "99002",
    "prefecture": "Osaka-fu",
    "city": "Betsu-shi",
}
CHANGES: dict[str, dict[str, object]] = {
    "rename": {"name": "架空　次郎"},
    "move": MOVE,
    "correct": {"sex": "female", "born": date(1980, 2, 18)},
}


def world_of(profile: str = "adult", **state: Any) -> World:
    world = World()
    world.insert(world.issue(profile, **state))
    return world


def person_of(world: World) -> Person:
    return next(world.office.standing.all(Person))


def change(world: World, errand: str, **details: object) -> None:
    assert world.office.perform(f"civil_register.{errand}", **details).done


# ---------------------------------------------------------------- the four attributes


@pytest.mark.parametrize("errand", CHANGES)
def test_a_change_of_the_four_attributes_ends_the_sign_certificate_alone(errand: str) -> None:
    world = world_of(auth=2, sign=3)
    chip = world.current.in_hand.issued, world.current.in_hand.card.state.memory

    change(world, errand, **CHANGES[errand])

    assert states(world) == (CertState.VALID, CertState.REVOKED)
    assert reason(last(world, CertKind.SIGN)) is RevocationReason.AFFILIATION_CHANGED
    assert last(world, CertKind.SIGN).changes[0].effective == start_of_day(date(2026, 11, 21))
    assert state_of(world) is CardState.ACTIVE
    assert (world.current.in_hand.issued, world.current.in_hand.card.state.memory) == chip


def test_where_the_news_spread_at_once_they_do_not_wait_for_midnight() -> None:
    world = world_of()
    world.office.policy = replace(world.office.policy, revocation_effective=RevocationEffect.AT_ONCE)
    change(world, "rename", name="架空　次郎")

    assert last(world, CertKind.SIGN).changes[0].effective == world.clock.now


def test_the_register_has_what_was_said() -> None:
    world = world_of()
    for errand, details in CHANGES.items():
        change(world, errand, **details)

    holder, town = person_of(world).holder, person_of(world).municipality
    assert (holder.name, holder.address, holder.sex, holder.born) == (
        "架空　次郎",
        ADDRESS,
        Sex.FEMALE,
        date(1980, 2, 18),
    )
    assert (town.code, town.prefecture, town.city) == ("99002", "Osaka-fu", "Betsu-shi")
    assert (len(holder.name_substitutes), len(holder.address_substitutes)) == (len(holder.name), len(holder.address))


def test_what_was_so_already_changes_nothing() -> None:
    world = world_of()
    change(world, "rename", name=person_of(world).holder.name)

    assert states(world) == (CertState.VALID, CertState.VALID)


@pytest.mark.parametrize(
    ("errand", "details", "problem"),
    [
        ("rename", {"name": ""}, "holder.name: must be one line of text"),
        ("move", {"address": "あ" * 201}, "holder.address: has 201 characters; at most 200 fit"),
        ("move", {"address": ADDRESS, "municipality_code": "9"}, "municipality.code"),
        ("correct", {"sex": "both"}, "holder.sex: unknown word"),
        ("correct", {"born": date(1800, 1, 1)}, "holder.born: 1800-01-01 is before the Meiji era"),
    ],
)
def test_what_no_card_could_say_is_an_error_of_one_line(errand: str, details: dict[str, object], problem: str) -> None:
    world = world_of()
    before = world.office.registry

    with pytest.raises(ErrandError, match=problem):
        world.office.perform(f"civil_register.{errand}", **details)
    assert world.office.registry == before


# ---------------------------------------------------------------- moving, and the continued use of the card


def test_a_move_within_the_municipality_sets_no_deadline() -> None:
    world = world_of()
    change(world, "move", address=ADDRESS)
    assert card_of(world).moved is None

    change(world, "move", **MOVE)
    assert card_of(world).moved == world.clock.now.date()


def test_a_second_move_does_not_give_more_time() -> None:
    world = world_of()
    change(world, "move", **MOVE)
    first = card_of(world).moved
    world.clock.advance(timedelta(days=30))
    change(world, "move", address=ADDRESS, municipality_code="99003")

    assert card_of(world).moved == first


def test_a_card_is_continued_with_the_register_pin() -> None:
    world = world_of(auth=1)
    change(world, "move", **MOVE)
    before = world.current.in_hand.issued

    assert world.office.perform("counter.continue_use", juki="2345").done

    after = world.current.in_hand.issued
    assert (after.holder.address, after.municipality.code) == (ADDRESS, "99002")
    assert (after.my_number, after.not_after, after.jpki) == (before.my_number, before.not_after, before.jpki)
    assert world.truth.tries_left("auth") == 1
    assert (state_of(world), card_of(world).moved) == (CardState.ACTIVE, None)
    world.clock.advance(timedelta(days=100))
    assert state_of(world) is CardState.ACTIVE


def test_three_wrong_register_pins_lock_it_and_the_card_is_not_continued() -> None:
    world = world_of()
    change(world, "move", **MOVE)
    before = world.office.registry

    outcomes = [world.office.counter.continue_use("0000").outcome for _ in range(3)]

    assert outcomes == ["wrong_pin", "wrong_pin", "locked"]
    assert world.office.registry == before
    assert world.office.counter.continue_use("2345").outcome == "locked"
    assert world.office.counter.reset_pin("juki", new="5432").done
    assert world.office.counter.continue_use("5432").done


def test_somebody_of_the_household_has_the_card_continued() -> None:
    world = world_of()
    change(world, "move", **MOVE)

    visit = world.office.perform(
        "counter.continue_use", juki="2345", by="household-member", own_documents=("passport",)
    )

    assert visit.done


def test_the_new_sign_certificate_says_the_new_address_and_the_auth_certificate_stays() -> None:
    world = world_of()
    change(world, "move", **MOVE)
    auth = world.truth.certificate("auth")

    assert world.office.perform("counter.continue_use", juki="2345", sign="NEW222").done

    sign = world.truth.certificate("sign")
    assert sign is not None
    assert ADDRESS.encode() in sign
    assert asn1.Certificate.load(sign).subject.native["locality_name"] == ["Osaka-fu", "Betsu-shi"]
    assert world.truth.certificate("auth") == auth
    assert states(world) == (CertState.VALID, CertState.VALID)
    assert type_pin(world, "sign", "NEW222") == "ok"


def test_a_renamed_holder_has_the_card_written_anew_and_is_then_done() -> None:
    world = world_of()
    assert world.office.counter.continue_use("2345").refusal is Refusal.WRONG_STATE
    change(world, "rename", name="架空　次郎")
    assert world.office.counter.continue_use("2345").done

    assert world.current.in_hand.issued.holder.name == "架空　次郎"
    assert world.office.counter.continue_use("2345").refusal is Refusal.WRONG_STATE


def test_a_good_sign_certificate_is_not_issued_again() -> None:
    world = world_of()
    change(world, "rename", name="架空　次郎")
    assert world.office.counter.issue_certificates(sign="").done

    assert world.office.counter.continue_use("2345", sign="").refusal is Refusal.WRONG_STATE
    assert world.office.counter.continue_use("2345").done


def test_a_corrected_birth_date_is_in_the_numbers_that_open_the_card() -> None:
    world = world_of()
    change(world, "correct", born=date(1980, 2, 18))
    end = card_of(world).not_after
    assert world.office.counter.continue_use("2345").done

    issued = world.current.in_hand.issued
    assert issued.number_b.startswith("550218")
    assert issued.not_after == card_of(world).not_after == end
    assert [type_pin(world, pin, issued.number_b) for pin in ("number_b", "visual_number_b")] == ["ok", "ok"]
    assert type_pin(world, "birth_date", "550218") == "ok"


def test_a_card_that_waits_at_the_office_says_what_is_so_when_it_is_collected() -> None:
    world = world_of()
    world.office.counter.apply_reissue("damaged", auth="1111", sign="NEW111", juki="2222", text="3333")
    change(world, "move", **MOVE)
    assert last(world, CertKind.SIGN).state is CertState.REVOKED
    world.clock.set(next_opening(world.clock.now + timedelta(days=50)))

    visit = world.office.counter.collect()

    assert isinstance(visit.card, WorldCard)
    world.swap(visit.card)
    assert world.current.in_hand.issued.holder.address == ADDRESS
    sign = world.truth.certificate("sign")
    assert sign is not None
    assert ADDRESS.encode() in sign
    assert states(world) == (CertState.VALID, CertState.VALID)
    assert len(certificates(world, CertKind.SIGN)) == 3
    assert card_of(world).moved is None


# ---------------------------------------------------------------- death and departure


def test_death_ends_the_card_and_both_certificates() -> None:
    world = world_of()
    change(world, "die")

    assert state_of(world) is CardState.ABOLISHED
    assert states(world) == (CertState.REVOKED, CertState.REVOKED)
    assert {reason(last(world, kind)) for kind in CertKind} == {RevocationReason.CESSATION_OF_OPERATION}
    assert person_of(world).died == world.clock.now.date()


def test_nobody_dies_twice_moves_or_is_given_a_card_after_death() -> None:
    world = world_of()
    world.office.hotline.suspend()
    change(world, "die")

    assert world.office.civil_register.die().refusal is Refusal.NOT_REGISTERED
    assert world.office.civil_register.move(ADDRESS).refusal is Refusal.NOT_REGISTERED
    assert world.office.counter.apply_reissue("ended", juki="2222", text="3333").refusal is Refusal.NOT_REGISTERED


def test_the_card_of_somebody_who_died_is_not_handed_over() -> None:
    world = world_of()
    world.office.counter.apply_reissue("damaged", auth="1111", sign="NEW111", juki="2222", text="3333")
    change(world, "die")

    assert (state_of(world), *states(world)) == (CardState.ABOLISHED, CertState.REVOKED, CertState.REVOKED)
    assert world.office.counter.collect().refusal is Refusal.NO_CARD


def test_who_leaves_the_country_leaves_the_card_behind() -> None:
    world = world_of()
    change(world, "leave")

    assert (state_of(world), *states(world)) == (CardState.ABOLISHED, CertState.REVOKED, CertState.REVOKED)
    assert person_of(world).abroad


def test_who_keeps_the_card_abroad_has_no_sign_certificate() -> None:
    world = world_of()
    change(world, "leave", continuing=True)

    assert (state_of(world), *states(world)) == (CardState.ACTIVE, CertState.VALID, CertState.REVOKED)


def test_before_may_2024_no_card_went_on_abroad() -> None:
    world = world_of()
    world.clock.go_back(datetime(2024, 5, 26, 12, 0, tzinfo=JST))

    assert world.office.civil_register.leave(continuing=True).refusal is Refusal.FEATURE_NOT_YET_AVAILABLE
