"""The services' actions as a table of verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from mynacard_emulator.pki.errors import StatusUnavailableError
from mynacard_emulator.rest.openapi import describe
from mynacard_emulator.rest.problems import Problem, Refused
from mynacard_emulator.rest.schema import JSON
from mynacard_emulator.rest.verb import Given, Verb
from mynacard_emulator.services import actions
from mynacard_emulator.services.services import LOGINS, Services

BELOW = "/api"
"""Where the verbs are."""
_TITLE = "mynacard, the services"
_ABOUT = (
    "A test double of services that depend on a My Number Card. A cookie tells one browser from another. What comes of "
    "an action is an outcome, also where it is not granted; bytes are base64."
)

Current: TypeAlias = Callable[[], Services]
"""The services of now: a world that goes back in time has others than before."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the services that there are when its turn comes, and the browser from which a request comes."""

    current: Current
    browser: str


def verbs() -> tuple[Verb[Caller], ...]:
    """Every action, a challenge for each service, and the log."""
    return (
        *(_action(name) for name in actions.actions()),
        *(_challenge(service) for service in LOGINS),
        Verb("log", "GET", "/log", _log, "All that was asked of the services, granted or not.", actions.LOG),
    )


def description(table: tuple[Verb[Caller], ...]) -> JSON:
    """The table as OpenAPI."""
    return describe(table, _TITLE, _ABOUT, below=BELOW)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what the services cannot answer into `Refused`."""
    try:
        yield
    except StatusUnavailableError as error:
        raise Refused(Problem.UNAVAILABLE, str(error)) from None


def _action(name: str) -> Verb[Caller]:
    def act(caller: Caller, given: Given) -> JSON:
        return actions.carry_out(caller.current(), name, given, caller.browser)

    path = f"/{name.replace('.', '/')}"
    return Verb(name, "POST", path, act, actions.summary_of(name), actions.SERVED, body=actions.with_cookie(name))


def _challenge(service: str) -> Verb[Caller]:
    summary = "Bytes to be signed with the auth key for a login: good once, and for five minutes."
    act = partial(_give_challenge, service)
    return Verb(f"{service}.challenge", "POST", f"/{service}/challenge", act, summary, actions.CHALLENGE)


def _give_challenge(service: str, caller: Caller, _given: Mapping[str, object]) -> JSON:
    return actions.challenge(caller.current(), service)


def _log(caller: Caller, _given: Mapping[str, object]) -> JSON:
    return actions.log(caller.current())
