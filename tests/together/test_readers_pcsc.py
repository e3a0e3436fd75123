"""Sixteen readers, a client at each, all at once: every answer belongs to its command, every counter is right."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mynacard_emulator.readers.names import MOST_READERS

pytestmark = pytest.mark.pcsc

LOAD = Path(__file__).parent / "programs" / "load_world.py"
STORY = Path(__file__).parent / "programs" / "readers_story.py"
TRIES = 3


def play(apdus: int, ejects: int, seed: int, patience: float) -> dict[str, Any]:
    """Play it in a process of its own, which uses its own stack for life."""
    command = [sys.executable, str(LOAD), *map(str, (apdus, ejects, seed))]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


def hold_to_truth(told: dict[str, Any], apdus: int) -> None:
    """Each client had its answers and no other's; the card and its client agree about tries, and about how many."""
    clients = told["clients"]
    assert len(clients) == MOST_READERS
    assert [client["wrong"] for client in clients if client["wrong"]] == []
    assert [client["left"] for client in clients] == [TRIES - client["spent"] for client in clients]
    for client in clients:
        assert client["answered"] <= client["seen"] <= client["answered"] + client["lost"]
    assert sum(client["answered"] for client in clients) >= apdus - MOST_READERS
    assert sum(client["resets"] for client in clients) > 0
    assert sum(client["lost"] for client in clients) > 0


def test_sixteen_clients_at_sixteen_readers_have_their_own_answers() -> None:
    hold_to_truth(play(2_000, 2, seed=1, patience=120), 2_000)


@pytest.mark.deep
def test_a_hundred_thousand_commands_have_their_own_answers() -> None:
    told = play(100_000, 40, seed=2, patience=900)

    answered, lost = (sum(client[word] for client in told["clients"]) for word in ("answered", "lost"))
    print(f"{answered} APDUs in {told['seconds']:.1f} s, 40 ejects, {lost} answers that did not come")  # noqa: T201
    hold_to_truth(told, 100_000)


def test_restore_moves_only_the_cards_that_are_elsewhere() -> None:
    """Also: readers of one name, of which the second is the first one's other slot."""
    ran = subprocess.run([sys.executable, STORY], capture_output=True, text=True, timeout=120, check=False)

    assert (ran.stdout, ran.stderr) == ("eject 2, insert 0, insert 2", "")
