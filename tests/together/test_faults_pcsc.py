"""Accidents through a real pcscd: what programs of other people see of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mynacard_emulator import transcript
from mynacard_emulator.readers.faults import Effect, drawn, noise_named

from .test_cli import environment, is_refused, mynacard

pytestmark = pytest.mark.pcsc

PROGRAMS = Path(__file__).parent / "programs"
ENTER = ("pkcs15-tool", "--verify-pin", "--auth-id", "1", "--pin", "1234")


@cache
def played(*which: str) -> dict[str, Any]:
    """All that happened in one private stack, in a process of its own: a process has one stack for life."""
    ran = subprocess.run(
        [sys.executable, PROGRAMS / "with_accidents.py", *which],
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    told: dict[str, Any] = json.loads(ran.stdout)
    return told


@pytest.mark.parametrize("effect", ["lose-command", "lose-answer", "empty"])
def test_a_loss_is_a_success_without_bytes_and_the_card_comes_back(effect: str) -> None:
    assert played()[effect] == ["", "63c3"]


@pytest.mark.parametrize("effect", ["eject", "tear-before", "tear-after", "power-cut", "zero-bytes", "hang=0.05"])
def test_a_tear_is_a_success_without_bytes_and_then_the_card_is_gone(effect: str) -> None:
    answer, then = played()[effect]

    assert answer == ""
    assert then in {"TransmitFailed", "CardRemoved"}


def test_a_world_that_goes_back_has_the_card_again_that_left_by_itself() -> None:
    assert played()["going back"] == ["", "63c3"]


def test_the_last_answer_before_an_ejection_is_heard() -> None:
    answer, then = played()["eject-after"]

    assert answer == "9000"
    assert then in {"", "TransmitFailed", "CardRemoved"}  # the first where the command was sent before the card left


@pytest.mark.parametrize(
    ("effect", "told"),
    [
        ("truncate=1", ["90", "63c3"]),
        ("flip-bit=15", ["9001", "63c3"]),
        ("delay=0.05", ["9000", "63c3"]),
        ("61xx", ["9000", "63c3"]),
        ("6Cxx", ["9000", "63c3"]),
        ("reset", ["9000", "63c3"]),
        ("power-cycle", ["6986", "6986"]),
    ],
)
def test_a_spoilt_answer_arrives_as_it_is(effect: str, told: list[str]) -> None:
    assert played()[effect] == told


def test_garbage_arrives_too() -> None:
    assert len(played()["garbage"][0]) == 4


def test_every_effect_went_through_a_real_reader() -> None:
    assert {effect.value for effect in Effect} <= {line.partition("=")[0] for line in played()}


@pytest.mark.parametrize(
    ("accident", "told"),
    [
        ("upside-down", ["CardUnreadable", "9000"]),
        ("beside", ["NoCard", "9000"]),
        ("held-by-another", ["ReaderBusy", "9000"]),
        ("transaction-stolen", ["waits", "9000"]),
        ("reset-by-another", ["CardWasReset"]),
        ("verified-by-another", ["63c2"]),
        ("usb-hub", ["NoReader", "9000"]),
        ("no-driver", ["NoReader", "9000"]),
    ],
)
def test_a_program_learns_of_an_accident_what_pcsc_tells_it_and_goes_on_when_it_is_put_right(
    accident: str, told: list[str]
) -> None:
    assert played()[accident] == told


def test_when_the_service_was_started_anew_a_client_that_looks_anew_needs_no_new_process() -> None:
    assert played()["reader-restarted"] == ["NoReader", "9000"]


def test_an_accident_that_cannot_be_while_a_client_has_the_card_is_refused_and_does_not_disturb_it() -> None:
    said = played()["held already"]

    assert said == (
        "another program has the card for itself: a client is connected already; order this before it connects: 9000"
    )


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("away", ["9000", "NoReader"]),
        ("held", ["True", "False"]),
        ("back", ["9000", "9000"]),
        ("still away", ["NoReader", "9000"]),
        ("anew", ["NoCard", "NoCard"]),
    ],
)
def test_a_reader_that_is_away_has_its_card_and_leaves_the_others_alone(when: str, told: list[str]) -> None:
    assert played("apart")[when] == told


def test_opensc_probes_as_its_noise_says(tmp_path: Path) -> None:
    record = tmp_path / "opensc.trace"
    mynacard("exec", "--record", record, "--", "opensc-tool", "-n")
    said = [exchange.command for exchange in transcript.read(record.read_text().splitlines()) if exchange.command]

    assert said == list(noise_named("opensc").commands)


def test_a_plan_is_carried_out_at_each_reader_before_the_command_begins(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('noise = "discovery"\n\n[readers.1]\nseed = 7\ncount = 2\naccident = "usb-hub"')
    record = tmp_path / "talk.trace"
    options = ("--profile", "adult", "--profile", "child", "--fault", f"@{plan}", "--record", record)
    ran = mynacard("exec", *options, "--", "opensc-tool", "-l")

    assert re.findall(r"Yes .*(Virtual.*)", ran.out) == ["Virtual PCD 1 00 00"]
    assert "PCD 2" not in ran.out
    assert [f"mynacard: reader 1: ordered {fault}" for fault in drawn(7, 2)] == ran.err.splitlines()
    said = [each.command for each in transcript.read(record.read_text().splitlines()) if each.command]
    assert said == [command for command in noise_named("discovery").commands if command]


def test_a_plan_that_is_none_is_refused_before_anything_starts(tmp_path: Path) -> None:
    ran = mynacard("exec", "--fault", f"@{tmp_path}/plan.toml", "--", "echo", "started")

    assert is_refused(ran, "--fault @", "plan.toml: cannot be read: No such file or directory", status=125)


def test_a_fault_is_told_when_it_happens_and_the_program_goes_on_with_it() -> None:
    ran = mynacard("exec", "--fault", "verify:1:flip-bit=0", "--fault", "sign:1:eject", "--", *ENTER)

    assert "mynacard: fault verify:1:flip-bit=0 (at command " in ran.err
    assert "sign:1:eject" not in ran.err
    assert (ran.status, ran.out) == (255, "")
