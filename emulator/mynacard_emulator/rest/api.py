"""A table of verbs as an ASGI application. Needs the extra `services`.

Nothing is done before the host and the token are right; no body is read to its end that is too long.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar
from urllib.parse import parse_qsl

from mynacard_emulator.pki.errors import IssuerError

from .problems import Problem, Refused
from .schema import JSON, Mismatch, Schema, check
from .turns import Turns
from .verb import Verb

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

try:
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute, Route
except ImportError as error:
    raise IssuerError(
        f"starlette and uvicorn cannot be used ({error}); install them: pip install mynacard[services]"
    ) from None

LARGEST_BODY = 65_536
"""In bytes; the longest errand has some hundreds."""
SLOWEST_BODY = 10.0
"""Seconds that a body may take to arrive."""

C = TypeVar("C")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may ask: whoever knows the token, by one of these names of this machine.

    Attributes:
        token: None where the socket's file says who may connect.
        hosts: What the Host header may be; a page in a browser that was led here by a false name has another.

    """

    token: str | None = None
    hosts: frozenset[str] | None = None

    def admit(self, request: Request) -> None:
        """Raise `Refused` for a stranger."""
        if self.hosts is not None and request.headers.get("host", "").lower() not in self.hosts:
            raise Refused(Problem.WRONG_HOST, f"ask by one of these names: {', '.join(sorted(self.hosts))}")
        given = request.headers.get("authorization", "")
        if self.token is not None and not hmac.compare_digest(f"Bearer {self.token}".encode(), given.encode()):
            raise Refused(Problem.NO_TOKEN, "send the token that was given out at the start: Authorization: Bearer …")


@dataclass(frozen=True, slots=True)
class Api(Generic[C]):
    """A table of verbs, and on what they act.

    Attributes:
        table: What can be asked for.
        description: What `/openapi.json` says.
        asked: What is acted on, from the request.
        turns: One verb after the other.
        guard: Who may ask.
        refusing: Turns what a user can do wrong into `Refused`.

    """

    table: Sequence[Verb[C]]
    description: JSON
    asked: Callable[[Request], C]
    turns: Turns
    guard: Guard
    refusing: Callable[[], AbstractContextManager[None]] = nullcontext

    def routes(self) -> Iterator[Route]:
        """Yield a route for each path, and that of the description."""
        yield Route("/openapi.json", Endpoint(self.guard, {"GET": partial(_tell, self.description)}))
        by_path: dict[str, dict[str, Answer]] = {}
        for verb in self.table:
            by_path.setdefault(verb.path, {})[verb.method] = partial(self._carry_out, verb)
        for path, answers in by_path.items():
            yield Route(path, Endpoint(self.guard, answers))

    async def _carry_out(self, verb: Verb[C], request: Request) -> Response:
        given = {**_path(verb.parameters, request), **_query(verb.query, request), **await _body(verb.body, request)}
        asked = self.asked(request)

        def act() -> JSON:
            with self.refusing():
                return verb.act(asked, given)

        return json_response(await self.turns.take(act), verb.status)


def application(routes: Iterable[BaseRoute], guard: Guard) -> Starlette:
    """Make an application of these routes; where there is none, that is said in JSON."""
    app = Starlette(routes=list(routes), exception_handlers={HTTPException: partial(_not_routed, guard)})
    app.router.redirect_slashes = False
    return app


Answer = Callable[[Request], Awaitable[Response]]


