"""The program as it is started, with a card in a PC/SC reader."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest


def log_in(reader: str, pin: str) -> str:
    command = [sys.executable, "-m", "jpki_login", reader]
    return subprocess.run(command, input=f"{pin}\n", capture_output=True, text=True, timeout=60, check=False).stdout


@pytest.mark.mynacard
def test_the_right_pin_is_welcome(mynacard_reader: Any) -> None:
    assert log_in(mynacard_reader, "1234") == "Welcome.\n"


@pytest.mark.mynacard(auth=1)
def test_the_program_says_that_the_pin_is_locked_and_after_the_reset_it_is_not(mynacard_reader: Any) -> None:
    assert "locked" in log_in(mynacard_reader, "0000")

    mynacard_reader.world.office.perform("counter.reset_pin", pin="auth", new="4829")
    assert log_in(mynacard_reader, "4829") == "Welcome.\n"


def test_an_empty_reader_is_told(mynacard_reader: Any) -> None:
    assert log_in(mynacard_reader, "1234") == "the card cannot be reached\n"
