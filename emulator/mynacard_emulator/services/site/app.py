"""The services as an ASGI application: the API below `/api`, and pages. Needs the extra `services`.

Everything is decided by `Services`, in one thread; a page shows what its ledger says.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from mynacard_emulator.office.messages import Language
from mynacard_emulator.pki.errors import IssuerError
from mynacard_emulator.rest.api import Answer, Api, Endpoint, Guard, application, body_of, json_response
from mynacard_emulator.rest.problems import Refused
from mynacard_emulator.rest.schema import check
from mynacard_emulator.rest.turns import Turns
from mynacard_emulator.services import actions
from mynacard_emulator.services.messages import sentence
from mynacard_emulator.services.served import Served

from .api import BELOW, Caller, Current, description, refusing, verbs
from .browsers import KEY, Browsers
from .forms import filled_in, require_same_origin
from .pages import PHONE, PLACES, WITHOUT_A_PAGE, Page, page_of, place_of
from .words import Words

try:
    import segno
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, RedirectResponse, Response
    from starlette.routing import Mount, Route
except ImportError as error:
    raise IssuerError(
        f"starlette, uvicorn and segno cannot be used ({error}); install them: pip install mynacard[services]"
    ) from None

if TYPE_CHECKING:
    from starlette.types import ASGIApp

_STATIC: Mapping[str, str] = {"site.css": "text/css", "site.js": "text/javascript"}
_FORM_TYPE = "application/x-www-form-urlencoded"
_ON_THE_PAGE = frozenset({"page", "barcode"})
"""What comes of an action and is seen without being told."""
_MOST_BROWSERS = 1000
"""Of so many it is remembered what the last action came to; older ones see their page without it."""
_HEADERS: Mapping[str, str] = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "connect-src 'self' http://127.0.0.1:* http://localhost:*; base-uri 'none'; frame-ancestors 'none'"
    ),
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
"""A page loads nothing from elsewhere, and asks nobody but us and a helper on this machine."""


def site(current: Current, turns: Turns, hosts: frozenset[str] | None = None) -> ASGIApp:
    """Make the application.

    Args:
        current: What it serves.
        turns: In whose thread they act.
        hosts: What the Host header may be; None where anything may.

    """
    guard = Guard(hosts=hosts)
    table = verbs()
    api = Api(table, description(table), partial(_caller, current), turns, guard, refusing)
    pages = _Site(current, turns, guard)
    return Browsers(application((Mount(BELOW, routes=list(api.routes())), *pages.routes()), guard))


def _caller(current: Current, request: Request) -> Caller:
    return Caller(current, request.scope[KEY])


class _Site:
    """The pages, and what each browser was answered last."""

    def __init__(self, current: Current, turns: Turns, guard: Guard) -> None:
        self._current = current
        self._turns = turns
        self._guard = guard
        self._came: OrderedDict[str, tuple[str, Served]] = OrderedDict()
        self._templates = Environment(
            loader=PackageLoader("mynacard_emulator.services.site"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        )

    def routes(self) -> Iterator[Route]:
        """Yield where everything is."""
        yield self._route("/", GET=self._index)
        for name, media_type in _STATIC.items():
            yield self._route(f"/static/{name}", GET=partial(_static, name, media_type))
        for place in PLACES:
            yield self._route(f"/{place}/", GET=partial(self._show, place))
            yield self._route(f"/{place}/state", GET=partial(self._state, place))
        for action in actions.actions().keys() - WITHOUT_A_PAGE:
            yield self._route(f"/{action.replace('.', '/')}", POST=partial(self._act, action))

    def _route(self, path: str, **answers: Answer) -> Route:
        return Route(path, Endpoint(self._guard, answers, self._refuse))

    async def _index(self, request: Request) -> Response:
        return self._page(request, "index.html", places=PLACES)

    async def _show(self, place: str, request: Request) -> Response:
        page = await self._turns.take(partial(self._at, place, request))
        where, came = self._came.get(request.scope[KEY], ("", None))
        say = Words(_language(request))
        more: dict[str, Any] = {"came": None}
        if came is not None and where == place:
            seen = _ON_THE_PAGE | page.facts.keys()
            shown = {name: value for name, value in came.shown.items() if value and name not in seen}
            more = {"came": came, "shown": shown, "sentence": sentence(came.outcome, say.language)}
            if came.done and not shown and "page" in came.shown:
                more = {"came": None}  # the new page says it
        if page.barcode is not None:
            link = f"{request.url.scheme}://{request.url.netloc}/{PHONE}/?{urlencode({'barcode': page.barcode})}"
            more |= {"link": link, "picture": segno.make(link).svg_data_uri(scale=6)}
        card_words = {**say.table("card"), "helper_found": say("common", "helper_found")}
        return self._page(request, "page.html", page=page, card_words=card_words, **more)

    async def _state(self, place: str, request: Request) -> Response:
        page = await self._turns.take(partial(self._at, place, request))
        return json_response({"page": page.name})

    async def _act(self, action: str, request: Request) -> Response:
        """Carry out what a form says, and go to the page that comes then."""
        require_same_origin(request)
        body = await body_of(request, _FORM_TYPE, "as a form in a page does")
        schema = actions.with_cookie(action)
        given = filled_in(schema, body)
        check(schema, given, "the form")
        browser = request.scope[KEY]
        served = await self._turns.take(partial(self._perform, action, given, browser))
        place = place_of(action)
        self._came[browser] = place, served
        self._came.move_to_end(browser)
        if len(self._came) > _MOST_BROWSERS:
            self._came.popitem(last=False)
        about = f"?{urlencode({'barcode': given['barcode']})}" if place == PHONE else ""
        return RedirectResponse(f"/{place}/{about}", 303, _HEADERS)

    def _perform(self, action: str, given: Mapping[str, Any], browser: str) -> Served:
        with refusing():
            return actions.perform(self._current(), action, given, browser)

    def _at(self, place: str, request: Request) -> Page:
        code = request.query_params.get("barcode", "")
        services = self._current()
        with refusing():
            return page_of(services.ledger, place, request.scope[KEY], services.now, code)

    def _refuse(self, refused: Refused) -> Response:
        page = self._render("refused.html", "en", sentence=str(refused), other_language="lang=ja")
        return HTMLResponse(page, refused.problem.status, _HEADERS)

    def _page(self, request: Request, template: str, **more: object) -> Response:
        language = _language(request)
        asked = {name: value for name, value in parse_qsl(request.url.query) if name != "lang"}
        other = urlencode({**asked, "lang": "en" if language == "ja" else "ja"})
        response = HTMLResponse(self._render(template, language, other_language=other, **more), headers=_HEADERS)
        if request.query_params.get("lang") == language:
            response.set_cookie("lang", language, httponly=True, samesite="lax")
        return response

    def _render(self, template: str, language: Language, **more: object) -> str:
        return self._templates.get_template(template).render(say=Words(language), **more)


async def _static(name: str, media_type: str, _request: Request) -> Response:
    content = files("mynacard_emulator.services.site").joinpath("static", name).read_bytes()
    return Response(content, headers=_HEADERS, media_type=media_type)


def _language(request: Request) -> Language:
    """The one that was chosen; else what the browser prefers, of the two."""
    asked = (
        request.query_params.get("lang") or request.cookies.get("lang") or request.headers.get("accept-language", "")
    )
    return "ja" if asked.lower().startswith("ja") else "en"
