"""The world in a test's hand: it has the harness's shape, and every deed does what it says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from mynacard_conformance.ports import AnyStage
from mynacard_emulator.cards import CardInHand, UnknownPinError
from mynacard_emulator.clock import OPENING, WorldClock
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.world import EmptyReaderError, NoCardError, World, open_world

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
PIN = bytes.fromhex("00A4020C020018")
WRONG = bytes.fromhex("002000800430303030")
RIGHT = bytes.fromhex("002000800431323334")
UID = bytes.fromhex("FFCA000000")


@pytest.fixture
def world() -> World:
    return open_world("direct")


def talk(world: World, *commands: bytes) -> list[str]:
    return [world.transmit(command).hex() for command in commands]


def test_a_world_has_the_shape_of_a_stage(world: World) -> None:
    stage: AnyStage = world

    assert stage.clock.now == OPENING


def test_a_card_counts_and_the_truth_says_so(world: World) -> None:
    world.insert(world.issue("adult"))

    assert talk(world, SELECT, PIN, WRONG) == ["9000", "9000", "63c2"]
    assert world.truth.tries_left("auth") == 2
    assert world.truth.tries_left("sign") == 5
    assert world.truth.tries_left("no such PIN") is None


def test_the_state_of_pins_is_set_at_issue(world: World) -> None:
    world.insert(world.issue("adult", auth="locked", sign=1))

    assert (world.truth.tries_left("auth"), world.truth.tries_left("sign")) == (0, 1)


@pytest.mark.parametrize("state", [{"auth": 4}, {"auth": -1}, {"auth": "open"}, {"legs": 2}])
def test_an_impossible_state_is_refused(world: World, state: dict[str, Any]) -> None:
    with pytest.raises(UnknownPinError):
        world.issue("adult", **state)


def test_snapshot_and_restore_put_the_memory_back_and_nothing_else(world: World) -> None:
    world.insert(world.issue("adult"))
    before = world.snapshot()
    talk(world, SELECT, PIN, WRONG)

    world.restore(before)

    assert world.truth.tries_left("auth") == 3
    assert talk(world, WRONG) == ["63c2"]  # the PIN is still the current EF


def test_a_power_cycle_ends_the_session_and_a_warm_reset_does_not(world: World) -> None:
    world.insert(world.issue("adult"))
    talk(world, SELECT, PIN, RIGHT)

    world.warm_reset()
    assert talk(world, bytes.fromhex("00A4020C020017")) == ["9000"]

    world.power_cycle()
    assert talk(world, bytes.fromhex("00A4020C020017")) == ["6a82"]


def test_an_empty_reader_answers_nothing(world: World) -> None:
    card = world.issue("adult")
    world.insert(card)
    world.eject()

    with pytest.raises(EmptyReaderError) as empty:
        world.connect().transmit(SELECT)
    assert empty.value.outcome == "no_card"
    world.insert(card)
    assert world.connect().transmit(SELECT) == b"\x90\x00"


def test_swapping_puts_the_other_card_in(world: World) -> None:
    first, second = world.issue("adult"), world.issue("no-certificates")
    world.insert(first)

    world.swap(second)

    assert second is world.current
    assert world.truth.certificate("auth") is None
    assert world.truth.certificate("auth_ca")


def test_two_cards_do_not_fit(world: World) -> None:
    world.insert(world.issue("adult"))

    with pytest.raises(ReaderError, match="eject it first"):
        world.insert(world.issue("adult"))


@pytest.mark.parametrize("reader", [-1, 1])
def test_a_reader_that_is_not_there_is_named(world: World, reader: int) -> None:
    with pytest.raises(ReaderError, match=f"no reader {reader}; it has 1, the first is 0"):
        world.insert(world.issue("adult"), reader=reader)


def test_a_world_without_a_card_says_so(world: World) -> None:
    with pytest.raises(NoCardError):
        world.truth.tries_left("auth")


def test_the_trace_tells_what_the_card_saw_in_order(world: World) -> None:
    world.insert(world.issue("adult"))
    talk(world, SELECT)
    world.eject()

    assert [e.event for e in world.truth.trace()] == ["insert", "power_on", "command", "power_off", "eject"]
    assert [e.event for e in world.truth.trace(3)] == ["power_off", "eject"]


def test_the_trace_does_not_show_a_pin_in_its_repr(world: World) -> None:
    world.insert(world.issue("adult"))
    talk(world, SELECT, PIN, RIGHT)

    assert "1234" not in repr(world.truth.trace())
    assert "31323334" not in repr(world.truth.trace())


def uids(seed: int) -> list[str]:
    """The UIDs of three activations, the first of them asked for twice."""
    world = World(seed=seed)
    world.insert(world.issue("contactless"))
    told = talk(world, UID, UID)
    for _ in range(2):
        world.power_cycle()
        told += talk(world, UID)
    return told


def test_a_contactless_card_has_a_new_uid_at_each_activation_and_the_seed_decides_it() -> None:
    first, again, *others = uids(1)

    assert first == again
    assert len({first, *others}) == 3
    assert uids(1) == [first, again, *others]
    assert uids(2) != uids(1)


def test_what_the_reader_answers_is_in_the_trace_and_costs_the_card_nothing(world: World) -> None:
    world.insert(world.issue("adult"))
    before = world.current.in_hand.card.state

    assert talk(world, UID) == ["6a81"]
    assert [e.for_reader for e in world.truth.trace()] == [False, False, True]
    assert world.current.in_hand.card.state is before


def test_one_seed_and_one_day_make_the_same_card_to_the_byte() -> None:
    first, second, other = (open_world("direct", seed=seed).issue("adult") for seed in (1, 1, 2))

    assert first.in_hand.issued == second.in_hand.issued
    assert first.in_hand.issued != other.in_hand.issued


def test_a_card_from_a_file_may_live_in_a_world(world: World) -> None:
    card = world.admit(CardInHand.in_memory(world.issue("adult").in_hand.issued, {"auth": 1}))
    world.insert(card)

    talk(world, SELECT, PIN, WRONG)

    assert world.truth.tries_left("auth") == 0


def test_time_passes_and_never_runs_backwards() -> None:
    clock = WorldClock()
    clock.advance(timedelta(days=400))

    assert OPENING + timedelta(days=400) == clock.now
    with pytest.raises(ValueError, match="never runs backwards"):
        clock.set(OPENING)
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2030, 1, 1))  # noqa: DTZ001 - the mistake on purpose


def test_the_clock_tells_the_time_in_japan() -> None:
    assert f"{WorldClock().now:%Y-%m-%d %H:%M %Z}" == "2026-11-20 10:00 JST"
    assert JST is WorldClock().now.tzinfo
