"""Whatever comes in whatever order: what is always so of cards, certificates, serial numbers and links."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from itertools import pairwise
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.office.calendar import next_opening
from mynacard_emulator.office.policy import HoldPolicy, Policy
from mynacard_emulator.office.registry import CardEntry, CertificateEntry, Link, Registry
from mynacard_emulator.office.states import CARD_TRANSITIONS, CERT_TRANSITIONS, CardState, CertState
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World, WorldCard

FORM = {"auth": "1234", "sign": "ABC123", "juki": "2345", "text": "3456"}
EVENTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("hotline.suspend", {}),
    ("counter.release", {"auth": "1234", "sign": "ABC123"}),
    ("counter.report_loss", {}),
    ("counter.apply_reissue", {"police_number": "12-345", **FORM}),
    ("counter.apply_reissue", {"reason": "damaged", "lane": "express", **FORM}),
    ("counter.apply_reissue", {"reason": "ended", **FORM}),
    ("counter.collect", {}),
    ("counter.collect", {}),
    ("counter.discard", {}),
    ("counter.return_card", {}),
    ("counter.report_leak", {"kind": "auth"}),
    ("counter.report_leak", {"kind": "sign"}),
    ("counter.revive", {}),
    ("counter.continue_use", {"juki": "2345"}),
    ("counter.continue_use", {"juki": "2345", "sign": ""}),
    ("counter.issue_certificates", {"auth": "", "sign": ""}),
    ("counter.issue_certificates", {"sign": ""}),
    ("counter.renew", {"auth": "1234", "sign": "ABC123", "juki": "2345"}),
    ("civil_register.move", {"address": "東京都仮想区一丁目", "municipality_code": "99002"}),
    ("civil_register.move", {"address": "大阪府別市二丁目", "municipality_code": "99003"}),
    ("civil_register.rename", {"name": "架空　次郎"}),
    ("civil_register.leave", {"continuing": True}),
    ("civil_register.leave", {}),
    ("civil_register.die", {}),
)
S = TypeVar("S", bound=Enum)

WAITS = (0, 1, 45, 100, 365, 5 * 365)
LIVES = st.lists(st.tuples(st.sampled_from(WAITS), st.sampled_from(EVENTS)), max_size=10)


def lives(profile: str, policy: Policy, events: list[tuple[int, tuple[str, dict[str, object]]]]) -> list[Registry]:
    """What the registry was after each of these events; a new card is the one that is brought from then on."""
    world = World()
    world.insert(world.issue(profile))
    world.office.policy = policy
    seen = [world.office.standing]
    for days, (errand, details) in events:
        world.clock.set(next_opening(world.clock.now + timedelta(days=days)))
        before = world.office.registry
        visit = world.office.perform(errand, **details)
        assert visit.done or world.office.registry is before
        if isinstance(visit.card, WorldCard):
            world.swap(visit.card)
        seen.append(world.office.standing)
    return seen


def reachable(transitions: Mapping[tuple[S, Any], S], state: S) -> set[S]:
    """Where something can be that was there once."""
    there, fresh = {state}, {state}
    while fresh:
        fresh = {after for (old, _), after in transitions.items() if old in fresh} - there
        there |= fresh
    return there


@pytest.mark.property
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["adult", "foreigner", "no-certificates"]), st.sampled_from(list(HoldPolicy)), LIVES)
def test_whatever_comes_the_registry_stays_in_order(
    profile: str, hold: HoldPolicy, events: list[tuple[int, tuple[str, dict[str, object]]]]
) -> None:
    seen = lives(profile, Policy(hold_policy=hold), events)
    for before, after in pairwise(seen):
        states_move_along_the_tables(before, after)
        new_serial_numbers_are_higher(before, after)
    for registry in seen:
        nothing_outlives_what_it_depends_on(registry)
        links_lead_to_the_last_certificate(registry)


def states_move_along_the_tables(before: Registry, after: Registry) -> None:
    for card in before.all(CardEntry):
        now = after.find(CardEntry, card.id)
        assert now is not None
        assert now.state in reachable(CARD_TRANSITIONS, card.state)
        assert card.state not in (CardState.ABOLISHED, CardState.EXPIRED) or now == card
    for certificate in before.all(CertificateEntry):
        then = after.find(CertificateEntry, certificate.id)
        assert then is not None
        assert then.state in reachable(CERT_TRANSITIONS, certificate.state)
        assert certificate.state not in (CertState.REVOKED, CertState.EXPIRED) or then == certificate


def new_serial_numbers_are_higher(before: Registry, after: Registry) -> None:
    old = {entry.serial_number for entry in before.all(CertificateEntry)}
    new = {entry.serial_number for entry in after.all(CertificateEntry)} - old
    assert not old or not new or max(old) < min(new)


def nothing_outlives_what_it_depends_on(registry: Registry) -> None:
    for card in registry.all(CardEntry):
        ends: dict[CertKind, date] = {}
        for entry in registry.certificates_of(card.serial):
            assert entry.not_after.date() <= card.not_after
            if entry.state in (CertState.ISSUED, CertState.VALID, CertState.ON_HOLD):
                assert card.state not in (CardState.ABOLISHED, CardState.EXPIRED)
                assert entry.kind not in ends
                ends[entry.kind] = entry.not_after.date()
        if len(ends) == 2:
            assert ends[CertKind.SIGN] <= ends[CertKind.AUTH]


def links_lead_to_the_last_certificate(registry: Registry) -> None:
    links = {link.old: link.new for link in registry.all(Link)}
    assert all(old < new for old, new in links.items())
    for kind in CertKind:
        given_out = [e.serial_number for e in registry.all(CertificateEntry) if e.kind is kind and e.usable_from]
        for serial_number in given_out:
            end = serial_number
            while end in links:
                end = links[end]
            assert end == max(given_out)
