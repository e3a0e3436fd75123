"""The example drivers in other languages: what their READMEs say, done outside of the tree."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from .test_documentation import LANGUAGE_READMES, blocks

README_OF = {readme.parent.name: readme for readme in LANGUAGE_READMES}
"""The README of each language; its commands are to be run in the folder where it is."""

PATIENCE_TO_BUILD = 300.0
"""Seconds for packages that are fetched and compiled; with a cold cache the slowest takes about ten."""


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What a language needs on the machine.

    Attributes:
        programs: What has to be installed.
        fetches: The command that fetches packages and compiles nothing of ours: where it fails, that is the machine's.

    """

    programs: tuple[str, ...]
    fetches: str = ""


TOOLCHAINS = {
    "go": Toolchain(("go", "gcc", "pkg-config"), "go mod download"),
    "java": Toolchain(("javac", "java")),
    "javascript": Toolchain(("npm", "node", "g++"), "npm ci"),
    "rust": Toolchain(("cargo", "gcc", "pkg-config"), "cargo fetch --locked"),
}


class CannotBuild(Exception):
    """Something is missing on this machine; the sentence says what."""


@dataclass(frozen=True, slots=True)
class ExampleDriver:
    """A driver that was built.

    Attributes:
        language: The name of its folder.
        folder: The copy in which its commands are to be run.

    """

    language: str
    folder: Path

    def command(self, verb: str) -> tuple[str, ...]:
        """The arguments of the README's command that begins with `mynacard` and this verb."""
        (found,) = (line for line in commands(self.language) if line.startswith(f"mynacard {verb} "))
        return tuple(shlex.split(found)[1:])

    @property
    def driver(self) -> tuple[str, ...]:
        """The command that starts it."""
        arguments = self.command("exec")
        return arguments[arguments.index("--") + 1 :]


def commands(language: str) -> list[str]:
    """Every command of a README, in order."""
    return [command for block in blocks(README_OF[language]) for command in block.commands]


def build(language: str, folder: Path) -> ExampleDriver:
    """Build a driver as its README says, in a copy of its folder; raise `CannotBuild` where this machine cannot."""
    toolchain = TOOLCHAINS[language]
    for program in toolchain.programs:
        if shutil.which(program) is None:
            raise CannotBuild(f"there is no {program} on this machine, so nothing is known of the {language} driver")
    ignored = shutil.ignore_patterns("node_modules", "target", "build")
    shutil.copytree(README_OF[language].parent, folder, ignore=ignored, dirs_exist_ok=True)
    steps = [line for line in commands(language) if not line.startswith("mynacard ")]
    for step in dict.fromkeys(filter(None, (toolchain.fetches, *steps))):
        done = subprocess.run(
            shlex.split(step), cwd=folder, capture_output=True, text=True, timeout=PATIENCE_TO_BUILD, check=False
        )
        if done.returncode and step == toolchain.fetches:
            lines = done.stderr.splitlines() or ["it said nothing"]
            reason = next((line for line in lines if "error" in line.lower()), lines[-1].strip())
            raise CannotBuild(f"`{step}` fails here, so nothing is known of the {language} driver: {reason}")
        assert (step, done.returncode, done.stderr if done.returncode else "") == (step, 0, "")
    return ExampleDriver(language, folder)


Attempt: TypeAlias = Callable[[str], ExampleDriver | CannotBuild]


def or_skip(attempted: ExampleDriver | CannotBuild) -> ExampleDriver:
    """Skip the test, with the reason, where this machine cannot build the driver."""
    if isinstance(attempted, CannotBuild):
        pytest.skip(str(attempted))
    return attempted
