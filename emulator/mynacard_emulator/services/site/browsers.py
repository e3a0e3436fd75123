"""Which browser a request comes from: a cookie, which tells nothing else."""

from __future__ import annotations

import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE, KEY = "mynacard_browser", "mynacard.browser"
_FORM = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_LIMITS = "; Path=/; HttpOnly; SameSite=Lax"


class Browsers:
    """Gives every browser a cookie, and tells the application behind whose request it is, in `scope[KEY]`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on (ASGI)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        known = _known(scope)
        browser = scope[KEY] = known or secrets.token_urlsafe(16)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start" and known is None:
                cookie = f"{COOKIE}={browser}{_LIMITS}".encode()
                message["headers"] = [*message["headers"], (b"set-cookie", cookie)]
            await send(message)

        await self._app(scope, receive, answer)


def _known(scope: Scope) -> str | None:
    header = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    try:
        morsel = SimpleCookie(header).get(COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None and _FORM.fullmatch(morsel.value) else None
