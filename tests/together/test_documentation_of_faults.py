"""docs/faults.md has every fault, accident and noise, and each line in it happens."""

from __future__ import annotations

import re

import pytest

from mynacard_emulator.readers.faults import (
    ACCIDENTS,
    NOISES,
    Effect,
    Elsewhere,
    Fault,
    Kind,
    Metal,
    Placement,
    named,
    noise_named,
)
from mynacard_emulator.readers.reader import Interface
from mynacard_emulator.world import open_world

from .test_documentation import REPOSITORY, rows

FAULTS = REPOSITORY / "docs" / "faults.md"
TOLD = {row[0].strip("`"): row[1:] for row in rows(FAULTS) if row[0].startswith("`")}
LINES = sorted(set(re.findall(r"`([a-z]+:\d+:[^`]+)`", FAULTS.read_text(encoding="utf-8"))))
COMMANDS = {
    "select": "00A4040C0AD392F000260100000001",
    "read": "00B0000005",
    "verify": "002000800430303030",
    "query": "00200080",
    "change": "002400800430303031",
    "sign": "802A0080013100",
    "any": "00200080",
    "command": "00200080",
}


def test_every_kind_effect_accident_and_noise_is_told_in_its_order() -> None:
    told = [*Kind, *Effect, *ACCIDENTS, *NOISES]

    assert list(TOLD) == [one.value if isinstance(one, Kind | Effect) else one.name for one in told]


@pytest.mark.parametrize("effect", list(Effect), ids=lambda effect: effect.value)
def test_an_effect_is_told_with_its_moment_and_an_example(effect: Effect) -> None:
    moment, _, example = TOLD[effect.value]

    assert moment == effect.moment.value
    assert Fault.parse(example.strip("`")).effect is effect


@pytest.mark.parametrize("line", LINES)
def test_every_line_happens(line: str) -> None:
    world = open_world("direct")
    world.insert(world.issue("adult"))
    fault = Fault.parse(line)
    world.fault(fault)
    for _ in range(fault.number):
        try:
            world.transmit(bytes.fromhex(COMMANDS[fault.kind.value]))
        except OSError:
            break

    assert [happened.fault for happened in world.faults.happened] == [fault]


@pytest.mark.parametrize("name", [accident.name for accident in ACCIDENTS])
def test_an_accident_is_told_with_its_sources_and_what_it_is(name: str) -> None:
    accident = named(name)
    contact, contactless, sources = TOLD[name]

    assert sources == ", ".join(accident.sources)
    for interface, told in ((Interface.CONTACT, contact), (Interface.CONTACTLESS, contactless)):
        match accident.through(interface):
            case Placement.MUTE:
                assert told == "the card is mute"
            case Placement():
                assert told == "there seems to be no card"
            case Metal(percent):
                assert told == f"{percent} of 100 commands are lost, or their answers"
            case None:
                assert told in {"works", "no such thing"}
            case Elsewhere() as deed:
                assert told == deed.value
            case orders:
                assert told == ", ".join(f"`{line}`" for line in orders)


def test_the_noise_of_opensc_is_counted() -> None:
    instructions = [command[1] for command in noise_named("opensc").commands]

    assert f"{instructions.count(0xA4)} SELECTs and two GET DATA" in TOLD["opensc"][0]
