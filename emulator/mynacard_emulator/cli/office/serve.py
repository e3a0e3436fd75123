"""The verb `serve`: revocation lists and OCSP over HTTP, from a registry file."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from mynacard_emulator.cli import INTERRUPTED
from mynacard_emulator.cli.serving import stop_on_signals
from mynacard_emulator.office.registry_file import LiveRegistry
from mynacard_emulator.office.status import RegistryStatus

from .options import registry_of, registry_option


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@registry_option
@click.pass_context
def serve_(ctx: click.Context, host: str, port: int, registry: Path | None) -> None:
    """Serve revocation lists and OCSP until interrupted.

    It does not hold the registry: what other commands do meanwhile is told at once. The URL is the only line on
    standard output. Needs the extra `services`.
    """
    from mynacard_emulator.office.responder import responder  # noqa: PLC0415 - an extra, and it says so
    from mynacard_emulator.rest.listening import serving  # noqa: PLC0415 - likewise

    live = LiveRegistry(registry_of(registry))
    live.require()
    stop = threading.Event()
    signals = stop_on_signals(stop)
    with serving(responder(RegistryStatus(live)), host, port) as url:
        click.echo(url)
        stop.wait()
    ctx.exit(INTERRUPTED if signals else 0)
