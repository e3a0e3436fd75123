"""An office killed at any instant: what it called done is done, and the next errand finishes what it had decided."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.card_files import CardFiles
from mynacard_emulator.office.registry import PendingWrite
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.personalise.dates import JST
from tests.emulator.test_storage_kill import MAY_FORK, killed_at_work

ROUNDS = [8, pytest.param(600, marks=pytest.mark.deep)]


def value_of(card: Path) -> int:
    data = CardInHand.look(card).card.state.memory
    (value,) = {entry.value for path, entry in data.reference_data.items() if path.fid == 0x18}
    return int(value or b"-1")


@MAY_FORK
@pytest.mark.parametrize("rounds", ROUNDS)
def test_an_errand_that_was_cut_off_is_finished_by_the_next_one_with_that_card(tmp_path: Path, rounds: int) -> None:
    card, path = tmp_path / "card.json", tmp_path / "registry.json"
    CardInHand.create(card, profiles.load(profiles.ADULT)).close()
    with StoredRegistry.create(path, at=datetime(2026, 11, 20, 10, tzinfo=JST)) as stored:
        stored.office(CardFiles()).enrol(card)
        assert stored.office(CardFiles()).counter.reset_pin("auth", new="0000", card=card).done

    def resetting() -> Iterator[None]:
        with StoredRegistry.open(path) as held:
            office = held.office(CardFiles())
            for number in count(value_of(card) + 1):
                assert office.counter.reset_pin("auth", new=f"{number % 10000:04}", card=card).done
                yield

    chance = random.Random(rounds)  # noqa: S311 - instants, not secrets
    for _ in range(rounds):
        begun = value_of(card)
        told = killed_at_work(resetting, chance.randrange(4), chance.randrange(300_000))
        with StoredRegistry.open(path) as held:
            assert held.office(CardFiles()).counter.reset_pin("text", new="2580", card=card).done
            assert list(held.registry.all(PendingWrite)) == []
        assert begun + told <= value_of(card) <= begun + told + 1
        assert CardInHand.look(card).tries_left("auth") == 3
