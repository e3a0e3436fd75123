"""Every scenario, told to an honest client on the emulated world, in this process and through PC/SC."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mynacard_conformance.adapters.careful import CarefulClient
from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.adapters.pcsc_connection import PcscConnection
from mynacard_conformance.judge.docket import Docket
from mynacard_conformance.judge.trial import StoryFault, Trial
from mynacard_conformance.scenarios.families import SCENARIOS
from mynacard_conformance.scenarios.story import Scenario, tell
from mynacard_emulator.world import World, open_world

THROUGH_A_READER = (
    *("LOCK-04", "LOCK-15", "LOCK-21", "LOCK-23", "RESET-01", "RENEW-01"),
    *("PORTAL-04", "PORTAL-05", "PORTAL-06", "ELIG-05", "ELIG-08"),
)


def named(*prefixes: str) -> list[object]:
    chosen = [scenario for scenario in SCENARIOS if scenario.id.startswith(prefixes)]
    return [pytest.param(scenario, id=scenario.id) for scenario in chosen]


def play(scenario: Scenario, world: World) -> Trial:
    reader = world.reader
    connect = world.connect if reader is None else lambda: PcscConnection(reader)
    client = InProcessClient(CarefulClient, connect)
    trial = Trial(world, client, Docket())
    try:
        assert tell(scenario, trial), "it was not told to its end"
    finally:
        client.shutdown()
    return trial


@pytest.mark.parametrize("scenario", named(""))
def test_a_story_goes_as_it_is_told(scenario: Scenario) -> None:
    with open_world("direct") as world:
        assert not play(scenario, world).broken


class SaidOfTheHolder:
    """The truth about a card, but for what the holder is called: by what is written in the certificate."""

    def __init__(self, world: World) -> None:
        self._truth = world.truth

    def attributes(self) -> dict[str, str]:
        return {**(self._truth.attributes() or {}), "name": "JPKI-EMU"}

    def __getattr__(self, name: str) -> object:
        return getattr(self._truth, name)


def test_a_service_that_is_shown_whose_card_it_is_is_noticed() -> None:
    with open_world("direct") as world:
        world.truth = SaidOfTheHolder(world)  # type: ignore[assignment]
        with pytest.raises(StoryFault, match=r"mykey\.log_in: it is shown more of the holder than it needs"):
            play(next(each for each in SCENARIOS if each.id == "MYKEY-08"), world)


@pytest.fixture(scope="module")
def real_reader() -> Iterator[World]:
    with open_world("private") as world:
        yield world


@pytest.mark.pcsc
@pytest.mark.parametrize("scenario", named(*THROUGH_A_READER))
def test_a_story_goes_as_it_is_told_through_a_real_reader(scenario: Scenario, real_reader: World) -> None:
    assert not play(scenario, real_reader).broken


def test_no_two_scenarios_have_one_name() -> None:
    ids = [scenario.id for scenario in SCENARIOS]

    assert sorted(set(ids)) == sorted(ids)
