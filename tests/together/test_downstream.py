"""The projects of examples/downstream: each goes as its README says, from a copy; its recipes for CI say the same."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
import yaml

PROJECTS = Path(__file__).parents[2] / "examples" / "downstream"
NAMES = ("python-client", "node-client", "c-client")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "node_modules", "login", "*.json.lock")
PATIENCE = 300.0
"""Seconds for a command; the longest compiles a package that npm has fetched."""

PREPARES = ("sudo apt-get install ", "pip install ")
"""Commands that this machine is past: the packages are there, and mynacard is installed from this tree."""
ONLY_IN_CI = (
    "apt-get update",
    "apt-get install -y python3-venv python3-dev",
    "python3 -m venv /opt/mynacard",
    'export PATH="/opt/mynacard/bin:$PATH"',
    "mynacard doctor",
)
"""What a recipe says beyond its README: where there is no Python, and that nothing may be missing."""
REPORTS = " --junitxml=junit.xml"


def blocks(project: str) -> list[str]:
    """The fenced blocks of the README."""
    text = (PROJECTS / project / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(project: str) -> list[str]:
    """The commands of the README, without their comments."""
    lines = "\n".join(blocks(project)).splitlines()
    stripped = [re.sub(r"\s+# .*", "", line) for line in lines]
    return [line for line in stripped if line.partition(" ")[0] in {"sudo", "pip", "npm", "mynacard", "make", "python"}]


def run(command: str, project: Path) -> tuple[int, str]:
    """Run a command as somebody does who has mynacard's virtual environment first in the path."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "LC_", "LANG"))
    }
    done = subprocess.run(
        shlex.split(command),
        cwd=project,
        env={**kept, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout


# ---------------------------------------------------------------- as the README says


@pytest.mark.pcsc
@pytest.mark.parametrize("name", NAMES)
def test_a_project_goes_as_its_readme_says(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    begun = monotonic()
    project = tmp_path / name
    shutil.copytree(PROJECTS / name, project, ignore=LEFT_OUT)
    outputs = []
    for command in commands(name):
        if command.startswith(PREPARES):
            continue
        status, output = run(command, project)
        if command == "npm install" and status:
            pytest.skip(f"npm cannot install pcsclite here, so nothing is known of Node.js: {output[-200:]}")
        assert (status, output) == (0, output)
        outputs.append(output)
        with capsys.disabled():
            sys.stdout.write(f"\n{name}: {monotonic() - begun:5.1f} s from a copy to the end of `{command}`\n")

    said = "\n".join(outputs)
    assert [told for told in blocks(name) if "ok: " in told and told not in said] == []
    assert [sentence for sentence in VERDICTS[name] if not re.search(sentence, said)] == []
    assert "31323334" not in said


VERDICTS = {
    "python-client": [r"\d+ passed, \d+ skipped", "the client does not offer change_pin auth"],
    "node-client": ["# pass 4", "# fail 0", "verdict: conformant"],
    "c-client": ["ok: Welcome: a signature of 256 bytes", "ok: The PIN is locked", "The counter has set the new PIN"],
}
"""What is said at the end, by project."""


def test_a_fault_in_the_python_project_is_found_by_its_own_suite(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(PROJECTS / "python-client", project, ignore=LEFT_OUT)
    card = project / "jpki_login" / "card.py"
    source = card.read_text(encoding="utf-8")
    faulty = source.replace("if sw in (0x63C0, 0x6983, 0x6984):\n            raise Locked", "if 0:\n            pass")
    assert faulty != source
    card.write_text(faulty, encoding="utf-8")
    status, output = run("python -m pytest tests/test_conformance.py -k LOCK", project)

    assert status == 1
    assert "FAIL  client/lock/using-up-try" in output
    assert "client_suite.py" not in output.partition("short test summary")[0]


# ---------------------------------------------------------------- as the recipes say


def recipe(project: str, file: str) -> list[str]:
    """The commands that a recipe runs."""
    read = yaml.safe_load((PROJECTS / project / file).read_text(encoding="utf-8"))
    if file == ".gitlab-ci.yml":
        return [str(line) for line in read["test"]["script"]]
    (job,) = read["jobs"].values()
    return [line for step in job["steps"] for line in step.get("run", "").splitlines()]


@pytest.mark.parametrize("file", [".github/workflows/test.yml", ".gitlab-ci.yml"])
@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_runs_what_the_readme_says_and_nothing_else(name: str, file: str) -> None:
    told = [command.removeprefix("sudo ") for command in commands(name)]
    told = told[:-1] if name == "python-client" else told  # its last line is a part of the one before
    run_there = [command.removeprefix("sudo ").removesuffix(REPORTS) for command in recipe(name, file)]

    assert [command for command in run_there if command not in ONLY_IN_CI] == told


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_of_github_names_a_machine_and_the_versions_of_its_steps(name: str) -> None:
    read = yaml.safe_load((PROJECTS / name / ".github/workflows/test.yml").read_text(encoding="utf-8"))
    (job,) = read["jobs"].values()

    assert re.fullmatch(r"ubuntu-\d\d\.04", job["runs-on"])
    assert [step["uses"] for step in job["steps"] if "uses" in step and not re.search(r"@v\d+$", step["uses"])] == []
    assert job["steps"][0]["uses"].startswith("actions/checkout@")
