"""The verbs that list what there is to be played and to be kept: `scenarios` and `requirements`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .reporting import JSON, LANGUAGE, print_json

if TYPE_CHECKING:
    from mynacard_conformance.report.messages import Language


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@LANGUAGE
@JSON
def scenarios(ids: tuple[str, ...], lang: Language | None, *, as_json: bool) -> None:
    """List the scenarios that `check` plays; with IDs, all that is known of these.

    An ID is that of a scenario, or the name of a family: `lock`, `reset`, `renew`, `portal`, and so on.
    """
    from mynacard_conformance.report import catalogue  # noqa: PLC0415 - `--help` needs none of it
    from mynacard_conformance.report.messages import language_or_locale  # noqa: PLC0415 - likewise
    from mynacard_conformance.scenarios.families import SCENARIOS  # noqa: PLC0415 - likewise

    known = {key for each in SCENARIOS for key in (each.id, each.family)}
    _require_known(ids, known, "scenario")
    chosen = [each for each in SCENARIOS if not ids or {each.id, each.family} & set(ids)]
    if as_json:
        print_json([catalogue.describe_scenario(each) for each in chosen])
        return
    full = any(each.id in ids for each in chosen)
    for each in chosen:
        for line in catalogue.scenario_lines(each, language_or_locale(lang), full=full):
            click.echo(line)


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--coverage", is_flag=True, help="Add the scenarios that try each one out.")
@click.option("--markdown", is_flag=True, help="Print a page of what the source documents require, and its scenarios.")
@LANGUAGE
@JSON
def requirements(ids: tuple[str, ...], lang: Language | None, *, coverage: bool, markdown: bool, as_json: bool) -> None:
    """List what is required: of clients (client/…), cards (card/…), readers (reader/…), and by the source documents."""
    if markdown:
        _print_page(lang, alone=not (ids or as_json))
        return
    from mynacard_conformance.report import catalogue  # noqa: PLC0415 - `--help` needs none of it
    from mynacard_conformance.report.messages import language_or_locale  # noqa: PLC0415 - likewise

    entries = catalogue.requirements()
    _require_known(ids, {entry.id for entry in entries}, "requirement")
    chosen = [entry for entry in entries if not ids or entry.id in ids]
    if as_json:
        print_json([catalogue.describe_requirement(entry) for entry in chosen])
        return
    for entry in chosen:
        for line in catalogue.requirement_lines(entry, language_or_locale(lang), coverage=coverage):
            click.echo(line)


def _print_page(lang: Language | None, *, alone: bool) -> None:
    from mynacard_conformance.report import traceability  # noqa: PLC0415 - `--help` needs none of it
    from mynacard_conformance.report.messages import language_or_locale  # noqa: PLC0415 - likewise

    if not alone:
        raise click.UsageError("--markdown prints a whole page; leave out IDs and --json")
    click.echo(traceability.page(language_or_locale(lang)), nl=False)


def _require_known(ids: tuple[str, ...], known: set[str], what: str) -> None:
    unknown = [wanted for wanted in ids if wanted not in known]
    if unknown:
        raise click.UsageError(f"no {what} {', '.join(unknown)}; `mynacard {what}s` lists them")
