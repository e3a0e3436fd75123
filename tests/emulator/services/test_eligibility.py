"""The eligibility app: what the stories of the family do not tell."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

import pytest

from mynacard_emulator.office.refusal import Refused
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.services import states
from mynacard_emulator.services.states import AccountEvent, DeviceEvent, DeviceState, PasscodeEvent, PasscodeState
from mynacard_emulator.world import Snapshot, World
from tests.emulator.office.visits import certificate, happens, opened

from .holders import proof

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME, RIGHT, WRONG = "clinic-1", "apple-4829", "apple-4828"
MINUTE = timedelta(minutes=1)

TABLES: Mapping[str, tuple[type[Enum], type[Enum], Mapping[tuple[Enum, Enum], Enum], Callable[..., Enum]]] = {
    "account": (states.AccountState, AccountEvent, states.ACCOUNT_TRANSITIONS, states.next_account_state),  # type: ignore[dict-item]
    "passcode": (PasscodeState, PasscodeEvent, states.PASSCODE_TRANSITIONS, states.next_passcode_state),  # type: ignore[dict-item]
    "device": (DeviceState, DeviceEvent, states.DEVICE_TRANSITIONS, states.next_device_state),  # type: ignore[dict-item]
}


def registered() -> World:
    """A world with a card in the reader, and a device that is registered for the clinic's account."""
    world = opened()
    assert world.services.eligibility.apply(NAME, RIGHT).done
    assert world.services.eligibility.register(NAME, RIGHT).done
    return world


@pytest.mark.parametrize("table", list(TABLES))
def test_every_step_that_is_not_in_a_table_is_refused(table: str) -> None:
    its_states, events, transitions, following = TABLES[table]
    for state in its_states:
        for event in events:
            if (state, event) in transitions:
                assert following(state, event) is transitions[state, event]
            else:
                with pytest.raises(Refused):
                    following(state, event)


def test_tries_during_a_lock_do_not_make_it_longer() -> None:
    world = registered()
    app = world.services.eligibility
    assert [app.log_in(NAME, WRONG).outcome for _ in range(5)] == [*4 * ["wrong_password"], "password_locked"]
    world.clock.advance(29 * MINUTE)
    assert app.log_in(NAME, WRONG).outcome == "password_locked"
    world.clock.advance(MINUTE)
    assert app.log_in(NAME, RIGHT).done


def test_a_wrong_password_at_the_registration_counts_too() -> None:
    app = opened().services.eligibility
    assert app.apply(NAME, RIGHT).done
    assert [app.register(NAME, WRONG).outcome for _ in range(5)] == [*4 * ["wrong_password"], "password_locked"]
    assert app.register(NAME, RIGHT).outcome == "password_locked"


def test_the_call_centre_opens_a_lock_with_a_new_password() -> None:
    app = registered().services.eligibility
    for _ in range(5):
        app.log_in(NAME, WRONG)
    assert app.reset_password(NAME, "").outcome == "field_format"
    assert app.reset_password(NAME, "pear-9058").done
    assert app.log_in(NAME, "pear-9058").done


def test_a_locked_account_does_not_open_by_passcode() -> None:
    app = registered().services.eligibility
    assert app.set_passcode("1357").done
    for _ in range(5):
        app.log_in(NAME, WRONG)
    assert app.open("1357").outcome == "password_locked"


def test_misses_at_the_passcode_outlive_a_restart_of_the_app() -> None:
    app = registered().services.eligibility
    assert app.set_passcode("135").outcome == "field_format"
    assert app.set_passcode("1357").done
    for _ in range(4):
        assert app.open("0000").outcome == "wrong_passcode"
        assert app.close().done
    assert app.open("0000").outcome == "not_logged_in"


def test_nobody_checks_a_card_who_has_not_opened_the_app() -> None:
    world = registered()
    app = world.services.eligibility
    assert app.close().done
    assert app.check_visually(certificate(world.current)).outcome == "not_logged_in"
    assert app.check_visually(certificate(world.current), device="made up").outcome == "not_registered"


def test_a_card_whose_certificate_is_not_good_is_not_confirmed() -> None:
    world = registered()
    app = world.services.eligibility
    happens(world, CertEvent.HOLD)
    assert app.check_visually(certificate(world.current)).outcome == "cert_on_hold"
    assert app.check_visually(b"no certificate").outcome == "cert_invalid"
    assert app.set_mode("pin").done
    assert world.services.perform("eligibility.check", **proof(world, "eligibility")).outcome == "cert_on_hold"
    assert app.set_mode("by ear").outcome == "field_format"


def test_a_challenge_of_a_check_is_good_once() -> None:
    world = registered()
    world.services.eligibility.set_mode("pin")
    shown = proof(world, "eligibility")
    assert world.services.perform("eligibility.check", **shown).done
    assert world.services.perform("eligibility.check", **shown).outcome == "cert_invalid"


def test_a_device_that_is_being_released_does_nothing_more() -> None:
    world = registered()
    app = world.services.eligibility
    assert app.deregister().done
    assert app.log_in(NAME, RIGHT).outcome == "deregistration_pending"
    world.clock.advance(60 * MINUTE)
    assert app.log_in(NAME, RIGHT).outcome == "not_registered"
    assert app.register(NAME, RIGHT).done


def test_an_account_is_applied_for_once() -> None:
    app = registered().services.eligibility
    assert app.apply(NAME, RIGHT).outcome == "already_registered"
    assert app.apply("", RIGHT).outcome == "field_format"
    assert app.release_account(NAME).outcome == "wrong_state"


def test_a_snapshot_has_accounts_and_devices_and_no_password() -> None:
    world = registered()
    world.services.eligibility.set_passcode("1357")
    snapshot = world.snapshot()
    assert Snapshot.from_json(snapshot.to_json(reveal=True)) == snapshot
    assert RIGHT not in snapshot.to_json(reveal=True)


def test_a_device_is_one_accounts_and_an_account_must_be_known() -> None:
    app = registered().services.eligibility
    assert app.apply("clinic-2", "pear-9058").done
    assert app.log_in("clinic-2", "pear-9058").outcome == "not_registered"
    assert app.log_in("clinic-3", "pear-9058").outcome == "not_registered"
