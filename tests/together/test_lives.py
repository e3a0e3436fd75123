"""Whole lives, from the hand-over of a card to its end: what the oracle foresees is what the emulator does."""

from __future__ import annotations

from datetime import datetime

import pytest

from mynacard_conformance.lives.run import play_lives
from mynacard_conformance.model.office import ERRANDS
from mynacard_emulator.world import World

NEVER_DONE = {"counter.revive", "hotline.release", "helpline.reset_pin"}
"""What is always refused."""

pytestmark = pytest.mark.property


def open_world(at: datetime) -> World:
    return World(at=at)


def test_lives_go_as_foreseen() -> None:
    played = play_lives(open_world, examples=40, run_seed=1)
    assert not played.missing
    assert len(played.outcomes) > 40


@pytest.mark.deep
def test_hundreds_of_lives_go_as_foreseen() -> None:
    played = play_lives(open_world, examples=400, steps=60)
    assert not played.missing
    assert {errand for errand, outcome in played.outcomes if outcome == "ok"} >= set(ERRANDS) - NEVER_DONE
