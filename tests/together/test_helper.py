"""The helper with an emulated card behind it: what a page is told of each card, and what becomes of its tries."""

from __future__ import annotations

import json
import logging
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_conformance.helper.problems import Problem
from mynacard_emulator.world import World, open_world
from tests.conformance.helper.page import CHALLENGE, TOKEN, Page, body, page

RIGHT, WRONG = "1234", "0000"


@pytest.fixture
def world() -> Iterator[World]:
    """A world without PC/SC, and no card in the reader."""
    with open_world("direct") as opened:
        yield opened


@pytest.fixture
def asks(world: World) -> Page:
    return page(world.connect)


def put_in(world: World, profile: str = "adult", **state: Any) -> None:
    world.insert(world.issue(profile, **state))


def verifies(told: Mapping[str, str]) -> bool:
    key = x509.load_der_x509_certificate(b64decode(told["certificate"])).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(b64decode(told["signature"]), CHALLENGE, padding.PKCS1v15(), hashes.SHA256())
    return True


# ---------------------------------------------------------------- outcomes


def test_a_page_gets_the_certificate_and_a_signature_that_it_verifies(world: World, asks: Page) -> None:
    put_in(world)
    told = asks.told("/proof", RIGHT)

    assert told["outcome"] == "ok"
    assert asks.told("/certificate") == {"outcome": "ok", "certificate": told["certificate"]}
    assert b64decode(told["certificate"]) == world.truth.certificate("auth")
    assert verifies(told)


def test_the_next_page_finds_no_pin_verified(world: World, asks: Page) -> None:
    put_in(world)
    asks.told("/proof", RIGHT)

    assert world.truth.verified("auth") is False


def test_a_wrong_pin_costs_a_try_until_it_is_locked(world: World, asks: Page) -> None:
    put_in(world)

    assert asks.told("/proof", WRONG) == {"outcome": "wrong_pin", "tries_left": 2}
    assert asks.told("/card") == {"outcome": "ok", "tries_left": 2}
    assert asks.told("/proof", WRONG) == {"outcome": "wrong_pin", "tries_left": 1}
    for pin in (WRONG, RIGHT):
        assert asks.told("/proof", pin) == {"outcome": "locked", "tries_left": 0}
    assert asks.told("/card") == {"outcome": "locked", "tries_left": 0}
    assert asks.told("/certificate")["outcome"] == "ok"


def test_the_right_pin_restores_all_tries(world: World, asks: Page) -> None:
    put_in(world, auth=1)
    assert asks.told("/card") == {"outcome": "ok", "tries_left": 1}
    assert asks.told("/proof", RIGHT)["outcome"] == "ok"

    assert asks.told("/card") == {"outcome": "ok", "tries_left": 3}


def test_looking_costs_nothing(world: World, asks: Page) -> None:
    put_in(world, auth=2)
    for _ in range(10):
        asks.told("/card")
        asks.told("/certificate")
    asks.told("/proof", "123")

    assert world.truth.tries_left("auth") == 2
    assert [seen for seen in world.truth.trace() if seen.command[1:2] == b"\x20" and len(seen.command) > 4] == []


@pytest.mark.parametrize(
    ("profile", "card", "proof"),
    [
        ("other-card", "wrong_card", "wrong_card"),
        ("no-certificates", "pin_absent", "cert_absent"),
        (None, "no_card", "no_card"),
    ],
)
def test_a_card_with_which_there_is_no_login_is_told_so(
    world: World, asks: Page, profile: str | None, card: str, proof: str
) -> None:
    if profile is not None:
        put_in(world, profile)

    assert asks.told("/card") == {"outcome": card}
    assert asks.told("/certificate") == asks.told("/proof", RIGHT) == {"outcome": proof}


def test_a_card_that_comes_later_or_is_another_one_is_found(world: World, asks: Page) -> None:
    assert asks.told("/card") == {"outcome": "no_card"}
    put_in(world, auth=1)
    assert asks.told("/card") == {"outcome": "ok", "tries_left": 1}
    world.swap(world.issue("child"))
    assert asks.told("/card") == {"outcome": "ok", "tries_left": 3}
    world.eject()
    assert asks.told("/card") == {"outcome": "no_card"}


