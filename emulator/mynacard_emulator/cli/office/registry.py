"""Verbs about a registry as a whole: `init`, `enrol`, `clock`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import click

from mynacard_emulator.office.calendar import desk_is_open, next_opening
from mynacard_emulator.office.card_files import CardFiles
from mynacard_emulator.office.enrolment import card_serial
from mynacard_emulator.office.policy import Policy, policy_questions
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.personalise import answers
from mynacard_emulator.personalise.dates import JST

from .options import DEFAULT_NAME, VARIABLE, registry_of, registry_option
from .values import moment, pair, span


@click.command()
@click.argument("file", metavar="[REGISTRY]", type=click.Path(path_type=Path), envvar=VARIABLE, default=DEFAULT_NAME)
@click.option(
    "--at", metavar="TIME", type=moment, help="Where its clock begins; default: now, or when the desks open next."
)
@click.option(
    "--policy",
    "switches",
    metavar="NAME=VALUE",
    type=pair,
    multiple=True,
    help="How this office does it, where offices differ (see `mynacard assumptions`); may be repeated.",
)
@click.option("--force", is_flag=True, help="Replace REGISTRY if it exists.")
def init(file: Path, at: datetime | None, switches: tuple[tuple[str, str], ...], force: bool) -> None:
    """Open an office: create a registry that knows nobody yet.

    Its clock stands still until `mynacard office clock` moves it.
    """
    policy = _policy(dict(switches))
    begins = at or next_opening(datetime.now(JST).replace(microsecond=0))
    try:
        created = StoredRegistry.create(file, at=begins, policy=policy, force=force)
    except ValueError as error:
        raise click.UsageError(f"--at: {error}; choose another time") from None
    with created:
        click.echo(f"{file}: {_told(begins)}")
        click.echo("Next: mynacard office enrol CARD")


@click.command()
@click.argument("cards", metavar="CARD…", type=click.Path(path_type=Path), nargs=-1, required=True)
@registry_option
def enrol(cards: tuple[Path, ...], registry: Path | None) -> None:
    """Make cards known to the registry.

    A card that is known already stays as it is there. The registry's clock cannot be before the card's first day.
    """
    files = CardFiles()
    with StoredRegistry.open(registry_of(registry, cards[0])) as stored:
        office = stored.office(files)
        for card in cards:
            issued = files.look(card)
            serial = card_serial(issued)
            if serial is None:
                raise click.ClickException(
                    f"{card} has no number by which a registry could know it: it is none of ours"
                )
            if issued.handed_over > stored.clock.now.date():
                raise click.ClickException(
                    f"{card} was handed over on {issued.handed_over}, after the day of the registry, which is "
                    f"{stored.clock.now:%Y-%m-%d}: first `mynacard office clock --set {issued.handed_over}`"
                )
            office.enrol(card)
            click.echo(f"{card}: known as {serial}")


@click.command()
@click.option("--set", "to", metavar="TIME", type=moment, help="Move it to this time.")
@click.option("--advance", metavar="SPAN", type=span, help="Move it by so much, such as 3d or 1d12h.")
@click.option("--opening", is_flag=True, help="Then move it to when the desks open next, unless they are open.")
@registry_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def clock(to: datetime | None, advance: timedelta | None, opening: bool, registry: Path | None, as_json: bool) -> None:
    """Show the registry's time, or move it forward.

    It stands still by itself, and never runs backwards.
    """
    if to is not None and advance is not None:
        raise click.UsageError("move the clock to a time or by a span, not both")
    path = registry_of(registry)
    moved = to is not None or advance is not None or opening
    with StoredRegistry.open(path) if moved else StoredRegistry.look(path) as stored:
        try:
            at = to or stored.clock.now + (advance or timedelta(0))
            stored.move_clock(next_opening(at) if opening else at)
        except (ValueError, OverflowError) as error:
            raise click.ClickException(f"{path}: {error}; choose another time") from None
        now = stored.clock.now
    click.echo(json.dumps({"now": now.isoformat(), "desks": desk_is_open(now)}) if as_json else _told(now))


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} in Japan, {at:%a}, desks {'open' if desk_is_open(at) else 'closed'}"


def _policy(switches: dict[str, str]) -> Policy:
    try:
        return Policy(**answers.chosen(switches, policy_questions()))
    except answers.UnknownAnswerError as error:
        known = f"; there are {', '.join(q.name for q in policy_questions())}" if error.question in switches else ""
        told = f"{error}{known}" if str(error) == "no such question" else str(error)
        raise click.UsageError(f"--policy {error.question}: {told}") from None
