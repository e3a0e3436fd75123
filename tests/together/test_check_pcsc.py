"""Two real clients, judged through a private PC/SC stack as a user would have them judged."""

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


def check(*arguments: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "mynacard_emulator", "check", *arguments, "--json"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    return {judged["id"]: judged["verdict"] for judged in report["requirements"]}


@pytest.mark.skipif(OPENSC is None, reason="OpenSC's PKCS#11 module is not installed: apt-get install opensc-pkcs11")
def test_opensc_calls_a_blocked_pin_a_general_error_and_lets_letters_cost_a_try() -> None:
    status, report = check("--pkcs11", str(OPENSC))

    assert status == 1
    assert {requirement: verdict for requirement, verdict in verdicts(report).items() if verdict != "pass"} == {
        "client/lock/blocked": "fail",
        "client/pin/malformed-stopped": "fail",
        "client/absent/reported": "should-fail",
        "client/change/done": "not covered",
        "client/change/only-when-verified": "not covered",
        "client/text/exact": "not covered",
    }
    seen = {judged["id"]: judged["finding"]["seen"] for judged in report["requirements"] if judged["finding"]}
    assert "CKR_GENERAL_ERROR" in seen["client/lock/blocked"]
    assert report["random"]["examples"] >= 25


def test_the_example_driver_conforms() -> None:
    status, report = check("--driver", DRIVER)

    assert (0, {"pass"}) == (status, set(verdicts(report).values()))


def test_the_reference_client_conforms_through_a_real_reader() -> None:
    status, report = check("--reference")

    assert (0, {"pass"}) == (status, set(verdicts(report).values()))


def test_one_scenario_can_be_played_alone() -> None:
    status, report = check("--driver", DRIVER, "--scenario", "LOCK-04")

    assert status == 0
    assert [told["id"] for told in report["scenarios"]] == ["LOCK-04"]
    assert report["random"] is None
