"""The control socket as an ASGI application. Needs the extra `services`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mynacard_emulator.rest.api import Api, Guard, application
from mynacard_emulator.rest.openapi import describe

from .acts import Controls, refusing
from .verbs import verbs

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from mynacard_emulator.rest.turns import Turns

_TITLE = "mynacard, the control socket"
_ABOUT = "Steers a software My Number Card: cards, readers, clock, office, services. Values of PINs are never told."


def control(controls: Controls, turns: Turns, guard: Guard) -> Starlette:
    """Make the application: every verb, and `/openapi.json`."""
    table = verbs()
    description = describe(table, _TITLE, _ABOUT, token=guard.token is not None)
    return application(Api(table, description, lambda _: controls, turns, guard, refusing).routes(), guard)
