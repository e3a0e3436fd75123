"""What each event changes and, above all, what it leaves alone: PINs, certificates, card, and a service's account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from mynacard_emulator.office.calendar import next_opening
from mynacard_emulator.office.policy import HoldPolicy
from mynacard_emulator.office.states import CardState, CertState
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World, WorldCard
from tests.emulator.services.holders import join, my_page

from .lives import certificates, last, state_of, states
from .visits import opened

TRIES: dict[str, Any] = {"auth": 2, "sign": 3, "juki": 1, "text": 2}
FULL = {"auth": 3, "sign": 5, "juki": 3, "text": 3}
FORM = {"auth": "1111", "sign": "NEW111", "juki": "2222", "text": "3333"}
GOOD, HELD, OVER = (CertState.VALID,) * 2, (CertState.ON_HOLD,) * 2, (CertState.REVOKED,) * 2


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """How things stand after an event.

    Attributes:
        states: Of the auth and the sign certificate.
        new: Which kinds were issued anew.
        card: Where the card stands.
        login: What comes of logging in with it at a service that knows the holder.
        tries: Those left of each PIN.

    """

    states: tuple[CertState, CertState] = GOOD
    new: tuple[str, ...] = ()
    card: CardState = CardState.ACTIVE
    login: str = "ok"
    tries: dict[str, int]


def suspend(world: World) -> None:
    assert world.office.hotline.suspend().done


def release(world: World) -> None:
    suspend(world)
    assert world.office.counter.release(auth="1111", sign="NEW111").done


def release_as_before(world: World) -> None:
    world.office.policy = replace(world.office.policy, hold_policy=HoldPolicy.AUTH_RESUMES)
    release(world)


def give_back(world: World) -> None:
    assert world.office.counter.return_card().done


def apply(world: World) -> None:
    assert world.office.perform("counter.apply_reissue", police_number="12-345", **FORM).done


def collect(world: World) -> None:
    apply(world)
    world.clock.set(next_opening(world.clock.now + timedelta(days=50)))
    card = world.office.counter.collect().card
    assert isinstance(card, WorldCard)
    world.swap(card)


def rename(world: World) -> None:
    assert world.office.civil_register.rename("架空　次郎").done
    world.clock.advance(timedelta(days=1))


def rename_and_certify(world: World) -> None:
    assert world.office.civil_register.rename("架空　次郎").done
    assert world.office.counter.issue_certificates(sign="").done


def expire(world: World) -> None:
    world.clock.set(last(world, CertKind.AUTH).not_after + timedelta(seconds=1))


def die(world: World) -> None:
    assert world.office.civil_register.die().done


def miss_the_deadline(world: World) -> None:
    assert world.office.civil_register.move("大阪府別市", municipality_code="99002").done
    world.clock.advance(timedelta(days=91))


ROWS: dict[str, tuple[Callable[[World], None], After]] = {
    "suspension by telephone": (
        suspend,
        After(states=HELD, card=CardState.SUSPENDED, login="cert_on_hold", tries=TRIES),
    ),
    "release at the counter": (release, After(new=("auth", "sign"), tries={**TRIES, "auth": 3, "sign": 5})),
    "release in an older office": (release_as_before, After(new=("sign",), tries={**TRIES, "sign": 5})),
    "abolition": (give_back, After(states=OVER, card=CardState.ABOLISHED, login="cert_revoked", tries=TRIES)),
    "re-issued card": (collect, After(new=("auth", "sign"), tries=FULL)),
    "change of an attribute": (rename, After(states=(CertState.VALID, CertState.REVOKED), tries=TRIES)),
    "change of an attribute, certified": (rename_and_certify, After(new=("sign",), tries={**TRIES, "sign": 5})),
    "expiry of the certificates": (expire, After(states=(CertState.EXPIRED,) * 2, login="cert_expired", tries=TRIES)),
    "death": (die, After(states=OVER, card=CardState.ABOLISHED, login="cert_revoked", tries=TRIES)),
    "a missed deadline": (
        miss_the_deadline,
        After(states=OVER, card=CardState.ABOLISHED, login="cert_revoked", tries=TRIES),
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_what_an_event_changes_and_what_it_leaves_alone(row: str) -> None:
    event, after = ROWS[row]
    world = opened("adult", **TRIES)
    join(world)
    before = {kind.value: world.truth.certificate(kind.value) for kind in CertKind}

    event(world)

    assert states(world) == after.states
    assert state_of(world) is after.card
    assert tuple(kind for kind, der in before.items() if world.truth.certificate(kind) != der) in (
        after.new,
        after.new[::-1],
    )
    assert {pin: world.truth.tries_left(pin) for pin in TRIES} == after.tries
    visit = my_page(world)
    assert (visit.outcome, visit.account) == (after.login, "KEY00001" if after.login == "ok" else None)


def test_the_account_follows_from_a_lost_card_to_the_new_one_and_the_old_one_is_out() -> None:
    world = opened("adult")
    old = world.current
    join(world)
    collect(world)

    assert my_page(world).account == "KEY00001"
    assert my_page(world, old).outcome == "cert_revoked"


def test_until_the_link_is_known_the_new_card_is_a_strangers() -> None:
    world = opened("adult")
    world.office.policy = replace(world.office.policy, link_lag=timedelta(hours=24))
    join(world)
    collect(world)
    assert my_page(world).outcome == "not_registered"

    world.clock.advance(timedelta(hours=24))

    assert my_page(world).account == "KEY00001"


def test_a_new_card_that_services_have_not_heard_of_is_of_unknown_status() -> None:
    world = opened("adult")
    world.office.policy = replace(world.office.policy, status_lag=timedelta(hours=24))
    join(world)
    collect(world)
    assert my_page(world).outcome == "status_unknown"

    world.clock.advance(timedelta(hours=24))

    assert my_page(world).outcome == "ok"
    assert len(certificates(world, CertKind.AUTH)) == 2
