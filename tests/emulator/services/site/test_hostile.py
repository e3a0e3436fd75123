"""Whoever asks the services over HTTP with other things in mind is granted nothing, and crashes nothing."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.office.registry_file import LiveRegistry, StoredRegistry
from mynacard_emulator.rest.api import LARGEST_BODY
from mynacard_emulator.rest.problems import Problem
from mynacard_emulator.rest.turns import Turns
from mynacard_emulator.services import actions
from mynacard_emulator.services.ledger import Barcode, LogLine, MyKeyRecord
from mynacard_emulator.services.services import Services
from mynacard_emulator.services.site.app import site
from mynacard_emulator.world import World

from .house import Browser, House, Seen, house

FORM = {"content-type": "application/x-www-form-urlencoded"}
PATHS = [f"/{name.replace('.', '/')}" for name in actions.actions()]


@pytest.fixture
def here() -> Iterator[House]:
    with house() as found:
        yield found


@pytest.fixture(scope="module")
def shared() -> Iterator[House]:
    with house() as found:
        yield found


def test_the_form_of_a_foreign_page_is_not_carried_out(here: House) -> None:
    browser = here.registered()
    before = here.world.services.ledger
    for origin in ("http://evil.example", "http://localhost:1", "https://localhost", "null"):
        response = browser.ask("POST", "/portal/delete_account", headers={"origin": origin})
        assert response.status_code == 403
    assert here.world.services.ledger is before
    assert browser.ask("POST", "/portal/show", headers={"origin": "http://localhost"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/portal/", "/portal/state", "/static/site.js", "/api/log", "/nothing"])
def test_a_page_that_was_led_here_by_another_name_is_sent_away(here: House, path: str) -> None:
    assert here.browser().ask("GET", path, headers={"host": "evil.example"}).status_code == 403


def test_a_foreign_page_cannot_send_json_without_being_asked_first(here: House) -> None:
    browser = here.browser()
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = b'{"name": "KEY00001"}'
        assert browser.ask("POST", "/api/mykey/create", content=body, headers={"content-type": kind}).status_code == 415
    assert browser.ask("OPTIONS", "/api/mykey/create").status_code == 405
    assert not here.world.services.log


@pytest.mark.parametrize("path", ["/mykey/create", "/api/mykey/create"])
def test_what_is_too_long_is_not_read(here: House, path: str) -> None:
    kind = {"content-type": "application/json"} if path.startswith("/api") else FORM
    response = here.browser().ask("POST", path, content=b"a" * (LARGEST_BODY + 1), headers=kind)

    assert response.status_code == 413
    assert not here.world.services.log


@pytest.mark.parametrize(
    "body",
    [b"name", b"name=%ff", b"\xff=1", b"name=K&x=1", b"&".join([b"name=K"] * 200), b"name=" + b"K" * 2000, b""],
    ids=lambda body: body[:12].decode("latin-1"),
)
def test_a_form_that_is_none_is_refused_on_a_page(here: House, body: bytes) -> None:
    response = here.browser().ask("POST", "/mykey/create", content=body, headers=FORM)

    assert (response.status_code, response.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert not here.world.services.log


@pytest.mark.parametrize("encoded", ["A", "AAA", "A===", "äöü=", "AAAA\n", "A" * 20_000])
def test_bytes_that_are_none_are_refused(here: House, encoded: str) -> None:
    body = {"certificate": encoded, "challenge": "", "signature": ""}

    assert here.browser().told("POST", "/mykey/log_in", 400, json=body)["error"] == "invalid_request"


@pytest.mark.parametrize(
    "word", ["<script>alert(1)</script>", "\"'><b>", "{{ 7 * 7 }}", "</title>", "${x}", "\u202eabc"]
)
def test_what_a_user_has_entered_is_shown_and_never_carried_out(here: House, word: str) -> None:
    browser = here.browser()
    here.to_the_pin(browser)
    browser.send("portal.log_in", **here.proof("portal"))
    browser.send("portal.confirm", nickname=word[:20], language="ja", accept_terms="on")
    html = browser.ask("GET", "/portal/").text

    assert "<script>alert" not in html
    assert "<b>" not in html
    assert "49" not in "".join(Seen(html).facts.values())


def test_a_page_loads_nothing_from_elsewhere(here: House) -> None:
    policy = here.browser().ask("GET", "/portal/").headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe" not in policy


def test_no_password_is_in_what_comes_back_or_in_the_log(here: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    browser, secret = here.browser(), "plum-2839-cellar"
    seen = [
        browser.ask("POST", "/eligibility/apply", data={"name": "clinic-1", "password": secret}).text,
        browser.ask("POST", "/eligibility/log_in", data={"name": "clinic-1", "password": secret}).text,
        browser.ask("POST", "/eligibility/log_in", data={"name": secret * 100, "password": secret}).text,
        browser.ask("POST", "/mykey/log_in_with_password", data={"name": "KEY00001", "password": secret}).text,
        browser.ask("POST", "/api/mykey/set_password", json={"password": secret, "again": [secret]}).text,
        browser.ask("GET", "/api/log").text,
    ]

    assert all(secret not in text for text in seen)
    assert secret not in caplog.text


def test_of_many_who_want_one_id_at_the_same_time_one_gets_it(here: House) -> None:
    profiles = ("adult", "foreigner", "long-text", "face-auth")
    browsers = list[Browser]()
    for profile in profiles:
        here.world.swap(here.world.issue(profile) if profile != "adult" else here.world.current)
        browsers.append(here.browser())
        assert browsers[-1].send("mykey.log_in", **here.proof("mykey")).page == "mykey.new", profile

    with ThreadPoolExecutor(len(browsers)) as pool:
        said = list(pool.map(lambda each: each.told("POST", "/mykey/create", json={"name": "KEY00001"}), browsers))

    assert sorted(answer["outcome"] for answer in said) == ["duplicate_id"] * 3 + ["ok"]
    (record,) = here.world.services.ledger.all(MyKeyRecord)
    winner = browsers[[answer["done"] for answer in said].index(True)]
    assert winner.told("POST", "/mykey/show")["account"] == record.name
    assert sum(1 for line in here.world.services.ledger.all(LogLine) if line.action == "mykey.create") == 4


def test_of_two_telephones_at_one_barcode_one_logs_in(here: House) -> None:
    computer, telephones = here.browser(), (here.browser(), here.browser())
    here.to_the_pin(computer)
    computer.send("portal.show_barcode")
    (shown,) = here.world.services.ledger.all(Barcode)
    scan = {"barcode": shown.code}

    with ThreadPoolExecutor(2) as pool:
        scanned = list(pool.map(lambda each: each.told("POST", "/portal/scan", json=scan)["outcome"], telephones))
        shown_to = [{**scan, **here.proof("portal")} for _ in telephones]
        asked = zip(telephones, shown_to, strict=True)
        logged = list(
            pool.map(lambda each: each[0].told("POST", "/portal/log_in_by_barcode", json=each[1])["outcome"], asked)
        )

    assert sorted(scanned) == ["ok", "wrong_state"]
    assert sorted(logged) == ["ok", "wrong_state"]


def test_without_the_registry_nothing_is_granted_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "registry.json"
    StoredRegistry.create(path, at=World().clock.now).close()
    live = LiveRegistry(path)
    services = Services(live)
    with Turns() as turns:
        browser = Browser(site(lambda: services, turns))
        assert browser.ask("GET", "/portal/").status_code == 200
        path.write_text("no registry")
        page = browser.ask("GET", "/phone/?barcode=x")
        refused = browser.told(
            "POST", "/mykey/log_in", 503, json=dict.fromkeys(("certificate", "challenge", "signature"), "")
        )

    assert page.status_code == 503
    assert refused["error"] == "unavailable"


# ---------------------------------------------------------------- anything at all

METHODS = st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "BREW"])
PIECES = st.sampled_from(
    [*{piece for path in PATHS for piece in path.split("/")}, "api", "static", "..", "%00", "state"]
)
ANY_PATH = st.lists(PIECES | st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=8), max_size=4)
WORDS = (
    st.text(max_size=12)
    | st.sampled_from(["KEY00001", "clinic-1", "0", "true", "portal-app"])
    | st.binary(max_size=24).map(lambda value: b64encode(value).decode())
)
NAMES = st.sampled_from(sorted({name for schema in actions.actions().values() for name in schema["properties"]}))
TYPES = st.sampled_from(["application/json", FORM["content-type"], "text/plain", ""])


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Something that a form, or JSON, could be."""
    fields: dict[str, Any] = draw(st.dictionaries(NAMES, WORDS, max_size=5))
    as_form = urlencode(fields, errors="replace").encode()
    return draw(st.sampled_from([as_form, json.dumps(fields).encode()]) | st.binary(max_size=60))


@pytest.mark.property
@given(
    METHODS,
    st.sampled_from(PATHS) | st.sampled_from([f"/api{path}" for path in PATHS]) | ANY_PATH.map("/".join),
    bodies(),
    TYPES,
)
@settings(max_examples=200, deadline=None)
def test_any_request_is_answered(shared: House, method: str, path: str, body: bytes, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    response = shared.browser().ask(method, f"/{path.lstrip('/')}", content=body, headers=headers, follow=False)

    assert response.status_code in {200, 303, *(problem.status for problem in Problem)} - {500, 503}
