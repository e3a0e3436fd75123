"""Hostile input: whatever comes from sockets, files and programs is answered or refused, in bounded memory and time."""

from __future__ import annotations

import copy
import itertools
import json
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

import mynacard_fixtures
from mynacard_conformance.adapters.jsonrpc import LineSplitter, Rubbish, answer_of, decode_response, introduction_of
from mynacard_conformance.outcome import CertificateKind as Certificate
from mynacard_conformance.outcome import Close, PinKind, ReadCertificate, ReadMyNumber, TriesLeft
from mynacard_emulator import profiles, replay, transcript
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.personalise import profile_file
from mynacard_emulator.personalise.errors import ProfileError
from mynacard_emulator.readers.faults import orders
from mynacard_emulator.readers.framing import MAX_PAYLOAD, Command, FrameDecoder
from mynacard_emulator.storage import CardFile, CardFileError, RegistryFile, RegistryFileError, StoredFileError
from mynacard_emulator.transcript import TranscriptError
from tests.emulator.control.house import house
from tests.emulator.test_storage_kill import MAY_FORK

from .limits import limited

RECORDED = Path(mynacard_fixtures.__file__).parent / "snapshots" / "v1"
CALLS = (TriesLeft(PinKind.AUTH), ReadCertificate(Certificate.AUTH, None), ReadMyNumber("1234"), Close())
TRACE = """\
* power on
> 00A4040C0AD392F000260100000001  ; SELECT
< 9000
> 00A4020C020018
< 9000
> 0020008004••••••••
< 63C2
* reset
> 00B0000000
< 6982
"""

SCRAPS = st.sampled_from(
    [
        "\n",
        '"',
        "[",
        "]",
        "{",
        "}",
        "=",
        ".",
        "'",
        "0",
        "-1",
        "9" * 40,
        "\\",
        "\0",
        "あ",
        "•",
        "\ud800",
        "> ",
        "< ",
        "* ",
    ]
)
JUNK: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just([]) | st.just({})
)


def mangled(original: str) -> st.SearchStrategy[str]:
    """A text with pieces taken out and scraps put in; sometimes something else altogether."""
    edit = st.tuples(st.integers(0, len(original)), st.integers(0, 12), SCRAPS | st.text(max_size=5))

    def apply(edits: list[tuple[int, int, str]]) -> str:
        text = original
        for start, length, scrap in edits:
            text = text[:start] + scrap + text[start + length :]
        return text

    return st.lists(edit, min_size=1, max_size=4).map(apply) | st.text(max_size=200)


def paths(value: object, *before: str | int) -> list[tuple[str | int, ...]]:
    """Where there is something in a JSON value."""
    match value:
        case dict():
            inner = [path for name, each in value.items() for path in paths(each, *before, name)]
        case list():
            inner = [path for number, each in enumerate(value) for path in paths(each, *before, number)]
        case _:
            inner = []
    return [*([before] if before else []), *inner]


def resealed(data: Mapping[str, Any], edits: list[tuple[int, bool, object]]) -> dict[str, Any]:
    """A JSON object in which other values stand, or nothing: what the checksum of a file would not notice."""
    mangled_data: dict[str, Any] = copy.deepcopy(dict(data))
    for choice, remove, junk in edits:
        there = paths(mangled_data)
        if not there:
            break
        *way, last = there[choice % len(there)]
        place: Any = mangled_data
        for step in way:
            place = place[step]
        if remove:
            del place[last]
        else:
            place[last] = junk
    return mangled_data


EDITS = st.lists(st.tuples(st.integers(0, 10_000), st.booleans(), JUNK), min_size=1, max_size=3)


@cache
def adult() -> CardInHand:
    return CardInHand.in_memory(profiles.load("adult"))


# ---------------------------------------------------------------- one property for each door
COMMANDS = st.binary(max_size=40) | st.builds(
    lambda head, data: bytes.fromhex(head) + data,
    st.sampled_from(["00A4040C", "00A4020C", "00200080", "002401", "00B0", "00CA", "802A", "0CA4", "00C0", "1020"]),
    st.binary(max_size=20),
)


