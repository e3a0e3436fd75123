"""Verbs that talk to a card without any reader: `apdu` and `trace`."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

import click

from mynacard_emulator import transcript
from mynacard_emulator.transcript import Exchange, Narrator, TranscriptError

from .choose import profile_option, state_option, take

_HEX = re.compile(r"[0-9A-Fa-f\s:]+")


@click.command()
@click.argument("words", metavar="[FILE] HEX…", nargs=-1)
@profile_option
@state_option
@click.pass_context
def apdu(ctx: click.Context, words: tuple[str, ...], profile: str | None, state: str) -> None:
    """Talk to a card with no reader at all.

    Each HEX is one command APDU (spaces and colons are welcome; "-" reads them from standard input, a line each, and
    answers each at once). The card is the one in FILE, which remembers, or a fresh one. The PIN in a command is never
    printed.
    """
    file, sources = _split(words)
    narrator = Narrator()
    answered = False
    if sources:
        with take(file, profile, state) as card:
            for command in chain.from_iterable(sources):
                exchange = Exchange("command", command, card.card.transmit(command))
                for line in transcript.lines(exchange, narrator):
                    click.echo(line)  # which flushes: a program may wait for this answer
                answered = True
    if not answered:
        raise click.UsageError(
            "no APDU given; try: mynacard apdu 00A4040C0AD392F000260100000001 00A4020C020018 00200080", ctx
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--against", metavar="NAME|TOML", help="Play it again on fresh cards of this profile, and explain what differs."
)
@click.option("--against-reader", metavar="READER", help="Play it again on the card in a PC/SC reader; no PIN is sent.")
@click.pass_context
def trace(ctx: click.Context, file: Path, against: str | None, against_reader: str | None) -> None:
    """Explain a recorded conversation, or play it again and show where it differs (exit status 1).

    Against a profile a difference is explained by the answers to open questions (`mynacard assumptions`) with which
    there is none, as a profile chooses them.
    """
    exchanges = list(_read(file))
    if against is None and against_reader is None:
        narrator = Narrator()
        for exchange in exchanges:
            for line in transcript.lines(exchange, narrator):
                click.echo(line)
        return
    if against is not None and against_reader is not None:
        raise click.UsageError("play it --against a profile or --against-reader, not both", ctx)
    from mynacard_emulator import replay  # noqa: PLC0415 - only here

    if against is not None:
        difference = replay.against_card(exchanges, take(None, against).card.profile)
    else:
        difference = replay.against_reader(exchanges, str(against_reader))
    for line in difference.lines:
        click.echo(line)
    ctx.exit(1 if difference.found else 0)


def _split(words: tuple[str, ...]) -> tuple[Path | None, list[Iterable[bytes]]]:
    """Tell the card's file from the commands; those that were typed are read before any is sent."""
    file = Path(words[0]) if words and _is_file(words[0]) else None
    rest = words[1:] if file else words
    return file, [_commands(sys.stdin or ()) if word == "-" else list(_commands([word])) for word in rest]


def _is_file(word: str) -> bool:
    """Tell a name from a mistyped APDU, which no message may repeat: it may hold a PIN."""
    return word != "-" and not _HEX.fullmatch(word) and ("." in word or "/" in word or Path(word).exists())


def _commands(lines: Iterable[str]) -> Iterator[bytes]:
    """Read a command a line, each when it is asked for."""
    try:
        for line in filter(None, (line.strip() for line in lines)):
            yield bytes.fromhex(re.sub(r"[\s:]", "", line))
    except ValueError:  # what is not even text, too
        raise click.UsageError(
            "an APDU is written in hexadecimal, two digits a byte; one of these is not, and is no file either"
        ) from None


def _read(file: Path) -> Iterator[Exchange]:
    try:
        with file.open(encoding="utf-8") as source:
            yield from transcript.read(iter(partial(source.readline, transcript.LONGEST_LINE + 1), ""))
    except UnicodeDecodeError:
        raise TranscriptError(f"{file}: not a transcript; it is not even text") from None
    except TranscriptError as error:
        raise TranscriptError(f"{file}, {error}") from None
    except OSError as error:
        raise TranscriptError(f"{file}: {error.strerror}") from None
