"""The verb `score`: a small suite over PC/SC, the faulty cards that it notices, and those that it never looks at."""

from __future__ import annotations

import re
import shlex
import signal
import sys
from contextlib import closing
from pathlib import Path

import pytest

from .test_cli import PATIENCE, mynacard
from .test_cli_pcsc import AtWork

pytestmark = pytest.mark.pcsc

GUIDE = Path(__file__).parents[2] / "docs" / "for-client-authors.md"
NOTICED, UNNOTICED = ("--faulty", "query-costs-a-try"), ("--faulty", "query-logs-out")
HONEST = "with the honest card COMMAND "

ASKS_TWICE = """
import os, signal, sys
from smartcard.System import readers

connection = readers()[0].createConnection()
connection.connect()
for command in ("00A4040C0AD392F000260100000001", "00A4020C020018"):
    connection.transmit(list(bytes.fromhex(command)))
first, second = (connection.transmit(list(bytes.fromhex("00200080")))[2] for _ in range(2))
print(len(readers()), f"slots; it says 63{first:02X} and 63{second:02X}")
if first != second and "waits" in sys.argv:
    with open(os.environ["UP"], "w") as told:
        print(os.environ["PCSCLITE_CSOCK_NAME"], file=told)
    if "stubbornly" in sys.argv:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.pause() or signal.pause()
sys.exit(first != second or (0xC3 if "of three" in sys.argv else first) != first)
"""
"""A suite of one test: asking for the tries costs none, and, if it is told so, there are three."""


@pytest.fixture
def suite(tmp_path: Path) -> tuple[str, ...]:
    """The end of a command line that runs it."""
    (tmp_path / "suite.py").write_text(ASKS_TWICE)
    (tmp_path / "click.py").write_text("raise ImportError('a file of the same name')")
    return ("--", sys.executable, str(tmp_path / "suite.py"))


def test_the_guide_goes_as_it_is_shown(tmp_path: Path) -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("## How good are your own tests?")[2]
    source, command, shown = re.findall(r"^```\w*\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[:3]
    (tmp_path / "test_counter.py").write_text(source)
    program, *arguments = shlex.split(command)

    ran = mynacard(*arguments, cwd=tmp_path)

    assert program == "mynacard"
    assert (ran.status, ran.out, ran.err) == (0, shown, "")


def test_a_score_is_told_to_programs_and_can_be_demanded(suite: tuple[str, ...]) -> None:
    ran = mynacard("score", *NOTICED, *UNNOTICED, "--json", "--at-least", "50.1", *suite, cwd=Path(suite[-1]).parent)

    assert (ran.status, ran.err) == (1, "")
    killed, survived = ran.json["cards"]
    assert {name: ran.json[name] for name in ("killed", "tried", "of", "percent")} == {
        "killed": 1,
        "tried": 2,
        "of": 2,
        "percent": 50.0,
    }
    assert (killed["name"], killed["killed"], killed["by"]) == ("query-costs-a-try", True, "status 1")
    assert (survived["name"], survived["killed"], survived["by"]) == ("query-logs-out", False, "")
    assert survived["requirement"] == "card/query/keeps-status"
    assert survived["mistake"] == "Ends the success of the PIN that it is asked about."


def test_the_cards_are_chosen_as_for_exec_and_what_the_suite_prints_can_be_seen(suite: tuple[str, ...]) -> None:
    cards = ("--profile", "adult", "--profile", "child", "--state", "auth=2")
    ran = mynacard("score", *cards, *NOTICED, "--verbose", "--at-least=100", *suite)

    assert (ran.status, ran.out) == (
        0,
        "killed    query-costs-a-try (status 1)\n\n1 of 1 faulty cards killed (100 %)\n",
    )
    assert ran.err == ("4 slots; it says 63C2 and 63C2\n--- query-costs-a-try\n4 slots; it says 63C2 and 63C1\n")


def test_a_suite_that_fails_with_the_honest_card_has_no_score(suite: tuple[str, ...]) -> None:
    ran = mynacard("score", *NOTICED, "--state", "auth=2", *suite, "of three")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        "2 slots; it says 63C2 and 63C2\n"
        f"mynacard: {HONEST}ends with status 1, so its failures tell nothing; mend that first\n"
    )


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        pytest.param(("--", "no-such-suite"), 127, "mynacard: no-such-suite: command not found", id="no such command"),
        pytest.param(("--", "/"), 126, "mynacard: /: Permission denied", id="no command"),
        pytest.param(("--faulty", "query-costs-a-tri", "--", "true"), 2, "near it are query-costs-a-try", id="no card"),
        pytest.param(("--profile", "nobody", "--", "true"), 2, "no built-in profile is called", id="no profile"),
        pytest.param(("--state", "auth", "--", "true"), 2, "write PIN=TRIES", id="no state"),
        pytest.param(("--time-limit", "0", "--", "true"), 2, "0.0 is not in the range x>0", id="no time"),
        pytest.param(("--at-least", "101", "--", "true"), 2, "not in the range 0<=x<=100", id="too much"),
        pytest.param((), 2, "Missing argument 'COMMAND...'", id="nothing"),
    ],
)
def test_what_cannot_be_run_is_said_in_one_line(arguments: tuple[str, ...], status: int, said: str) -> None:
    ran = mynacard("score", *arguments)

    assert (ran.status, ran.out, ran.err.count("\n")) == (status, "", 1)
    assert said in ran.err


def test_a_suite_that_does_not_end_with_a_faulty_card_has_noticed_it(suite: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "up").touch()
    ran = mynacard(
        "score", *NOTICED, "--time-limit=10", *suite, "waits", "stubbornly", env={"UP": str(tmp_path / "up")}
    )

    assert (ran.status, ran.err) == (0, "")
    assert ran.out == "killed    query-costs-a-try (time)\n\n1 of 1 faulty cards killed (100 %)\n"
    assert not Path((tmp_path / "up").read_text().strip()).parent.exists()


def test_a_suite_that_does_not_end_with_the_honest_card_has_no_score() -> None:
    ran = mynacard("score", "--time-limit=0.1", "--", "sleep", "1000")

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.endswith(f"mynacard: {HONEST}does not end in time, so its failures tell nothing; mend that first\n")


@pytest.mark.parametrize(
    ("number", "stubbornly"), [(signal.SIGINT, ()), (signal.SIGTERM, ()), (signal.SIGINT, ("stubbornly",))]
)
def test_what_is_known_is_told_when_it_is_interrupted_and_nothing_is_left(
    suite: tuple[str, ...], number: signal.Signals, stubbornly: tuple[str, ...], tmp_path: Path
) -> None:
    cards = (*UNNOTICED, *NOTICED, "--faulty", "miss-is-free")
    with closing(AtWork(tmp_path / "up", "score", *cards, *suite, "waits", *stubbornly)) as work:
        work.process.send_signal(number)
        out, err = work.process.communicate(timeout=PATIENCE)

        assert (work.process.returncode, err) == (130, "")
        assert out.startswith("survived  query-logs-out\n\n0 of 1 faulty cards killed (0 %); 2 were not tried\n")
        assert work.has_left_nothing()
