"""What is opened for a verb that plays: the stage, and the client that the user named."""

from __future__ import annotations

import importlib
import shlex
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from mynacard_conformance.worlds import NoWorldError, world_factory

if TYPE_CHECKING:
    from mynacard_conformance.adapters.in_process import InProcessClient
    from mynacard_conformance.ports import AnyStage, ClientUnderTest, Connection

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
    """The client that the user named: PKCS#11 modules, a driver's command line, a Python factory, or the reference."""

    modules: tuple[str, ...] = ()
    driver: str | None = None
    factory: str | None = None

    @property
    def in_process(self) -> bool:
        """Whether it runs in this process, and so needs no PC/SC."""
        return self.driver is None and not self.modules

    @property
    def arguments(self) -> str:
        """The arguments that name it, for a shell."""
        if self.driver is not None:
            return f"--driver {shlex.quote(self.driver)}"
        if self.factory is not None:
            return f"--client {shlex.quote(self.factory)}"
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
        @click.option(
            "--client",
            "factory",
            metavar="MODULE:FACTORY",
            help="Judge a Python client, which FACTORY makes from a connection (docs/for-client-authors.md).",
        )
        @click.option("--reference", is_flag=True, help="Judge the harness's own reference client.")
        @wraps(verb)
        def with_choice(
            *args: Any,  # noqa: ANN401 - click's own
            modules: tuple[str, ...],
            driver: str | None,
            factory: str | None,
            reference: bool,
            **others: Any,  # noqa: ANN401 - likewise
        ) -> object:
            named = bool(modules) + (driver is not None) + (factory is not None) + reference
            if named > 1 or (required and not named):
                raise click.UsageError(
                    "name one client: --pkcs11 MODULE.so, --driver CMD, --client MODULE:FACTORY or --reference",
                    click.get_current_context(),
                )
            return verb(*args, choice=ClientChoice(modules, driver, factory) if named else None, **others)

        return with_choice

    return add


def open_stage(transport: str, *, isolate: bool) -> AnyStage:
    """Open the emulated world, with a private PC/SC stack or without."""
    try:
        factory = world_factory()
    except NoWorldError as error:
        raise click.ClickException(str(error)) from None
    return factory(transport, isolate=isolate)


def open_client(stage: AnyStage, choice: ClientChoice, cleanup: ExitStack, *, timeout: float) -> ClientUnderTest:
    """Open the client that the user named; `cleanup` ends it, whatever happens from then on."""
    if choice.in_process:
        on_trial = _reference_client(stage) if choice.factory is None else _python_client(stage, choice.factory)
        cleanup.callback(on_trial.shutdown)
        return on_trial
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


def _reference_client(stage: AnyStage) -> InProcessClient:
    from mynacard_conformance.adapters.careful import CarefulClient  # noqa: PLC0415 - one of three is needed
    from mynacard_conformance.adapters.in_process import InProcessClient  # noqa: PLC0415 - likewise
    from mynacard_conformance.adapters.pcsc_connection import connector  # noqa: PLC0415 - likewise

    return InProcessClient(CarefulClient, connector(stage), name="the reference client")


def _python_client(stage: AnyStage, named: str) -> InProcessClient:
    from mynacard_conformance.adapters.in_process import InProcessClient  # noqa: PLC0415 - one of four is needed
    from mynacard_conformance.adapters.pcsc_connection import connector  # noqa: PLC0415 - likewise

    factory = factory_named(named)
    try:
        client = InProcessClient(factory, connector(stage))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's factory may raise
        raise UnusableError(f"{named} does not make a client: {_told(error)}") from None
    if not client.operations:
        raise UnusableError(f"what {named} makes has no method of a client, such as verify_pin; see docs/drivers.md")
    return client


def factory_named(named: str) -> Callable[[Connection], object]:
    """Find a factory as a module and a name in it; the working directory is looked in first."""
    module, _, path = named.partition(":")
    if not module or not path:
        raise UnusableError(f"--client {named}: write the module and the factory in it, as package.module:factory")
    sys.path.insert(0, str(Path.cwd()))
    try:
        found: Any = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's module may raise
        raise UnusableError(f"the module {module} cannot be imported: {_told(error)}") from None
    for name in path.split("."):
        if not hasattr(found, name):
            raise UnusableError(f"the module {module} has no {path}; name what makes your client from a connection")
        found = getattr(found, name)
    if not callable(found):
        raise UnusableError(f"{named} cannot be called; name what makes your client from a connection")
    factory: Callable[[Connection], object] = found
    return factory


def _told(error: BaseException) -> str:
    """An error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())
