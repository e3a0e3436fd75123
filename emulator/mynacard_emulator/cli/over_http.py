"""The options `--control` and `--services`: a world that others reach over HTTP while a verb serves its card."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mynacard_emulator.world import Recent, World

if TYPE_CHECKING:
    from mynacard_emulator.control.listening import Door
    from mynacard_emulator.services.site.listening import Entrance

from .serving import tell

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


def services_option(function: F) -> F:
    """Add `--services`; the verb gets host and port, or None."""
    return click.option(
        "--services",
        metavar="HOST:PORT",
        callback=lambda _context, _option, given: None if given is None else address("--services", given, lowest=0),
        help="Serve the services that depend on the card here, pages and API; port 0 chooses one.",
    )(function)


def address(option: str, given: str, *, lowest: int = 1) -> tuple[str, int]:
    """Read HOST:PORT; raise `UsageError`."""
    host, colon, port = given.rpartition(":")
    if not host or not colon or not port.isdecimal() or not lowest <= int(port) < 1 << 16:  # the ports of TCP
        raise click.UsageError(f"{option} {given!r}: write HOST:PORT, such as 127.0.0.1:8000")
    return host.strip("[]"), int(port)


def open_services(cleanup: ExitStack, where: tuple[str, int]) -> Entrance:
    """Listen where browsers are to come; that other machines can come, too, is said."""
    from mynacard_emulator.services.site.listening import entrance  # noqa: PLC0415 - an extra

    at = cleanup.enter_context(entrance(*where))
    if at.hosts is None:
        tell("other machines can reach these services; keep them where only test data is")
    return at


def reached(cleanup: ExitStack, world: World, recent: Recent, door: Door | None, services: Entrance | None) -> None:
    """Do with this world what is asked for over HTTP, one thing after the other, until `cleanup`.

    `recent` is where it notes what its cards see.
    """
    if door is None and services is None:
        return
    from mynacard_emulator.control import listening as control  # noqa: PLC0415 - an extra
    from mynacard_emulator.control.acts import Controls  # noqa: PLC0415 - an extra
    from mynacard_emulator.rest.turns import Turns  # noqa: PLC0415 - an extra

    turns = cleanup.enter_context(Turns())
    if door is not None:
        cleanup.enter_context(control.served(door, Controls(world, recent), turns))
    if services is not None:
        from mynacard_emulator.services.site import listening as site  # noqa: PLC0415 - an extra

        cleanup.enter_context(site.served(services, lambda: world.services, turns))
