"""Python clients by name on the command line, and libraries that were written for pyscard's connection."""

from __future__ import annotations

import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from mynacard_conformance.adapters.like_pyscard import LikePyscard
from mynacard_emulator.world import World, open_world

from .test_cli import Ran, mynacard

CLIENTS = """
from mynacard_conformance.adapters.careful import CarefulClient

class House:
    client = CarefulClient

class Idle:
    def __init__(self, connection):
        pass

def fails(connection):
    raise ValueError("no\\nway")

def leaves(connection):
    raise SystemExit(3)

number = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working directory with a client in it, and modules that cannot be imported."""
    (tmp_path / "clients.py").write_text(CLIENTS, encoding="utf-8")
    (tmp_path / "broken.py").write_text("def (:", encoding="utf-8")
    (tmp_path / "leaving.py").write_text("raise SystemExit('bye')", encoding="utf-8")
    return tmp_path


def check(named: str, folder: Path, *arguments: str) -> Ran:
    return mynacard("check", "--client", named, "--budget", "smoke", *arguments, cwd=folder)


@pytest.mark.parametrize("named", ["clients:CarefulClient", "clients:House.client"])
def test_a_client_of_the_working_directory_is_judged_without_pcsc(named: str, folder: Path) -> None:
    ran = check(named, folder, "--transport", "direct", "--json")

    assert ran.status == 0
    assert {judged["verdict"] for judged in json.loads(ran.out)["requirements"]} <= {"pass", "not covered"}


@pytest.mark.pcsc
def test_a_client_is_judged_through_a_reader(folder: Path) -> None:
    ran = check("clients:CarefulClient", folder, "--suite", "counter")

    assert (ran.status, ran.err.count("Error")) == (0, 0)
    assert "verdict: conformant" in ran.out


@pytest.mark.parametrize(
    ("named", "sentence"),
    [
        ("clients", "--client clients: write the module and the factory in it, as package.module:factory"),
        ("clients:", "--client clients:: write the module and the factory in it, as package.module:factory"),
        ("nowhere:Client", "the module nowhere cannot be imported: ModuleNotFoundError: No module named 'nowhere'"),
        ("broken:Client", "the module broken cannot be imported: SyntaxError: "),
        ("leaving:Client", "the module leaving cannot be imported: SystemExit: bye"),
        ("clients:Clint", "the module clients has no Clint; name what makes your client from a connection"),
        ("clients:number", "clients:number cannot be called; name what makes your client from a connection"),
        ("clients:fails", "clients:fails does not make a client: ValueError: no way"),
        ("clients:leaves", "clients:leaves does not make a client: SystemExit: 3"),
        ("clients:Idle", "what clients:Idle makes has no method of a client, such as verify_pin; see docs/drivers.md"),
    ],
)
def test_a_mistake_in_the_name_is_one_line(named: str, sentence: str, folder: Path) -> None:
    ran = check(named, folder, "--transport", "direct")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"mynacard: {sentence}")
    assert ran.err.count("\n") == 1


def test_two_clients_at_once_are_refused(folder: Path) -> None:
    ran = check("clients:CarefulClient", folder, "--reference")

    assert ran.status == 2
    assert "--client MODULE:FACTORY" in ran.err


# ---------------------------------------------------------------- pyscard's shape


GUIDE = Path(__file__).parents[2] / "docs" / "for-client-authors.md"


def test_the_guide_goes_as_it_is_shown(tmp_path: Path) -> None:
    """A library for pyscard is judged without a reader: it conforms where it begins, and then has its first finding."""
    text = GUIDE.read_text(encoding="utf-8")
    library, *_ = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (command,) = re.findall(r"^mynacard (check --client .*)$", text, re.MULTILINE)
    (tmp_path / "mylogin.py").write_text(library, encoding="utf-8")

    ran = mynacard(*shlex.split(command), cwd=tmp_path)
    in_full = mynacard(*shlex.split(command.partition(" --suite")[0]), "--suite", "accidents", cwd=tmp_path)

    assert (ran.status, ran.err) == (0, "")
    assert "verdict: conformant" in ran.out
    assert in_full.status == 1
    assert "FAIL  client/answer/comes" in in_full.out


@pytest.fixture
def world() -> World:
    world = open_world("direct")
    world.insert(world.issue("adult"))
    return world


def test_the_connection_speaks_in_numbers(world: World) -> None:
    connection = LikePyscard(world.connect())
    connection.connect()

    assert connection.transmit([0x00, 0xA4, 0x04, 0x0C, 0x01, 0x00]) == ([], 0x6A, 0x82)
    assert bytes(connection.getATR()).hex().upper() == "3BE000FF8131FE4514"
    assert connection.getReader() is None


def test_to_disconnect_cuts_the_power_as_pyscard_does(world: World) -> None:
    connection = LikePyscard(world.connect())
    connection.disconnect()
    connection.release()

    assert [exchange.event for exchange in world.truth.trace()[-2:]] == ["power_off", "power_on"]
    world.eject()
    connection.disconnect()  # and an empty reader is nobody's mistake


def test_failures_are_pyscards_own_where_it_is_installed(world: World) -> None:
    exceptions = pytest.importorskip("smartcard.Exceptions", reason="pyscard is not installed")
    connection = LikePyscard(world.connect())
    world.eject()

    with pytest.raises(exceptions.NoCardException):
        connection.connect()
    with pytest.raises(exceptions.CardConnectionException) as failed:
        connection.transmit([0x00, 0x20, 0x00, 0x80, 0x04, *b"1234"])
    assert "1234" not in str(failed.value)
    assert "31323334" not in str(failed.value)


def test_an_answer_without_a_status_word_is_a_failure() -> None:
    exceptions = pytest.importorskip("smartcard.Exceptions", reason="pyscard is not installed")

    class Mute:
        reader = "a reader"

        def transmit(self, _command: bytes) -> bytes:
            return b"\x90"

    connection = LikePyscard(Mute())
    connection.connect()  # such a connection knows nothing of an ATR
    with pytest.raises(exceptions.CardConnectionException):
        connection.transmit([0x00])
    assert connection.getReader() == "a reader"
    assert connection.getProtocol() == 2


def test_without_pyscard_a_failure_is_the_connections_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    world.eject()

    with pytest.raises(OSError, match="no card is in the reader"):
        LikePyscard(world.connect()).connect()
