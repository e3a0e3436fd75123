"""Real clients, judged through a private PC/SC stack as a user would have them judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.pcsc

ROOT = Path(__file__).parents[2]
OPENSC = next(iter(Path("/usr/lib").glob("*/opensc-pkcs11.so")), None)
DRIVER = f"{sys.executable} {ROOT / 'examples/drivers/pyscard_driver.py'}"

needs_opensc = pytest.mark.skipif(
    OPENSC is None, reason="OpenSC's PKCS#11 module is not installed: apt-get install opensc-pkcs11"
)


def check(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "mynacard_emulator", "check", *arguments, "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def broken(report: dict[str, Any]) -> dict[str, str]:
    return {judged["id"]: judged["verdict"] for judged in report["requirements"] if "fail" in judged["verdict"]}


def passed(report: dict[str, Any]) -> int:
    return sum(judged["verdict"] == "pass" for judged in report["requirements"])


@needs_opensc
def test_opensc_calls_a_blocked_pin_a_general_error_and_lets_letters_cost_a_try() -> None:
    stories = [f"--scenario={name}" for name in ("LOCK-01", "LOCK-02", "LOCK-09", "LOCK-11", "READER-05")]
    status, report = check("--pkcs11", str(OPENSC), *stories)

    assert status == 1
    assert broken(report) == {
        "client/lock/blocked": "fail",
        "client/pin/malformed-stopped": "fail",
        "client/pin/normalised-or-refused": "fail",
        "client/close/nothing-verified": "should-fail",
    }
    seen = {judged["id"]: judged["finding"]["seen"] for judged in report["requirements"] if judged["finding"]}
    assert "CKR_GENERAL_ERROR" in seen["client/lock/blocked"]


@pytest.mark.deep
@needs_opensc
def test_all_that_opensc_breaks_is_documented() -> None:
    status, report = check("--pkcs11", str(OPENSC), "--workers", "2")
    document = (ROOT / "docs/findings/opensc-0.23.md").read_text(encoding="utf-8")

    assert status == 1
    assert [requirement for requirement in broken(report) if f"`{requirement}`" not in document] == []
    assert f"it keeps {passed(report)};" in document


def test_the_example_driver_conforms_in_two_processes() -> None:
    status, report = check("--driver", DRIVER, "--budget", "smoke", "--workers", "2")

    assert (status, broken(report)) == (0, {})
    assert passed(report) >= 25


def test_the_reference_client_conforms_through_a_real_reader() -> None:
    status, report = check(
        "--reference", "--suite", "lock", "--suite", "readers", "--suite", "faults", "--examples", "4"
    )

    assert (status, broken(report)) == (0, {})
    assert passed(report) >= 30


@pytest.mark.deep
def test_the_example_driver_conforms_whatever_is_played() -> None:
    status, report = check("--driver", DRIVER, "--suite", "all", "--workers", "2")

    assert (status, broken(report), report["harness_error"]) == (0, {}, None)


def test_a_fault_that_is_ordered_is_told_with_the_verdict() -> None:
    status, report = check("--reference", "--scenario", "LOCK-01", "--fault", "verify:1:lose-answer")

    assert (status, broken(report)) == (0, {})
    assert "verify:1:lose-answer" in json.dumps(report)


def test_one_scenario_can_be_played_alone() -> None:
    status, report = check("--driver", DRIVER, "--scenario", "LOCK-04")

    assert status == 0
    assert [told["id"] for told in report["scenarios"]] == ["LOCK-04"]
    assert report["lives"] == []


def test_lives_can_be_played_alone() -> None:
    status, report = check("--reference", "--suite", "new-pin", "--examples", "2")

    assert status == 0
    assert [(lives["concern"], lives["examples"]) for lives in report["lives"]] == [("new-pin", 2)]
    assert report["scenarios"] == []


def test_a_suite_of_a_service_is_played() -> None:
    status, report = check("--reference", "--suite", "mykey")

    assert status == 0
    assert {told["id"] for told in report["scenarios"] if told["played"]} == {
        f"MYKEY-0{number}" for number in range(1, 9)
    }


def test_suites_can_be_played_alone() -> None:
    status, report = check("--reference", "--suite", "pki", "--suite", "change", "--examples", "1")

    assert status == 0
    assert {told["id"].partition("-")[0] for told in report["scenarios"] if told["played"]} == {"PKI", "RESET"}
