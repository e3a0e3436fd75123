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

_NOWHERE = f"{os.devnull}/hypothesis"
"""Where Hypothesis cannot leave its caches: else that were the working directory."""

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
    "--suite",
    "suites",
    multiple=True,
    type=click.Choice(["lock", "change", "reset", "renew", "reissue", "pki", "mobile", "random", "all"]),
    help="Play these stories, or the random lives; repeat for more. Without: lock, change and random.",
)
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
    suites: tuple[str, ...],
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
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415 - heavy

    from . import run as runs  # noqa: PLC0415 - Hypothesis comes with it
    from .report import as_json as write_json  # noqa: PLC0415 - likewise
    from .report import messages, text  # noqa: PLC0415 - likewise

    set_hypothesis_home_dir(_NOWHERE)
    chosen = _choose(ids, suites, ctx)
    with ExitStack() as cleanup:
        stage = _open_stage(transport, isolate=isolate)
        cleanup.callback(stage.close)
        if stage.warning:
            click.echo(f"mynacard: {stage.warning}", err=True)
        client = _open_client(stage, modules, driver, cleanup, timeout=timeout)
        random = bool({"random", "all"} & set(suites)) or not (ids or suites) or _given(ctx, "examples")
        budget = runs.Budget(examples=examples if random else 0, ceiling=ceiling, seed=seed)
        report = runs.run(stage, client, budget=budget, scenarios=chosen)
    if as_json:
        click.echo(json.dumps(write_json.describe(report), ensure_ascii=False, indent=2))
    else:
        for line in text.write(report, messages.language_or_locale(lang), rerun=_command(modules, driver)):
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


def _choose(ids: tuple[str, ...], suites: tuple[str, ...], ctx: click.Context) -> tuple[Scenario, ...]:
    """The scenarios that were named, or those of the suites, or the default."""
    from .scenarios.families import DEFAULT, SCENARIOS, SUITES  # noqa: PLC0415 - `--help` needs none of them

    known = {scenario.id: scenario for scenario in SCENARIOS}
    unknown = [wanted for wanted in ids if wanted not in known]
    if unknown:
        raise click.UsageError(f"no scenario {', '.join(unknown)}; `mynacard scenarios` lists them", ctx)
    if not (ids or suites):
        return DEFAULT
    of_suites = SCENARIOS if "all" in suites else [each for suite in suites for each in SUITES.get(suite, ())]
    return tuple({each.id: each for each in (*of_suites, *(known[wanted] for wanted in ids))}.values())


def _given(ctx: click.Context, option: str) -> bool:
    return ctx.get_parameter_source(option) is click.core.ParameterSource.COMMANDLINE


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
