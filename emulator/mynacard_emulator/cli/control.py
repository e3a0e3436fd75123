"""The options `--control` and `--control-token`: a world that other programs steer while a verb serves its card."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mynacard_emulator.world import Recent, World

if TYPE_CHECKING:
    from mynacard_emulator.control.listening import Door

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
    """Listen where programs are to come, if they are; the token goes into its file, if there is to be one."""
    if control is None:
        if token is not None:
            raise click.UsageError("--control-token is for --control 127.0.0.1:PORT; give that, too")
        return None
    from mynacard_emulator.control.listening import door, token_file  # noqa: PLC0415 - an extra

    entrance = cleanup.enter_context(door(control))
    if token is not None:
        if entrance.guard.token is None:
            raise click.UsageError("a socket at a path needs no token; leave --control-token out")
        cleanup.enter_context(token_file(token, entrance.guard.token))
    return entrance


@contextmanager
def steered(entrance: Door, world: World, recent: Recent) -> Iterator[None]:
    """Do with this world what programs ask for, inside the `with`; `recent` is where it notes what its cards see."""
    from mynacard_emulator.control.acts import Controls  # noqa: PLC0415 - an extra
    from mynacard_emulator.control.listening import served  # noqa: PLC0415 - an extra

    with served(entrance, Controls(world, recent)):
        yield
