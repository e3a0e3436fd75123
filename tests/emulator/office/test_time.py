"""What time alone does to a registry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.office.registry import CertificateEntry, Registry
from mynacard_emulator.office.states import CardState, CertState
from mynacard_emulator.office.status import RegistryStatus
from mynacard_emulator.office.time import as_of
from mynacard_emulator.personalise.dates import JST, end_of_day, start_of_day
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import Good, RevocationReason, Revoked
from mynacard_emulator.world import World

from .lives import card_of, certificates, last, reason, state_of, states

SECOND = timedelta(seconds=1)


def world_of(profile: str = "adult") -> World:
    world = World()
    world.insert(world.issue(profile))
    return world


def moved() -> World:
    world = world_of()
    assert world.office.civil_register.move("東京都仮想区一丁目１番１号", municipality_code="99002").done
    return world


def test_a_certificate_is_good_for_its_last_second_and_over_in_the_next() -> None:
    world = world_of()
    end = last(world, CertKind.AUTH).not_after
    world.clock.set(end)
    assert states(world) == (CertState.VALID, CertState.VALID)

    world.clock.advance(SECOND)

    assert states(world) == (CertState.EXPIRED, CertState.EXPIRED)
    assert state_of(world) is CardState.ACTIVE


def test_a_card_is_good_for_its_last_day_and_over_on_the_next() -> None:
    world = world_of()
    world.clock.set(end_of_day(card_of(world).not_after))
    assert state_of(world) is CardState.ACTIVE

    world.clock.advance(SECOND)

    assert state_of(world) is CardState.EXPIRED


def test_a_suspended_card_expires_too() -> None:
    world = world_of()
    world.office.hotline.suspend()
    world.clock.set(start_of_day(card_of(world).not_after + timedelta(days=1)))

    assert state_of(world) is CardState.EXPIRED
    assert states(world) == (CertState.EXPIRED, CertState.EXPIRED)


def test_the_card_of_somebody_with_a_limited_stay_is_abolished_the_day_after_it() -> None:
    world = world_of("foreigner")
    last_day = card_of(world).not_after
    assert {entry.not_after.astimezone(JST).date() for kind in CertKind for entry in certificates(world, kind)} == {
        last_day
    }
    world.clock.set(end_of_day(last_day))
    assert state_of(world) is CardState.ACTIVE

    world.clock.advance(SECOND)

    assert state_of(world) is CardState.ABOLISHED
    assert states(world) == (CertState.EXPIRED, CertState.EXPIRED)


def test_a_move_that_nobody_told_the_new_office_of_ends_the_card_after_ninety_days() -> None:
    world = moved()
    world.clock.set(datetime(2027, 2, 18, 23, 59, 59, tzinfo=JST))
    assert state_of(world) is CardState.ACTIVE

    world.clock.set(datetime(2028, 1, 1, tzinfo=JST))  # nobody asked for months

    assert state_of(world) is CardState.ABOLISHED
    auth = last(world, CertKind.AUTH)
    assert reason(auth) is RevocationReason.CESSATION_OF_OPERATION
    assert auth.changes[-1].effective == start_of_day(date(2027, 2, 19))


def test_relying_parties_hear_of_a_missed_deadline_though_nobody_stored_it() -> None:
    world = moved()
    auth = last(world, CertKind.AUTH)
    status = RegistryStatus(world.office)
    world.clock.set(datetime(2027, 2, 18, 23, 59, 59, tzinfo=JST))
    assert status.status(CertKind.AUTH, auth.generation, auth.serial_number) == Good()

    world.clock.advance(timedelta(days=100))

    revoked = Revoked(start_of_day(date(2027, 2, 19)), RevocationReason.CESSATION_OF_OPERATION)
    assert status.status(CertKind.AUTH, auth.generation, auth.serial_number) == revoked
    assert list(status.revoked(CertKind.AUTH, auth.generation, world.clock.now)) == [(auth.serial_number, revoked)]
    assert list(status.revoked(CertKind.AUTH, auth.generation, datetime(2027, 2, 18, tzinfo=JST))) == []


def test_the_deadline_ends_a_suspended_card_too() -> None:
    world = moved()
    world.office.hotline.suspend()
    world.clock.advance(timedelta(days=91))

    assert state_of(world) is CardState.ABOLISHED


def test_what_ends_before_the_deadline_expires() -> None:
    world = world_of()
    world.clock.set(end_of_day(card_of(world).not_after - timedelta(days=30)))
    world.office.civil_register.move("東京都仮想区一丁目１番１号", municipality_code="99002")
    world.clock.advance(timedelta(days=200))

    assert state_of(world) is CardState.EXPIRED


def test_asking_stores_nothing() -> None:
    world = world_of()
    registry = world.office.registry
    world.clock.advance(timedelta(days=20 * 365))

    assert world.office.standing != registry
    assert world.office.registry is registry


def test_an_errand_stores_what_time_did_before_it() -> None:
    world = world_of()
    world.clock.set(last(world, CertKind.AUTH).not_after + SECOND)
    assert world.office.hotline.suspend().done

    stored = {entry.state for entry in world.office.registry.all(CertificateEntry)}
    assert stored == {CertState.EXPIRED}


LIVES: dict[str, Callable[[], World]] = {
    "plain": world_of,
    "stay": lambda: world_of("foreigner"),
    "moved": moved,
}


@pytest.mark.property
@given(
    st.sampled_from(sorted(LIVES)),
    st.lists(st.integers(min_value=0, max_value=15 * 365 * 24 * 3600), min_size=1, max_size=5),
)
def test_asking_often_gives_what_asking_once_gives(life: str, seconds: list[int]) -> None:
    begun = REGISTRIES[life]
    often: Registry = begun
    for later in sorted(seconds):
        often = as_of(often, WORLD.clock.now + timedelta(seconds=later))
    once = as_of(begun, WORLD.clock.now + timedelta(seconds=max(seconds)))

    assert often == once
    assert as_of(once, WORLD.clock.now + timedelta(seconds=max(seconds))) is once


WORLD = World()
REGISTRIES = {name: life().office.registry for name, life in LIVES.items()}
