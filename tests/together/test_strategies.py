"""What is drawn for other people's property tests is what it says it is, and what is called harmless is."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_conformance import strategies
from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.concerns.acts import play
from mynacard_conformance.judge.docket import Docket
from mynacard_conformance.judge.trial import Trial
from mynacard_conformance.model.holder import MAX_TRIES, N2, Holder, in_form, well_formed
from mynacard_conformance.model.setting import CardInStory, Setting
from mynacard_conformance.outcome import PinKind
from mynacard_conformance.strategies import Attempt, AttemptKind
from mynacard_conformance.verdict import Act
from mynacard_emulator import profiles
from mynacard_emulator.card import CardState, step
from mynacard_emulator.world import open_world
from mynacard_fixtures.clients import CarefulClient

UNHURRIED = settings(max_examples=50, deadline=None)
"""The first card of a profile takes as long as personalising does."""
_PROFILES = {name: profiles.load(name).profile() for name in ("adult", "licence", "face-auth")}


@pytest.mark.property
@UNHURRIED
@given(card=strategies.cards())
def test_a_card_that_is_drawn_can_be_made_with_the_tries_it_says(card: CardInStory) -> None:
    with open_world("direct") as world:
        world.insert(world.issue(card.holder.profile, **card.order))

        for pin in strategies.PINS:
            assert world.truth.pin(pin.value) == card.holder.pins[pin].encode()
            assert world.truth.tries_left(pin.value) == card.tries.get(pin, MAX_TRIES[pin])


@pytest.mark.property
@given(setting=strategies.settings(locked=False))
def test_no_pin_is_locked_where_none_may_be(setting: Setting) -> None:
    assert all(setting.card.tries.values())


@pytest.mark.property
@given(holder=st.sampled_from(strategies.HOLDERS), data=st.data())
def test_an_attempt_is_of_its_kind(holder: Holder, data: st.DataObject) -> None:
    attempt = data.draw(strategies.pin_attempts(holder))
    right = holder.pins[attempt.pin]
    match attempt.kind:
        case AttemptKind.RIGHT:
            assert attempt.value == right
        case AttemptKind.WRONG:
            assert in_form(attempt.pin, attempt.value)
            assert attempt.value != right
        case AttemptKind.MALFORMED:
            assert not well_formed(attempt.pin, attempt.value)
        case AttemptKind.WIDE | AttemptKind.LOWER:
            assert not in_form(attempt.pin, attempt.value)
            assert well_formed(attempt.pin, attempt.value)


def test_an_attempt_does_not_show_what_is_typed() -> None:
    assert "1234" not in repr(Attempt(PinKind.AUTH, AttemptKind.RIGHT, "1234"))


def test_a_holder_without_the_pin_types_nothing() -> None:
    with pytest.raises(ValueError, match=r"the holder of 'no-certificates' has no such PIN"):
        strategies.pin_attempts(N2, pins=[PinKind.AUTH])


def test_digits_have_no_lower_case() -> None:
    with pytest.raises(ValueError, match=r"types nothing of such a kind"):
        strategies.pin_attempts(pins=[PinKind.AUTH], kinds=[AttemptKind.LOWER])


@pytest.mark.property
@given(
    name=st.sampled_from(("adult", "licence", "face-auth")),
    commands=st.lists(strategies.harmless_commands() | strategies.strange_commands(), max_size=20),
)
def test_commands_that_cost_nothing_leave_the_memory_and_verify_nothing(name: str, commands: list[bytes]) -> None:
    profile = _PROFILES[name]
    issued = state = CardState.issued(profile)
    for command in commands:
        state = step(profile, state, command).state

    assert state.memory == issued.memory
    assert state.session.verified == frozenset()


@pytest.mark.property
@given(command=strategies.harmless_commands())
def test_a_harmless_command_is_none_that_the_card_does_not_know(command: bytes) -> None:
    profile = _PROFILES["adult"]
    sw = step(profile, CardState.issued(profile), command).response.sw

    assert sw not in (0x6700, 0x6D00, 0x6E00)


@UNHURRIED
@pytest.mark.property
@given(life=strategies.lives())
def test_no_life_that_is_drawn_accuses_an_honest_client(life: tuple[Act, ...]) -> None:
    with open_world("direct") as world:
        docket = Docket()
        trial = Trial(world, InProcessClient(CarefulClient, world.connect), docket)
        trial.begin("drawn")
        for act in life:
            if not trial.over:
                play(act, trial)
        trial.end()

    assert docket.findings == {}


def test_hypothesis_is_imported_with_the_strategies_alone() -> None:
    asked = "import sys, mynacard_conformance; assert 'hypothesis' not in sys.modules"
    then = "from mynacard_conformance import strategies; assert 'hypothesis' in sys.modules"

    assert subprocess.run((sys.executable, "-c", f"{asked}; {then}"), check=False).returncode == 0
