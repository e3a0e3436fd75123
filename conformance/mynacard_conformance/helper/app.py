"""The helper as an ASGI application (docs/services.md, "The helper"). Needs the extra `services`.

Nothing is asked of the card before host, origin and token are right and the request is what it should be.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import traceback
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from mynacard_conformance.outcome import Outcome

from .asker import Asker, Told
from .problems import Problem, Refused
from .turns import Turns, Wanted

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

LARGEST_BODY = 8192
"""In bytes; a challenge and a PIN have less than one of these eight thousand."""
SLOWEST_BODY = 5.0
"""Seconds that a body may take to arrive."""
LONGEST_CHALLENGE = 512
"""In bytes; a challenge has 32 at most places."""
LONGEST_PIN = 64
"""In characters, as typed; no PIN of a card has more than 16."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may ask: a page of one of these origins that knows the token.

    Attributes:
        token: What the link has that its user opened.
        origins: As browsers write them.
        hosts: What the Host header may be; a page that was led here by a false name has another.

    """

    token: str = field(repr=False)
    origins: frozenset[str]
    hosts: frozenset[str]

    def admit_page(self, request: Request) -> str:
        """Return the page's origin; raise `Refused` for a page that may not ask, and for what is no page."""
        if request.headers.get("host", "").lower() not in self.hosts:
            raise Refused(Problem.WRONG_HOST, f"ask by one of these names: {', '.join(sorted(self.hosts))}")
        origin = request.headers.get("origin", "")
        if origin not in self.origins:
            raise Refused(Problem.WRONG_ORIGIN, "only a page of a site that the helper was started for may ask")
        return origin

    def demand_token(self, request: Request) -> None:
        """Raise `Refused` without it."""
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(f"Bearer {self.token}".encode(), given.encode()):
            raise Refused(Problem.NO_TOKEN, "open the link that the helper printed when it was started")


@dataclass(frozen=True, slots=True)
class Question:
    """What can be asked at one path.

    Attributes:
        method: HTTP's.
        read: Makes of a request what is to be asked of the card; raises `Refused`.
        late: What is said where the card comes to no end with it.

    """

    method: str
    read: Callable[[Request], Awaitable[Callable[[Asker, Wanted], Told]]]
    late: Outcome


class Helper:
    """The application."""

    def __init__(self, guard: Guard, asker: Asker, turns: Turns) -> None:
        self._guard = guard
        self._asker = asker
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        try:
            origin = self._guard.admit_page(request)
        except Refused as refused:
            return _refusal(refused, {"vary": "Origin"})
        to_page = {"access-control-allow-origin": origin, "vary": "Origin"}
        try:
            if request.method == "OPTIONS":
                return _preflight(request, to_page)
            self._guard.demand_token(request)
            return _json(await self._carry_out(_question(request), request), 200, to_page)
        except Refused as refused:
            return _refusal(refused, to_page)
        except ClientDisconnect:
            return Response(status_code=Problem.INVALID.status)  # nobody will read it
        except Exception as error:  # noqa: BLE001 - the next request must find us; the log has its kind and place alone
            return _refusal(Refused(Problem.BUG, f"a bug of mynacard, please report it: {_place(error)}"), to_page)

    async def _carry_out(self, question: Question, request: Request) -> Told:
        ask = await question.read(request)
        try:
            return await self._turns.take(lambda wanted: ask(self._asker, wanted))
        except TimeoutError:
            return {"outcome": question.late.value}


# ---------------------------------------------------------------- what can be asked


async def _of_the_card(_: Request) -> Callable[[Asker, Wanted], Told]:
    return lambda asker, _: asker.card()


async def _of_the_certificate(_: Request) -> Callable[[Asker, Wanted], Told]:
    return lambda asker, _: asker.certificate()


async def _for_a_proof(request: Request) -> Callable[[Asker, Wanted], Told]:
    given = _parse(await _body(request))
    challenge, pin = _challenge(given), _pin(given)
    return lambda asker, wanted: asker.proof(challenge, pin, wanted)


QUESTIONS: Mapping[str, Question] = {
    "/card": Question("GET", _of_the_card, Outcome.READER_BUSY),
    "/certificate": Question("GET", _of_the_certificate, Outcome.READER_BUSY),
    "/proof": Question("POST", _for_a_proof, Outcome.UNKNOWN_OUTCOME),
}


def _at(request: Request) -> Question:
    question = QUESTIONS.get(request.scope["path"])
    if question is None:
        raise Refused(Problem.NOT_FOUND, f"there is nothing here; ask for {', '.join(QUESTIONS)}")
    return question


def _question(request: Request) -> Question:
    question = _at(request)
    if request.method != question.method:
        raise Refused(Problem.METHOD, f"this takes {question.method}")
    return question


def _preflight(request: Request, to_page: Mapping[str, str]) -> Response:
    """Tell a browser what the page may send; it asks without the token."""
    allowed = {
        "access-control-allow-methods": _at(request).method,
        "access-control-allow-headers": "authorization, content-type",
    }
    if request.headers.get("access-control-request-private-network") == "true":
        allowed["access-control-allow-private-network"] = "true"
    return Response(status_code=204, headers={**to_page, **allowed})


# ---------------------------------------------------------------- bodies


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(Problem.MEDIA_TYPE, "send application/json")
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    raise Refused(Problem.TOO_LARGE, f"a body has at most {LARGEST_BODY} bytes")
    except TimeoutError:
        raise Refused(Problem.TOO_LATE, f"the body did not arrive within {SLOWEST_BODY:.0f} s") from None
    return bytes(body)


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        given = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise Refused(Problem.INVALID, "the body is not JSON") from None
    if not isinstance(given, dict) or given.keys() != {"challenge", "pin"}:
        raise Refused(Problem.INVALID, "the body is an object with challenge and pin, and nothing else")
    return given


def _challenge(given: Mapping[str, Any]) -> bytes:
    try:
        challenge = b64decode(given["challenge"], validate=True)
    except (TypeError, ValueError):
        challenge = b""
    if not 1 <= len(challenge) <= LONGEST_CHALLENGE:
        raise Refused(Problem.INVALID, f"challenge: 1 to {LONGEST_CHALLENGE} bytes in base64")
    return challenge


def _pin(given: Mapping[str, Any]) -> str:
    pin = given["pin"]
    if not isinstance(pin, str) or len(pin) > LONGEST_PIN:
        raise Refused(Problem.INVALID, f"pin: a string of at most {LONGEST_PIN} characters, as it was typed")
    return pin


# ---------------------------------------------------------------- answers


def _refusal(refused: Refused, headers: Mapping[str, str]) -> Response:
    problem = refused.problem
    return _json({"error": problem.word, "message": str(refused)}, problem.status, headers)


def _json(value: Mapping[str, str | int], status: int, headers: Mapping[str, str]) -> Response:
    more = {"cache-control": "no-store", "x-content-type-options": "nosniff", **headers}
    return Response(json.dumps(value) + "\n", status, more, "application/json")


def _place(error: Exception) -> str:
    """Log a bug by kind and place only: its message may hold a PIN."""
    at = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{type(error).__name__} in {at.name}, line {at.lineno}"
    _log.error("a request failed: %s", place)
    return place
