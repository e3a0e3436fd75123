"""The services over HTTP, asked without a socket, by browsers that run no scripts and holders who do what those do."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import httpx

from mynacard_emulator.clock import OPENING
from mynacard_emulator.rest.turns import Turns
from mynacard_emulator.services.site.app import site
from mynacard_emulator.world import World
from tests.emulator.services.holders import proof

if TYPE_CHECKING:
    from starlette.types import ASGIApp

HOST = "localhost"


class Seen(HTMLParser):
    """What a page holds."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.page = ""
        self.outcome = ""
        self.forms: dict[str, list[str]] = {}
        self.text: list[str] = []
        self.facts: dict[str, str] = {}
        self._form: list[str] = []
        self._within = ""
        self._term = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self._within = tag
        if told.get("id") == "page":
            self.page = told.get("data-page") or ""
        if told.get("id") == "came":
            self.outcome = told.get("data-outcome") or ""
        if tag == "form":
            self._form = self.forms.setdefault(told.get("action") or "", [])
        if tag == "input" and told.get("name"):
            self._form.append(str(told["name"]))

    def handle_data(self, data: str) -> None:
        if self._within == "dt":
            self._term = data
        elif self._within == "dd":
            self.facts[self._term] = data
        if self._within not in {"script", "style"}:
            self.text.append(data.strip())

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's
        self._within = ""


@dataclass(slots=True)
class Browser:
    """A browser: it keeps its cookies, and follows where it is sent."""

    app: ASGIApp
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def ask(self, method: str, path: str, *, follow: bool = True, **more: Any) -> httpx.Response:
        """One request; an exception in the application comes out here."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, follow_redirects=follow, cookies=self.cookies) as client:
                response = await client.request(method, f"http://{HOST}{path}", **more)
                self.cookies = client.cookies
                return response

        return asyncio.run(send())

    def visit(self, path: str) -> Seen:
        """Open a page."""
        response = self.ask("GET", path)
        assert response.status_code == 200, response.text
        return Seen(response.text)

    def send(self, action: str, **fields: object) -> Seen:
        """Send the form of an action, and see the page that comes then."""
        response = self.ask("POST", f"/{action.replace('.', '/')}", data=fields)
        assert response.status_code == 200, response.text
        return Seen(response.text)

    def told(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        """What the API answers, which must have that status."""
        response = self.ask(method, f"/api{path}", **more)
        assert (response.status_code, response.headers["content-type"]) == (status, "application/json"), response.text
        return response.json()


@dataclass(frozen=True, slots=True)
class House:
    """The world, and the services in it over HTTP."""

    world: World
    app: ASGIApp

    def browser(self) -> Browser:
        """Open another browser."""
        return Browser(self.app)

    def proof(self, service: str) -> dict[str, str]:
        """What the card in the reader shows at a login, in base64."""
        return {name: b64encode(value).decode() for name, value in proof(self.world, service).items()}

    def to_the_pin(self, browser: Browser) -> Seen:
        """Go to the portal's PIN dialog."""
        return browser.send("portal.start", system="windows", navigator="edge", software="portal-app")

    def registered(self, nickname: str = "taro") -> Browser:
        """A browser from which the holder has registered at the portal."""
        browser = self.browser()
        self.to_the_pin(browser)
        browser.send("portal.log_in", **self.proof("portal"))
        browser.send("portal.confirm", nickname=nickname, language="ja", accept_terms="on")
        browser.send("portal.complete")
        return browser


@contextmanager
def house(hosts: frozenset[str] | None = frozenset({HOST})) -> Iterator[House]:
    """An adult's card in the reader, on a Friday at ten; the services are asked by these names, or by any."""
    world = World(at=OPENING)
    world.insert(world.issue("adult"))
    with Turns() as turns:
        yield House(world, site(lambda: world.services, turns, hosts))
