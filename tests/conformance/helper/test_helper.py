"""Who may ask the helper and how, with a card that is a few lines of script."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mynacard_conformance.adapters.connection import CardRemoved, NoCard, NoReader, ReaderBusy
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.helper import app
from mynacard_conformance.helper.app import LARGEST_BODY, LONGEST_CHALLENGE, LONGEST_PIN
from mynacard_conformance.helper.asker import Asker
from mynacard_conformance.helper.turns import Turns
from mynacard_conformance.outcome import Answer, Outcome
from mynacard_conformance.ports import Connection

from .page import GUARD, HOST, ORIGIN, TOKEN, Page, body, page

PIN = "7392"
PATHS = {"/card": "GET", "/certificate": "GET", "/proof": "POST"}
JSON_TYPE = {"content-type": "application/json"}
VERIFY = bytes.fromhex("0020008004") + PIN.encode()


@dataclass
class Script:
    """A card that says yes to everything, and remembers what it was sent."""

    answer: Callable[[bytes], bytes | None] = lambda _: None
    seen: list[bytes] = field(default_factory=list)
    reader: str | None = None

    def transmit(self, command: bytes) -> bytes:
        self.seen.append(command)
        answer = self.answer(command)
        if answer is not None:
            return answer
        match command[1]:
            case 0xB0:
                return b"\x30\x01\x01\x90\x00"  # a certificate, and EF 0008
            case 0x20 if len(command) == 4:
                return b"\x63\xc3"
            case _:
                return b"\x90\x00" if command[1] != 0x2A else b"signed\x90\x00"

    @property
    def entries(self) -> list[bytes]:
        return [command for command in self.seen if command[1] == 0x20 and len(command) > 4]


@pytest.fixture
def card() -> Script:
    return Script()


@pytest.fixture
def asks(card: Script) -> Page:
    return page(lambda: card)


def test_a_page_that_may_ask_is_told(asks: Page, card: Script) -> None:
    assert asks.told("/card") == {"outcome": "ok", "tries_left": 3}
    assert asks.told("/certificate") == {"outcome": "ok", "certificate": "MAEB"}
    assert card.entries == []
    assert asks.told("/proof", PIN) == {"outcome": "ok", "certificate": "MAEB", "signature": "c2lnbmVk"}
    assert card.entries == [VERIFY]


def test_an_answer_is_for_this_page_alone_and_is_not_kept(asks: Page) -> None:
    headers = asks.ask("GET", "/card", {"origin": "https://login.example"}).headers

    assert headers["access-control-allow-origin"] == "https://login.example"
    assert (headers["vary"], headers["cache-control"]) == ("Origin", "no-store")


# ---------------------------------------------------------------- who may ask


@pytest.mark.parametrize("path", [*PATHS, "/nothing", "/"])
@pytest.mark.parametrize(
    "origin",
    [
        *(None, "", "null", "*", "https://127.0.0.1:8000", "http://127.0.0.1", "http://127.0.0.1:80001"),
        *("http://localhost:8000", f"{ORIGIN}/", f"{ORIGIN}.evil.example", f"{ORIGIN} {ORIGIN}", f"http://{HOST}"),
        *("https://login.example.", "https://sub.login.example", "file://"),
    ],
)
def test_a_page_of_another_origin_is_refused_and_may_not_read_why(
    asks: Page, card: Script, path: str, origin: str | None
) -> None:
    for method in ("GET", "POST", "OPTIONS", "DELETE"):
        response = asks.ask(method, path, {"origin": origin}, json=body(PIN))

        assert (response.status_code, response.json()["error"]) == (403, "wrong_origin")
        assert "access-control-allow-origin" not in response.headers
    assert card.seen == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:1", "localhost", "[::1]:35999", f"{HOST}."])
def test_a_page_that_was_led_here_by_another_name_is_refused(asks: Page, card: Script, host: str) -> None:
    for path, method in PATHS.items():
        assert asks.refused(method, path, {"host": host}, json=body(PIN)) == (403, "wrong_host")
    assert card.seen == []


def test_the_other_name_of_this_machine_is_good_too(asks: Page) -> None:
    assert asks.ask("GET", "/card", {"host": "LocalHost:35999"}).status_code == 200


@pytest.mark.parametrize(
    "given", [None, "", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"bearer {TOKEN}", f"Bearer {TOKEN} x", "Bearer é"]
)
def test_without_the_token_nothing_is_asked_of_the_card(asks: Page, card: Script, given: str | None) -> None:
    header = None if given is None else given.encode("latin-1")
    for path, method in {**PATHS, "/nothing": "GET"}.items():
        response = asks.ask(method, path, {"authorization": header}, json=body(PIN))

        assert (response.status_code, response.json()["error"]) == (401, "unauthorized")
        assert response.headers["access-control-allow-origin"] == ORIGIN  # the page may say so
    assert card.seen == []


def test_the_token_counts_in_its_header_alone(asks: Page) -> None:
    for path in (f"/card?token={TOKEN}", f"/card?authorization=Bearer%20{TOKEN}"):
        assert asks.refused("GET", path, {"authorization": None, "cookie": f"token={TOKEN}"}) == (401, "unauthorized")


def test_the_token_is_not_represented() -> None:
    assert TOKEN not in repr(GUARD)


# ---------------------------------------------------------------- before a request


@pytest.mark.parametrize("path", PATHS)
def test_a_browser_is_told_beforehand_what_the_page_may_send(asks: Page, card: Script, path: str) -> None:
    wishes = {"access-control-request-method": PATHS[path], "access-control-request-headers": "authorization"}
    response = asks.ask("OPTIONS", path, {"authorization": None, **wishes})

    assert (response.status_code, response.content) == (204, b"")
    told = {name: value for name, value in response.headers.items() if name.startswith("access-control-")}
    assert told == {
        "access-control-allow-origin": ORIGIN,
        "access-control-allow-methods": PATHS[path],
        "access-control-allow-headers": "authorization, content-type",
    }
    assert response.headers["vary"] == "Origin"
    assert card.seen == []


def test_a_page_from_elsewhere_may_come_to_this_machine_where_its_browser_asks(asks: Page) -> None:
    asked = {"access-control-request-private-network": "true"}

    assert asks.ask("OPTIONS", "/card", asked).headers["access-control-allow-private-network"] == "true"
    assert (
        "access-control-allow-private-network" not in asks.ask("OPTIONS", "/card", {"origin": "null"} | asked).headers
    )


def test_of_what_is_not_there_a_browser_is_told_so(asks: Page) -> None:
    assert asks.refused("OPTIONS", "/nothing", {"authorization": None}) == (404, "not_found")


# ---------------------------------------------------------------- what may be asked


@pytest.mark.parametrize("path", ["/", "", "/card/", "//card", "/CARD", "/proof/1", "/%2e/card", "/nothing", "/é"])
def test_there_is_nothing_else(asks: Page, path: str) -> None:
    assert asks.refused("GET", path) == (404, "not_found")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", PATHS)
def test_each_is_asked_for_in_one_way(asks: Page, card: Script, path: str, method: str) -> None:
    if method != PATHS[path]:
        assert asks.refused(method, path, json=body(PIN)) == (405, "method_not_allowed")
        assert card.seen == []


WRITTEN = json.dumps(body(PIN)).encode()


def test_a_body_has_a_limit(asks: Page, card: Script) -> None:
    longest = WRITTEN.ljust(LARGEST_BODY)

    assert asks.refused("POST", "/proof", JSON_TYPE, content=longest + b" ") == (413, "too_large")
    assert card.seen == []
    assert asks.ask("POST", "/proof", JSON_TYPE, content=longest).status_code == 200


@dataclass
class Slowly:
    """A body in pieces, and how many were taken."""

    pieces: int
    pause: float = 0.0
    taken: int = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.taken < self.pieces:
            self.taken += 1
            await asyncio.sleep(self.pause)
            yield b" " * 1024


def test_a_body_without_end_is_not_read_to_its_end(asks: Page) -> None:
    endless = Slowly(10_000)

    assert asks.refused("POST", "/proof", JSON_TYPE, content=endless) == (413, "too_large")
    assert endless.taken <= LARGEST_BODY // 1024 + 2


def test_a_body_that_does_not_come_is_not_waited_for(asks: Page, card: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "SLOWEST_BODY", 0.05)

    assert asks.refused("POST", "/proof", JSON_TYPE, content=Slowly(1, pause=60)) == (408, "request_timeout")
    assert card.seen == []


@pytest.mark.parametrize("kind", [None, "", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"])
def test_what_a_form_could_send_is_not_read(asks: Page, card: Script, kind: str | None) -> None:
    headers = {"content-type": kind}

    assert asks.refused("POST", "/proof", headers, content=WRITTEN) == (415, "unsupported_media_type")
    assert card.seen == []


def test_the_media_type_may_be_in_capitals_and_have_parameters(asks: Page) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}

    assert asks.ask("POST", "/proof", headers, content=WRITTEN).status_code == 200


def with_challenge(challenge: object) -> bytes:
    return json.dumps({"challenge": challenge, "pin": PIN}).encode()


def with_pin(pin: object) -> bytes:
    return json.dumps({"challenge": "AAAA", "pin": pin}).encode()


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"\xff", b"null", b"[]", b"{}", b"[" * LARGEST_BODY, b'"' + b"9" * 8000, b"9" * LARGEST_BODY),
        *(WRITTEN + b"x", WRITTEN[:-1], b'{"pin": "7392"}', b'{"challenge": "AAAA"}'),
        b'{"challenge": "AAAA", "pin": "7392", "last_try_ok": true}',
        *map(with_challenge, (None, 1, [], "", "A", "AAA", "AA==AA==", "A A A A", "AA-_", "ÄÄÄÄ", "\ud800")),
        with_challenge("AAAA" * (LONGEST_CHALLENGE // 3 + 1)),
        *map(with_pin, (None, 7392, 7392.0, True, ["7392"], {"7": 1}, "9" * (LONGEST_PIN + 1))),
    ],
)
def test_what_is_not_as_described_is_not_put_to_the_card(asks: Page, card: Script, content: bytes) -> None:
    response = asks.ask("POST", "/proof", JSON_TYPE, content=content)

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
    assert PIN not in response.text
    assert card.seen == []


# ---------------------------------------------------------------- what comes of it


@pytest.mark.parametrize("failure", [NoReader, NoCard, CardRemoved, ReaderBusy])
def test_why_a_login_cannot_begin_is_an_outcome(failure: type[NoCard]) -> None:
    def connect() -> Connection:
        raise failure("as it happens")

    asks = page(connect)
    for path, pin in (("/card", None), ("/certificate", None), ("/proof", PIN)):
        assert asks.told(path, pin) == {"outcome": failure.outcome}


@pytest.mark.parametrize("sw", ["6984", "6983", "63C0"])
def test_a_locked_pin_is_told_before_it_is_typed(sw: str) -> None:
    card = Script(lambda command: bytes.fromhex(sw) if command[1] == 0x20 else None)

    assert page(lambda: card).told("/card") == {"outcome": "locked", "tries_left": 0}
    assert page(lambda: card).told("/proof", PIN) == {"outcome": "locked", "tries_left": 0}


@pytest.mark.parametrize("pin", ["", "123", "12345", "abcd", "12 4", "\ud800", "1234\n"])
def test_what_can_be_no_pin_costs_nothing(asks: Page, card: Script, pin: str) -> None:
    assert asks.ask("POST", "/proof", JSON_TYPE, content=with_pin(pin)).json() == {"outcome": "format_rejected"}
    assert card.entries == []


def test_a_pin_in_full_width_digits_is_the_same_pin(asks: Page, card: Script) -> None:
    assert asks.told("/proof", "７３９２")["outcome"] == "ok"
    assert card.entries == [VERIFY]


def test_no_pin_is_entered_where_there_is_no_certificate() -> None:
    card = Script(lambda command: b"\x6a\x82" if command[4:] == b"\x02\x00\x0a" else None)

    assert page(lambda: card).told("/proof", PIN) == {"outcome": "cert_absent"}
    assert page(lambda: card).told("/card") == {"outcome": "cert_absent", "tries_left": 3}
    assert card.entries == []


def test_an_entry_whose_answer_is_lost_is_not_repeated() -> None:
    def answer(command: bytes) -> None:
        if command == VERIFY:
            raise CardRemoved("just then")

    card = Script(answer)

    assert page(lambda: card).told("/proof", PIN) == {"outcome": "unknown_outcome"}
    assert card.entries == [VERIFY]


@dataclass
class Powered(Script):
    """A card in a PC/SC reader: how each connection to it ended."""

    ends: list[str] = field(default_factory=list)

    def disconnect(self) -> None:
        self.ends.append("disconnect")

    def leave(self) -> None:
        self.ends.append("leave")


def test_the_power_is_cut_after_an_entry_and_another_programs_session_is_left_alone_otherwise() -> None:
    card = Powered()
    asks = page(lambda: card)
    asks.told("/card")
    asks.told("/certificate")
    assert [end for end in card.ends if end == "leave"] == ["leave"] * 2
    assert card.ends[0] == "leave"

    card.ends.clear()
    asks.told("/proof", PIN)
    assert card.ends[0] == "disconnect"
    assert "leave" not in card.ends


# ---------------------------------------------------------------- one after the other


@dataclass
class Hanging(Script):
    """A card that another program has in a transaction until it is `free`."""

    free: threading.Event = field(default_factory=threading.Event)
    reached: threading.Event = field(default_factory=threading.Event)

    def transmit(self, command: bytes) -> bytes:
        self.reached.set()
        assert self.free.wait(60)
        return super().transmit(command)


def test_who_does_not_come_to_its_turn_is_sent_away_and_who_is_not_waited_for_makes_no_entry() -> None:
    card = Hanging()
    asks = page(lambda: card, turns=Turns(patience=0.1, slowest_card=0.2))

    async def both() -> tuple[Any, Any]:
        first = asyncio.create_task(asks.asking("POST", "/proof", json=body(PIN)))
        await asyncio.to_thread(card.reached.wait, 60)
        second = await asks.asking("POST", "/proof", json=body(PIN))
        return await first, second

    first, second = asyncio.run(both())
    assert (first.status_code, first.json()) == (200, {"outcome": "unknown_outcome"})
    assert (second.status_code, second.json()["error"]) == (503, "busy")
    (thread,) = [thread for thread in threading.enumerate() if thread.name == "mynacard-helper-card"]
    assert thread.daemon
    card.free.set()
    thread.join(60)
    assert card.entries == []
    assert asks.told("/proof", PIN)["outcome"] == "ok"


def test_a_card_that_another_program_keeps_is_busy() -> None:
    card = Hanging()

    assert page(lambda: card, turns=Turns(patience=0.1, slowest_card=0.1)).told("/card") == {"outcome": "reader_busy"}
    card.free.set()


def test_requests_at_once_are_carried_out_one_after_the_other(card: Script) -> None:
    asks = page(lambda: card)

    async def many() -> list[int]:
        asked = (asks.asking("POST", "/proof", json=body(PIN)) for _ in range(20))
        return [response.status_code for response in await asyncio.gather(*asked)]

    assert asyncio.run(many()) == [200] * 20
    one = len(card.seen) // 20
    assert [card.seen[start : start + one] for start in range(0, len(card.seen), one)] == [card.seen[:one]] * 20


# ---------------------------------------------------------------- somebody else's client


class Clumsy:
    """A client of somebody's, which fails where it signs."""

    failure: object = None

    def __init__(self, connection: Connection) -> None:
        honest = ReferenceClient(connection)
        self.tries_left, self.read_certificate = honest.tries_left, honest.read_certificate

    def sign(self, *_: object) -> object:
        if isinstance(self.failure, BaseException):
            raise self.failure
        return self.failure


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (ValueError(f"cannot sign with {PIN}"), "unknown_outcome"),
        (SystemExit(PIN), "unknown_outcome"),
        ("no answer", "unknown_outcome"),
        (Answer(Outcome.OK), "protocol_error"),
        (Answer(Outcome.WRONG_PIN, tries=range(2, 3), message=PIN), "wrong_pin"),
    ],
)
def test_a_client_that_fails_is_an_outcome_and_its_words_are_told_to_nobody(
    card: Script, failure: object, outcome: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Clumsy, "failure", failure)
    asks = page(lambda: card, make=Clumsy)

    with caplog.at_level(logging.DEBUG):
        told = asks.told("/proof", PIN)
    assert told == {"outcome": outcome, **({"tries_left": 2} if outcome == "wrong_pin" else {})}
    assert PIN not in caplog.text
    assert asks.told("/card")["outcome"] == "ok"


