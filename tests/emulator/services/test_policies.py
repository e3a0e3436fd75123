"""What the sources leave open about the services: each answer that can be chosen is another conduct."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.world import World, WorldCard
from tests.emulator.office.visits import happens, opened, renewed

from .holders import join, log_in

ID, RIGHT, WRONG = "KEY00001", "apple-4829", "apple-4828"
CLINIC = "clinic-1"
CHOSEN = {"auth": "1111", "sign": "NEW111", "juki": "2222", "text": "3333"}
MINUTE = timedelta(minutes=1)


def deciding(**answers: Any) -> World:
    """A world with a card in the reader, where these questions are answered so."""
    world = opened()
    world.office.policy = Policy(**answers)
    return world


def has_device(world: World) -> World:
    """The same, with a device that is registered for the clinic's account."""
    assert world.services.eligibility.apply(CLINIC, RIGHT).done
    assert world.services.eligibility.register(CLINIC, RIGHT).done
    return world


def has_next_card(world: World) -> World:
    """The same, with the holder's next card in the reader."""
    assert world.office.perform("counter.apply_reissue", reason="damaged", **CHOSEN).done
    world.clock.advance(timedelta(days=53))
    collected = world.office.perform("counter.collect")
    assert isinstance(collected.card, WorldCard)
    world.swap(collected.card)
    return world


# ---------------------------------------------------------------- the MyKey platform


@pytest.mark.parametrize(
    ("burns", "checked", "paid"), [(False, "ok", "not_registered"), (True, "duplicate_id", "id_revoked")]
)
def test_an_id_that_was_changed_away_is_free_or_gone_for_good(burns: bool, checked: str, paid: str) -> None:  # noqa: FBT001 - an answer
    world = deciding(burn_old_ids=burns)
    platform = world.services.mykey
    log_in(world, "mykey")
    assert platform.create(ID).done
    assert platform.grant_points(ID, 500).done
    assert platform.check_duplicate("KEY00002").done
    assert platform.change_id("KEY00002").shown == {"id": "KEY00002", "points": "500"}

    assert platform.check_duplicate(ID).outcome == checked
    assert platform.use_points(ID, 1).outcome == paid
    assert log_in(world, "mykey").shown == {"id": "KEY00002", "points": "500"}


@pytest.mark.parametrize("needs", [False, True])
@pytest.mark.parametrize(("event", "outcome"), [(CertEvent.HOLD, "cert_on_hold"), (CertEvent.LEAK, "cert_revoked")])
def test_my_page_opens_by_password_whatever_the_certificate_is_or_only_while_it_is_good(
    event: CertEvent,
    outcome: str,
    needs: bool,  # noqa: FBT001 - an answer
) -> None:
    world = deciding(password_login_needs_cert=needs)
    platform = world.services.mykey
    log_in(world, "mykey")
    assert platform.create(ID).done
    assert platform.set_password(RIGHT, RIGHT).done
    assert platform.log_in_with_password(ID, RIGHT, browser="pc").done
    happens(world, event)

    assert platform.log_in_with_password(ID, WRONG, browser="mac").outcome == "wrong_password"
    assert platform.log_in_with_password(ID, RIGHT, browser="mac").outcome == (outcome if needs else "ok")
    assert platform.show(browser="mac").outcome == ("not_logged_in" if needs else "ok")
    assert platform.use_points(ID, 1).outcome == outcome


# ---------------------------------------------------------------- the portal


@pytest.mark.parametrize(("links", "page"), [(True, "main menu"), (False, "registration")])
def test_an_account_goes_over_to_the_next_card_or_another_is_registered(links: bool, page: str) -> None:  # noqa: FBT001 - an answer
    world = deciding(portal_links_reissue=links)
    join(world, "portal")
    renewed(world, CertKind.AUTH)
    assert log_in(world, "portal").shown["page"] == "main menu"
    assert world.services.portal.log_out().done

    assert log_in(has_next_card(world), "portal").shown["page"] == page


def test_where_no_account_goes_over_another_one_can_be_registered() -> None:
    world = deciding(portal_links_reissue=False)
    first = join(world, "portal")

    assert join(has_next_card(world), "portal", "みほん") != first
    assert log_in(world, "portal").shown["nickname"] == "みほん"


# ---------------------------------------------------------------- the eligibility app


@pytest.mark.parametrize(("extends", "after"), [(False, "ok"), (True, "password_locked")])
def test_a_wrong_password_during_a_lock_changes_nothing_or_begins_it_anew(extends: bool, after: str) -> None:  # noqa: FBT001 - an answer
    world = has_device(deciding(lock_extends=extends))
    app = world.services.eligibility
    assert [app.log_in(CLINIC, WRONG).outcome for _ in range(5)][-1] == "password_locked"
    world.clock.advance(20 * MINUTE)
    assert app.log_in(CLINIC, RIGHT).outcome == "password_locked"
    assert app.log_in(CLINIC, WRONG).outcome == "password_locked"
    world.clock.advance(10 * MINUTE)

    assert app.log_in(CLINIC, RIGHT).outcome == after
    world.clock.advance(20 * MINUTE)
    assert app.log_in(CLINIC, RIGHT).done


def test_a_lock_that_is_begun_anew_lasts_half_an_hour_from_then_on_wherever_the_password_was_entered() -> None:
    world = has_device(deciding(lock_extends=True))
    app = world.services.eligibility
    for _ in range(5):
        app.log_in(CLINIC, WRONG)
    world.clock.advance(29 * MINUTE)
    said = app.register(CLINIC, WRONG)

    assert (said.outcome, said.shown["until"]) == (
        "password_locked",
        (world.clock.now + 30 * MINUTE).isoformat(),
    )


@pytest.mark.parametrize(
    ("delay", "at_once"), [(timedelta(hours=1), "deregistration_pending"), (timedelta(0), "ok")], ids=["1h", "0h"]
)
def test_a_device_is_free_after_an_hour_or_at_once(delay: timedelta, at_once: str) -> None:
    world = has_device(deciding(deregistration_delay=delay))
    app = world.services.eligibility
    assert app.deregister().shown["free_from"] == (world.clock.now + delay).isoformat()

    assert app.register(CLINIC, RIGHT, device="new").outcome == at_once
    world.clock.advance(delay)
    assert app.register(CLINIC, RIGHT, device="new").done
    assert app.log_in(CLINIC, RIGHT).outcome == "not_registered"
