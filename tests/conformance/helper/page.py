"""A page that asks the helper, without a socket between them."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.helper.app import Guard, Helper
from mynacard_conformance.helper.asker import Asker
from mynacard_conformance.helper.turns import Turns
from mynacard_conformance.ports import Connection

ORIGIN, HOST, TOKEN = "http://127.0.0.1:8000", "127.0.0.1:35999", "the-token-of-this-test"
GUARD = Guard(TOKEN, frozenset({ORIGIN, "https://login.example"}), frozenset({HOST, "localhost:35999"}))
CHALLENGE = b"a challenge of a portal"


def body(pin: object, challenge: bytes = CHALLENGE) -> dict[str, object]:
    """What `/proof` is sent."""
    return {"challenge": b64encode(challenge).decode(), "pin": pin}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a site for which the helper was started."""

    helper: Helper

    def ask(self, method: str, path: str, headers: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """One request; a header that is None is left out, and an exception in the application comes out here."""
        return asyncio.run(self.asking(method, path, headers, **more))

    async def asking(
        self, method: str, path: str, headers: dict[str, Any] | None = None, **more: Any
    ) -> httpx.Response:
        """The same, beside others."""
        whole = {"host": HOST, "origin": ORIGIN, "authorization": f"Bearer {TOKEN}", **(headers or {})}
        sent = {name: value for name, value in whole.items() if value is not None}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=self.helper)) as client:
            return await client.request(method, f"http://{HOST}{path}", headers=sent, **more)

    def told(self, path: str, pin: object = None) -> dict[str, Any]:
        """What comes of a question: an outcome, whatever it is, and always 200."""
        response = self.ask("GET", path) if pin is None else self.ask("POST", path, json=body(pin))
        assert (response.status_code, response.headers["content-type"]) == (200, "application/json"), response.text
        answer: dict[str, Any] = response.json()
        return answer

    def refused(self, method: str, path: str, headers: dict[str, Any] | None = None, **more: Any) -> tuple[int, str]:
        """How a request is refused."""
        response = self.ask(method, path, headers, **more)
        answer = response.json()
        assert sorted(answer) == ["error", "message"]
        return response.status_code, answer["error"]


def page(
    connect: Callable[[], Connection],
    make: Callable[[Connection], object] = ReferenceClient,
    turns: Turns | None = None,
) -> Page:
    """A page with a helper that reaches the card in this way."""
    return Page(Helper(GUARD, Asker(make, connect), turns or Turns()))
