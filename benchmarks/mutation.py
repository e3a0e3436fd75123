"""What the tests of the card would notice: its code with one small change each, and the changes that no test sees.

    python -m benchmarks.mutation [MODULE…]

A MODULE is a path below `mynacard_emulator`, such as `card/retry.py` or `card/handlers`; without any, all of `iso7816`
and `card` is changed. cosmic-ray has the operators; what is changed are copies in a temporary folder, one for each of
the two that are tried at a time. A change is killed as soon as one example fails, or when it takes too much of the
processor's time, which does not depend on what else the machine does; the properties are left out, since what they find
is luck.
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import queue
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code

REPOSITORY = Path(__file__).parents[1]
PACKAGE = Path("emulator/mynacard_emulator")
TESTS = (Path("tests/emulator/iso7816"), Path("tests/emulator/card"))
AT_ONCE, SECONDS = 2, 30
TIME, DEATH = "time", "the end of the process"

LEFT_OUT = re.compile(
    r"NoOp|RemoveDecorator"
    r"|_(?!IsNot_)[A-Za-z]+_Is$|_(?!Is_)[A-Za-z]+_IsNot$|_Is_(?!IsNot)|_IsNot_(?!Is$)"
)
"""No change at all; decorators; and identity exchanged for anything but its opposite."""

_OPTIONS = ("-m", "not property", "-x", "-q", "--tb=no", "-p", "no:cacheprovider")
_MEMORY = 2**31
"""A change can ask for more memory than there is; it then fails like any other."""

_FINE = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["cosmic_ray.mutating", "hypothesis.stateful", "pytest"])

Position = tuple[int, int]


class StrangeTests(Exception):
    """The unchanged code does not pass; the message says where."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: the file below the package, cosmic-ray's operator, which of its places it is, and the line."""

    module: Path
    operator: str
    occurrence: int
    line: int

    def source(self, original: str) -> str:
        """The changed file."""
        return str(mutate_code(original, plugins.get_operator(self.operator)(), self.occurrence))


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a change: the test file that killed it, `TIME`, `DEATH`, or nothing."""

    mutant: Mutant
    killer: str


def mutants_of(module: Path, source: str) -> Iterator[Mutant]:
    """Yield every change of a file that can mean something."""
    tree, parsed = get_ast(source), ast.parse(source)
    meaningless, operators = tuple(_meaningless(parsed)), tuple(_operators(parsed))
    for name in sorted(plugins.operator_names()):
        operator = plugins.get_operator(name)
        if LEFT_OUT.search(name) or operator.arguments():
            continue
        places = (place for node in ast_nodes(tree) for place in operator().mutation_positions(node))
        for occurrence, (begin, _) in enumerate(places):
            is_star = "ReplaceBinaryOperator" in name and not _within(begin, operators)
            if not is_star and not _within(begin, meaningless):
                yield Mutant(module, name, occurrence, begin[0])


def _within(place: Position, spans: Iterable[tuple[Position, Position]]) -> bool:
    return any(first <= place < last for first, last in spans)


def _operators(tree: ast.AST) -> Iterator[tuple[Position, Position]]:
    """Yield where operators are between two operands; cosmic-ray takes the stars of arguments for some."""
    for node in ast.walk(tree):
        if isinstance(node, ast.BinOp):
            left, right = node.left, node.right
            yield (left.end_lineno or 0, left.end_col_offset or 0), (right.lineno, right.col_offset)


def _meaningless(tree: ast.AST) -> Iterator[tuple[Position, Position]]:
    """Yield from where to where nothing is carried out, or only Python's bookkeeping is."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(decorator_list=decorators, returns=returns):
                yield from _spans((*decorators, returns))
            case ast.ClassDef(decorator_list=decorators):
                yield from _spans(decorators)
            case ast.arg(annotation=annotation):
                yield from _spans((annotation,))
            case ast.AnnAssign(annotation=ast.Name(id="TypeAlias")):
                yield from _spans((node,))
            case ast.AnnAssign(annotation=annotation):
                yield from _spans((annotation,))
            case ast.Subscript() | ast.Assert():
                yield from _spans((node,) if isinstance(node, ast.Assert) or _is_type(node.value) else ())
            case _:
                pass