@given(st.lists(COMMANDS, max_size=8), st.binary(max_size=12), st.lists(st.integers(0, 400), max_size=6))
def the_vpcd_wire(commands: list[bytes], noise: bytes, cuts: list[int]) -> None:
    stream = b"".join(len(command).to_bytes(2, "big") + command for command in commands) + noise
    decoder = FrameDecoder()
    edges = [0, *sorted(cuts), max(len(stream), *cuts, 0)]
    for start, end in itertools.pairwise(edges):
        for event in decoder.feed(stream[start:end]):
            if isinstance(event, Command):
                assert len(adult().card.transmit(event.apdu)) >= 2
    assert len(decoder._pending) < 2 + MAX_PAYLOAD


def refused_in_a_line(deed: Callable[[], object], refusal: type[Exception]) -> None:
    """Do it; where it is refused, then so that a person can read it."""
    message = ""
    try:
        deed()
    except refusal as error:
        message = str(error)
    assert "\n" not in message
    assert len(message) < 1000


@given(mangled(profiles.text("adult")))
def a_profile(text: str) -> None:
    refused_in_a_line(lambda: profile_file.parse(text, source="x.toml", name="x"), ProfileError)


def look_at(content: str | bytes, look: Callable[[Path], object], refusal: type[StoredFileError]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.json")
        path.write_bytes(content if isinstance(content, bytes) else content.encode(errors="surrogatepass"))
        refused_in_a_line(lambda: look(path), refusal)


@given(mangled((RECORDED / "adult.json").read_text(encoding="utf-8")))
def a_card_file(content: str) -> None:
    look_at(content, CardInHand.look, CardFileError)


@given(mangled((RECORDED / "registry" / "office.json").read_text(encoding="utf-8")))
def a_registry_file(content: str) -> None:
    look_at(content, StoredRegistry.look, RegistryFileError)


@given(EDITS, st.booleans())
def a_card_file_with_a_good_checksum(edits: list[tuple[int, bool, object]], in_memory: bool) -> None:  # noqa: FBT001 - drawn
    card, memory = CardFile.read(RECORDED / "full.json")
    with tempfile.TemporaryDirectory() as folder, suppress(CardFileError, ValueError):
        path = Path(folder, "x.json")
        changed = (card, resealed(memory, edits)) if in_memory else (resealed(card, edits), memory)
        CardFile.create(path, *changed).close()
        assert len(CardInHand.look(path).card.transmit(bytes.fromhex("00A4040C0AD392F000260100000001"))) == 2


@given(EDITS)
def a_registry_file_with_a_good_checksum(edits: list[tuple[int, bool, object]]) -> None:
    fixed, entries = RegistryFile.read(RECORDED / "registry" / "office.json")
    with tempfile.TemporaryDirectory() as folder, suppress(RegistryFileError, ValueError):
        path = Path(folder, "x.json")
        RegistryFile.create(path, fixed, resealed(entries, edits)).close()
        assert StoredRegistry.look(path).clock.now.tzinfo


@given(mangled(TRACE))
def a_trace(text: str) -> None:
    with suppress(TranscriptError):
        exchanges = list(transcript.read(text.splitlines()))
        narrator = transcript.Narrator()
        for exchange in exchanges:
            assert all(transcript.lines(exchange, narrator))
        replay.against_card(exchanges, adult().card.profile)


RESPONSE = json.dumps({"jsonrpc": "2.0", "id": 7, "result": {"tries_left": 3, "der": "MA==", "my_number": "1"}})
FAILURE = json.dumps(
    {"jsonrpc": "2.0", "id": 7, "error": {"code": -32000, "message": "x", "data": {"outcome": "wrong_pin"}}}
)
INTRODUCTION = json.dumps(
    {"jsonrpc": "2.0", "id": 7, "result": {"client": {"name": "x", "version": "1"}, "operations": [], "pins": []}}
)


@given(mangled(RESPONSE) | mangled(FAILURE) | mangled(INTRODUCTION), st.sampled_from(CALLS))
def the_output_of_a_driver(text: str, call: Any) -> None:
    for line in LineSplitter().feed(text.encode(errors="surrogatepass") + b"\n"):
        with suppress(Rubbish):
            reply = decode_response(line, 7)
            with suppress(Rubbish):
                introduction_of(reply)
            answer_of(call, reply)


PLAN = """
faults = ["verify:1:tear-after", "any:3:delay=0.2"]
noise = "opensc"

[readers.1]
seed = 7
count = 3
accident = "in-its-case"
"""


@given(mangled(PLAN))
def a_plan(text: str) -> None:
    refused_in_a_line(lambda: orders.parse(text, source="x.toml"), orders.NoPlan)


ASKED = st.tuples(
    st.sampled_from(["GET", "POST", "DELETE"]),
    st.sampled_from(["0", "0", "0", "1", "15", "16", "-1", "00", "x", "%00", "%D9%A3", "9" * 400]),
    st.sampled_from(["faults", "accident", "noise"]),
    mangled('{"name": "upside-down"}') | mangled('{"fault": "verify:1:tear-after"}') | mangled('{"name": "desktop"}'),
)


@given(st.lists(ASKED, min_size=1, max_size=4))
def accidents_at_the_control_socket(asked: list[tuple[str, str, str, str]]) -> None:
    with house() as here:
        for method, reader, what, body in asked:
            sent = {"content": body.encode(errors="surrogatepass"), "headers": {"content-type": "application/json"}}
            response = here.ask(method, f"/readers/{reader}/{what}", **sent)
            assert response.status_code in {200, 201, 400, 404, 405, 409}
            assert "\n" not in response.json().get("message", "")
        assert here.told("DELETE", "/readers/0/accident")["card"] == 1
        assert here.say("00A4040C0AD392F000260100000001") == "9000"


DOORS = [
    the_vpcd_wire,
    a_profile,
    a_card_file,
    a_registry_file,
    a_card_file_with_a_good_checksum,
    a_registry_file_with_a_good_checksum,
    a_trace,
    the_output_of_a_driver,
    a_plan,
    accidents_at_the_control_socket,
]


@MAY_FORK
@pytest.mark.property
@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.deep)])
@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_hostile_input_is_answered_or_refused_within_limits(door: Callable[[], None], rounds: int) -> None:
    """A new process each 40 examples, or what Hypothesis remembers would count as well."""
    adult()
    few = settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    for number in range(rounds):

        def drawn(first: int = number) -> None:
            seed(first)(few(door))()

        assert limited(drawn) == ""


