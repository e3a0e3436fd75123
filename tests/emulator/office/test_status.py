"""What relying parties hear of a certificate, at every moment of its life."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.registry import CertificateEntry, StatusChange
from mynacard_emulator.office.states import CERT_TRANSITIONS, CertEvent, CertState
from mynacard_emulator.office.status import RegistryStatus, status_at
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import CertificateStatus, Good, RevocationReason, Revoked, Unknown
from mynacard_emulator.world import World

from .visits import by_hand, happens, opened, renewed

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def number(world: World, kind: CertKind) -> int:
    entries = world.office.registry.all(CertificateEntry)
    return max(entry.serial_number for entry in entries if entry.kind is kind)


def status(world: World, kind: CertKind = CertKind.SIGN, serial_number: int | None = None) -> CertificateStatus:
    return RegistryStatus(world.office).status(kind, 1, serial_number or number(world, kind))


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (CertEvent.HOLD, RevocationReason.CERTIFICATE_HOLD),
        (CertEvent.RENEW, RevocationReason.SUPERSEDED),
        (CertEvent.ABOLISH, RevocationReason.CESSATION_OF_OPERATION),
        (CertEvent.DEATH, RevocationReason.CESSATION_OF_OPERATION),
        (CertEvent.REQUEST, RevocationReason.CESSATION_OF_OPERATION),
        (CertEvent.LEAK, RevocationReason.KEY_COMPROMISE),
    ],
)
def test_each_event_has_its_reason_from_that_moment_on(event: CertEvent, reason: RevocationReason) -> None:
    world = opened()
    assert status(world) == Good()
    world.clock.advance(HOUR)
    happens(world, event, CertKind.SIGN)
    assert status(world) == Revoked(world.clock.now, reason)
    assert status(world, CertKind.AUTH) == Good()


def test_a_change_of_an_attribute_is_told_from_the_next_day_on() -> None:
    world = opened()
    happens(world, CertEvent.ATTRIBUTE_CHANGE, CertKind.SIGN)
    assert status(world) == Good()
    midnight = OPENING.replace(hour=0) + DAY
    world.clock.set(midnight - timedelta(seconds=1))
    assert status(world) == Good()
    world.clock.set(midnight)
    assert status(world) == Revoked(midnight, RevocationReason.AFFILIATION_CHANGED)


def test_a_hold_can_be_taken_back_and_the_past_remembers_it() -> None:
    world, source = opened(), RegistryStatus
    held, resumed = OPENING + HOUR, OPENING + 2 * HOUR
    world.clock.set(held)
    happens(world, CertEvent.HOLD, CertKind.AUTH)
    world.clock.set(resumed)
    happens(world, CertEvent.RESUME, CertKind.AUTH)
    assert status(world, CertKind.AUTH) == Good()

    serial_number = number(world, CertKind.AUTH)
    on_hold = (serial_number, Revoked(held, RevocationReason.CERTIFICATE_HOLD))
    for at, expected in ((OPENING, []), (held, [on_hold]), (resumed - HOUR / 2, [on_hold]), (resumed, [])):
        assert list(source(world.office).revoked(CertKind.AUTH, 1, at)) == expected


def test_a_hold_that_became_final_counts_from_the_hold() -> None:
    world = opened()
    happens(world, CertEvent.HOLD, CertKind.AUTH)
    world.clock.advance(3 * DAY)
    happens(world, CertEvent.REPLACE_AFTER_HOLD, CertKind.AUTH)
    assert status(world, CertKind.AUTH) == Revoked(OPENING, RevocationReason.SUPERSEDED)


def test_a_new_certificate_is_unknown_for_as_long_as_the_policy_says_and_the_old_one_is_superseded() -> None:
    world = opened()
    world.office.policy = Policy(status_lag=DAY)
    old = number(world, CertKind.AUTH)
    renewed(world, CertKind.AUTH)
    assert status(world, CertKind.AUTH, old) == Revoked(OPENING, RevocationReason.SUPERSEDED)
    assert status(world, CertKind.AUTH) == Unknown()
    world.clock.advance(DAY - timedelta(seconds=1))
    assert status(world, CertKind.AUTH) == Unknown()
    world.clock.advance(timedelta(seconds=1))
    assert status(world, CertKind.AUTH) == Good()


def test_what_is_not_handed_over_is_unknown_and_revoked_when_it_is_discarded() -> None:
    world = opened()
    by_hand(world, lambda entry: replace(entry, state=CertState.ISSUED, usable_from=None))
    assert status(world) == Unknown()
    by_hand(world, lambda entry: entry.after(CertEvent.DISCARD, OPENING))
    assert status(world) == Revoked(OPENING, RevocationReason.UNSPECIFIED)


def test_a_number_is_unknown_under_another_generation_or_the_other_ca() -> None:
    world = opened()
    source, serial_number = RegistryStatus(world.office), number(world, CertKind.SIGN)
    happens(world, CertEvent.LEAK, CertKind.SIGN)
    assert isinstance(source.status(CertKind.SIGN, 1, serial_number), Revoked)
    assert source.status(CertKind.SIGN, 2, serial_number) == Unknown()
    assert source.status(CertKind.AUTH, 1, serial_number) == Unknown()
    assert source.status(CertKind.SIGN, 1, serial_number + 1) == Unknown()
    assert [list(source.revoked(CertKind.SIGN, generation, OPENING)) for generation in (2, 3)] == [[], []]


def test_what_a_responder_once_got_tells_what_the_office_knows_now() -> None:
    world = opened()
    source, before = RegistryStatus(world.office), world.snapshot()
    happens(world, CertEvent.LEAK)
    world.restore(before)
    assert source.status(CertKind.SIGN, 1, number(world, CertKind.SIGN)) == Good()


# ---------------------------------------------------------------- a life, drawn


@st.composite
def lives(draw: st.DrawFn) -> CertificateEntry:
    """A certificate to which things have happened as its table allows, an hour or more apart."""
    at = OPENING
    entry = CertificateEntry(
        serial_number=1,
        kind=CertKind.SIGN,
        card="1",
        person="1",
        generation=1,
        not_before=at,
        not_after=at + 1000 * DAY,
        state=CertState.VALID,
        usable_from=at + draw(st.sampled_from([timedelta(0), HOUR, DAY])),
    )
    while events := [event for (state, event) in CERT_TRANSITIONS if state is entry.state]:
        at += draw(st.integers(1, 50)) * HOUR
        event = draw(st.sampled_from([None, *events]))
        if event is None:
            break
        entry = entry.after(event, at)
    return entry


MOMENTS = st.integers(-10, 500).map(lambda hours: OPENING + hours * HOUR)


def told(changes: tuple[StatusChange, ...], at: datetime) -> RevocationReason | None:
    """The same, said in another way: what was said last."""
    reason = None
    for change in changes:
        reason = change.reason if change.effective <= at else reason
    return reason


@pytest.mark.property
@given(lives(), MOMENTS)
def test_the_last_news_counts_and_nothing_else_is_told_of_the_past(entry: CertificateEntry, at: datetime) -> None:
    status, reason = status_at(entry, at), told(entry.changes, at)
    if reason is not None:
        assert isinstance(status, Revoked)
        assert status.reason is reason
        assert status.at <= at
    else:
        assert status == (Good() if entry.usable_from is not None and at >= entry.usable_from else Unknown())


@pytest.mark.property
@given(lives(), MOMENTS)
def test_what_comes_later_makes_no_difference(entry: CertificateEntry, at: datetime) -> None:
    earlier = replace(entry, changes=tuple(change for change in entry.changes if change.effective <= at))
    assert status_at(earlier, at) == status_at(entry, at)
