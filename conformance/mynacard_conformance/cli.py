"""The harness's verbs of the `mynacard` command."""

from __future__ import annotations

import json
import os
import shlex
from contextlib import ExitStack
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, cast

import click

if TYPE_CHECKING:
    from .ports import AnyStage, ClientUnderTest, StageFactory
    from .report.messages import Language
    from .run import Report
    from .scenarios.story import Scenario

_DEFAULT_EXAMPLES = 25

CONFORMANT, NOT_CONFORMANT, UNUSABLE, HARNESS_ERROR = 0, 1, 2, 3
"""Exit statuses of `check`."""


class UnusableError(click.ClickException):
    """The user named something that cannot be judged."""

    exit_code = UNUSABLE


class NothingJudgedError(click.ClickException):
    """There is no verdict, and that is not for the user's command to mend."""

    exit_code = HARNESS_ERROR


@click.command()
@click.option(
    "--pkcs11",
    "modules",
    multiple=True,
    metavar="MODULE.so",
    help="Judge a PKCS#11 module; twice where sign and auth are two.",
)
@click.option("--driver", metavar="CMD", help="Judge a client of any language through its driver (docs/drivers.md).")
@click.option("--reference", is_flag=True, help="Judge the harness's own reference client.")
@click.option("--scenario", "ids", multiple=True, metavar="ID", help="Play only this scenario; repeat for more.")
@click.option(
    "--examples", type=click.IntRange(0), default=_DEFAULT_EXAMPLES, show_default=True, help="Random lives to play."
)
@click.option(
    "--ceiling", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds that these may take."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the random lives.")
@click.option(
    "--transport",
    type=click.Choice(["private", "direct"]),
    default="private",
    show_default=True,
    help="A private PC/SC stack, or none at all (Python clients only).",
)
@click.option(
    "--isolate", is_flag=True, help="Fail, rather than warn, where the stack cannot have namespaces of its own."
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1),
    default=5.0,
    show_default=True,
    help="Seconds that a client has for one call.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "ja"]),
    default=None,
    help="Language of the verdict; by default that of the locale.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def check(
    ctx: click.Context,
    modules: tuple[str, ...],
    driver: str | None,
    reference: bool,
    ids: tuple[str, ...],
    examples: int,
    ceiling: float,
    seed: int,
    transport: str,
    isolate: bool,
    timeout: float,
    lang: Language | None,
    as_json: bool,
) -> None:
    """Judge a client on whether it tells its user the truth about a My Number Card.

    A test card is inserted, the client is led through locks, removals and resets, and everything it says is held
    against the card's own trace and counters. Exit status: 0 conformant, 1 not, 2 wrong usage or an environment that
    cannot serve, 3 harness error or nothing could be judged.
    """
    if (len(modules) > 0) + (driver is not None) + reference != 1:
        raise click.UsageError("name one client: --pkcs11 MODULE.so, --driver CMD or --reference", ctx)
    if transport == "direct" and not reference:
        raise click.UsageError("--transport direct is for Python clients; a program finds its card through PC/SC", ctx)
    from . import run as runs  # noqa: PLC0415 - Hypothesis comes with it
    from .report import as_json as write_json  # noqa: PLC0415 - likewise
    from .report import text  # noqa: PLC0415 - likewise

    chosen = _choose(ids, runs.SCENARIOS, ctx)
    with ExitStack() as cleanup:
        stage = _open_stage(transport, isolate=isolate)
        cleanup.callback(stage.close)
        if stage.warning:
            click.echo(f"mynacard: {stage.warning}", err=True)
        client = _open_client(stage, modules, driver, cleanup, timeout=timeout)
        budget = runs.Budget(
            examples=0 if ids and not _given(ctx, "examples") else examples, ceiling=ceiling, seed=seed
        )
        report = runs.run(stage, client, budget=budget, scenarios=chosen)
    if as_json:
        click.echo(json.dumps(write_json.describe(report), ensure_ascii=False, indent=2))
    else:
        for line in text.write(report, lang or _locale(), rerun=_command(modules, driver)):
            click.echo(line)
    ctx.exit(_status(report))


def _open_stage(transport: str, *, isolate: bool) -> AnyStage:
    entry = next(iter(entry_points(group="mynacard.worlds", name="emulated")), None)
    if entry is None:
        raise click.ClickException("no world is installed; the package registers one in the group mynacard.worlds")
    factory = cast("StageFactory", entry.load())
    return factory(transport, isolate=isolate)


def _open_client(
    stage: AnyStage, modules: tuple[str, ...], driver: str | None, cleanup: ExitStack, *, timeout: float
) -> ClientUnderTest:
    """Open the client that the user named; `cleanup` ends it, whatever happens from then on."""
    if stage.reader is None or not (modules or driver is not None):
        return _reference_client(stage)
    from .adapters.driver import DriverClient, DriverError  # noqa: PLC0415 - one client of three is needed
    from .adapters.pkcs11 import Pkcs11Client  # noqa: PLC0415 - likewise

    try:
        make = partial(DriverClient, driver) if driver is not None else partial(Pkcs11Client, modules)
        client = make(reader=stage.reader, environment=stage.environment, timeout=timeout)
        cleanup.callback(client.shutdown)
        introduced = client.start()
    except DriverError as error:
        raise UnusableError(str(error)) from None
    if introduced.breakdown is not None:
        raise NothingJudgedError(f"the client did not introduce itself: {introduced.message}")
    return client


def _reference_client(stage: AnyStage) -> ClientUnderTest:
    from .adapters.careful import CarefulClient  # noqa: PLC0415 - likewise
    from .adapters.in_process import InProcessClient  # noqa: PLC0415 - one client of three is needed
    from .adapters.pcsc_connection import PcscConnection  # noqa: PLC0415 - likewise

    reader = stage.reader
    connect = stage.connect if reader is None else lambda: PcscConnection(reader)
    return InProcessClient(CarefulClient, connect, name="the reference client")


def _choose(ids: tuple[str, ...], scenarios: tuple[Scenario, ...], ctx: click.Context) -> tuple[Scenario, ...]:
    known = {scenario.id: scenario for scenario in scenarios}
    unknown = [wanted for wanted in ids if wanted not in known]
    if unknown:
        raise click.UsageError(f"no scenario {', '.join(unknown)}; there are {', '.join(known)}", ctx)
    return tuple(known[wanted] for wanted in ids) or scenarios


def _given(ctx: click.Context, option: str) -> bool:
    return ctx.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE


def _locale() -> Language:
    told = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "ja" if told.startswith("ja") else "en"


def _command(modules: tuple[str, ...], driver: str | None) -> str:
    if driver is not None:
        client = f"--driver {shlex.quote(driver)}"
    else:
        client = " ".join(f"--pkcs11 {shlex.quote(module)}" for module in modules) or "--reference"
    return f"mynacard check {client}"


def _status(report: Report) -> int:
    if report.fault or not report.judged_anything:
        return HARNESS_ERROR
    return CONFORMANT if report.conformant else NOT_CONFORMANT
