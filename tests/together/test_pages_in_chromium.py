"""A person in Chromium clicks through the services' pages, with the card in a real reader and the helper between."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from .test_cli import mynacard

pytestmark = pytest.mark.pcsc

PROGRAM = Path(__file__).parent / "programs" / "clicks_in_chromium.py"
REGISTERS = [
    "portal.top",
    "portal.pin_dialog",
    "portal.register_input",
    "portal.register_confirm",
    "portal.registered",
]


def story(name: str, folder: Path) -> Any:
    """What was seen by each person, how many tries are left, and what the services have in their log."""
    path = os.pathsep.join(filter(None, sys.path))
    reached = ("--control", folder / "card.sock", "--services", "127.0.0.1:0")
    ran = mynacard("exec", *reached, "--", sys.executable, PROGRAM, name, folder, env={"PYTHONPATH": path})
    assert ran.status == 0, ran.err
    return ran.json


def test_a_login_with_a_reader(tmp_path: Path) -> None:
    (seen,) = story("reader", tmp_path)["seen"]

    assert seen[:4] == ["portal.top", "portal.pin_dialog", "format_rejected", "wrong_pin"]
    assert seen[4:] == [*REGISTERS, "portal.main_menu", "portal.logged_out"]


def test_a_login_by_barcode_with_a_second_browser_as_the_telephone(tmp_path: Path) -> None:
    computer, telephone = story("barcode", tmp_path)["seen"]

    assert telephone == ["phone.shown", "phone.scanned", "wrong_pin", "phone.authenticated"]
    assert computer[-3:] == ["portal.pin_dialog", "portal.barcode", "portal.main_menu"]


def test_three_wrong_pins_the_counter_and_a_login_again(tmp_path: Path) -> None:
    told = story("lock", tmp_path)

    locked = ["wrong_pin", "wrong_pin", "portal.top", "locked", "portal.top", "locked"]
    assert told["seen"] == [
        [*REGISTERS, "portal.logged_out", "portal.pin_dialog", *locked, "portal.pin_dialog", "portal.main_menu"]
    ]
    assert told["tries"] == 3
    assert [line for line in told["log"] if line.startswith("portal.log_in")] == ["portal.log_in ok"] * 2


def test_without_a_card_no_pin_is_asked_for(tmp_path: Path) -> None:
    (seen,) = story("trouble", tmp_path)["seen"]

    assert seen == ["portal.top", "portal.read_error", "no_card", *REGISTERS]


def test_a_page_from_elsewhere_gets_nothing_from_the_helper(tmp_path: Path) -> None:
    told = story("foreign", tmp_path)

    assert told["seen"] == [["portal.top", "portal.pin_dialog", "no_helper"]]
    assert told["tries"] == 3
    assert not [line for line in told["log"] if "log_in" in line]


def test_the_other_services_ask_the_card_alike(tmp_path: Path) -> None:
    told = story("others", tmp_path)

    assert told["seen"][0] == ["mykey.top", "mykey.new", "mykey.my_page"]
    assert told["seen"][1] == ["eligibility.new", "ok", "eligibility.open", "ok", "ok"]
    assert {"mykey.log_in not_registered", "mykey.create ok", "eligibility.check ok"} <= set(told["log"])
    assert "eligibility.check_visually ok" in told["log"]