class Endpoint:
    """One path: lets nobody in who may not, and answers whatever happens.

    Args:
        guard: Who may ask.
        answers: What answers, by HTTP's method.
        refuse: How it is said that something is not done; in JSON, unless a page says it.

    """

    def __init__(
        self, guard: Guard, answers: Mapping[str, Answer], refuse: Callable[[Refused], Response] | None = None
    ) -> None:
        self._guard = guard
        self._answers = answers
        self._refuse = refuse or refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        request = Request(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            self._guard.admit(request)
            answer = self._answers.get(request.method)
            if answer is None:
                allowed = ", ".join(sorted(self._answers))
                response = self._refuse(Refused(Problem.METHOD, f"this takes {allowed}"))
                response.headers["allow"] = allowed
                return response
            return await answer(request)
        except Refused as refused:
            return self._refuse(refused)
        except Mismatch as mismatch:
            return self._refuse(Refused(Problem.INVALID, str(mismatch)))
        except ClientDisconnect:
            return Response(status_code=Problem.INVALID.status)  # nobody will read it
        except Exception as error:  # noqa: BLE001 - the next request must find us; the log has its kind and place alone
            return self._refuse(Refused(Problem.BUG, f"a bug of mynacard, please report it: {_place(error)}"))


async def _tell(description: JSON, request: Request) -> Response:
    _query({}, request)
    return json_response(description)


def _path(schemas: Mapping[str, Schema], request: Request) -> dict[str, JSON]:
    """What stands in the path; a name that can be none's is not found."""
    try:
        return _read(schemas, request.path_params, "the path")
    except Mismatch:
        raise Refused(Problem.NOT_FOUND, "there is nothing of that name here; see /openapi.json") from None


def _query(schemas: Mapping[str, Schema], request: Request) -> dict[str, JSON]:
    pairs = parse_qsl(request.url.query, keep_blank_values=True)
    if len(dict(pairs)) < len(pairs):
        raise Refused(Problem.INVALID, "the query says something twice")
    return _read(schemas, dict(pairs), "the query")


def _read(schemas: Mapping[str, Schema], words: Mapping[str, str], where: str) -> dict[str, JSON]:
    """Read words that may mean numbers, and hold them against their schemas."""
    given: dict[str, Any] = {}
    for name, word in words.items():
        is_number = name in schemas and schemas[name]["type"] == "integer"
        given[name] = int(word) if is_number and word.isascii() and word.isdecimal() and len(word) < 20 else word
    check({"type": "object", "properties": schemas, "additionalProperties": False}, given, where)
    return given


async def _body(schema: Schema | None, request: Request) -> dict[str, Any]:
    """Read the body, which may be missing where nothing in it is needed."""
    body = await body_of(request, "application/json", "as `curl --json` does")
    given: Any = _parse(body) if body else {}
    check(schema or {"type": "object", "properties": {}, "additionalProperties": False}, given)
    return dict(given)


async def body_of(request: Request, media_type: str, how: str) -> bytes:
    """Read a body of this kind, or none at all; raise `Refused` for what is too long, too late or of another kind."""
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise Refused(Problem.TOO_LARGE, f"a body has at most {LARGEST_BODY} bytes")
    except TimeoutError:
        raise Refused(Problem.TOO_LATE, f"the body did not arrive within {SLOWEST_BODY:.0f} s") from None
    if body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != media_type:
        raise Refused(Problem.MEDIA_TYPE, f"send {media_type}, {how}")
    return bytes(body)


def _parse(body: bytes) -> object:
    try:
        value = json.loads(body.decode(), parse_float=_number, parse_constant=_no_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise Refused(Problem.INVALID, "the body is not JSON") from None
    return value


def _number(text: str) -> float:
    """Read a number with a point or an exponent; 1.0 is a whole number in JSON."""
    value = float(text)
    return int(value) if value.is_integer() else value


def _no_constant(_: str) -> NoReturn:
    raise ValueError("JSON has neither NaN nor Infinity")


async def _not_routed(guard: Guard, request: Request, _error: Exception) -> Response:
    try:
        guard.admit(request)
    except Refused as refused:
        return refusal(refused)
    return refusal(Refused(Problem.NOT_FOUND, "there is nothing here; see /openapi.json"))


def refusal(refused: Refused) -> Response:
    """Say in JSON that something is not done, and why."""
    problem = refused.problem
    more = {"www-authenticate": "Bearer"} if problem is Problem.NO_TOKEN else {}
    return json_response({"error": problem.word, "message": str(refused)}, problem.status, more)


def json_response(value: JSON, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer in JSON, which nobody keeps."""
    text = json.dumps(value, ensure_ascii=False) + "\n"
    more = {"cache-control": "no-store", "x-content-type-options": "nosniff", **(headers or {})}
    return Response(text, status, more, "application/json")


def _place(error: Exception) -> str:
    """Log a bug by kind and place only: its message may hold a PIN."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {at.name}, line {at.lineno}"
    _log.error("a request failed: %s", place)
    return place
