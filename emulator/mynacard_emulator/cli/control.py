"""The options `--control` and `--control-token`: a world that other programs steer while a verb serves its card."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mynacard_emulator.cards import CardInHand
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.readers.faults import Fault
from mynacard_emulator.readers.reader import Reader
from mynacard_emulator.transcript import Exchange

if TYPE_CHECKING:
    from mynacard_emulator.control.listening import Door
    from mynacard_emulator.control.served import Serve

F = TypeVar("F", bound=Callable[..., Any])


def control_options(function: F) -> F:
    """Add both."""
    token = click.option(
        "--control-token",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Write the token of a control port into this new file, and not to standard error.",
    )
    where = click.option(
        "--control",
        metavar="SOCKET",
        help="Let programs steer the card over HTTP: at this path, or at 127.0.0.1:PORT with a token.",
    )
    return where(token(function))


def open_door(cleanup: ExitStack, control: str | None, token: Path | None) -> Door | None:
    """Listen where programs are to come, if they are, and give the token out."""
    if control is None:
        if token is not None:
            raise click.UsageError("--control-token is for --control 127.0.0.1:PORT; give that, too")
        return None
    from mynacard_emulator.control.listening import door, token_file  # noqa: PLC0415 - an extra

    entrance = cleanup.enter_context(door(control))
    secret = entrance.guard.token
    if secret is None:
        if token is not None:
            raise click.UsageError("a socket at a path needs no token; leave --control-token out")
    elif token is not None:
        cleanup.enter_context(token_file(token, secret))
    else:
        click.echo(f"the token of the control port: {secret}", err=True)
    return entrance


def steer(
    entrance: Door,
    serve: Serve,
    card: CardInHand,
    note: Callable[[Exchange], None],
    reader: Reader,
    ordered: Sequence[Fault],
    *,
    stop: threading.Event,
) -> None:
    """Put the card in, and do what programs ask for until `stop` is set; the address is a line on standard output."""
    from mynacard_emulator.control.acts import Controls  # noqa: PLC0415 - an extra
    from mynacard_emulator.control.listening import served  # noqa: PLC0415 - an extra
    from mynacard_emulator.control.served import ServedWorld  # noqa: PLC0415 - an extra

    now = datetime.now(JST).replace(microsecond=0)
    with closing(ServedWorld(serve, at=now, note=note, reader=reader, tell=_tell)) as world:
        for fault in ordered:
            world.fault(fault)
        first = world.admit(card)
        world.insert(first)
        with served(entrance, Controls(world)):
            click.echo(entrance.address)
            stop.wait()


def _tell(line: str) -> None:
    click.echo(f"mynacard: {line}", err=True)
