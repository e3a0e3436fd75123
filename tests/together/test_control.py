"""The control socket of a card that runs, as a driver's author meets it: curl, a socket, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from mynacard_emulator.readers.stack import PCSCD, Pcscd

from .test_cli import MYNACARD, PATIENCE, SECRET, environment, is_refused, mynacard

REPOSITORY = Path(__file__).parents[2]
GUIDE = REPOSITORY / "docs" / "control.md"
CARD = "/readers/0/card"


@dataclass(frozen=True, slots=True)
class Running:
    """A card that runs at a TCP port, and where it is steered."""

    process: subprocess.Popen[str]
    card: tuple[str, int]
    control: str

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; return its status and what it said on standard error."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=PATIENCE)
        assert "Traceback" not in said
        return self.process.returncode, said


@contextmanager
def running(*arguments: str | Path, cwd: Path) -> Iterator[Running]:
    command = [str(MYNACARD), "run", "--tcp", "127.0.0.1:0", *map(str, arguments)]
    with subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            host, _, port = process.stdout.readline().strip().rpartition(":")
            yield Running(process, (host, int(port)), process.stdout.readline().strip())
        finally:
            process.kill()


def curl(line: str, cwd: Path) -> Any:
    """What a line of curl is answered."""
    done = subprocess.run(
        shlex.split(line, comments=True), cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert not SECRET.search(done.stdout)
    return json.loads(done.stdout)


def say(card: tuple[str, int], *commands: str) -> list[str]:
    """What the card at a TCP port answers."""
    with socket.create_connection(card, PATIENCE) as client, client.makefile("rwb") as wire:
        answers = []
        for command in map(bytes.fromhex, commands):
            wire.write(len(command).to_bytes(2, "big") + command)
            wire.flush()
            answers.append(wire.read(int.from_bytes(wire.read(2), "big")).hex().upper())
        return answers


# ---------------------------------------------------------------- a socket in a directory


def test_the_guide_goes_as_it_is_shown(tmp_path: Path) -> None:
    """Each line of curl in the guide, one after the other, with the card that the guide starts."""
    lines = re.findall(r"^curl .*", GUIDE.read_text(encoding="utf-8").replace("\\\n", ""), re.MULTILINE)
    told = []
    with running("--control", "control.sock", cwd=tmp_path) as card:
        for line in (line for line in lines if "--unix-socket" in line):
            told.append(curl(line, tmp_path))
            assert "error" not in told[-1], (line, told[-1])
        assert card.end(signal.SIGINT)[0] == 130

    assert len(told) >= 10


def test_a_socket_is_its_owners_alone_and_gone_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with running("--control", path, cwd=tmp_path) as card:
            assert card.control == f"unix:{path}"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert card.end(number)[0] == 130
        assert list(tmp_path.iterdir()) == []


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "something"
    path.write_text("mine")
    assert is_refused(mynacard("run", "--control", path), "something is there already")
    assert path.read_text() == "mine"
    path.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        assert is_refused(mynacard("run", "--control", path), "something is there already")
        assert path.exists()


def test_the_socket_of_a_run_that_was_killed_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with running("--control", path, cwd=tmp_path) as card:
        card.process.kill()
        card.process.wait()
    assert path.exists()
    with running("--control", path, cwd=tmp_path) as card:
        assert curl(f"curl -sS --unix-socket {path} http://localhost/state", tmp_path)["readers"][0]["card"] == 1
        card.end()

    assert not path.exists()


def test_a_directory_into_which_others_may_write_will_not_do(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)

    assert is_refused(mynacard("run", "--control", shared / "s"), "mkdir -m 700")
    assert list(shared.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "word"),
    [
        ("no/such/directory", "No such file"),
        (f"{'x' * 120}", "too long"),
        ("0.0.0.0:8080", "only this machine"),
        ("192.0.2.1:8080", "only this machine"),
        ("example.com:80", "only this machine"),
        ("127.0.0.1:99999", "no such port"),
        (".", "something is there already"),
    ],
)
def test_a_place_that_cannot_be_is_said_in_one_line(tmp_path: Path, where: str, word: str) -> None:
    assert is_refused(mynacard("run", "--control", where, cwd=tmp_path), word)


def test_a_card_is_steered_while_a_client_talks_to_it(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    with running("--control", path, cwd=tmp_path) as card:
        with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://localhost") as client:
            wrong = ("00A4040C0AD392F000260100000001", "00A4020C020018", "002000800430303030")
            assert say(card.card, *wrong)[-1] == "63C2"
            assert client.get("/state").json()["cards"][0]["tries"]["auth"] == 2
            assert client.delete(CARD).json()["card"] is None
            with pytest.raises(ConnectionRefusedError):
                say(card.card)
            assert client.post(CARD).status_code == 201
            assert say(card.card, *wrong)[-1] == "63C1"
        card.end()


def test_a_card_that_hangs_in_a_command_does_not_keep_a_run_from_ending(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"
    transport = httpx.HTTPTransport(uds=str(path))
    with (
        running("--control", path, "--fault", "any:1:hang=60", cwd=tmp_path) as card,
        httpx.Client(transport=transport, base_url="http://localhost") as client,
        socket.create_connection(card.card, PATIENCE) as reader,
    ):
        reader.sendall(bytes.fromhex("000500A4000C02"))
        assert "fault any:1:hang=60" in _next_news(card, "fault")
        assert client.get("/readers/0/faults").json()["happened"] == [{"command": 1, "fault": "any:1:hang=60"}]
        assert client.get("/state").json()["readers"][0]["card"] == 1
        assert card.end()[0] == 130
    assert not path.exists()


def _next_news(card: Running, word: str) -> str:
    """Wait for a line on standard error with this word in it."""
    assert card.process.stderr is not None
    return next(line for line in card.process.stderr if word in line)


# ---------------------------------------------------------------- a port on loopback


def test_a_port_needs_the_token_that_was_said_once(tmp_path: Path) -> None:
    with running("--control", "127.0.0.1:0", cwd=tmp_path) as card:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", card.control)
        assert httpx.get(f"{card.control}/state").status_code == 401
        assert httpx.delete(f"{card.control}{CARD}", headers={"authorization": "Bearer x"}).status_code == 401
        host = {"host": f"evil.example:{card.control.rpartition(':')[2]}"}
        assert httpx.get(f"{card.control}/state", headers=host).status_code == 403
        status, said = card.end()
        (token,) = re.findall(r"the token of the control port: (\S{43})$", said, re.MULTILINE)

    assert (status, token in card.control) == (130, False)


def test_the_token_can_be_in_a_file_of_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "token"
    with running("--control", "127.0.0.1:0", "--control-token", path, cwd=tmp_path) as card:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        bearer = {"authorization": f"Bearer {path.read_text().strip()}"}
        assert httpx.get(f"{card.control}/state", headers=bearer).status_code == 200
        assert path.read_text().strip() not in card.end()[1]

    assert list(tmp_path.iterdir()) == []


def test_a_token_file_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("mine")

    assert is_refused(
        mynacard("run", "--control", "127.0.0.1:0", "--control-token", path), "something is there already"
    )
    assert is_refused(mynacard("run", "--control-token", path), "--control 127.0.0.1:PORT")
    assert is_refused(mynacard("run", "--control", tmp_path / "s", "--control-token", path), "needs no token")
    assert [found.name for found in tmp_path.iterdir()] == ["token"]


# ---------------------------------------------------------------- through PC/SC

SYSTEM = """
mount -t tmpfs none /run && mkdir /run/pcscd && mkdir -m 700 /run/own || exit 99
mkfifo /run/news && ip link set lo up || exit 99
{pcscd} --foreground >/dev/null 2>&1 &
mynacard run --control /run/own/control.sock >/run/news &
read -r address </run/news
"$@" /run/own/control.sock
"""
"""A machine of its own, as far as PC/SC can tell, and ended as a whole."""


@pytest.mark.pcsc
def test_curl_takes_the_card_out_and_puts_it_back_while_pyscard_watches() -> None:
    machine = ("unshare", "--map-root-user", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child")
    if subprocess.run([*machine, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no namespaces")
    script = SYSTEM.format(pcscd=shlex.join(Pcscd.ask(PCSCD).command()))
    program = REPOSITORY / "tests" / "together" / "programs" / "steered_with_curl.py"
    command = [*machine, "sh", "-c", script, "sh", sys.executable, str(program)]
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        command, env=environment(PYTHONPATH=path), capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    out, back = ({"reader": 0, "name": None, "card": card, "noticed": card is not None} for card in (None, 1))
    assert json.loads(done.stdout) == [True, out, True, back, True, "9000"]
