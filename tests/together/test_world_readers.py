"""Several readers in one world: each has its own card, and the truth and the trace say which."""

from __future__ import annotations

from typing import Any

import pytest

from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.world import CardRemovedError, EmptyReaderError, NoCardError, World, open_world

from .test_world import PIN, RIGHT, SELECT, WRONG


@pytest.fixture
def world() -> World:
    """Three readers, cards in the first two."""
    world = open_world("direct", readers=3)
    world.insert(world.issue("adult"))
    world.insert(world.issue("foreigner", auth=2), reader=1)
    return world


def talk(world: World, reader: int, *commands: bytes) -> list[str]:
    return [world.transmit(command, reader).hex() for command in commands]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (1, ("Virtual PCD 00 00",)),
        (2, ("Virtual PCD 1 00 00", "Virtual PCD 2 00 00")),
        (["Desk", "Door"], ("Desk 00 00", "Door 00 00")),
        (["Desk", "Desk"], ("Desk 00 00", "Desk 00 01")),
        ("Desk", ("Desk 00 00",)),
    ],
)
def test_readers_are_named_by_number_or_by_prefix(asked: Any, names: tuple[str, ...]) -> None:
    assert open_world("direct", readers=asked).readers == names


@pytest.mark.parametrize("asked", [0, 17, [], ["A", "A", "A"], [str(number) for number in range(9)]])
def test_readers_that_no_stack_can_have_are_refused(asked: Any) -> None:
    with pytest.raises(ReaderError):
        open_world("direct", readers=asked)


def test_each_reader_has_its_own_card(world: World) -> None:
    assert talk(world, 0, SELECT, PIN, WRONG) == ["9000", "9000", "63c2"]
    assert talk(world, 1, SELECT, PIN, WRONG) == ["9000", "9000", "63c1"]
    with pytest.raises(EmptyReaderError):
        world.transmit(SELECT, 2)

    assert [world.truth_of(reader=reader).tries_left("auth") for reader in (0, 1)] == [2, 1]


def test_truth_is_about_the_card_that_was_inserted_last_unless_told_otherwise(world: World) -> None:
    first, second = world.card_in(0), world.card_in(1)
    assert first
    assert second

    assert world.truth.tries_left("auth") == 2
    assert world.truth_of(first).tries_left("auth") == 3
    assert world.truth_of(first).my_number() != world.truth_of(second).my_number() == world.truth.my_number()


def test_truth_of_a_reader_goes_on_after_its_card_was_taken_out(world: World) -> None:
    world.eject(1)

    assert world.truth_of(reader=1).tries_left("auth") == 2
    with pytest.raises(NoCardError, match="reader 2"):
        world.truth_of(reader=2).tries_left("auth")
    with pytest.raises(ReaderError, match="no reader 3"):
        world.truth_of(reader=3)


def test_power_and_reset_reach_the_card_in_that_reader_and_no_other(world: World) -> None:
    for reader in (0, 1):
        talk(world, reader, SELECT, PIN, RIGHT)

    world.power_cycle(1)
    world.warm_reset(0)

    assert talk(world, 0, PIN) == ["9000"]
    assert talk(world, 1, PIN) == ["6a82"]
    with pytest.raises(EmptyReaderError):
        world.power_cycle(2)


def test_a_card_is_in_one_reader_at_a_time(world: World) -> None:
    card = world.current

    with pytest.raises(ReaderError, match="in reader 1; eject it there first"):
        world.insert(card, reader=2)
    world.eject(1)
    world.insert(card, reader=2)

    assert [world.reader_of(card), world.card_in(1), world.card_in(2)] == [2, None, card]


def test_an_empty_reader_can_be_ejected_once_more(world: World) -> None:
    before = len(world.truth.trace())
    world.eject(2)

    assert len(world.truth.trace()) == before


def test_swap_changes_one_reader(world: World) -> None:
    other = world.issue("no-certificates")

    world.swap(other, reader=0)

    assert (world.card_in(0), world.current) == (other, other)
    assert world.card_in(1) is not None


def test_the_trace_says_which_reader_and_can_be_asked_for_one_or_for_a_card(world: World) -> None:
    card = world.current
    talk(world, 0, SELECT)
    talk(world, 1, SELECT)
    world.eject(1)
    world.insert(card, reader=2)

    assert [(e.event, e.reader) for e in world.truth.trace(4)][:2] == [("command", 0), ("command", 1)]
    assert [e.event for e in world.truth_of(reader=0).trace()] == ["insert", "power_on", "command"]
    assert [(e.event, e.reader) for e in world.truth_of(card).trace(2)] == [
        *(("command", 1), ("power_off", 1), ("eject", 1)),
        *(("insert", 2), ("power_on", 2)),
    ]


def test_a_connection_leads_to_its_reader(world: World) -> None:
    connection = world.connect(1)

    assert connection.transmit(SELECT) == b"\x90\x00"
    assert world.truth_of(reader=0).trace()[-1].event == "power_on"
    with pytest.raises(ReaderError):
        world.connect(3)


def test_an_errand_takes_a_card_out_of_its_own_reader_and_puts_it_back_there(world: World) -> None:
    first, second = world.card_in(0), world.card_in(1)

    with world.away(first) if first else pytest.fail("a card is in"):
        assert world.card_in(0) is None

    assert (world.card_in(0), world.card_in(1), world.current) == (first, second, second)


def test_begin_empties_every_reader(world: World) -> None:
    world.begin()

    assert [world.card_in(reader) for reader in range(3)] == [None] * 3
    with pytest.raises(NoCardError):
        world.truth_of(reader=0).tries_left("auth")


def test_a_command_that_was_cut_short_is_in_the_trace_of_its_own_reader_and_card(world: World) -> None:
    world.fault("verify:1:power-cut", reader=1)
    talk(world, 1, SELECT, PIN)
    with pytest.raises(CardRemovedError):
        world.transmit(RIGHT, 1)

    cut_short = [exchange for exchange in world.exchanges if exchange.command == RIGHT]
    assert [(exchange.reader, exchange.response) for exchange in cut_short] == [(1, b"")]
    assert cut_short[0] in world.truth_of(reader=1).trace()
    assert cut_short[0] not in world.truth_of(reader=0).trace()
    assert [world.truth_of(reader=reader).tries_left("auth") for reader in (0, 1)] == [3, 1]
