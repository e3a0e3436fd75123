"""Whole lives, from the hand-over of a card to its end: what the oracle foresees is what the emulator does."""

from __future__ import annotations

from datetime import datetime

import pytest

from mynacard_conformance.lives.run import play_lives
from mynacard_emulator.world import World

pytestmark = pytest.mark.property


def open_world(at: datetime) -> World:
    return World(at=at)


def test_lives_go_as_foreseen() -> None:
    played = play_lives(open_world, examples=12)
    assert played.outcomes


@pytest.mark.deep
def test_hundreds_of_lives_go_as_foreseen() -> None:
    played = play_lives(open_world, examples=400, steps=60)
    assert not played.missing
    for (errand, outcome), times in sorted(played.outcomes.items()):
        print(f"{times:6} {errand} {outcome}")  # shown with -s
