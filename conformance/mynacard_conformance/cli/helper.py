"""The verb `helper`: a login page's way to the card, until it is interrupted."""

from __future__ import annotations

import os
import re
import secrets
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .opening import UnusableError, factory_named

if TYPE_CHECKING:
    from mynacard_conformance.ports import Connection

INTERRUPTED = 130
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?")
_USUAL_PORTS = {"http": 80, "https": 443}


def _origins(context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_origin(context, site) for site in given)


def _origin(context: click.Context, site: str) -> str:
    """An origin as browsers write it: in small letters, and without the port that is usual."""
    found = _ORIGIN.fullmatch(site.lower())
    if found is None or int(found[3] or 0) > 65535:
        raise click.UsageError(
            f"--site {site}: write scheme, host and port of the site, and no path, as http://127.0.0.1:8000", context
        )
    scheme, host = found[1], found[2]
    port = int(found[3] or _USUAL_PORTS[scheme])
    return f"{scheme}://{host}" if port == _USUAL_PORTS[scheme] else f"{scheme}://{host}:{port}"


@click.command()
@click.option(
    "--site",
    "sites",
    multiple=True,
    required=True,
    metavar="ORIGIN",
    callback=_origins,
    help="Pages of this site may ask, such as http://127.0.0.1:8000; repeat for more.",
)
@click.option(
    "--reader", metavar="NAME", help="The PC/SC reader, by its name or how that begins. Without: one with a card in it."
)
@click.option(
    "--client",
    metavar="MODULE:FACTORY",
    help="Ask through your Python client, which FACTORY makes from a connection. Without: the reference client.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0: any that is free.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the token into this new file, and not into the links.",
)
@click.pass_context
def helper(
    ctx: click.Context,
    sites: tuple[str, ...],
    reader: str | None,
    client: str | None,
    port: int,
    token_file: Path | None,
) -> None:
    """Let the login pages of a site ask the card in this computer's reader, until interrupted.

    Each line on standard output is a link to open: it tells the pages of that site at which port of 127.0.0.1 the
    helper is, and the token without which nobody may ask. Needs the extras `pcsc` and `services`; docs/services.md has
    the protocol. Exit status 130 when interrupted.
    """
    from mynacard_conformance.adapters.pcsc_connection import load_scard  # noqa: PLC0415 - `--help` needs it not
    from mynacard_conformance.adapters.reference import ReferenceClient  # noqa: PLC0415 - likewise

    load_scard()
    make = ReferenceClient if client is None else factory_named(client)
    token = secrets.token_urlsafe(32)
    with ExitStack() as cleanup:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # threads that are started from here on leave them to us
        if token_file is not None:
            cleanup.enter_context(_in_file(token_file, token))
        address = cleanup.enter_context(_served(make, partial(_connect, reader), token, frozenset(sites), port))
        shown = "" if token_file is not None else f"&token={token}"
        click.echo("\n".join(f"{site}/portal/#helper={address}{shown}" for site in sites))
        signal.sigwait(_ENDING)
    ctx.exit(INTERRUPTED)


@contextmanager
def _served(
    make: Callable[[Connection], object],
    connect: Callable[[], Connection],
    token: str,
    origins: frozenset[str],
    port: int,
) -> Iterator[str]:
    """Serve inside the `with`, and give the address."""
    try:
        from mynacard_conformance.helper import app, listening  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UnusableError(
            f"starlette and uvicorn cannot be used ({error}); install them: pip install 'mynacard[services]'"
        ) from None
    from mynacard_conformance.helper.asker import Asker  # noqa: PLC0415 - `--help` needs neither
    from mynacard_conformance.helper.turns import Turns  # noqa: PLC0415 - likewise

    with listening.listening(port) as listener:
        guard = app.Guard(token, origins, listening.names_of(listener))
        with listening.serving(app.Helper(guard, Asker(make, connect), Turns()), listener):
            host, bound = listener.getsockname()
            yield f"{host}:{bound}"


def _connect(reader: str | None) -> Connection:
    """Look anew for the reader: it may have come since, or the card may be in another."""
    from mynacard_conformance.adapters.pcsc_connection import PcscConnection  # noqa: PLC0415 - `--help` needs it not
    from mynacard_conformance.adapters.pcsc_reader import PcscReader, first_with_card  # noqa: PLC0415 - likewise

    return PcscConnection(first_with_card() if reader is None else PcscReader(reader).name)


@contextmanager
def _in_file(path: Path, token: str) -> Iterator[None]:
    """Have the token in a new file that its owner alone may read."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise UnusableError(f"{path} is there already; choose another file for the token") from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{token}\n")
        yield
    finally:
        path.unlink(missing_ok=True)
