"""The verb `record`: what a card answers to harmless questions, written down without anything personal."""

from __future__ import annotations

import os
from pathlib import Path

import click

from .check_card import reader_with_card
from .opening import UnusableError

_CONSENT = (
    "This selects every application and file of the card in {0}, reads what everybody may read, and asks for the tries"
    " left. No PIN is sent, nothing is written to the card, and {1} gets lengths and status words, no data. Is it your"
    " own card, or a test card?"
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reader", required=True, metavar="NAME", help="The PC/SC reader, by its name or how that begins.")
@click.option("--yes", is_flag=True, help="Do not ask first: it is your own card, or a test card.")
def record(file: Path, reader: str, *, yes: bool) -> None:
    """Write down in FILE what a card answers, so that others can compare theirs; nothing in it is personal.

    `mynacard trace FILE` explains it. FILE must be new.
    """
    from mynacard_conformance.adapters.pcsc_reader import PcscCard  # noqa: PLC0415 - `--help` needs it not
    from mynacard_conformance.card_checks.recording import Recorder  # noqa: PLC0415 - likewise

    found = reader_with_card(reader)
    if not yes:
        click.confirm(_CONSENT.format(found.name, file), abort=True, err=True)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UnusableError(f"{file} is there already; name a new file") from None
    card = PcscCard(found)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.writelines(f"{line}\n" for line in Recorder(card).lines())
    finally:
        card.release()
    click.echo(f"{file}: `mynacard trace {file}` explains it")
