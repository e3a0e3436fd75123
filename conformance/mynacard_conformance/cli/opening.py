"""What is opened for a verb that plays: the stage, and the client that the user named."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial, wraps
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import click

if TYPE_CHECKING:
    from mynacard_conformance.ports import AnyStage, ClientUnderTest, StageFactory

Verb: TypeAlias = Callable[..., object]
"""The function behind a verb."""

UNUSABLE, HARNESS_ERROR = 2, 3
"""Exit statuses: wrong usage or an environment that cannot serve; no verdict."""


class UnusableError(click.ClickException):
    """The user named something that cannot be judged."""

    exit_code = UNUSABLE


class NothingJudgedError(click.ClickException):
    """There is no verdict, and that is not for the user's command to mend."""

    exit_code = HARNESS_ERROR


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """The client that the user named: PKCS#11 modules, a driver's command line, or else the reference client."""

    modules: tuple[str, ...] = ()
    driver: str | None = None

    @property
    def in_process(self) -> bool:
        """Whether it runs in this process, and so needs no PC/SC."""
        return self.driver is None and not self.modules

    @property
    def arguments(self) -> str:
        """The arguments that name it, for a shell."""
        if self.driver is not None:
            return f"--driver {shlex.quote(self.driver)}"
        return " ".join(f"--pkcs11 {shlex.quote(module)}" for module in self.modules) or "--reference"


def client_options(*, required: bool = True) -> Callable[[Verb], Verb]:
    """Add the options that name one client, which the verb gets as `choice`; None where none need be `required`."""

    def add(verb: Verb) -> Verb:
        @click.option(
            "--pkcs11",
            "modules",
            multiple=True,
            metavar="MODULE.so",
            help="Judge a PKCS#11 module; twice where sign and auth are two.",
        )
        @click.option(
            "--driver", metavar="CMD", help="Judge a client of any language through its driver (docs/drivers.md)."
        )
        @click.option("--reference", is_flag=True, help="Judge the harness's own reference client.")
        @wraps(verb)
        def with_choice(
            *args: Any,  # noqa: ANN401 - click's own
            modules: tuple[str, ...],
            driver: str | None,
            reference: bool,
            **others: Any,  # noqa: ANN401 - likewise
        ) -> object:
            named = bool(modules) + (driver is not None) + reference
            if named > 1 or (required and not named):
                raise click.UsageError(
                    "name one client: --pkcs11 MODULE.so, --driver CMD or --reference", click.get_current_context()
                )
            return verb(*args, choice=ClientChoice(modules, driver) if named else None, **others)

        return with_choice

    return add


def open_stage(transport: str, *, isolate: bool) -> AnyStage:
    """Open the emulated world, with a private PC/SC stack or without."""
    entry = next(iter(entry_points(group="mynacard.worlds", name="emulated")), None)
    if entry is None:
        raise click.ClickException("no world is installed; the package registers one in the group mynacard.worlds")
    factory = cast("StageFactory", entry.load())
    return factory(transport, isolate=isolate)


def open_client(stage: AnyStage, choice: ClientChoice, cleanup: ExitStack, *, timeout: float) -> ClientUnderTest:
    """Open the client that the user named; `cleanup` ends it, whatever happens from then on."""
    if choice.in_process:
        return _reference_client(stage)
    from mynacard_conformance.adapters.driver import DriverClient, DriverError  # noqa: PLC0415 - one of three is needed
    from mynacard_conformance.adapters.pkcs11 import Pkcs11Client  # noqa: PLC0415 - likewise

    if stage.reader is None:
        raise UnusableError("--transport direct is for Python clients; a program finds its card through PC/SC")
    try:
        command, modules = choice.driver, choice.modules
        make = partial(Pkcs11Client, modules) if command is None else partial(DriverClient, command)
        client = make(reader=stage.reader, environment=stage.environment, timeout=timeout)
        cleanup.callback(client.shutdown)
        introduced = client.start()
    except DriverError as error:
        raise UnusableError(str(error)) from None
    if introduced.breakdown is not None:
        raise NothingJudgedError(f"the client did not introduce itself: {introduced.message}")
    return client


def _reference_client(stage: AnyStage) -> ClientUnderTest:
    from mynacard_conformance.adapters.careful import CarefulClient  # noqa: PLC0415 - one of three is needed
    from mynacard_conformance.adapters.in_process import InProcessClient  # noqa: PLC0415 - likewise
    from mynacard_conformance.adapters.pcsc_connection import PcscConnection  # noqa: PLC0415 - likewise

    reader = stage.reader
    connect = stage.connect if reader is None else lambda: PcscConnection(reader)
    return InProcessClient(CarefulClient, connect, name="the reference client")
