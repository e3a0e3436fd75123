"""Whatever is sent to the control socket: it answers in its own words, soon, and tells nobody what it should not."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mynacard_emulator.control.acts import Controls
from mynacard_emulator.control.verbs import verbs
from mynacard_emulator.rest.api import LARGEST_BODY, Guard
from mynacard_emulator.rest.problems import Problem
from mynacard_emulator.rest.schema import Mismatch, Schema, check
from mynacard_emulator.rest.verb import ERROR, Verb

from .house import House, house

TABLE = verbs()
TOKEN = "a-token-of-this-test"
LOOPBACK = Guard(TOKEN, frozenset({"localhost"}))
BEARER = {"authorization": f"Bearer {TOKEN}"}
JSON_TYPE = {"content-type": "application/json"}
PIN = "7392Q8"
RESET = "/office/counter.reset_pin"


@pytest.fixture(scope="module")
def here() -> Iterator[House]:
    with house() as made:
        yield made


@pytest.fixture(scope="module")
def guarded() -> Iterator[House]:
    with house(LOOPBACK) as made:
        yield made


# ---------------------------------------------------------------- who may ask


def test_with_the_token_one_may(guarded: House) -> None:
    assert guarded.ask("GET", "/state", headers=BEARER).status_code == 200
    assert guarded.told("GET", "/openapi.json", headers=BEARER)["security"] == [{"token": []}]


@pytest.mark.parametrize("path", ["/state", "/openapi.json", "/readers/0/card", "/nothing", "/", RESET])
@pytest.mark.parametrize("given", ["", "Bearer ", "Bearer wrong", TOKEN, f"bearer {TOKEN}", f"Bearer {TOKEN} "])
def test_without_the_token_nothing_is_told_nor_done(guarded: House, path: str, given: str) -> None:
    before = guarded.world.recent.total
    for method in ("GET", "POST", "DELETE", "OPTIONS", "HEAD"):
        response = guarded.ask(method, path, headers={"authorization": given} if given else {})
        assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")

    assert guarded.world.recent.total == before


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost:1", "", "127.0.0.1"])
def test_a_page_that_was_led_here_by_another_name_is_sent_away(guarded: House, host: str) -> None:
    assert guarded.refused("GET", "/state", headers={**BEARER, "host": host}) == (403, "wrong_host")
    assert guarded.refused("GET", "/nothing", headers={**BEARER, "host": host}) == (403, "wrong_host")


@pytest.mark.property
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=60), st.sampled_from(TABLE))
def test_any_other_token_is_refused(guarded: House, token: str, verb: Verb[Controls]) -> None:
    headers = {"authorization": f"Bearer {token}".encode("latin-1")}
    response = guarded.ask(verb.method, verb.path.replace("{reader}", "0"), headers=headers)

    assert token == TOKEN or response.status_code == 401


# ---------------------------------------------------------------- bodies


def test_a_body_has_a_limit(here: House) -> None:
    longest = b'{"profile": "adult"}'.ljust(LARGEST_BODY)

    assert here.ask("POST", "/cards", content=longest, headers=JSON_TYPE).status_code == 201
    assert here.refused("POST", "/cards", content=longest + b" ", headers=JSON_TYPE) == (413, "too_large")


def test_a_body_without_end_is_not_read_to_its_end(here: House) -> None:
    asked = 0

    class Endless:
        async def __aiter__(self) -> Any:
            nonlocal asked
            while asked < 10_000:
                asked += 1
                yield b" " * 1024

    assert here.refused("POST", "/cards", content=Endless(), headers=JSON_TYPE) == (413, "too_large")
    assert asked <= LARGEST_BODY // 1024 + 2


@pytest.mark.parametrize("given", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_what_says_it_is_something_else_is_not_read(here: House, given: str) -> None:
    headers = {"content-type": given} if given else {}

    assert here.refused("POST", "/cards", content=b'{"profile":"adult"}', headers=headers) == (
        415,
        "unsupported_media_type",
    )


def test_the_content_type_may_be_in_capitals_and_have_parameters(here: House) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}

    assert here.ask("POST", "/clock", content=b"{}", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b'{"days": NaN}',
        b'{"days": Infinity}',
        b'{"days": 1e999}',
        b'{"days": ' + b"9" * 5000 + b"}",
        b'{"days": -1}',
        b'{"days": 1.5}',
        b'{"days": 1e300}',
        b'{"days": true}',
        b'{"days": "1"}',
        b'{"days": null}',
        b'{"set": "\\ud800"}',
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"days"',
        b'{"__class__": 1}',
    ],
    ids=lambda body: body[:20].decode("latin-1"),
)
def test_what_is_no_such_request_is_refused(here: House, body: bytes) -> None:
    assert here.refused("POST", "/clock", content=body, headers=JSON_TYPE) == (400, "invalid_request")


@pytest.mark.parametrize("query", ["?x=1", "?since=1&since=2", "?since=", "?since=-1", "?limit=0", "?since=٣", "?%00"])
def test_a_query_that_is_none_is_refused(here: House, query: str) -> None:
    assert here.refused("GET", f"/trace{query}") == (400, "invalid_request")


def test_a_path_has_its_methods(here: House) -> None:
    response = here.ask("PATCH", "/readers/0/card")

    assert (response.status_code, response.headers["allow"]) == (405, "DELETE, POST, PUT")
    assert response.json()["error"] == "method_not_allowed"


@pytest.mark.parametrize("line", ["", "verify", "verify:1:no-such-thing", "verify:0:eject", "any:1:hang=1e9", "架空"])
def test_a_line_that_orders_no_fault_is_refused(here: House, line: str) -> None:
    assert here.refused("POST", "/readers/0/faults", json={"fault": line}) == (400, "invalid_request")


# ---------------------------------------------------------------- PINs


@pytest.mark.parametrize(
    "details",
    [
        {"pin": "auth", "new": PIN},
        {"pin": "auth", "new": "4829", "confirm": PIN},
        {"pin": PIN, "new": PIN},
        {"pin": "auth", "new": [PIN]},
        {"pin": "auth", "new": {PIN: PIN}},
        {"pin": "auth", "new": "4829", PIN: PIN},
        {"pin": "auth", "new": "4829", "by": PIN},
        {"pin": "auth", "new": "4829", "documents": [PIN]},
        {"pin": "auth", "new": PIN * 100},
    ],
    ids=repr,
)
def test_a_pin_never_comes_back(here: House, details: Mapping[str, object], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    response = here.ask("POST", RESET, json=details)

    assert PIN not in response.text
    assert PIN not in caplog.text
    assert PIN not in here.ask("GET", "/state").text + here.ask("GET", "/trace").text


def test_a_bug_is_told_by_kind_and_place_and_not_in_its_own_words(
    here: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError(f"the PIN {PIN} is not what it was")

    monkeypatch.setattr(type(here.world), "snapshot", fails)
    response = here.ask("POST", "/snapshots")

    assert (response.status_code, response.json()["error"]) == (500, "internal_error")
    assert "RuntimeError" in caplog.text
    assert PIN not in response.text + caplog.text


# ---------------------------------------------------------------- anything at all

METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "BREW"])
PIECES = st.sampled_from(
    [*(piece for verb in TABLE for piece in verb.path.split("/")), "..", "%2e%2e", "%00", "0", "1"]
)
PATHS = st.lists(PIECES | st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=8), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
BODIES = st.binary(max_size=200) | VALUES.map(lambda value: json.dumps(value).encode())
TYPES = st.sampled_from(["application/json", "text/plain", "multipart/form-data", ""])


@pytest.mark.property
@given(METHODS, PATHS, BODIES, TYPES)
@settings(max_examples=100, deadline=None)
def test_any_request_is_answered(here: House, method: str, path: list[str], body: bytes, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    response = here.ask(method, "/" + "/".join(path), content=body, headers=headers)

    assert response.status_code in {200, 201, *(problem.status for problem in Problem)} - {500}
    if response.status_code >= 400 and method != "HEAD":
        check(ERROR, response.json())


def drawn(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that a schema allows."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds: list[str] = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return st.one_of(*(_drawn(schema, kind) for kind in kinds))


def _drawn(schema: Schema, kind: str) -> st.SearchStrategy[Any]:
    if kind == "string":
        return _text(schema)
    if kind == "integer":
        return st.integers(schema["minimum"], min(schema["maximum"], schema["minimum"] + 400))
    if kind == "array":
        return st.lists(drawn(schema["items"]), max_size=3)
    if kind == "object":
        needed = schema.get("required", ())
        parts = {name: drawn(part) for name, part in schema["properties"].items()}
        optional = {name: parts.pop(name) for name in [*parts] if name not in needed}
        return st.fixed_dictionaries(parts, optional=optional)
    return st.booleans() if kind == "boolean" else st.none()


def _text(schema: Schema) -> st.SearchStrategy[str]:
    words = st.sampled_from(["auth", "sign", "1234", "ABC123", "lost", "both", "架空　太郎", "passport", "1"])
    any_text = words | st.text(st.characters(codec="utf-8"), max_size=min(12, schema["maxLength"]))
    days, moments = st.dates().map(str), st.datetimes(timezones=st.timezones()).map(lambda at: at.isoformat())
    return {"date": days, "date-time": moments.filter(_fits(schema))}.get(schema.get("format", ""), any_text)


def _fits(schema: Schema) -> Callable[[object], bool]:
    def fits(value: object) -> bool:
        try:
            check(schema, value)
        except Mismatch:
            return False
        return True

    return fits


@st.composite
def requests(draw: st.DrawFn) -> tuple[Verb[Controls], str, Any]:
    """A verb, a path and a body as they are described."""
    verb = draw(st.sampled_from(TABLE))
    names = {name: str(draw(st.integers(0, 3))) for name in verb.parameters}
    return verb, verb.path.format(**names), None if verb.body is None else draw(drawn(verb.body))


@pytest.mark.property
@given(st.lists(requests(), min_size=1, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_session_of_requests_that_are_described_goes_as_described(
    session: list[tuple[Verb[Controls], str, Any]],
) -> None:
    with house() as here:
        for verb, path, body in session:
            response = here.ask(verb.method, path, **({} if body is None else {"json": body}))
            if response.status_code == verb.status:
                check(verb.answer, response.json(), "the answer")
            else:
                assert response.status_code in {problem.status for problem in Problem} - {500, 401, 403, 405, 415}
                check(ERROR, response.json())
            check(next(verb.answer for verb in TABLE if verb.name == "state"), here.told("GET", "/state"))
