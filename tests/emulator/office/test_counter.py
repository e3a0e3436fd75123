"""PINs at the counter: a new value, or all tries again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mynacard_emulator.office.errands import ERRANDS
from mynacard_emulator.office.pin_values import EASILY_GUESSED
from mynacard_emulator.office.policy import ResetMode
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.world import World

from .effects import changed, facts
from .visits import opened

VERIFY_JUKI, VERIFY_COMMON = (
    ("00A4040C0AD3921000310001010401", "0020009C04"),
    ("00A4040C0AD3921000310001010100", "0020009C04"),
)


def locked(pin: str) -> World:
    """A world with an adult's card in its reader, of which this PIN is locked."""
    world = World()
    pins: dict[str, Any] = {pin: "locked"}
    world.insert(world.issue("adult", **pins))
    return world


def says(world: World, *commands: str) -> str:
    """Say these commands to the card in the reader; return the last answer."""
    return [world.transmit(bytes.fromhex(command)).hex().upper() for command in commands][-1]


# ---------------------------------------------------------------- a new value
def test_the_holder_resets_a_locked_pin_and_nothing_else_changes() -> None:
    world = opened(auth="locked", sign=2, juki=1)
    before = facts(world)

    assert world.office.counter.reset_pin("auth", "9876", confirm="9876").done
    assert changed(before, facts(world)) == {"auth value", "auth tries"}
    at_auth = ("00A4040C0AD392F000260100000001", "00A4020C020018")
    assert says(world, *at_auth, "002000800431323334") == "63C2"
    assert says(world, *at_auth, "002000800439383736") == "9000"
    assert world.truth.tries_left("auth") == 3


def test_a_forgotten_pin_is_reset_though_it_is_not_locked() -> None:
    world = opened()
    before = facts(world)

    assert world.office.counter.reset_pin("text", "7777").done
    assert changed(before, facts(world)) == {"text value"}


def test_the_register_pin_is_reset_in_both_applications() -> None:
    world = opened(juki="locked")

    assert world.office.counter.reset_pin("juki", "5555").done
    for select, verify in (VERIFY_JUKI, VERIFY_COMMON):
        assert says(world, select, verify + b"5555".hex()) == "9000"


def test_two_locked_pins_are_reset_in_one_visit_after_the_other() -> None:
    world = opened(auth="locked", sign="locked")

    assert world.office.counter.reset_pin("sign", "NEW456").done
    assert world.office.counter.reset_pin("auth", "5678").done
    assert [world.truth.tries_left(pin) for pin in ("sign", "auth")] == [5, 3]


@pytest.mark.parametrize(
    ("pin", "value", "outcome"),
    [
        ("auth", "12345", "pin_format"),
        ("auth", "12a4", "pin_format"),
        ("auth", "", "pin_format"),
        ("auth", "１２３４", "pin_format"),
        ("sign", "ABCDEF", "pin_format"),
        ("sign", "123456", "pin_format"),
        ("sign", "abc123", "pin_format"),
        ("sign", "ABC12", "pin_format"),
        ("sign", "ABCDEFGH123456789", "pin_format"),
        ("sign", "ABC123", "ok"),
        ("auth", "1234", "ok"),
    ],
)
def test_only_a_well_formed_value_is_set_and_the_old_one_is_as_good_as_any(pin: str, value: str, outcome: str) -> None:
    world = locked(pin)
    before = facts(world)

    assert world.office.counter.reset_pin(pin, value).outcome == outcome
    assert changed(before, facts(world)) == ({f"{pin} tries"} if outcome == "ok" else set())


def test_where_an_office_asks_for_no_mixture_a_sign_pin_may_be_of_letters_alone() -> None:
    world = opened(sign="locked")
    world.office.policy = replace(world.office.policy, require_mix=False)

    assert world.office.counter.reset_pin("sign", "ABCDEF").done
    assert world.office.counter.reset_pin("sign", "abcdef").refusal is Refusal.PIN_FORMAT


@pytest.mark.parametrize("value", ["1111", "1234", "9876", "0217", "1980"])
def test_a_value_that_is_easily_guessed_is_set_with_a_word_of_advice(value: str) -> None:
    visit = opened().office.counter.reset_pin("auth", value)

    assert visit.done
    assert visit.advice == (EASILY_GUESSED,)


@pytest.mark.parametrize(("pin", "value"), [("auth", "5927"), ("auth", "1235"), ("sign", "NEW456")])
def test_of_other_values_nothing_is_said(pin: str, value: str) -> None:
    assert opened().office.counter.reset_pin(pin, value).advice == ()


