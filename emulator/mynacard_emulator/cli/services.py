"""The verbs of `mynacard services`: the relying parties, over HTTP."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import click

from . import INTERRUPTED
from .office.options import registry_of, registry_option
from .over_http import open_services
from .serving import stop_on_signals


@click.group("services")
def services() -> None:
    """Be the services that depend on the card: Myna Portal, MyKey platform, eligibility app.

    They are test doubles with pages and an API. With a card in a reader, `run` and `exec` have them, too (--services).
    """


@services.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@registry_option
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, registry: Path | None) -> None:
    """Serve pages and API until interrupted; what users have registered is forgotten then.

    They ask the registry what became of a certificate, and go by its clock; they do not hold it, so what `office` does
    meanwhile counts at once. The URL is the only line on standard output. Needs the extra `services`.
    """
    from mynacard_emulator.office.registry_file import LiveRegistry  # noqa: PLC0415 - when it is used
    from mynacard_emulator.rest.turns import Turns  # noqa: PLC0415 - an extra
    from mynacard_emulator.services.services import Services  # noqa: PLC0415 - when it is used
    from mynacard_emulator.services.site.listening import served  # noqa: PLC0415 - an extra

    live = LiveRegistry(registry_of(registry))
    live.require()
    known = Services(live)
    stop = threading.Event()
    signals = stop_on_signals(stop)
    with ExitStack() as cleanup:
        at = open_services(cleanup, (host, port))
        turns = cleanup.enter_context(Turns())
        cleanup.enter_context(served(at, lambda: known, turns))
        click.echo(at.address)
        stop.wait()
    ctx.exit(INTERRUPTED if signals else 0)
