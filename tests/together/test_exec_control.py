"""Cards of a private stack that are steered by the program that was started in it, in any language."""

from __future__ import annotations

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from .test_cli import MYNACARD, PATIENCE, Ran, environment, is_refused, mynacard

pytestmark = pytest.mark.pcsc

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples" / "control"
PROGRAM = Path(__file__).parent / "programs" / "steers_readers.py"
BUILT_WITH = {"steer.rs": ("rustc", "--edition", "2021")}
RUN_WITH = {"steer.sh": "curl", "steer.mjs": "node", "steer.go": "go", "Steer.java": "java"}
PATIENCE_TO_BUILD = 300.0
"""Seconds for a language that compiles its library first; Go takes thirty, once."""


# ---------------------------------------------------------------- examples


def readme() -> str:
    return (EXAMPLES / "README.md").read_text(encoding="utf-8")


def started_as(file: str) -> list[str]:
    """How the readme starts this example."""
    name = "./steer" if file == "steer.rs" else file
    return next(line for line in readme().splitlines() if line.startswith("mynacard") and line.endswith(name)).split()


@pytest.mark.parametrize("file", ["steer.sh", "steer.mjs", "steer.go", "steer.rs", "Steer.java"])
def test_an_example_steers_the_card_as_its_readme_says(file: str, tmp_path: Path) -> None:
    tool = BUILT_WITH.get(file, (RUN_WITH.get(file, ""),))
    if shutil.which(tool[0]) is None:
        pytest.skip(f"there is no {tool[0]} on this machine, so nothing is known of {file}")
    shutil.copy(EXAMPLES / file, tmp_path)
    if file in BUILT_WITH:
        subprocess.run([*tool, file], cwd=tmp_path, check=True, timeout=PATIENCE_TO_BUILD)
    ran = subprocess.run(
        [MYNACARD, *started_as(file)[1:]],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE_TO_BUILD,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")
    assert f"```text\n{ran.stdout}```" in readme()
    assert not (tmp_path / "card.sock").exists()


def test_every_example_is_in_the_readme_and_tried_here() -> None:
    files = {path.name for path in EXAMPLES.iterdir()} - {"README.md"}

    assert files == set(re.findall(r"^\| \[(.*?)\]", readme(), re.MULTILINE)) == {*BUILT_WITH, *RUN_WITH}


# ---------------------------------------------------------------- readers, and who may steer


def steered(*options: str | Path) -> Ran:
    path = os.pathsep.join(filter(None, sys.path))
    cards = ("--profile", "adult", "--profile", "contactless")
    return mynacard("exec", *cards, *options, "--", sys.executable, PROGRAM, env={"PYTHONPATH": path})


@pytest.mark.parametrize("where", ["a socket", "a port"])
def test_each_reader_is_steered_and_the_others_are_left_alone(where: str, tmp_path: Path) -> None:
    ran = steered("--control", tmp_path / "card.sock" if where == "a socket" else "127.0.0.1:0")

    assert ran.err == "mynacard: reader 1: fault verify:1:eject-after (at command 4)\n"
    assert ran.json == [
        *(None, "NoCard", "9000"),
        *(2, "9000"),
        *("reader_occupied", "conflict"),
        *(["verify:1:eject-after"], "63c2", "63c2"),
        *([{"command": 4, "fault": "verify:1:eject-after"}], None),
        "reader_empty",
        *(2, "63c2"),
        2,
        *("usb-hub", "NoReader", "reader_failed", True, "9000"),
        *("held-by-another", "ReaderBusy", "reader_failed", True, "9000"),
        *({"accident": "metal-desk"} | METAL, "not_found"),
        [0, 1],
    ]
    assert list(tmp_path.iterdir()) == []


METAL = {
    "holder": "a contactless reader stands on metal, and some of what is said is lost",
    "ends": "a thick book lies under the reader",
}


def test_a_token_may_be_in_a_file_too_and_is_never_said(tmp_path: Path) -> None:
    token = tmp_path / "token"
    show = ("sh", "-c", f'test "$MYNACARD_CONTROL_TOKEN" = "$(cat {token})" && echo "$MYNACARD_CONTROL"')
    ran = mynacard("exec", "--control", "127.0.0.1:0", "--control-token", token, "--", *show)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", ran.out)
    assert (ran.status, ran.err, token.exists()) == (0, "", False)


def test_without_being_asked_nobody_is_let_in() -> None:
    assert mynacard("exec", "--", "sh", "-c", 'echo "${MYNACARD_CONTROL-closed}"').out == "closed\n"


def test_a_stack_in_a_stack_hands_on_no_way_in_but_its_own(tmp_path: Path) -> None:
    inner = (MYNACARD, "exec", "--", "sh", "-c", 'echo "${MYNACARD_CONTROL-closed}"')
    ran = mynacard("exec", "--control", tmp_path / "card.sock", "--", *inner)

    assert ran.out == "closed\n"


@pytest.mark.parametrize(
    ("where", "says"), [("/no/such/place", "No such file or directory"), ("0.0.0.0:0", "only this machine may")]
)
def test_a_place_that_cannot_be_is_a_failure_of_exec_itself(where: str, says: str) -> None:
    assert is_refused(mynacard("exec", "--control", where, "--", "echo", "started"), says, status=125)


def test_the_socket_is_gone_however_the_command_ends(tmp_path: Path) -> None:
    path = tmp_path / "card.sock"
    command = [str(MYNACARD), "exec", "--control", str(path), "--", "sh", "-c", "echo up; exec sleep 600"]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 128 + signal.SIGTERM
    assert not path.exists()
