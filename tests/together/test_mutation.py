"""The mutation run says what survived, and changes nothing but its copies."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.deep

REPOSITORY = Path(__file__).parents[2]


def mutated(*modules: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "benchmarks.mutation", *modules)
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_what_survives_of_the_retry_counter_is_told_by_line() -> None:
    place = REPOSITORY / "emulator/mynacard_emulator/card/retry.py"
    before = place.read_bytes()
    told = mutated("card/retry.py")

    assert (told.returncode, told.stderr) == (0, "")
    assert "  - return self.left == 0\n  + return self.left <= 0\n" in told.stdout
    assert "| card/retry.py | 47 | 44 | 3 |" in told.stdout
    assert place.read_bytes() == before


def test_a_module_that_is_not_there_is_said_in_one_line() -> None:
    told = mutated("card/retries.py")

    assert (told.returncode, told.stdout) == (1, "")
    assert (
        told.stderr == "no such file below emulator/mynacard_emulator: card/retries.py; say for example card/retry.py\n"
    )
