"""The services over HTTP as their users start them: beside a registry, or beside a card that runs."""

from __future__ import annotations

import signal
import subprocess
import sys
from base64 import b64decode, b64encode
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from mynacard_emulator import profiles
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.world import World
from tests.emulator.office.visits import certificate, holder_signs

from .test_cli import PATIENCE, is_refused, mynacard, started


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A card that the registry beside it knows."""
    made = tmp_path / "card.json"
    CardInHand.create(made, profiles.load("adult", today=date(2026, 11, 20))).close()
    assert mynacard("office", "init", tmp_path / "registry.json", "--at", "2026-11-20T10:00").status == 0
    assert mynacard("office", "enrol", made).status == 0
    return made


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def ends(process: subprocess.Popen[str], errors: str = "") -> bool:
    """Whether it ends when it is interrupted, having said no more than this."""
    process.send_signal(signal.SIGINT)
    output, said = process.communicate(timeout=PATIENCE)
    return (process.returncode, output, said) == (130, "", errors)


def log_in(client: httpx.Client, card: Path) -> Any:
    """What comes of a login at MyKey by a card in a file."""
    challenge = b64decode(client.post("/api/mykey/challenge").json()["challenge"])
    with CardInHand.open(card) as in_hand:
        held = World().admit(in_hand)
        shown = {
            "certificate": certificate(held),
            "challenge": challenge,
            "signature": holder_signs(held, "auth", challenge),
        }
    body = {name: b64encode(value).decode() for name, value in shown.items()}
    return client.post("/api/mykey/log_in", json=body).json()["outcome"]


def test_the_services_ask_the_registry_what_became_of_a_card(card: Path) -> None:
    registry = card.with_name("registry.json")
    with started("services", "serve", "--port", "0", "--registry", registry) as process:
        with httpx.Client(base_url=url_of(process), timeout=PATIENCE) as client:
            assert log_in(client, card) == "not_registered"
            assert client.post("/api/mykey/create", json={"name": "KEY00001"}).json()["done"]
            assert log_in(client, card) == "ok"
            assert mynacard("office", "suspend", card).status == 0
            assert log_in(client, card) == "cert_on_hold"
            assert "KEY00001" in client.get("/api/log").text
        assert ends(process)


def test_a_card_that_runs_has_its_services(tmp_path: Path) -> None:
    socket = tmp_path / "control.sock"
    with started("run", "--tcp", "127.0.0.1:0", "--control", socket, "--services", "127.0.0.1:0") as process:
        _, steered, url = (url_of(process) for _ in range(3))
        assert httpx.get(f"{url}/portal/", timeout=PATIENCE).status_code == 200
        assert httpx.post(f"{url}/api/portal/show", timeout=PATIENCE).json()["outcome"] == "not_logged_in"
        with httpx.Client(transport=httpx.HTTPTransport(uds=steered.removeprefix("unix:"))) as control:
            (line,) = control.get("http://card/services/log").json()["lines"]
        assert (line["action"], line["outcome"]) == ("portal.show", "not_logged_in")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130


def test_other_machines_are_let_in_on_request_only_and_that_is_said(card: Path) -> None:
    registry = card.with_name("registry.json")
    with started("services", "serve", "--host", "0.0.0.0", "--port", "0", "--registry", registry) as process:  # noqa: S104 - as somebody would in a container
        port = url_of(process).rpartition(":")[2]
        page = httpx.get(f"http://127.0.0.1:{port}/", headers={"host": "double.test"}, timeout=PATIENCE)
        assert page.status_code == 200
        assert ends(process, "mynacard: other machines can reach these services; keep them where only test data is\n")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--port", "70000"), "70000"), (("--host", "192.0.2.1"), "choose another address"), ((), "does not exist")],
)
def test_services_that_cannot_be_served_say_so(tmp_path: Path, arguments: tuple[str, ...], word: str) -> None:
    registry = tmp_path / "registry.json"
    if arguments:
        assert mynacard("office", "init", registry).status == 0

    assert is_refused(mynacard("services", "serve", "--registry", registry, *arguments), word)


@pytest.mark.parametrize("where", ["8000", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000"])
def test_a_place_that_is_none_is_refused(where: str) -> None:
    assert is_refused(mynacard("run", "--services", where), "write HOST:PORT, such as 127.0.0.1:8000")


@pytest.mark.parametrize("missing", ["starlette", "segno"])
def test_without_its_extra_it_says_what_to_install(tmp_path: Path, missing: str) -> None:
    assert mynacard("office", "init", tmp_path / "registry.json").status == 0
    program = f"""
import sys
sys.modules[{missing!r}] = None
sys.argv = ["mynacard", "services", "serve", "--registry", {str(tmp_path / "registry.json")!r}]
from mynacard_emulator.cli import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("; install them: pip install mynacard[services]\n")


def test_that_other_machines_are_let_in_is_said_beside_a_card_too() -> None:
    with started("run", "--tcp", "127.0.0.1:0", "--services", "0.0.0.0:0") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)

    assert "mynacard: other machines can reach these services" in said


@pytest.mark.parametrize("group", [("services",), ("office",), ("office", "hotline")], ids=" ".join)
def test_a_verb_that_wants_another_shows_which_there_are(group: tuple[str, ...]) -> None:
    ran = mynacard(*group)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"Usage: mynacard {' '.join(group)} [OPTIONS] COMMAND [ARGS]...\n\n")
    assert "\nCommands:\n" in ran.err
