"""The verb `compare`: several verdicts, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .reporting import JSON, LANGUAGE, print_json, users_files

if TYPE_CHECKING:
    from mynacard_conformance.report.messages import Language


@click.command()
@click.argument("verdicts", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="VERDICT...")
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write the table as a page, too.")
@LANGUAGE
@JSON
def compare(verdicts: tuple[Path, ...], html: Path | None, lang: Language | None, *, as_json: bool) -> None:
    """Show the verdicts on several clients side by side, what differs first.

    A VERDICT is a file verdict.json, or a folder that `check --report` wrote. Exit status: 0, or 2 for a file that is
    none.
    """
    from mynacard_conformance.report import compare as side_by_side  # noqa: PLC0415 - `--help` needs none of it
    from mynacard_conformance.report import files  # noqa: PLC0415 - likewise
    from mynacard_conformance.report.messages import language_or_locale  # noqa: PLC0415 - likewise

    if html is not None and html.suffix not in (".html", ".htm"):
        raise click.UsageError("--html names the page to be written, which ends in .html", click.get_current_context())
    language = language_or_locale(lang)
    with users_files():
        columns = [side_by_side.read(path) for path in verdicts]
        if html is not None:
            files.replace_text(html, side_by_side.write_page(columns, language))
    if as_json:
        print_json(side_by_side.describe(columns))
        return
    for line in side_by_side.write(columns, language):
        click.echo(line)
