"""The counter of the municipality."""

from __future__ import annotations

from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.world import World


def test_the_principal_resets_a_locked_pin_and_nothing_else_changes() -> None:
    world = World()
    card = world.issue("adult", auth="locked", sign=2)
    world.insert(card)
    before = world.truth.certificate("auth")
    assert world.office.counter.reset_pin("auth", new="9876").done
    assert world.truth.tries_left("auth") == 3
    assert world.truth.tries_left("sign") == 2
    assert world.truth.certificate("auth") == before


def test_a_malformed_value_is_refused_and_changes_nothing() -> None:
    world = World()
    world.insert(world.issue("adult", auth="locked"))
    visit = world.office.perform("counter.reset_pin", pin="auth", new="12a4")
    assert visit.refusal is Refusal.PIN_FORMAT
    assert world.truth.tries_left("auth") == 0
