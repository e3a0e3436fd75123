"""The verb `exec`: a command, run in a private PC/SC stack with cards in it."""

from __future__ import annotations

import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from mynacard_emulator.cards import CardInHand
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.readers.faults.orders import Orders
from mynacard_emulator.readers.names import prefixes
from mynacard_emulator.readers.reader import Reader
from mynacard_emulator.world import Recent, private_world

from . import is_users_mistake
from .choose import DEFAULT_PROFILE, spoil, state_option, take
from .over_http import control_options, open_door, open_services, reached, services_option
from .serving import begin, fault_option, reader_option, record_option, recorder, tell

if TYPE_CHECKING:
    from mynacard_emulator.control.listening import Door
    from mynacard_emulator.services.site.listening import Entrance

OWN_FAILURE, CANNOT_RUN, NOT_FOUND = 125, 126, 127
"""Exit statuses of `exec` itself, as `env` has them."""


_WAY_IN = ("MYNACARD_CONTROL", "MYNACARD_CONTROL_TOKEN", "MYNACARD_SERVICES")
"""Where COMMAND finds the control socket, its token, and the services; those of another stack are not handed on."""


class _OwnFailure(click.ClickException):
    """A failure of `exec` itself, which must not be taken for the command's."""

    exit_code = OWN_FAILURE


class _WrongUsage(click.UsageError):
    """A failure of whoever typed `exec`; likewise."""

    exit_code = OWN_FAILURE


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
@click.option("--faulty", metavar="NAME", help="Put one fault into the first fresh card, such as heals-with-power.")
@click.option(
    "--reader-name", default="Virtual PCD", show_default=True, metavar="PREFIX", help="How the readers' names begin."
)
@click.option(
    "--isolate", is_flag=True, help="Fail, rather than warn, where the stack cannot have namespaces of its own."
)
@reader_option
@record_option
@fault_option
@control_options
@services_option
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def exec_(
    ctx: click.Context,
    files: tuple[Path, ...],
    names: tuple[str, ...],
    state: str,
    faulty: str | None,
    reader_name: str,
    isolate: bool,
    reader: Reader,
    record: Path | None,
    ordered: tuple[Orders, ...],
    control: str | None,
    control_token: Path | None,
    services: tuple[str, int] | None,
    command: tuple[str, ...],
) -> None:
    """Run COMMAND in a private PC/SC stack with cards in it, then take it all down.

    Needs no root and no system pcscd, and disturbs neither that nor another stack. With --control, COMMAND finds the
    address in MYNACARD_CONTROL, and a port's token in MYNACARD_CONTROL_TOKEN; with --services, the URL of the services
    in MYNACARD_SERVICES. The exit status is COMMAND's; 125 if the stack fails, 126 or 127 if COMMAND cannot be run or
    found.
    """
    try:
        with ExitStack() as cleanup:
            entrance = open_door(cleanup, control, control_token)
            site = None if services is None else open_services(cleanup, services)
            if entrance is not None:
                _require_all()
            in_hand = [cleanup.enter_context(card) for card in _cards(files, names, state)]
            if faulty is not None:
                spoil(_first_fresh(in_hand), faulty, state)
            recent = Recent(recorder(cleanup, record))
            world = private_world(
                prefixes(len(in_hand), reader_name),
                isolate=isolate,
                at=datetime.now(JST).replace(microsecond=0),
                exchanges=recent,
                hardware=reader,
                tell=tell,
            )
            cleanup.enter_context(world)
            if world.warning:
                tell(world.warning)
            cards = [world.admit(card) for card in in_hand]
            begin(world, ordered, lambda: world.insert_each(cards))
            environment = {name: value for name, value in world.environment.items() if name not in _WAY_IN}
            reached(cleanup, world, recent, entrance, site)
            environment |= _way_in(entrance, site)
            status = _run(command, environment)
    except Exception as error:
        if not isinstance(error, click.ClickException) and not is_users_mistake(error):
            raise
        raise _own(error) from None
    ctx.exit(status)


def _first_fresh(cards: list[CardInHand]) -> CardInHand:
    """The first card that lives in this process alone: nothing faulty is to be left in a file."""
    fresh = next((card for card in cards if card.file is None), None)
    if fresh is None:
        raise click.UsageError("--faulty is for new cards; add --profile NAME")
    return fresh


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


def _require_all() -> None:
    """Raise `StackError` where this machine lacks what steering needs, which is a PC/SC client of our own."""
    from mynacard_emulator.readers.stack import StackError, lacking  # noqa: PLC0415 - only here

    if reason := lacking():
        raise StackError(reason)


def _way_in(door: Door | None, services: Entrance | None) -> dict[str, str]:
    """What COMMAND needs in its environment to steer the cards, and to find the services."""
    told = (
        None if door is None else door.address,
        None if door is None else door.guard.token,
        None if services is None else services.address,
    )
    return {name: value for name, value in zip(_WAY_IN, told, strict=True) if value is not None}


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
        return NOT_FOUND
    except OSError as error:
        click.echo(f"mynacard: {command[0]}: {error.strerror}", err=True)
        return CANNOT_RUN
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