@pytest.mark.parametrize(
    ("fault", "outcome", "left"),
    [
        ("verify:1:eject", "unknown_outcome", 3),
        ("verify:1:tear-after", "unknown_outcome", 2),
        ("verify:1:lose-answer", "unknown_outcome", 2),
        ("read:2:eject", "no_card", 3),
        ("sign:1:eject", "no_card", 3),
    ],
)
def test_a_card_that_is_lost_on_the_way_is_told_and_no_entry_is_repeated(
    world: World, asks: Page, fault: str, outcome: str, left: int
) -> None:
    put_in(world)
    world.fault(fault)

    assert asks.told("/proof", RIGHT if fault.startswith("sign") else WRONG) == {"outcome": outcome}
    assert world.truth.tries_left("auth") == left


# ---------------------------------------------------------------- whatever is sent


def written(value: object) -> bytes:
    return json.dumps(value).encode()


ANY_HEADER = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=30).map(
    lambda text: text.encode("latin-1")
)
GOOD_HEADERS: dict[str, bytes | None] = {"content-type": b"application/json"}
"""The others are good by themselves."""
SPOILT: tuple[tuple[str, bytes | None], ...] = (
    *(("host", None), ("host", b"evil.example"), ("origin", None), ("origin", b"null")),
    *(("origin", b"http://evil.example"), ("authorization", None), ("authorization", TOKEN.encode())),
    *(("content-type", b"text/plain"), ("content-type", None)),
)
HEADERS = st.just(GOOD_HEADERS) | st.one_of(
    st.sampled_from(SPOILT).map(lambda spoilt: {**GOOD_HEADERS, spoilt[0]: spoilt[1]}),
    st.dictionaries(st.sampled_from(["host", "origin", "authorization", "content-type"]), ANY_HEADER, max_size=2).map(
        lambda spoilt: {**GOOD_HEADERS, **spoilt}
    ),
)
PINS = st.sampled_from([WRONG, RIGHT, "", "12345", "ABCD", "９９９９", "\ud800"]) | st.text(max_size=70)
CHALLENGES = st.sampled_from(["AAAA", "", "A", "AAAA" * 171, "é"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)
BODIES = st.one_of(
    st.fixed_dictionaries({"challenge": st.just("AAAA"), "pin": PINS}).map(written),
    st.fixed_dictionaries({"challenge": CHALLENGES | JSON, "pin": PINS | JSON}, optional={"more": JSON}).map(written),
    st.one_of(JSON.map(written), st.binary(max_size=40), st.just(b" " * 9000)),
)
PROOF = ("POST", "/proof")
ASKED = st.just(PROOF) | st.tuples(
    st.sampled_from(["GET", "POST", "OPTIONS", "PUT", "HEAD", "BREW"]),
    st.sampled_from(["/proof", "/card", "/certificate", "/", "/proof/", "/%ff"]),
)


@pytest.fixture(scope="module")
def one_card() -> Iterator[tuple[World, Page]]:
    with open_world("direct") as world:
        put_in(world)
        yield world, page(world.connect)


@pytest.mark.property
@given(ASKED, HEADERS, BODIES)
@settings(max_examples=200, deadline=None)
def test_any_request_is_answered_and_only_a_proof_costs_a_try(
    one_card: tuple[World, Page], asked: tuple[str, str], headers: dict[str, bytes | None], content: bytes
) -> None:
    world, asks = one_card
    world.begin()
    put_in(world)
    seen = len(world.truth.trace())
    response = asks.ask(*asked, headers, content=content)

    if response.status_code not in {200, 204}:
        assert response.status_code in {problem.status for problem in Problem} - {500, 503}
        assert len(world.truth.trace()) == seen
    cost = 3 - (world.truth.tries_left("auth") or 0)
    told = response.json() if response.status_code == 200 else {}
    assert cost == (told.get("outcome") == "wrong_pin")
    if cost:
        assert (asked, json.loads(content).keys()) == (PROOF, {"challenge", "pin"})


@pytest.mark.parametrize("pin", [RIGHT, WRONG, "7392Q8"])
def test_no_pin_is_in_an_answer_or_a_log(
    world: World, asks: Page, pin: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    put_in(world)
    with caplog.at_level(logging.DEBUG):
        response = asks.ask("POST", "/proof", json=body(pin))
        refused = asks.ask("POST", "/proof", {"origin": "null"}, json=body(pin))
    told = {name: word for name, word in response.json().items() if name not in {"certificate", "signature"}}

    assert pin not in f"{told} {refused.text} {caplog.text} {capsys.readouterr()} {response.headers} {asks!r}"
