"""The verb `helper` as a page and its user meet it, over a real PC/SC stack."""

from __future__ import annotations

import os
import signal
import socket
import stat
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from .test_cli import PATIENCE, environment, is_refused, mynacard, started

pytestmark = pytest.mark.pcsc

PROGRAM = Path(__file__).parent / "programs" / "asks_helper.py"
SITE = "http://127.0.0.1:8000"
OK = {"outcome": "ok"}
LOGIN = [
    {"outcome": "ok", "tries_left": 3},
    OK,
    {"outcome": "format_rejected"},
    {"outcome": "wrong_pin", "tries_left": 2},
    OK,
    "63c3",
]


def story(name: str, *options: str | Path, folder: Path) -> list[Any]:
    """What a page was told; the helper then ended as it should, and had nothing else to say."""
    path = os.pathsep.join(filter(None, sys.path))
    control = ("--control", folder / "card.sock")
    ran = mynacard(
        "exec", *control, "--", sys.executable, PROGRAM, name, *options, env={"PYTHONPATH": path}, cwd=folder
    )
    assert (ran.status, ran.err.count("Traceback")) == (0, 0), ran.err
    assert (ran.json["status"], ran.json["errors"]) == (130, "")
    told: list[Any] = ran.json["told"]
    return told


def test_a_page_logs_in_and_leaves_no_pin_verified(tmp_path: Path) -> None:
    assert story("login", folder=tmp_path) == LOGIN


def test_a_client_of_ones_own_may_be_behind_it_in_a_reader_that_is_named(tmp_path: Path) -> None:
    mine = "from mynacard_conformance.adapters.careful import CarefulClient as Mine\n"
    (tmp_path / "mylogin.py").write_text(mine, encoding="utf-8")
    options = ("--client", "mylogin:Mine", "--reader", "Virtual", "--token-file", "token")

    assert story("login", *options, folder=tmp_path) == LOGIN
    assert not (tmp_path / "token").exists()


def test_card_and_reader_go_and_come(tmp_path: Path) -> None:
    assert story("reader", folder=tmp_path) == [
        {"outcome": "no_card"},
        {"outcome": "ok", "tries_left": 3},
        *("usb-hub", "no_reader"),
        *("held-by-another", "reader_busy"),
        *("reader-restarted", "ok"),
        *("upside-down", "card_unreadable"),
        {"outcome": "unknown_outcome"},
        {"outcome": "ok", "tries_left": 3},
        OK,
    ]


@pytest.mark.deep
def test_a_card_that_another_program_keeps_keeps_neither_pages_nor_the_end_waiting(tmp_path: Path) -> None:
    assert story("kept", folder=tmp_path) == ["busy", {"outcome": "reader_busy"}]


# ---------------------------------------------------------------- the command


def test_it_prints_a_link_for_each_site_and_ends_when_it_is_told_to(tmp_path: Path) -> None:
    token = tmp_path / "token"
    sites = ("--site", SITE, "--site", "HTTPS://Login.Example:443")
    with started("helper", *sites, "--port", "0", "--token-file", token) as process:
        assert process.stdout
        links = [process.stdout.readline(), process.stdout.readline()]
        assert stat.S_IMODE(token.stat().st_mode) == 0o600
        command_line = Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8")
        assert token.read_text(encoding="ascii").strip() not in command_line
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)

    address = links[0].partition("#helper=")[2].strip()
    assert links == [f"{site}/portal/#helper={address}\n" for site in (SITE, "https://login.example")]
    assert (process.returncode, out, err, token.exists()) == (130, "", "", False)


def test_a_reader_that_is_not_there_is_told_to_the_page() -> None:
    with started("helper", "--site", SITE, "--reader", "No Such") as process:
        assert process.stdout
        helper, token = process.stdout.readline().strip().partition("#helper=")[2].split("&token=")
        headers = {"origin": SITE, "authorization": f"Bearer {token}"}
        told = [httpx.get(f"http://{helper}/{path}", headers=headers).json() for path in ("card", "certificate")]
        process.send_signal(signal.SIGINT)

        assert process.wait(PATIENCE) == 130
    assert told == [{"outcome": "no_reader"}] * 2


@pytest.mark.parametrize(
    "site",
    [
        *(
            "http://127.0.0.1:8000/",
            "http://127.0.0.1:8000/portal",
            "http://a@127.0.0.1",
            "127.0.0.1:8000",
            "null",
            "*",
        ),
        *("ftp://127.0.0.1", "http://", "http://127.0.0.1:", "http://127.0.0.1:65536", "http://名前.example", ""),
    ],
)
def test_a_site_is_an_origin(site: str) -> None:
    words = ("--site", "no path, as http://127.0.0.1:8000")

    assert is_refused(mynacard("helper", "--site", SITE, "--site", site), *words)


def test_without_a_site_nobody_might_ask() -> None:
    assert is_refused(mynacard("helper"), "--site")


def test_a_port_that_is_taken_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert is_refused(mynacard("helper", "--site", SITE, "--port", port), port, "choose another port")


def test_a_token_file_must_be_new(tmp_path: Path) -> None:
    there = tmp_path / "token"
    there.write_text("mine", encoding="utf-8")

    assert is_refused(mynacard("helper", "--site", SITE, "--token-file", there), str(there), "choose another file")
    assert is_refused(mynacard("helper", "--site", SITE, "--token-file", tmp_path / "no" / "token"), "No such file")
    assert there.read_text(encoding="utf-8") == "mine"


def test_a_client_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    named = ("--client", "nowhere:Client")

    assert is_refused(mynacard("helper", "--site", SITE, *named, cwd=tmp_path), "nowhere cannot be imported")


@pytest.mark.parametrize(
    ("missing", "extra"), [("starlette", "services"), ("uvicorn", "services"), ("smartcard", "pcsc")]
)
def test_without_its_extras_it_says_what_to_install(missing: str, extra: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(f"import sys; sys.modules[{missing!r}] = None", encoding="utf-8")
    path = os.pathsep.join((str(tmp_path), *filter(None, sys.path)))
    ran = mynacard("helper", "--site", SITE, env=environment(PYTHONPATH=path))

    assert is_refused(ran, f"pip install 'mynacard[{extra}]'")
