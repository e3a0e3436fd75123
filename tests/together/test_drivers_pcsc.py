"""The example drivers in other languages: built, tried by hand and judged with the commands of their READMEs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from .example_drivers import README_OF, TOOLCHAINS, Attempt, ExampleDriver, commands, or_skip
from .test_cli import MYNACARD, environment, mynacard
from .test_documentation import EXAMPLE_DRIVERS, blocks

pytestmark = pytest.mark.pcsc

TRIALS = Path(__file__).parent / "programs" / "with_driver.py"
IN_PYTHON = (sys.executable, str(EXAMPLE_DRIVERS / "pyscard_driver.py"))
PATIENCE = 300.0


class Told(NamedTuple):
    """What a program printed as JSON, and how it ended."""

    status: int
    said: dict[str, Any]


def run(*command: str | Path, cwd: Path) -> Told:
    done = subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout, done.stderr
    return Told(done.returncode, json.loads(done.stdout))


def judge(driver: ExampleDriver, *more: str) -> Told:
    return run(MYNACARD, *driver.command("check"), *more, "--json", cwd=driver.folder)


class Running(NamedTuple):
    """What is found out about all the drivers at once, since most of the time readers are waited for."""

    verdicts: Mapping[str, Future[Told]]
    trials: Mapping[str, Future[Told]]


@pytest.fixture(scope="module")
def running(attempt: Attempt) -> Iterator[Running]:
    """Every driver that this machine can build, on its way through everything; and the one in Python."""
    drivers = [driver for language in README_OF if isinstance(driver := attempt(language), ExampleDriver)]
    with ThreadPoolExecutor() as pool:
        trials = {
            driver.language: pool.submit(run, sys.executable, TRIALS, *driver.driver, cwd=driver.folder)
            for driver in drivers
        }
        trials["python"] = pool.submit(run, sys.executable, TRIALS, *IN_PYTHON, cwd=EXAMPLE_DRIVERS)
        yield Running({driver.language: pool.submit(judge, driver) for driver in drivers}, trials)


@pytest.fixture(params=README_OF)
def driver(request: pytest.FixtureRequest, attempt: Attempt) -> ExampleDriver:
    return or_skip(attempt(request.param))


@pytest.mark.parametrize("language", README_OF)
def test_a_readme_builds_tries_and_judges(language: str) -> None:
    verbs = [command.partition(" -")[0] for command in commands(language)]

    assert set(README_OF) == set(TOOLCHAINS)
    assert verbs[-2:] == ["mynacard exec", "mynacard check"]
    assert len(verbs) > 2


def test_a_driver_can_be_tried_by_hand(driver: ExampleDriver) -> None:
    (typed,) = (block.text for block in blocks(EXAMPLE_DRIVERS / "README.md") if block.text.startswith("{"))
    ran = mynacard(*driver.command("exec"), given=typed.encode(), cwd=driver.folder)
    answers = [json.loads(line)["result"] for line in ran.out.splitlines()]

    assert answers[1:] == [{"tries_left": 3}, {}]
    assert (ran.status, ran.err) == (0, "")


def test_a_driver_conforms(driver: ExampleDriver, running: Running) -> None:
    told = running.verdicts[driver.language].result()
    verdicts = {judged["id"]: judged["verdict"] for judged in told.said["requirements"]}

    assert {name: verdict for name, verdict in verdicts.items() if verdict not in {"pass", "not covered"}} == {}
    assert told.status == 0
    assert sum(lives["examples"] for lives in told.said["lives"]) > 0


@pytest.mark.deep
def test_a_driver_conforms_in_many_lives(driver: ExampleDriver) -> None:
    assert judge(driver, "--budget", "default", "--seed", "1").status == 0


@pytest.mark.parametrize("language", [*README_OF, "python"])
def test_what_no_story_has_happens_to_a_driver_too(language: str, attempt: Attempt, running: Running) -> None:
    if language in README_OF:
        or_skip(attempt(language))
    verified_then_not = ["9000", "6982"]

    assert running.trials[language].result().said == {
        "held by another": ["reader_busy", "reader_busy"],
        "free again": "ok",
        "closed after nothing": verified_then_not,
        "closed after warm reset": verified_then_not,
        "closed after lost answer": verified_then_not,
        "truncate=1 in a certificate": True,
        "garbage in a certificate": True,
        "empty in a certificate": True,
        "reader gone": ["no_reader", "no_reader"],
        "no service": ["no_reader", "ok"],
        "findings": [],
    }
