"""The services as an API: outcomes in JSON, and a description that is so."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from mynacard_emulator.rest.schema import check
from mynacard_emulator.services import actions
from mynacard_emulator.services.services import ACTIONS
from mynacard_emulator.services.site.api import verbs
from tests.emulator.office.visits import certificate, holder_signs

from .house import House, house

JSON = {"accept": "application/json"}


@pytest.fixture
def here() -> Iterator[House]:
    with house() as found:
        yield found


def test_a_program_logs_in_with_a_card(here: House) -> None:
    browser, card = here.browser(), here.world.current
    challenge = browser.told("POST", "/mykey/challenge")["challenge"]
    signature = holder_signs(card, "auth", b64decode(challenge))
    body = {
        "certificate": b64encode(certificate(card)).decode(),
        "challenge": challenge,
        "signature": b64encode(signature).decode(),
    }

    assert browser.told("POST", "/mykey/log_in", json=body)["outcome"] == "not_registered"
    created = browser.told("POST", "/mykey/create", json={"name": "KEY00001"})
    assert created == {
        "outcome": "ok",
        "done": True,
        "account": "KEY00001",
        "shown": {"id": "KEY00001", "points": "0"},
        "says": {"en": "Done.", "ja": "完了しました。"},
    }
    again = browser.told("POST", "/mykey/log_in", json=body)
    assert (again["outcome"], again["done"]) == ("cert_invalid", False)


def test_everything_that_was_asked_is_in_the_log(here: House) -> None:
    browser = here.browser()
    browser.told("POST", "/portal/show")
    here.to_the_pin(here.browser())

    lines = [(line["action"], line["outcome"]) for line in browser.told("GET", "/log")["lines"]]
    assert lines == [("portal.show", "not_logged_in"), ("portal.start", "ok")]


def test_nobody_says_himself_from_where_he_asks(here: House) -> None:
    owner, stranger = here.registered(), here.browser()
    browser = next(iter(owner.cookies.values()))

    answer = stranger.told("POST", "/portal/show", 400, json={"browser": browser})
    assert answer["error"] == "invalid_request"


@pytest.mark.parametrize("action", [f"{service}.{name}" for service, names in ACTIONS.items() for name in names])
def test_every_action_is_described_with_a_sentence_and_checked_by_its_description(here: House, action: str) -> None:
    browser = here.browser()
    described = browser.told("GET", "/openapi.json")["paths"][f"/{action.replace('.', '/')}"]["post"]
    schema = described["requestBody"]["content"]["application/json"]["schema"]
    missing = browser.told("POST", f"/{action.replace('.', '/')}", 400, json={"no such thing": 1})

    assert (described["operationId"], schema) == (action, actions.with_cookie(action))
    assert re.fullmatch(r"[A-Z].*\S", described["summary"])
    assert missing["error"] == "invalid_request"


def test_passwords_are_taken_and_never_given(here: House) -> None:
    described = here.browser().told("GET", "/openapi.json")
    marked = set[str]()
    for operation in (path["post"] for path in described["paths"].values() if "post" in path):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        marked |= {name for name, part in body.get("properties", {}).items() if part.get("writeOnly")}

    assert marked == {"password", "again", "passcode"}


def test_the_description_is_openapi_and_its_schemas_are_schemas(here: House) -> None:
    described = here.browser().told("GET", "/openapi.json")
    assert described["openapi"] == "3.1.0"

    def schemas(part: Any) -> Iterator[Any]:
        if isinstance(part, dict):
            yield from ([part["schema"]] if "schema" in part else [])
            for value in part.values():
                yield from schemas(value)

    found = list(schemas(described))
    for schema in found:
        jsonschema.Draft202012Validator.check_schema(schema)
    assert len(found) > len(verbs())


def test_an_answer_is_what_is_described(here: House) -> None:
    browser = here.registered()

    check(actions.SERVED, browser.told("POST", "/portal/show"))
    check(actions.CHALLENGE, browser.told("POST", "/portal/challenge"))
    check(actions.LOG, browser.told("GET", "/log"))