def test_a_client_cannot_end_the_helper(card: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Clumsy, "failure", KeyboardInterrupt(PIN))
    asks = page(lambda: card, make=Clumsy)

    assert asks.refused("POST", "/proof", json=body(PIN)) == (500, "internal_error")
    assert asks.told("/card")["outcome"] == "ok"


def test_what_cannot_be_made_and_what_cannot_sign_is_an_outcome(card: Script, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: Connection) -> object:
        raise ValueError(PIN)

    assert page(lambda: card, make=fails).told("/proof", PIN) == {"outcome": "protocol_error"}
    assert page(lambda: card, make=lambda _: object()).told("/card") == {"outcome": "env_incomplete"}
    assert [record.getMessage() for record in caplog.records if record.name.startswith("mynacard")] == [
        "the client cannot be made: ValueError",
        "the client does not offer tries_left",
    ]


def test_a_bug_is_told_by_its_place(
    card: Script, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def stumble(*_: object) -> None:
        raise ValueError(PIN)

    monkeypatch.setattr(Asker, "proof", stumble)
    response = page(lambda: card).ask("POST", "/proof", json=body(PIN))

    assert (response.status_code, response.json()["error"]) == (500, "internal_error")
    assert "ValueError in stumble, line " in response.json()["message"]
    assert PIN not in response.text + caplog.text