# ---------------------------------------------------------------- and what costs most
MANY = '"any:1:eject",'
LARGE: dict[str, Callable[[], object]] = {
    "a file without an end": lambda: CardInHand.look(Path("/dev/zero")),
    "a profile without an end": lambda: profile_file.read(Path("/dev/zero")),
    "a profile of dots": lambda: profile_file.parse("a." * 30_000 + "b=1", source="x", name="x"),
    "a profile of brackets": lambda: profile_file.parse("a=" + "[" * 60_000, source="x", name="x"),
    "a large number in a profile": lambda: profile_file.parse("a=" + "9" * 60_000, source="x", name="x"),
    "a plan without an end": lambda: orders.orders("@/dev/zero"),
    "a plan of dots": lambda: orders.parse("a." * 30_000 + "b=1", source="x"),
    "a plan of brackets": lambda: orders.parse("a=" + "[" * 60_000, source="x"),
    "a large number in a plan": lambda: orders.parse("seed=" + "9" * 60_000, source="x"),
    "as many faults as a plan holds": lambda: orders.parse(f"faults=[{4_000 * MANY}]", source="x"),
    "a line without an end": lambda: list(transcript.read(["> " + "0" * (1 << 21)])),
    "a line of a driver without an end": lambda: [LineSplitter().feed(b"[" * (1 << 16)) for _ in range(1 << 10)],
    "a nest of a driver": lambda: decode_response(b"[" * (1 << 20), 7),
    "a large number of a driver": lambda: decode_response(b'{"id":' + b"9" * (1 << 19) + b"}", 7),
    "messages without an end": lambda: [FrameDecoder().feed(b"\xff" * (1 << 16)) for _ in range(1 << 10)],
}


@MAY_FORK
def test_the_limits_are_limits() -> None:
    """Else the tests here could not fail."""
    assert limited(lambda: bytearray(1 << 30)).endswith("MemoryError\n")
    assert "ValueError" in limited(lambda: int("x"))
    assert limited(lambda: sum(range(1 << 60)), seconds=1) == "ended by signal 24"
    assert limited(lambda: None) == ""


@MAY_FORK
@pytest.mark.parametrize("cost", LARGE)
def test_what_is_too_large_is_refused_before_it_costs_much(cost: str) -> None:
    def refused() -> None:
        with suppress(StoredFileError, ProfileError, TranscriptError, Rubbish, orders.NoPlan):
            LARGE[cost]()

    assert limited(refused, memory=1 << 26, seconds=10) == ""
