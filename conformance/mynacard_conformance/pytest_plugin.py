"""The plugin for pytest: worlds as fixtures, a marker for how a card begins, and the options of `ClientSuite`.

pytest loads it wherever the package is installed, so it imports nothing of the harness, and no world, before a test
asks for one.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import pytest

if TYPE_CHECKING:
    from .client_suite import Bench, ClientSuite
    from .ports import AnyStage

Transport = Literal["direct", "private"]

_JST: Final = timezone(timedelta(hours=9), "JST")
_MOST_LINES: Final = 40
"""Exchanges of a trace that a failure shows: the latest."""

OPTIONS: Final = (
    ("transport", "direct", "where a ClientSuite that names none meets its card: direct, or private (PC/SC)"),
    ("profile", "adult", "the card of a marker that names none; `mynacard profiles` lists them"),
    ("budget", "smoke", "how many random lives a ClientSuite plays: smoke, default or deep"),
    ("seed", "0", "decides the bytes of cards and the random lives"),
)
"""Every option that has a value: its name, default and meaning."""
_CHOICES: Final = {"transport": ("direct", "private"), "budget": ("smoke", "default", "deep")}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add all options, each with its twin in the configuration file."""
    group = parser.getgroup("mynacard", "My Number Cards (mynacard)")
    for name, default, meaning in OPTIONS:
        group.addoption(
            f"--mynacard-{name}",
            choices=_CHOICES.get(name),
            type=int if name == "seed" else None,
            help=f"{meaning} (default: {default})",
        )
        parser.addini(f"mynacard_{name}", f"{meaning}; as --mynacard-{name}", default=default)
    group.addoption("--mynacard-strict", action="store_true", help="a should that is broken fails, rather than xfails")
    parser.addini("mynacard_strict", "a should that is broken fails; as --mynacard-strict", type="bool", default=False)


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, and refuse what the configuration file says wrong."""
    config.addinivalue_line(
        "markers",
        'mynacard(profile="adult", auth="locked", sign=1, at="2031-01-01"): the card that lies in the reader when the'
        " test begins, tries left by PIN, and what day it has become (docs/pytest.md)",
    )
    for name, allowed in _CHOICES.items():
        if (said := option(config, name)) not in allowed:
            raise pytest.UsageError(f"mynacard_{name} is {' or '.join(allowed)}, not {said!r}")
    if not option(config, "seed").lstrip("-").isdecimal():
        raise pytest.UsageError(f"mynacard_seed is a number, not {option(config, 'seed')!r}")


def option(config: pytest.Config, name: str) -> str:
    """What was said on the command line, or else in the configuration file."""
    said = config.getoption(f"mynacard_{name}")
    return str(config.getini(f"mynacard_{name}") if said is None else said)


def strict(config: pytest.Config) -> bool:
    """Whether a should that is broken fails."""
    return bool(config.getoption("mynacard_strict") or config.getini("mynacard_strict"))


# ---------------------------------------------------------------- worlds


def _open(config: pytest.Config, transport: Transport) -> AnyStage:
    from .worlds import world_factory  # noqa: PLC0415 - here begins what costs time

    return world_factory()(transport, seed=int(option(config, "seed")))


_STACK: Final = pytest.StashKey["AnyStage | Exception"]()
"""The one world of this process that is in a PC/SC stack, or why there is none."""


def _stack(config: pytest.Config) -> AnyStage | Exception:
    """Open the PC/SC stack of this process, once: libpcsclite learns its address at the first call, for good."""
    if _STACK not in config.stash:
        try:
            config.stash[_STACK] = _open(config, "private")
        except Exception as error:  # noqa: BLE001 - a world is a stranger; each test that wants it is told
            config.stash[_STACK] = error
    return config.stash[_STACK]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Open the stack before any test makes this process a client of another."""
    if not session.config.option.collectonly and any(_wants_stack(item) for item in session.items):
        _stack(session.config)


def _wants_stack(item: pytest.Item) -> bool:
    names = getattr(item, "fixturenames", ())
    judged = "mynacard_bench" in names and _transport(item.config, getattr(item, "cls", None)) == "private"
    return judged or "mynacard_reader" in names


def _transport(config: pytest.Config, suite: object) -> str:
    return getattr(suite, "transport", None) or option(config, "transport")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Take the stack down."""
    opened = config.stash.get(_STACK, None)
    if opened is not None and not isinstance(opened, Exception):
        opened.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what its user should know about how the stack was set up."""
    warning = getattr(config.stash.get(_STACK, None), "warning", None)
    if warning:
        terminalreporter.write_line(f"mynacard: {warning}")


@pytest.fixture(scope="session")
def _mynacard_stack(pytestconfig: pytest.Config) -> AnyStage:
    """The world in this process's PC/SC stack; skip where the machine lacks what a stack is made of."""
    opened = _stack(pytestconfig)
    if not isinstance(opened, Exception):
        return opened
    if getattr(opened, "outcome", None) == "env_incomplete":
        pytest.skip(str(opened))
    pytest.fail(f"there is no PC/SC stack: {opened}", pytrace=False)


