"""Verbs about this machine, and the first minute: `doctor` and `demo`."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import Enum
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mynacard_emulator import profiles, transcript
from mynacard_emulator.transcript import Exchange, Narrator

if TYPE_CHECKING:
    from mynacard_emulator.world import World

OPENSC_MODULES = ("/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so", "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so")
_AUTH_PIN = "00A4040C0AD392F000260100000001", "00A4020C020018"
"""What selects the JPKI application, and in it the auth PIN."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Say what this machine has for PC/SC work, and the command that installs what is missing.

    Exit status 2 where a private PC/SC stack cannot be had.
    """
    from mynacard_emulator.readers import doctor as examination  # noqa: PLC0415 - it measures

    findings = examination.examine()
    if as_json:
        click.echo(json.dumps([_plain(asdict(finding)) for finding in findings], indent=2))
    else:
        for finding in findings:
            click.echo(f"{finding.status.value:9}{finding.name:26}{finding.seen}")
            if finding.remedy:
                click.echo(f"{'':9}{'':26}→ {finding.remedy}")
    ctx.exit(2 if any(finding.needed and not finding.ok for finding in findings) else 0)


@click.command()
@click.pass_context
def demo(ctx: click.Context) -> None:
    """See in under a minute what this is for: a PIN locks, an authority resets it, and a client is judged."""
    from mynacard_emulator.office.messages import of_visit  # noqa: PLC0415 - `doctor` needs no office
    from mynacard_emulator.world import World  # noqa: PLC0415 - likewise

    click.echo("1. A fresh test card, and its auth PIN entered wrong three times. Real cards lock just like this.\n")
    world = World()
    world.insert(world.issue(profiles.ADULT))
    narrator = Narrator()
    _talk(world, narrator, *_AUTH_PIN, *3 * ("002000800430303030",))
    _talk(world, narrator, "00200080")
    click.echo(
        "\n2. The holder walks to the city hall with the card and a driving licence, and the counter sets a new PIN.\n"
    )
    visit = world.office.counter.reset_pin("auth", new="4829")
    for sentence in of_visit("counter.reset_pin", visit, "en"):
        click.echo(f"   {sentence}")
    narrator = Narrator()
    _talk(world, narrator, *_AUTH_PIN, "00200080")
    click.echo("\n3. A client is judged on what it makes of such a card.\n")
    ctx.exit(_judge(ctx))


def _talk(world: World, narrator: Narrator, *commands: str) -> None:
    for command in map(bytes.fromhex, commands):
        exchange = Exchange("command", command, world.transmit(command))
        for line in transcript.lines(exchange, narrator):
            click.echo(f"   {line}")


def _judge(ctx: click.Context) -> int:
    check = next((entry.load() for entry in entry_points(group="mynacard.commands", name="check")), None)
    if not isinstance(check, click.Command):
        raise click.ClickException("the harness is not installed with this package")
    module = next((path for path in OPENSC_MODULES if Path(path).exists()), None)
    lacking = _lacking(module)
    if lacking:
        click.echo(f"   {lacking}: the built-in reference client is judged instead, in this process.\n")
        arguments = ["--reference", "--transport", "direct"]
    else:
        click.echo(f"   The client is OpenSC's PKCS#11 module ({module}), through a private PC/SC stack.\n")
        arguments = ["--pkcs11", str(module)]
    status = check.main(
        [*arguments, "--budget", "smoke"], prog_name="mynacard check", standalone_mode=False, parent=ctx
    )
    return status if isinstance(status, int) else 0


def _lacking(module: str | None) -> str:
    """What a run through PC/SC lacks here; empty where nothing is."""
    from mynacard_emulator.readers import stack  # noqa: PLC0415 - only here

    if module is None:
        return "OpenSC is not installed (apt-get install opensc-pkcs11)"
    return stack.lacking()


def _plain(values: dict[str, object]) -> dict[str, object]:
    return {name: value.value if isinstance(value, Enum) else value for name, value in values.items()}
