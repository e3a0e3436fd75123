"""The verb `check`: one client, judged."""

from __future__ import annotations

import os
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

import click

from .opening import ClientChoice, client_options
from .reporting import Reporting, reporting_options

if TYPE_CHECKING:
    from mynacard_conformance.run import Budget
    from mynacard_conformance.suites import Suite

_NOWHERE = f"{os.devnull}/hypothesis"
"""Where Hypothesis cannot leave its caches: else that were the working directory."""

_BUDGETS = ("smoke", "default", "deep")
_STORIES = (
    *("lock", "change", "content", "readers", "faults"),
    *("reset", "renew", "reissue", "pki", "mobile"),
    *("mykey", "portal", "eligibility"),
)
_LIVES = ("counter", "status", "closing", "sharing", "removal", "accidents", "new-pin", "new-certificates")
_SUITES = (*_STORIES, *_LIVES, "random", "all")


def keep_caches_nowhere() -> None:
    """Keep Hypothesis from leaving anything in the working directory."""
    from hypothesis.configuration import set_hypothesis_home_dir  # noqa: PLC0415 - heavy

    set_hypothesis_home_dir(_NOWHERE)


@click.command()
@client_options()
@click.option("--scenario", "ids", multiple=True, metavar="ID", help="Play only this scenario; repeat for more.")
@click.option(
    "--suite",
    "suites",
    multiple=True,
    type=click.Choice(_SUITES),
    help="Play these stories and random lives; repeat for more. Without: all that needs no office.",
)
@click.option(
    "--budget",
    "budget_name",
    type=click.Choice(_BUDGETS),
    default="default",
    show_default=True,
    help="How many random lives, and the ceiling for the time that they take.",
)
@click.option("--examples", type=click.IntRange(0), help="Random lives for each concern, instead of the budget's.")
@click.option("--ceiling", type=click.FloatRange(0), help="Seconds that the random lives may take, likewise.")
@click.option(
    "-n",
    "--workers",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    help="Processes to play in, each with a stack and a client of its own; it does not change what is played.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Decides the random lives.")
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND:NUMBER:EFFECT",
    help="Order this fault anew in every story and life: verify:2:tear-after (docs/faults.md); repeat for more.",
)
@click.option("--noise", default="", metavar="NAME", help="Let a platform speak to the card first: opensc, desktop.")
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
@reporting_options
@click.pass_context
def check(
    ctx: click.Context,
    *,
    choice: ClientChoice,
    ids: tuple[str, ...],
    suites: tuple[str, ...],
    budget_name: str,
    examples: int | None,
    ceiling: float | None,
    workers: int,
    seed: int,
    faults: tuple[str, ...],
    noise: str,
    transport: str,
    isolate: bool,
    timeout: float,
    reporting: Reporting,
) -> None:
    """Judge a client on whether it tells its user the truth about a My Number Card.

    A test card is inserted, the client is led through locks, removals and resets, and everything it says is held
    against the card's own trace and counters. Exit status: 0 conformant, 1 not, 2 wrong usage or an environment that
    cannot serve, 3 harness error or nothing could be judged.
    """
    if transport == "direct" and not choice.in_process:
        raise click.UsageError("--transport direct is for Python clients; a program finds its card through PC/SC", ctx)
    from mynacard_conformance import run as runs  # noqa: PLC0415 - Hypothesis comes with it
    from mynacard_conformance.judge.trial import Conditions  # noqa: PLC0415 - likewise
    from mynacard_conformance.report.setup import Setup  # noqa: PLC0415 - likewise

    from .workers import Place, play_here, play_in_processes  # noqa: PLC0415 - likewise

    keep_caches_nowhere()
    suite = _chosen(ids, suites, smoke=budget_name == "smoke", lives=examples is not None)
    plan = runs.Plan(
        budget=_budget(runs.BUDGETS[budget_name], examples, ceiling, seed),
        scenarios=suite.scenarios,
        concerns=suite.concerns,
        conditions=Conditions(faults, noise),
    )
    reporting.look_ahead()
    place, begun = Place(choice, transport, isolate, timeout), monotonic()
    with reporting.progress() as tell:
        if workers > 1:
            played = play_in_processes(place, plan, workers, tell)
        else:
            played = play_here(place, plan, lambda warning: click.echo(f"mynacard: {warning}", err=True), tell)
    report = runs.report(played, plan, monotonic() - begun)
    setup = Setup(choice.arguments, transport, timeout, plan.budget.examples, seed, plan.conditions)
    ctx.exit(reporting.publish(report, setup))


def _budget(named: Budget, examples: int | None, ceiling: float | None, seed: int) -> Budget:
    return replace(
        named,
        examples=named.examples if examples is None else examples,
        ceiling=named.ceiling if ceiling is None else ceiling,
        seed=seed,
    )


def _chosen(ids: tuple[str, ...], names: tuple[str, ...], *, smoke: bool, lives: bool) -> Suite:
    """What was named: suites, scenarios; of scenarios alone no random lives, unless some are asked for."""
    from mynacard_conformance.scenarios.families import SCENARIOS  # noqa: PLC0415 - `--help` needs none of them
    from mynacard_conformance.suites import DEFAULT_SUITE, SMOKE_SUITE, Suite, chosen  # noqa: PLC0415 - likewise

    if not (ids or names):
        return SMOKE_SUITE if smoke else DEFAULT_SUITE
    known = {scenario.id: scenario for scenario in SCENARIOS}
    unknown = [wanted for wanted in ids if wanted not in known]
    if unknown:
        raise click.UsageError(f"no scenario {', '.join(unknown)}; `mynacard scenarios` lists them")
    suite = chosen(names)
    stories = {each.id: each for each in (*suite.scenarios, *(known[wanted] for wanted in ids))}
    return Suite(tuple(stories.values()), suite.concerns or (DEFAULT_SUITE.concerns if lives else ()))
