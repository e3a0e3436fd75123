"""The verb `replay`: one finding, played again."""

from __future__ import annotations

import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .opening import HARNESS_ERROR, ClientChoice, UnusableError, client_options, open_client, open_stage
from .reporting import JSON, LANGUAGE, print_json, users_files

if TYPE_CHECKING:
    from mynacard_conformance.report.finding_file import Recorded
    from mynacard_conformance.report.messages import Language

_STATUS = {"fixed": 0, "still-fails": 1, "not-judged": HARNESS_ERROR}


@click.command()
@click.argument("finding", type=click.Path(path_type=Path), metavar="FINDING.json")
@client_options(required=False)
@click.option("--transport", type=click.Choice(["private", "direct"]), help="A stack, or none; by default as recorded.")
@click.option("--timeout", type=click.FloatRange(0.1), help="Seconds that a client has for one call, likewise.")
@LANGUAGE
@JSON
@click.pass_context
def replay(
    ctx: click.Context,
    finding: Path,
    *,
    choice: ClientChoice | None,
    transport: str | None,
    timeout: float | None,
    lang: Language | None,
    as_json: bool,
) -> None:
    """Play a finding of a report again, and say FIXED or STILL FAILS.

    The client is the one that the finding is about, started by the command that stands in the file, or another that is
    named here. Exit status: 0 fixed, 1 still fails, 2 a file or an environment that cannot serve, 3 harness error, or
    the client did not come to where the finding was.
    """
    from mynacard_conformance import replay as replays  # noqa: PLC0415 - `--help` needs none of it
    from mynacard_conformance.report import finding_file  # noqa: PLC0415 - likewise
    from mynacard_conformance.report.messages import language_or_locale  # noqa: PLC0415 - likewise
    from mynacard_conformance.report.replayed import describe, summary, write  # noqa: PLC0415 - likewise

    with users_files():
        recorded = finding_file.read(finding)
    setup = recorded.setup
    chosen = choice or _recorded_choice(finding, recorded)
    with ExitStack() as cleanup:
        stage = open_stage(transport or setup.transport, isolate=False)
        cleanup.callback(stage.close)
        if stage.warning:
            click.echo(f"mynacard: {stage.warning}", err=True)
        client = open_client(stage, chosen, cleanup, timeout=timeout or setup.timeout)
        try:
            replayed = replays.replay(
                stage, client, recorded.requirement, recorded.told_by, recorded.acts, conditions=setup.conditions
            )
        except replays.UnplayableError as error:
            raise UnusableError(f"{finding}: {error}") from None
        name = client.name
    if as_json:
        print_json(describe(replayed, name))
    else:
        for line in write(replayed, recorded.told_by, name, language_or_locale(lang)):
            click.echo(line)
    ctx.exit(_STATUS[summary(replayed)])


def _recorded_choice(finding: Path, recorded: Recorded) -> ClientChoice:
    """Read the client's arguments as a command line has them."""

    @click.command(add_help_option=False)
    @client_options(required=True)
    def named(choice: ClientChoice) -> ClientChoice:
        return choice

    try:
        choice = named.main(shlex.split(recorded.setup.client), standalone_mode=False)
    except (click.ClickException, ValueError):
        choice = None
    if not isinstance(choice, ClientChoice):
        raise UnusableError(f"{finding} does not say which client it is about; name one, as for `mynacard check`")
    return choice