def _is_type(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in {"frozenset", "tuple", "dict", "list"}


def _spans(nodes: Iterable[ast.expr | ast.stmt | None]) -> Iterator[tuple[Position, Position]]:
    for node in nodes:
        if node is not None:
            yield (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)


class Copy:
    """A copy of the emulator and its tests, in which one file at a time is changed."""

    def __init__(self, folder: Path) -> None:
        for part in (PACKAGE, Path("tests")):
            shutil.copytree(REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(REPOSITORY / "pyproject.toml", folder)
        self.folder = folder
        # Compiled files that know their source by its hash: two changes within a second may have one size.
        compiling = ("-m", "compileall", "-q", "--invalidation-mode", "checked-hash", PACKAGE)
        subprocess.run((sys.executable, *compiling), cwd=folder, check=True)

    def run(self, tests: Sequence[str]) -> str:
        """Run the examples in a process of their own: the test file that failed, `TIME`, `DEATH`, or nothing."""
        mine, its = FORKS.Pipe(duplex=False)
        process = FORKS.Process(target=_run, args=(self.folder, tests, its))
        process.start()
        its.close()
        process.join()
        with mine:
            if process.exitcode == -signal.SIGXCPU:
                return TIME
            return str(mine.recv()) if process.exitcode == 0 else DEATH

    def kill(self, mutant: Mutant, tests: Sequence[str]) -> str:
        """Try one change: what killed it, or nothing."""
        place = self.folder / PACKAGE / mutant.module
        original = place.read_text(encoding="utf-8")
        place.write_text(mutant.source(original), encoding="utf-8")
        try:
            return self.run(tests)
        finally:
            place.write_text(original, encoding="utf-8")


def _run(folder: Path, tests: Sequence[str], teller: Connection) -> None:
    """Run test file by test file, and tell which was the first to fail; what does not end by itself is ended."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, 2 * SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    os.chdir(folder)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path.insert(0, str(folder / "emulator"))
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        teller.send(next((test for test in tests if pytest.main([*_OPTIONS, test]) not in _FINE), ""))


def try_all(mutants: Sequence[Mutant], folder: Path) -> Iterator[Tried]:
    """Try every change, and tell of each as soon as it is known."""
    tests = [
        str(path.relative_to(REPOSITORY)) for part in TESTS for path in sorted((REPOSITORY / part).glob("test_*.py"))
    ]
    copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for number in range(AT_ONCE):
        copy = Copy(folder / str(number))
        if number == 0 and (strange := copy.run(tests)):
            raise StrangeTests(f"{strange} fails without any change")
        copies.put(copy)
    kills: Counter[tuple[Path, str]] = Counter()

    def attempt(mutant: Mutant) -> Tried:
        copy = copies.get()
        try:  # what killed most in this file is run first
            killer = copy.kill(mutant, sorted(tests, key=lambda test: -kills[mutant.module, test]))
        finally:
            copies.put(copy)
        kills[mutant.module, killer] += 1
        return Tried(mutant, killer)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(attempt, mutants)


def describe(mutant: Mutant) -> str:
    """Where a change is, and what the line was and became."""
    original = (REPOSITORY / PACKAGE / mutant.module).read_text(encoding="utf-8")
    changed = mutant.source(original).splitlines()
    before, after = next((old, new) for old, new in zip(original.splitlines(), changed, strict=False) if old != new)
    operator = mutant.operator.removeprefix("core/")
    return f"{PACKAGE / mutant.module}:{mutant.line} {operator}\n  - {before.strip()}\n  + {after.strip()}"


def modules_of(names: Sequence[str]) -> Iterator[Path]:
    """Yield the files that are meant, below the package."""
    for name in names or ("iso7816", "card"):
        place = REPOSITORY / PACKAGE / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else (place,):
            yield path.relative_to(REPOSITORY / PACKAGE)


def main(names: Sequence[str]) -> None:
    modules = tuple(modules_of(names))
    if missing := [module for module in modules if not (REPOSITORY / PACKAGE / module).is_file()]:
        sys.exit(f"no such file below {PACKAGE}: {missing[0]}; say for example card/retry.py")
    begun = time.monotonic()
    found = Counter[Path]()
    killed = Counter[Path]()
    otherwise = Counter[str]()
    survivors: list[Mutant] = []
    mutants = [each for module in modules for each in mutants_of(module, (REPOSITORY / PACKAGE / module).read_text())]
    with TemporaryDirectory() as folder, suppress(KeyboardInterrupt):  # what was tried until then is told
        for tried in try_all(mutants, Path(folder)):
            found[tried.mutant.module] += 1
            if tried.killer:
                killed[tried.mutant.module] += 1
                otherwise[tried.killer] += tried.killer in {TIME, DEATH}
            else:
                survivors.append(tried.mutant)
                print(describe(tried.mutant), flush=True)
    print("\n| module | mutants | killed | survived |\n|---|---|---|---|")
    for module, number in found.items():
        print(f"| {module} | {number} | {killed[module]} | {number - killed[module]} |")
    took = time.monotonic() - begun
    print(f"| all | {found.total()} | {killed.total()} | {len(survivors)} |")
    print(f"\nof the killed, {otherwise[TIME]} by {TIME} and {otherwise[DEATH]} by {DEATH}")
    print(f"{found.total()} of {len(mutants)} tried in {took:.0f} s, {AT_ONCE} at a time")


if __name__ == "__main__":
    main(sys.argv[1:])
