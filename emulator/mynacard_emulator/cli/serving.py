"""What verbs that serve share: the recording, the reader that the card is in, and the end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import click

from mynacard_emulator import transcript
from mynacard_emulator.readers.faults import NoFault
from mynacard_emulator.readers.faults.orders import NoPlan, Orders, orders
from mynacard_emulator.readers.reader import Interface, Reader
from mynacard_emulator.transcript import Exchange
from mynacard_emulator.world import World

F = TypeVar("F", bound=Callable[..., Any])


def record_option(function: F) -> F:
    """Add `--record`."""
    return click.option(
        "--record", type=click.Path(path_type=Path), metavar="TRACE", help="Write the conversation down, PINs masked."
    )(function)


def fault_option(function: F) -> F:
    """Add `--fault`; the verb gets a tuple of orders."""
    return click.option(
        "--fault",
        "ordered",
        multiple=True,
        metavar="SPEC",
        callback=lambda _context, _option, given: _parsed(given),
        help="An accident at a command, such as verify:1:tear-after; random:SEED:COUNT; @PLAN.toml. Repeat for more.",
    )(function)


def _parsed(given: Sequence[str]) -> tuple[Orders, ...]:
    try:
        return tuple(each for spec in given for each in orders(spec))
    except NoFault as error:
        raise click.UsageError(f"--{error}") from None
    except NoPlan as error:
        raise click.UsageError(f"--fault @{error}") from None


def tell(line: str) -> None:
    """Say what has happened meanwhile."""
    click.echo(f"mynacard: {line}", err=True)


def begin(world: World, ordered: Sequence[Orders], put_in: Callable[[], object]) -> None:
    """Put the cards in, and bring about what is ordered; what was drawn is told, so that it can be ordered again.

    Where a platform says its own first, the faults are ordered after that: they are meant for the client.
    """
    noisy = {each.reader for each in ordered if each.noise}
    for each in ordered:
        world.faults_of(each.reader)  # such a reader there is
        for fault in each.drawn:
            tell(f"reader {each.reader}: ordered {fault}" if each.reader else f"ordered {fault}")
    _order(world, (each for each in ordered if each.reader not in noisy))
    put_in()
    for each in ordered:
        if each.noise is not None:
            world.noise(each.noise, each.reader)
    _order(world, (each for each in ordered if each.reader in noisy))
    for each in ordered:
        if each.accident is not None:
            world.accident(each.accident, each.reader)


def _order(world: World, ordered: Iterable[Orders]) -> None:
    for each in ordered:
        for fault in (*each.faults, *each.drawn):
            world.fault(fault, each.reader)


def reader_option(function: F) -> F:
    """Add `--reader`; the verb gets a `Reader`."""
    return click.option(
        "--reader",
        type=click.Choice([interface.value for interface in Interface]),
        callback=lambda _context, _option, given: Reader(Interface(given) if given else None),
        help="What kind of reader the card is in; by default what its ATR says.",
    )(function)


def recorder(cleanup: ExitStack, record: Path | None) -> Callable[[Exchange], None]:
    """Open the recording, if there is to be one, and return what writes it; raise `UsageError` if it cannot be."""
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


def stop_on_signals(stop: threading.Event) -> list[int]:
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
