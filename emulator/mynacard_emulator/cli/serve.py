"""Verbs that put a card where unmodified programs find it: `run` and `exec`."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from mynacard_emulator import transcript
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.observed import ObservedCard
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.readers.vpcd import ReaderEvent, VirtualSlot, serve
from mynacard_emulator.transcript import Exchange

from . import INTERRUPTED, is_users_mistake
from .choose import DEFAULT_PROFILE, profile_option, state_option, take, whose

if TYPE_CHECKING:
    from mynacard_emulator.readers.stack import PrivateStack

VPCD = "127.0.0.1:35963"
"""Where the virtual reader's driver listens unless configured otherwise."""

_OWN_FAILURE, _CANNOT_RUN, _NOT_FOUND = 125, 126, 127
"""Exit statuses of `exec` itself, as `env` has them."""

_PATIENCE = 10.0
_UNNOTICED = "the reader did not notice the card in time; try `mynacard doctor`"

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
@click.pass_context
def run(
    ctx: click.Context,
    file: Path | None,
    profile: str | None,
    state: str,
    vpcd: str,
    sync: bool,
    record: Path | None,
) -> None:
    """Put a card into the virtual reader, and serve until interrupted.

    It waits for the reader, and comes back when the reader restarts. Without FILE the card lives in memory. The wire
    to the reader is neither encrypted nor authenticated; keep it on this machine. Exit status 130 when interrupted.
    """
    host, port = _address(vpcd)
    stop = threading.Event()
    with ExitStack() as cleanup:
        card = cleanup.enter_context(take(file, profile, state, sync=sync))
        note = _recorder(cleanup, record)
        signals = _stop_on_signals(stop)
        click.echo(f"{card.issued.name}: {whose(card.issued)}", err=True)
        serve(
            ObservedCard(card.card, note),
            host,
            port,
            stop=stop,
            on_event=lambda event: _tell(event, vpcd),
        )
    ctx.exit(INTERRUPTED if signals else 0)


class _OwnFailure(click.ClickException):
    """A failure of `exec` itself, which must not be taken for the command's."""

    exit_code = _OWN_FAILURE


class _WrongUsage(click.UsageError):
    """A failure of whoever typed `exec`; likewise."""

    exit_code = _OWN_FAILURE


class _Exec(click.Command):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _own(error) from None


@click.command("exec", cls=_Exec, context_settings={"allow_interspersed_args": False})
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
            cards = [cleanup.enter_context(card) for card in _cards(files, names, state)]
            note = _recorder(cleanup, record)
            environment = _insert_all(cleanup, cards, reader_name, note, isolate=isolate)
            status = _run(command, environment)
    except Exception as error:
        if not isinstance(error, click.ClickException) and not is_users_mistake(error):
            raise
        raise _own(error) from None
    ctx.exit(status)


def _own(error: Exception) -> click.ClickException:
    if isinstance(error, click.UsageError):
        return _WrongUsage(error.format_message(), error.ctx)
    return _OwnFailure(str(error))


def _cards(files: tuple[Path, ...], names: tuple[str, ...], state: str) -> Iterator[CardInHand]:
    """Take the cards in hand, one after the other."""
    fresh = names or (() if files else (DEFAULT_PROFILE,))
    if state and not fresh:
        raise click.UsageError("--state is for new cards; a card in a file remembers its own")
    yield from (take(file, None) for file in files)
    yield from (take(None, name, state) for name in fresh)


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
            raise ReaderError(_UNNOTICED)
    _wait_until_published(stack)
    return {**os.environ, **stack.environment}


def _wait_until_published(stack: PrivateStack) -> None:
    """Wait until clients are told of the cards: pcscd powers a card on a moment before.

    Without pyscard nobody can tell; then a client that is very quick may still find no card.
    """
    if find_spec("smartcard") is None:
        return
    from mynacard_emulator.readers.pcsc import ReaderConnection, activate  # noqa: PLC0415 - an extra

    for name in stack.environment:
        os.environ.pop(name, None)  # of a stack around ours, to which this process has not spoken yet
    activate(stack)
    for reader in stack.readers:
        connection = ReaderConnection(reader)
        seen = connection.wait_present(_PATIENCE)
        connection.close()
        if not seen:
            raise ReaderError(_UNNOTICED)


def _run(command: tuple[str, ...], environment: dict[str, str]) -> int:
    """Run the command to its end, whatever happens to us meanwhile: only then the stack may come down."""
    process: subprocess.Popen[bytes] | None = None
    received: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if process is not None:
            process.send_signal(number)

    # Handlers, because the command would inherit SIG_IGN. Ctrl-C reaches it by itself.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGHUP, pass_on)
    try:
        process = subprocess.Popen(command, env=environment)
    except FileNotFoundError:
        click.echo(f"mynacard: {command[0]}: command not found", err=True)
        return _NOT_FOUND
    except OSError as error:
        click.echo(f"mynacard: {command[0]}: {error.strerror}", err=True)
        return _CANNOT_RUN
    for number in received:  # while it was being started
        process.send_signal(number)
    _wait_for(process)
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def _wait_for(process: subprocess.Popen[bytes]) -> None:
    """Wait for its end, and let handlers run when their signals come: also those that came just before the wait."""
    woken, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    ended = os.pidfd_open(process.pid)
    while ended not in select.select([woken, ended], [], [])[0]:
        os.read(woken, 4096)
    process.wait()


def _address(given: str) -> tuple[str, int]:
    host, colon, port = given.rpartition(":")
    if not host or not colon or not port.isdecimal() or not 0 < int(port) < 1 << 16:  # the ports of TCP
        raise click.UsageError(f"--vpcd {given!r}: write HOST:PORT, such as {VPCD}")
    return host.strip("[]"), int(port)


def _recorder(cleanup: ExitStack, record: Path | None) -> Callable[[Exchange], None]:
    if record is None:
        return lambda _exchange: None
    try:
        if not _may_be_replaced(record):
            raise click.UsageError(f"--record {record}: something that is no recording is there; choose another name")
        file = cleanup.enter_context(record.open("wb", buffering=0))
    except OSError as error:
        raise click.UsageError(f"--record {record}: {error.strerror}") from None

    def note(exchange: Exchange) -> None:
        if file.closed:
            return
        try:
            file.write("".join(f"{line}\n" for line in transcript.lines(exchange)).encode())
        except OSError as error:  # the card has acted already, and its answer must not be lost for a recording
            click.echo(f"mynacard: --record {record}: {error.strerror}; the recording ends here", err=True)
            file.close()

    return note


def _may_be_replaced(record: Path) -> bool:
    """Whether nothing but an earlier recording is lost: the name may be a card file's."""
    if not record.is_file():
        return True
    with record.open("rb") as file:
        return file.read(1) in {b"", b"*", b">"}


def _stop_on_signals(stop: threading.Event) -> list[int]:
    """Set `stop` when this process is to end; return where the signal that said so will be noted.

    A thread of its own waits for them. A handler would run in the main thread, and one that comes just before that
    thread blocks would be noticed when it wakes up, which is never.
    """
    signals: list[int] = []
    ending = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)

    def wait() -> None:
        signals.append(signal.sigwait(ending))
        stop.set()

    threading.Thread(target=wait, name="mynacard-signals", daemon=True).start()
    return signals


def _tell(event: ReaderEvent, vpcd: str) -> None:
    if event in _NEWS:
        click.echo(_NEWS[event].format(vpcd), err=True)
