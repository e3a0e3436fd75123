"""The mutation run says what survived, and changes nothing but its copies."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.deep

REPOSITORY = Path(__file__).parents[2]
COUNTS = """
from benchmarks.mutation import PACKAGE, modules_of, mutants_of
for module in modules_of(()):
    print(module, sum(1 for _ in mutants_of(module, (PACKAGE / module).read_text())))
"""


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


def test_the_document_has_every_file_with_as_many_mutants_as_there_are() -> None:
    command = (sys.executable, "-c", COUNTS)
    printed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    counted = dict(re.findall(r"^(\S+) ([1-9]\d*)$", printed, re.MULTILINE))
    proof = (REPOSITORY / "docs" / "proof.md").read_text(encoding="utf-8")
    told = re.findall(r"^\| `([\w/]+\.py)` \| (\d+) \| (\d+) \| (\d+) \|$", proof, re.MULTILINE)

    assert {module: number for module, number, _, _ in told} == counted
    assert all(int(number) == int(killed) + int(survived) for _, number, killed, survived in told)
    killed, survived = (sum(int(row[column]) for row in told) for column in (2, 3))
    assert f"| all | {killed + survived} | {killed} | {survived} |" in proof


def test_a_module_that_is_not_there_is_said_in_one_line() -> None:
    told = mutated("card/retries.py")

    assert (told.returncode, told.stdout) == (1, "")
    assert (
        told.stderr == "no such file below emulator/mynacard_emulator: card/retries.py; say for example card/retry.py\n"
    )
