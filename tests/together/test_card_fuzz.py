"""Bytes of every kind thrown at a card: it never falls over, no refusal changes it, and no try is given for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from mynacard_conformance.card_checks import apdu, places
from mynacard_conformance.card_checks.bench import Allowance
from mynacard_emulator.card import Card, CardState, Memory
from mynacard_fixtures.cards import FAULTY

from .on_the_bench import all_known, profile

_CLASSES = (0x00, 0x00, 0x00, 0x80, 0x80, 0x01, 0x08, 0x0C, 0x10, 0xFF)
_INSTRUCTIONS = (0x20, 0x24, 0x2A, 0x2C, 0x32, 0x82, 0x84, 0x88, 0xA2, 0xA4, 0xAE, 0xB0, 0xB2, 0xCA, 0xFC)
_LENGTHS = (0, 1, 2, 3, 4, 6, 7, 10, 12, 14, 16, 17, 32, 245, 246, 255, 256, 261, 307)
_EXPECTED = (None, 0, 1, 4, 255, 256, 257, 0x10000)
_FIDS = (0x0001, 0x0002, 0x0006, 0x0008, 0x0009, 0x000A, 0x0011, 0x0012, 0x0014, 0x0016, 0x0017, 0x0018, 0x001A, 0x001B)


def thrown(random: Random, known: Allowance) -> Iterator[bytes]:
    """Noise, commands that are nearly right, and now and then one that is."""
    pins = list(known.pins.items())
    while True:
        kind = random.random()
        if kind < 0.15:
            yield random.randbytes(random.choice((0, 1, 2, 3, 4, 5, 6, 9, 13, 40, 300)))
        elif kind < 0.30:
            yield apdu.select(random.choice(places.APPLICATIONS).aid[: random.choice((1, 5, 16))])
        elif kind < 0.50:
            yield apdu.select_file(random.choice(_FIDS))
        elif kind < 0.55:
            pin, value = random.choice(pins)
            yield apdu.verify(value, random.choice((0, pin.sfi)))
        elif kind < 0.60:
            yield apdu.verify(random.choice(places.PINS).form, random.choice((0, 0x11, 0x18, 0x1B)))
        else:
            yield apdu.command(
                random.choice(_CLASSES),
                random.choice(_INSTRUCTIONS),
                random.choice((0x00, 0x00, 0x01, 0x02, 0x04, 0x06, 0x80, 0x86, random.randrange(256))),
                random.choice((0x00, 0x0C, 0x80, 0x80, 0x97, 0x9A, 0xC1, random.randrange(256))),
                random.randbytes(random.choice(_LENGTHS)),
                random.choice(_EXPECTED),
                extended=random.random() < 0.1,
            )


def assert_nothing_was_given(raw: bytes, answer: bytes, before: CardState, after: Memory) -> None:
    sw = int.from_bytes(answer[-2:], "big")
    assert len(answer) >= 2
    assert len(answer) == 2 or sw == 0x9000
    if after is before.memory:
        return
    assert not 0x6400 <= sw <= 0x6FFF, "a refusal changed the memory"
    changed = [path for path, old in before.memory.reference_data.items() if after.reference_data[path] != old]
    assert len(changed) == 1, "two PINs at once"
    (path,) = changed
    old, new = before.memory.reference_data[path], after.reference_data[path]
    if raw[1] in (0x24, 0x32):
        assert (sw, path.aid) == (0x9000, before.session.aid)
        assert path.fid in before.session.verified, "changed without authority"
    else:
        assert (raw[1], new.value) == (0x20, old.value)
        assert new.counter.left == old.counter.left - 1 or (sw == 0x9000 and old.counter.left), "a try for nothing"


def throw(count: int, seed: int, kind: type[Card] = Card) -> int:
    """Throw so many commands, a new card every thousand of them; how many were carried out."""
    issued = profile("adult")
    random = Random(seed)  # noqa: S311 - a seed decides it all
    commands = thrown(random, all_known(issued, spends=True, expendable=True))
    done = 0
    card = kind(issued)
    for number in range(count):
        if number % 1000 == 0:
            card = kind(issued)
        elif random.random() < 0.01:
            random.choice((card.reset, card.power_on))()
        raw = next(commands)
        before = card.state
        answer = card.transmit(raw)
        assert_nothing_was_given(raw, answer, before, card.state.memory)
        done += answer[-2:] == b"\x90\x00"
    return done


def test_a_hundred_thousand_commands_get_nothing_for_nothing() -> None:
    assert throw(100_000, seed=0) > 20_000


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(1, 101))
def test_ten_million_commands_get_nothing_for_nothing(seed: int) -> None:
    assert throw(100_000, seed) > 20_000


def test_the_right_pin_of_every_kind_is_among_what_is_thrown() -> None:
    known = all_known(profile("adult"), spends=True, expendable=True)
    commands = thrown(Random(0), known)  # noqa: S311 - a seed decides it all
    heard = {next(commands) for _ in range(20_000)}

    assert [pin.name for pin, value in known.pins.items() if apdu.verify(value) not in heard] == []


@pytest.mark.parametrize("name", ["HealsOnSelect", "CountsBeforeLooking", "ChangesALock", "LockTakesAll"])
def test_a_card_that_gives_something_for_nothing_is_found(name: str) -> None:
    faulty = next(each for each in FAULTY if each.__name__ == name)

    with pytest.raises(AssertionError):
        throw(20_000, seed=0, kind=faulty)