def test_the_value_is_typed_twice_alike() -> None:
    world = opened(auth="locked")

    assert world.office.counter.reset_pin("auth", "9876", confirm="9867").refusal is Refusal.CONFIRMATION_MISMATCH
    assert world.truth.tries_left("auth") == 0


@pytest.mark.parametrize(("profile", "pin"), [("no-certificates", "auth"), ("child", "sign"), ("face-auth", "juki")])
def test_a_pin_that_was_never_set_cannot_be_reset(profile: str, pin: str) -> None:
    world = opened(profile)
    before = facts(world)

    assert world.office.counter.reset_pin(pin, "ABC123").refusal is Refusal.PIN_ABSENT
    assert world.office.counter.unblock_pin(pin).refusal is Refusal.PIN_ABSENT
    assert not changed(before, facts(world))


@pytest.mark.parametrize("pin", ["number_a", "licence", "puk", ""])
def test_a_pin_that_no_office_knows_is_absent(pin: str) -> None:
    assert opened("licence").office.counter.reset_pin(pin, "1234").refusal is Refusal.PIN_ABSENT


# ---------------------------------------------------------------- one value for several
def test_a_reset_leaves_the_other_pins_of_the_same_value_alone() -> None:
    world = opened("shared-pin", auth="locked", juki=2)
    before = facts(world)

    assert world.office.counter.reset_pin("auth", "5555").done
    assert changed(before, facts(world)) == {"auth value", "auth tries"}


def test_some_offices_reset_all_that_share_a_value() -> None:
    world = opened("shared-pin", auth="locked", juki=2)
    world.office.policy = replace(world.office.policy, reset_all_shared=True)
    before = facts(world)

    assert world.office.counter.reset_pin("auth", "5555").done
    assert changed(before, facts(world)) == {
        *("auth value", "auth tries", "juki value", "juki tries", "text value"),
    }


def test_there_too_a_pin_of_another_value_and_the_sign_pin_stay() -> None:
    world = opened(auth="locked")
    world.office.policy = replace(world.office.policy, reset_all_shared=True)
    before = facts(world)

    assert world.office.counter.reset_pin("auth", "5555").done
    assert world.office.counter.reset_pin("sign", "NEW456").done
    assert changed(before, facts(world)) == {"auth value", "auth tries", "sign value"}


# ---------------------------------------------------------------- unblocking
@pytest.mark.parametrize("pin", ["auth", "sign", "juki", "text"])
def test_a_locked_pin_is_unblocked_and_keeps_its_value(pin: str) -> None:
    world = locked(pin)
    before = facts(world)

    assert world.office.counter.unblock_pin(pin).done
    assert changed(before, facts(world)) == {f"{pin} tries"}
    assert world.truth.tries_left(pin) == (5 if pin == "sign" else 3)


def test_a_pin_that_is_not_locked_is_not_unblocked() -> None:
    world = opened(auth=1)

    assert world.office.counter.unblock_pin("auth").refusal is Refusal.WRONG_STATE
    assert world.truth.tries_left("auth") == 1


def test_a_desk_that_always_sets_a_new_value_asks_for_one() -> None:
    world = opened(auth="locked")
    world.office.policy = replace(world.office.policy, reset_mode=ResetMode.REINITIALISE)

    assert world.office.counter.unblock_pin("auth").refusal is Refusal.SERVICE_NOT_OFFERED
    assert world.office.counter.reset_pin("auth", "1234").done


# ---------------------------------------------------------------- cards that are not in use
@pytest.mark.parametrize(
    ("errand", "details"),
    [
        ("reset_pin", {"pin": "auth", "new": "5678"}),
        ("unblock_pin", {"pin": "auth"}),
        ("issue_certificates", {"auth": ""}),
        ("renew", {"auth": "1234", "sign": "ABC123", "juki": "2345"}),
        ("convert_to_face_auth", {}),
        ("convert_to_normal", {"auth": "1234", "juki": "2345", "text": "3456"}),
    ],
)
def test_nothing_is_done_for_a_card_that_is_suspended_or_that_no_registry_knows(
    errand: str, details: dict[str, str]
) -> None:
    world = opened(auth="locked")
    assert world.office.hotline.suspend().done
    assert world.office.perform(f"counter.{errand}", **details).refusal is Refusal.CARD_SUSPENDED

    assert opened("juki-card").office.perform(f"counter.{errand}", **details).refusal is Refusal.NOT_REGISTERED
    assert errand in ERRANDS["counter"]
