"""What the source does not do, and what it is made from: nothing runs what it reads, and nothing binds its users."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.pki.errors import IssuerError

REPOSITORY = Path(__file__).parents[2]
SHIPPED = sorted(path for part in ("emulator", "conformance", "fixtures") for path in (REPOSITORY / part).rglob("*.py"))
SETTINGS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = {
    "project": SETTINGS["project"]["dependencies"],
    **SETTINGS["project"]["optional-dependencies"],
    **SETTINGS["dependency-groups"],
}

READERS_THAT_RUN = {"pickle", "cPickle", "dill", "shelve", "marshal", "yaml", "ruamel", "jsonpickle", "code", "codeop"}
CALLS_THAT_RUN = {"eval", "exec", "compile", "__import__"}
SHELLS = {"system", "popen", "getoutput", "getstatusoutput", "mktemp"}


def found_in(source: str) -> Iterator[str]:
    """Whatever could run what it is given."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names if name.name.partition(".")[0] in READERS_THAT_RUN)
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] in READERS_THAT_RUN and not node.level:
                yield module
            case ast.Call(func=ast.Name(id=name)) if name in CALLS_THAT_RUN:
                yield name
            case ast.Call(func=ast.Attribute(attr=name)) if name in SHELLS:
                yield name
            case ast.keyword(arg="shell"):
                yield "shell="
            case _:
                pass


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from yaml import load",
        "eval('1')",
        "os.system('x')",
        "run('x', shell=True)",
        "import os, dill",
    ],
)
def test_what_runs_its_input_would_be_found(source: str) -> None:
    assert list(found_in(source)) != []


def test_nothing_that_is_shipped_runs_what_it_reads() -> None:
    assert [(path.name, word) for path in SHIPPED for word in found_in(path.read_text(encoding="utf-8"))] == []


def test_every_finding_of_the_security_rules_that_is_let_pass_has_its_reason() -> None:
    marks = [
        (path.name, number, line)
        for part in ("emulator", "conformance", "fixtures", "tests", "benchmarks", "examples")
        for path in (REPOSITORY / part).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"# noqa:[^-]*\bS\d{3}\b", line)
    ]

    assert marks
    assert [mark for mark in marks if not re.search(r"# noqa: [A-Z0-9, ]+ - \w.{5,}", mark[2])] == []


@pytest.mark.parametrize(
    "name", ["../adult", "..", "../../../../etc/passwd", "/etc/passwd", "adult/../adult", "adult\0", "", "\\..\\adult"]
)
def test_a_profiles_name_leads_nowhere_else(name: str) -> None:
    with pytest.raises(IssuerError):
        profiles.load(name)
    with pytest.raises(IssuerError):
        profiles.text(name)


# ---------------------------------------------------------------- what it stands on
def name_of(requirement: str) -> str:
    return re.split(r"[<>=!~\[; (]", requirement, maxsplit=1)[0].strip().lower().replace("_", "-")


def needed(names: list[str]) -> set[str]:
    """These and all that they need, so far as it is installed."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in found:
            continue
        try:
            wishes = distribution(name).requires or []
        except PackageNotFoundError:
            continue
        found.add(name)
        names += [name_of(wish) for wish in wishes if "extra ==" not in wish]
    return found


def licence(name: str) -> str:
    told: Any = distribution(name).metadata
    classified = [entry for entry in told.get_all("Classifier") or [] if entry.startswith("License")]
    return " | ".join(filter(None, [told.get("License-Expression"), *classified, (told.get("License") or "")[:80]]))


def test_no_licence_of_what_it_needs_reaches_its_users() -> None:
    """The lesser GPL is that of libraries; and of those there is one, in an extra."""
    runtime = [name_of(wish) for group in ("project", "pcsc", "pkcs11", "services", "learn") for wish in GROUPS[group]]
    licences = {name: licence(name) for name in needed(runtime)}

    assert {"cryptography", "click", "hypothesis"} <= licences.keys()
    assert {name for name, told in licences.items() if not told} == set()
    assert {
        name for name, told in licences.items() if re.search(r"(?<!L)A?GPL|(?<!Lesser )General Public", told)
    } == set()
    assert {name for name, told in licences.items() if re.search("LGPL|Lesser", told)} <= {"pyscard"}


def test_every_dependency_has_a_bound_and_a_reason() -> None:
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    lines = {
        wish: next(line for line in text.splitlines() if f'"{wish}"' in line) for g in GROUPS.values() for wish in g
    }

    assert [wish for wish in lines if ">=" not in wish] == []
    assert [wish for wish, line in lines.items() if not re.search(r"  # \w", line)] == []


def test_the_lock_file_has_one_version_of_everything_and_names_no_place() -> None:
    lines = (REPOSITORY / "requirements-dev.lock").read_text(encoding="utf-8").splitlines()
    locked = [line for line in lines if not line.startswith("#")]

    assert [line for line in locked if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9._+!-]+", line)] == []
    assert len({name_of(line) for line in locked}) == len(locked)
    assert {name_of(wish) for wishes in GROUPS.values() for wish in wishes} <= {name_of(line) for line in locked}


def test_what_the_gate_installs_is_what_the_lock_file_is_made_from() -> None:
    tox = (REPOSITORY / "tox.ini").read_text(encoding="utf-8")
    asked = {name_of(line) for line in re.findall(r"^    ([a-z][\w-]*[<>=]=?[\d.,<>=]+)$", tox, re.MULTILINE)}

    assert asked
    assert asked <= {name_of(wish) for wish in GROUPS["dev"]}