class MynacardReader(str):
    """The PC/SC name of a reader, which knows its world.

    Attributes:
        world: What steers the card in it: `world.insert`, `world.eject`, `world.truth` and the rest (docs/worlds.md).

    """

    __slots__ = ("world",)
    world: AnyStage


@pytest.fixture
def mynacard(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Make a world in this process; its reader is empty unless the marker lays a card into it (docs/worlds.md)."""
    world = _open(request.config, "direct")
    try:
        _set_scene(world, request)
        yield world
    finally:
        world.close()


@pytest.fixture
def mynacard_reader(request: pytest.FixtureRequest, _mynacard_stack: AnyStage) -> Iterator[MynacardReader]:
    """Tell the name of a reader that any PC/SC program in this process and below sees; `.world` steers its card."""
    reader = MynacardReader(_mynacard_stack.reader)
    reader.world = _mynacard_stack
    try:
        _set_scene(_mynacard_stack, request)
        yield reader
    finally:
        _mynacard_stack.begin()


# ---------------------------------------------------------------- the marker, and what a failure shows

_SCENES: Final = pytest.StashKey["list[tuple[AnyStage, int, str]]"]()
"""The worlds of a test, where their traces began, and how they did, in words."""


def _set_scene(world: AnyStage, request: pytest.FixtureRequest) -> None:
    """Lay the card of the marker into the reader, and let the time pass that it says."""
    begun, scene = len(world.truth.trace() or ()), "no card was in the reader"
    ordered = _ordered(request.node)
    if ordered is not None:
        profile = ordered.pop("profile", None) or option(request.config, "profile")
        at = ordered.pop("at", None)
        try:
            world.insert(world.issue(str(profile), **ordered))
            if at is not None:
                world.clock.set(_moment(at))
        except Exception as error:  # noqa: BLE001 - a world is a stranger, and its refusal one line
            pytest.fail(f"@pytest.mark.mynacard: {error}", pytrace=False)
        scene = f"profile {profile}, {world.clock.now:%Y-%m-%d %H:%M}, tries left: {_tries(world)}"
    request.node.stash.setdefault(_SCENES, []).append((world, begun, scene))


def _tries(world: AnyStage) -> str:
    """The PINs that the card has, with their tries; one that was never set has none."""
    left = {pin: world.truth.tries_left(pin) for pin in ("auth", "sign", "juki", "text")}
    return ", ".join(f"{pin} {tries}" for pin, tries in left.items() if tries is not None) or "no PINs"


def _ordered(node: pytest.Item) -> dict[str, Any] | None:
    """What the markers say, the nearest last; None where there is none."""
    marks = list(node.iter_markers("mynacard"))
    if any(mark.args for mark in marks):
        pytest.fail('@pytest.mark.mynacard takes keywords, such as profile="adult", auth="locked"', pytrace=False)
    return {name: value for mark in reversed(marks) for name, value in mark.kwargs.items()} if marks else None


def _moment(at: object) -> datetime:
    """A time by the clocks of Japan, unless it says by which."""
    moment = at if isinstance(at, datetime) else datetime.fromisoformat(str(at))
    return moment if moment.tzinfo else moment.replace(tzinfo=_JST)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show, where a test failed, how its card began and what it saw since."""
    report = yield
    if call.when == "call" and report.failed:
        for world, begun, scene in item.stash.get(_SCENES, []):
            report.sections.append(("mynacard", "\n".join([f"at the beginning: {scene}", *_trace(world, begun)])))
    return report


def _trace(world: AnyStage, begun: int) -> Iterator[str]:
    """What the card saw, with no PIN in it."""
    from .judge.evidence import seen  # noqa: PLC0415 - for failures

    shown = seen(world.truth.trace(begun) or ())
    if len(shown) > _MOST_LINES:
        yield f"… {len(shown) - _MOST_LINES} before …"
    for apdu in shown[-_MOST_LINES:]:
        yield from (f"> {apdu.command}", f"< {apdu.response}") if apdu.response else (apdu.command,)


# ---------------------------------------------------------------- ClientSuite


@pytest.fixture(scope="class")
def mynacard_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Open the stage and the client that the tests of a `ClientSuite` share."""
    from .client_suite import open_bench  # noqa: PLC0415 - Hypothesis comes with it

    config = request.config
    private = _transport(config, request.cls) == "private"
    stage = request.getfixturevalue("_mynacard_stack") if private else _open(config, "direct")
    suite = cast("type[ClientSuite]", request.cls)()
    budget, seed = option(config, "budget"), int(option(config, "seed"))
    try:
        with open_bench(suite, stage, budget=budget, seed=seed, strict=strict(config)) as bench:
            yield bench
    finally:
        stage.begin() if private else stage.close()
