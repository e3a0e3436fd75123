"""The verb `run`: a card where unmodified programs find it, until it is interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import click
from click.core import ParameterSource

from mynacard_emulator.control.served import Serve, ServedWorld
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.readers import tcp as tcp_wire
from mynacard_emulator.readers import vpcd as vpcd_wire
from mynacard_emulator.readers.faults.orders import Orders
from mynacard_emulator.readers.port import CardPort, ReaderError
from mynacard_emulator.readers.reader import Reader
from mynacard_emulator.readers.tcp import ClientEvent, TcpEndpoint
from mynacard_emulator.readers.vpcd import ReaderEvent

from . import INTERRUPTED
from .choose import profile_option, state_option, take, whose
from .over_http import address, control_options, open_door, open_services, reached, services_option
from .serving import begin, fault_option, reader_option, record_option, recorder, stop_on_signals, tell

VPCD = "127.0.0.1:35963"
"""Where the virtual reader's driver listens unless configured otherwise."""

_NEWS = {
    ReaderEvent.WAITING: "waiting for the virtual reader at {0} (is pcscd running? `mynacard doctor` knows)",
    ReaderEvent.INSERTED: "the card is in the reader",
    ReaderEvent.LOST: "the reader went away",
}

_NOTICED = {ReaderEvent.WAITING: False, ReaderEvent.POWERED: True, ReaderEvent.LOST: False}
"""Whether the reader knows of the card."""

_CLIENT_NEWS = {ClientEvent.CONNECTED: "a client has connected", ClientEvent.GONE: "the client has gone"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@profile_option
@state_option
@click.option("--vpcd", default=VPCD, show_default=True, metavar="HOST:PORT", help="Where the virtual reader is.")
@click.option("--tcp", metavar="HOST:PORT", help="Be the card at this address instead; port 0 chooses one.")
@reader_option
@click.option("--sync", is_flag=True, help="Let every try survive a power cut of this computer, too.")
@record_option
@fault_option
@control_options
@services_option
@click.pass_context
def run(
    ctx: click.Context,
    file: Path | None,
    profile: str | None,
    state: str,
    vpcd: str,
    tcp: str | None,
    reader: Reader,
    sync: bool,
    record: Path | None,
    ordered: tuple[Orders, ...],
    control: str | None,
    control_token: Path | None,
    services: tuple[str, int] | None,
) -> None:
    """Put a card into the virtual reader, and serve until interrupted.

    It waits for the reader, and comes back when the reader restarts. Without FILE the card lives in memory. With --tcp
    there is no virtual reader: programs without PC/SC connect to the card, one at a time. Neither wire is encrypted or
    authenticated; keep it on this machine. Exit status 130 when interrupted.
    """
    if tcp is not None and ctx.get_parameter_source("vpcd") is ParameterSource.COMMANDLINE:
        raise click.UsageError("a card is in one reader: give --vpcd or --tcp, not both")
    stop = threading.Event()
    with ExitStack() as cleanup:
        entrance = open_door(cleanup, control, control_token)
        site = None if services is None else open_services(cleanup, services)
        serve = _at_tcp(cleanup, tcp) if tcp is not None else _in_virtual_reader(vpcd)
        card = cleanup.enter_context(take(file, profile, state, sync=sync))
        note = recorder(cleanup, record)
        signals = stop_on_signals(stop)
        click.echo(f"{card.issued.name}: {whose(card.issued)}", err=True)
        if entrance is not None and control_token is None and entrance.guard.token is not None:
            click.echo(f"the token of the control port: {entrance.guard.token}", err=True)
        failed: list[ReaderError] = []

        def left(failure: ReaderError | None) -> None:
            """Without anybody who could put it back, a card that leaves by itself is the end."""
            if entrance is None:
                failed.extend([failure] if failure else [])
                stop.set()
            elif failure is not None:
                tell(str(failure))

        now = datetime.now(JST).replace(microsecond=0)
        world = ServedWorld(serve, at=now, note=note, reader=reader, tell=tell, left=left)
        cleanup.enter_context(world)
        in_reader = world.admit(card)
        begin(world, ordered, lambda: world.insert(in_reader))
        reached(cleanup, world, world.recent, entrance, site)
        for place in (entrance, site):
            if place is not None:
                click.echo(place.address)
        stop.wait()
        if failed:
            raise failed[0]
    ctx.exit(INTERRUPTED if signals else 0)


def _in_virtual_reader(given: str) -> Serve:
    host, port = address("--vpcd", given)

    def serve(card: CardPort, stop: threading.Event, notice: Callable[[bool], None]) -> None:
        def tell(event: ReaderEvent) -> None:
            if event in _NEWS:
                click.echo(_NEWS[event].format(given), err=True)
            if event in _NOTICED:
                notice(_NOTICED[event])

        vpcd_wire.serve(card, host, port, stop=stop, on_event=tell)

    return serve


def _at_tcp(cleanup: ExitStack, given: str) -> Serve:
    unused = [cleanup.enter_context(TcpEndpoint(*address("--tcp", given, lowest=0)))]
    host, port = unused[0].address

    def serve(card: CardPort, stop: threading.Event, notice: Callable[[bool], None]) -> None:
        first = bool(unused)
        with unused.pop() if first else TcpEndpoint(host, port) as endpoint:
            if endpoint.reachable_from_elsewhere:
                click.echo("mynacard: other machines can connect to this card, and PINs travel in clear", err=True)
            if first:
                click.echo(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
            notice(False)

            def tell(event: ClientEvent) -> None:
                notice(event is ClientEvent.CONNECTED)
                click.echo(_CLIENT_NEWS[event], err=True)

            tcp_wire.serve(card, endpoint, stop=stop, on_event=tell)

    return serve
