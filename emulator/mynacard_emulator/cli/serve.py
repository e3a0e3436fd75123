"""Verbs that put a card where unmodified programs find it: `run` and `exec`."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TextIO

import click

from mynacard_emulator import transcript
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.observed import ObservedCard
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.readers.vpcd import ReaderEvent, VirtualSlot, serve
from mynacard_emulator.transcript import Exchange

from .choose import DEFAULT_PROFILE, profile_option, state_option, take

VPCD = "127.0.0.1:35963"
"""Where the virtual reader's driver listens unless configured otherwise."""

_OWN_FAILURE, _CANNOT_RUN, _NOT_FOUND = 125, 126, 127
"""Exit statuses of `exec` itself, as `env` has them."""

_PATIENCE = 10.0

_NEWS = {
    ReaderEvent.WAITING: "waiting for the virtual reader at {0} (is pcscd running? `mynacard doctor` knows)",
    ReaderEvent.INSERTED: "the card is in the reader",
    ReaderEvent.LOST: "the reader went away",
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@profile_option
@state_option
@click.option("--vpcd", default=VPCD, show_default=True, metavar="HOST:PORT", help="Where the virtual reader is.")
@click.option("--sync", is_flag=True, help="Let every try survive a power cut of this computer, too.")
@click.option(
    "--record", type=click.Path(path_type=Path), metavar="TRACE", help="Write the conversation down, PINs masked."
)
def run(file: Path | None, profile: str | None, state: str, vpcd: str, sync: bool, record: Path | None) -> None:
    """Put a card into the virtual reader, and serve until interrupted.

    It waits for the reader, and comes back when the reader restarts. Without FILE the card lives in memory. The wire
    to the reader is neither encrypted nor authenticated; keep it on this machine.
    """
    host, port = _address(vpcd)
    stop = threading.Event()
    with ExitStack() as cleanup:
        card = cleanup.enter_context(take(file, profile, state, sync=sync))
        note = _recorder(cleanup, record)
        _stop_on_signals(stop)
        click.echo(f"{card.issued.name}: {card.issued.holder.name} (test card)", err=True)
        serve(
            ObservedCard(card.card, note),
            host,
            port,
            stop=stop,
            on_event=lambda event: _tell(event, vpcd),
        )


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option(
    "--card",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A card in a file; repeat for more readers.",
)
@click.option("--profile", "names", multiple=True, metavar="NAME|TOML", help="A fresh card; repeat for more readers.")
@state_option
@click.option(
    "--reader-name", default="Virtual PCD", show_default=True, metavar="PREFIX", help="How the readers' names begin."
)
@click.option(
    "--isolate", is_flag=True, help="Fail, rather than warn, where the stack cannot have namespaces of its own."
)
@click.option(
    "--record", type=click.Path(path_type=Path), metavar="TRACE", help="Write the conversation down, PINs masked."
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def exec_(
    ctx: click.Context,
    files: tuple[Path, ...],
    names: tuple[str, ...],
    state: str,
    reader_name: str,
    isolate: bool,
    record: Path | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND in a private PC/SC stack with cards in it, then take it all down.

    Needs no root and no system pcscd, and disturbs neither that nor another stack. The exit status is COMMAND's;
    125 if the stack fails, 126 or 127 if COMMAND cannot be run or found.
    """
    try:
        with ExitStack() as cleanup:
            cards = [cleanup.enter_context(take(file, None)) for file in files]
            chosen = names or (() if files else (DEFAULT_PROFILE,))
            cards += [cleanup.enter_context(take(None, name, state)) for name in chosen]
            environment = _insert_all(cleanup, cards, reader_name, _recorder(cleanup, record), isolate=isolate)
            ctx.exit(_run(command, environment))
    except Exception as error:
        if isinstance(error, click.exceptions.Exit):
            raise
        _fail(error)


def _fail(error: Exception) -> None:
    """Report a failure of `exec` itself, which must not be taken for the command's."""
    from . import is_users_mistake  # noqa: PLC0415 - the package imports this module

    message = error.format_message() if isinstance(error, click.ClickException) else str(error)
    if not isinstance(error, click.ClickException) and not is_users_mistake(error):
        raise error
    click.echo(f"mynacard: {message}", err=True)
    raise click.exceptions.Exit(_OWN_FAILURE)


def _insert_all(
    cleanup: ExitStack, cards: list[CardInHand], prefix: str, note: Callable[[Exchange], None], *, isolate: bool
) -> dict[str, str]:
    from mynacard_emulator.readers.stack import Isolation, PrivateStack  # noqa: PLC0415 - only here

    prefixes = [prefix] if len(cards) == 1 else [f"{prefix} {number}" for number in range(1, len(cards) + 1)]
    isolation = Isolation.REQUIRED if isolate else Isolation.AUTO
    stack = cleanup.enter_context(PrivateStack(prefixes, isolation=isolation))
    if stack.warning:
        click.echo(f"mynacard: {stack.warning}", err=True)
    slots = []
    for number, card in enumerate(cards):
        slot = cleanup.enter_context(VirtualSlot(partial(stack.connect, number)))
        slot.insert(ObservedCard(card.card, note))
        slots.append(slot)
    for slot in slots:
        if not slot.wait_powered(_PATIENCE):
            raise ReaderError("the reader did not notice the card in time; try `mynacard doctor`")
    return {**os.environ, **stack.environment}


def _run(command: tuple[str, ...], environment: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        click.echo(f"mynacard: {command[0]}: command not found", err=True)
        return _NOT_FOUND
    except OSError as error:
        click.echo(f"mynacard: {command[0]}: {error.strerror}", err=True)
        return _CANNOT_RUN

    def pass_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    # Ctrl-C reaches the command by itself; it is the command's to end, and then the stack comes down.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGHUP, pass_on)
    status = process.wait()
    return status if status >= 0 else 128 - status


def _address(given: str) -> tuple[str, int]:
    host, colon, port = given.rpartition(":")
    if not colon or not port.isdecimal() or not 0 < int(port) < 1 << 16:  # the ports of TCP
        raise click.UsageError(f"--vpcd {given!r}: write HOST:PORT, such as {VPCD}")
    return host.strip("[]"), int(port)


def _recorder(cleanup: ExitStack, record: Path | None) -> Callable[[Exchange], None]:
    if record is None:
        return lambda _exchange: None
    try:
        file: TextIO = cleanup.enter_context(record.open("w", encoding="utf-8"))
    except OSError as error:
        raise click.UsageError(f"--record {record}: {error.strerror}") from None

    def note(exchange: Exchange) -> None:
        file.writelines(f"{line}\n" for line in transcript.lines(exchange))
        file.flush()

    return note


def _stop_on_signals(stop: threading.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())


def _tell(event: ReaderEvent, vpcd: str) -> None:
    if event in _NEWS:
        click.echo(_NEWS[event].format(vpcd), err=True)
