"""The door for Python clients: whatever an object does becomes an answer."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.outcome import (
    Answer,
    Breakdown,
    Call,
    CertificateKind,
    ChangePin,
    Close,
    HashKind,
    KeyKind,
    Operation,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
    operation_of,
    states,
)
from mynacard_conformance.ports import ClientUnderTest

AUTH = PinKind.AUTH


@dataclass
class Line:
    """A connection to a card that says 63C2 to every empty VERIFY and 9000 to everything else."""

    seen: list[bytes] = field(default_factory=list)
    reader: str | None = None

    def transmit(self, command: bytes) -> bytes:
        self.seen.append(command)
        return b"\x63\xc2" if command == b"\x00\x20\x00\x80" else b"\x90\x00"


@dataclass
class Rude:
    """A client that does whatever a test wants."""

    do: Callable[[], object]

    def tries_left(self, _pin: PinKind) -> object:
        return self.do()

    def verify_pin(self, _pin: PinKind, _value: str) -> object:
        return self.do()

    def read_my_number(self, _pin: str | None) -> object:
        return self.do()


def rude(do: Callable[[], object]) -> InProcessClient:
    return InProcessClient(lambda _: Rude(do), Line)


def fails_with(error: BaseException) -> Callable[[], object]:
    def fail() -> object:
        raise error

    return fail


def test_it_has_the_shape_of_a_client_under_test() -> None:
    client: ClientUnderTest = InProcessClient(ReferenceClient, Line)

    assert client.name == "ReferenceClient"
    assert client.operations == frozenset(Operation)
    assert client.pins == frozenset(PinKind)
    assert client.features == frozenset()


def test_an_object_offers_the_methods_that_it_has() -> None:
    client = rude(lambda: Answer(Outcome.OK))
    offered = frozenset({Operation.TRIES_LEFT, Operation.VERIFY_PIN, Operation.READ_MY_NUMBER})

    assert client.operations == offered
    with pytest.raises(ValueError, match="sign was asked for, and the client does not offer it"):
        client.perform(Sign(KeyKind.AUTH, HashKind.SHA256, b""))


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (TriesLeft(AUTH), (AUTH,)),
        (VerifyPin(AUTH, "1234"), (AUTH, "1234")),
        (ChangePin(AUTH, "1234", "5678"), (AUTH, "1234", "5678")),
        (ReadCertificate(CertificateKind.SIGN, "ABC123"), (CertificateKind.SIGN, "ABC123")),
        (Sign(KeyKind.AUTH, HashKind.SHA384, b"text", "1234"), (KeyKind.AUTH, "1234", HashKind.SHA384, b"text")),
        (ReadMyNumber("3456"), ("3456",)),
        (ReadAttributes(), (None,)),
        (Close(), ()),
    ],
    ids=repr,
)
def test_every_call_finds_its_method(call: Call, arguments: tuple[object, ...]) -> None:
    called: list[tuple[str, tuple[object, ...]]] = []

    class Everything:
        def __getattr__(self, name: str) -> Callable[..., Answer]:
            def method(*given: object) -> Answer:
                called.append((name, given))
                return Answer(Outcome.OK)

            return method

    InProcessClient(lambda _: Everything(), Line).perform(call)
    assert called == [(operation_of(call).value, arguments)]


def test_an_object_says_what_else_it_knows() -> None:
    class Modest(ReferenceClient):
        pins = frozenset({PinKind.AUTH})
        features = frozenset({"last_try_ok"})

    client = InProcessClient(Modest, Line, name="modest 1.0")

    assert client.name == "modest 1.0"
    assert client.pins == {PinKind.AUTH}
    assert client.features == {"last_try_ok"}


@pytest.mark.parametrize("error", [RuntimeError("1234"), SystemExit(1), RecursionError(), KeyError(0x6984)], ids=repr)
def test_an_exception_is_an_answer_without_its_words(error: BaseException) -> None:
    answer = rude(fails_with(error)).perform(VerifyPin(AUTH, "1234"))

    assert answer == Answer(Outcome.PROTOCOL_ERROR, message=type(error).__name__, breakdown=Breakdown.DIED)


def test_an_interrupt_is_the_users() -> None:
    with pytest.raises(KeyboardInterrupt):
        rude(fails_with(KeyboardInterrupt())).perform(TriesLeft(AUTH))


@pytest.mark.parametrize(
    "returned",
    [
        None,
        True,
        "ok",
        Answer("ok"),  # type: ignore[arg-type]
        Answer(Outcome.OK, tries=3),  # type: ignore[arg-type]
        Answer(Outcome.OK, message=None),  # type: ignore[arg-type]
        Answer(Outcome.OK, value=b"123456789018"),
    ],
    ids=repr,
)
def test_what_is_no_answer_is_rubbish(returned: object) -> None:
    answer = rude(lambda: returned).perform(ReadMyNumber())

    assert (answer.outcome, answer.breakdown) == (Outcome.PROTOCOL_ERROR, Breakdown.RUBBISH)


def test_it_is_alive_again_after_it_died() -> None:
    made: list[Line] = []

    def make(connection: object) -> ReferenceClient | Rude:
        assert isinstance(connection, Line)
        made.append(connection)
        return ReferenceClient(connection) if len(made) > 1 else Rude(fails_with(RuntimeError()))

    client = InProcessClient(make, Line)

    assert client.perform(TriesLeft(AUTH)).breakdown is Breakdown.DIED
    assert client.perform(TriesLeft(AUTH)).tries == states(2)
    assert made[0] is not made[1]


def test_a_factory_that_fails_later_is_an_answer() -> None:
    makers: Iterator[Callable[[Line], ReferenceClient]] = iter([ReferenceClient])

    def make(connection: object) -> ReferenceClient:
        assert isinstance(connection, Line)
        return next(makers)(connection)

    client = InProcessClient(make, Line)
    client.restart()

    assert client.perform(Close()).message == "StopIteration"
    with pytest.raises(StopIteration):
        InProcessClient(make, Line)


def test_a_restart_hangs_up_and_begins_anew() -> None:
    class Phone(Line):
        def disconnect(self) -> None:
            self.seen.append(b"hung up")

    lines = [Phone(), Phone()]
    dialled = iter(lines)
    client = InProcessClient(ReferenceClient, lambda: next(dialled))
    client.restart()

    assert [line.seen for line in lines] == [[b"hung up"], []]
    client.shutdown()
    assert lines[1].seen == [b"hung up", b"hung up"]


def test_an_object_that_cannot_be_closed_is_let_go() -> None:
    client = rude(lambda: Answer(Outcome.OK))
    client.shutdown()

    assert client.perform(TriesLeft(AUTH)) == Answer(Outcome.OK)


def test_what_it_prints_and_logs_is_kept() -> None:
    def chat() -> Answer:
        print("on stdout")  # noqa: T201 - what is tested
        print("on stderr", file=sys.stderr)  # noqa: T201 - what is tested
        logging.getLogger("client").warning("in the log")
        return Answer(Outcome.OK)

    client = rude(chat)
    client.perform(TriesLeft(AUTH))
    client.restart()

    assert client.output() == "on stdout\non stderr\nin the log\n"


def test_the_log_is_left_as_it_was() -> None:
    before = list(logging.getLogger().handlers)
    rude(fails_with(RuntimeError())).perform(TriesLeft(AUTH))

    assert logging.getLogger().handlers == before


def test_the_latest_output_is_kept_and_not_all() -> None:
    def chat() -> Answer:
        sys.stdout.write("x" * 100_000)
        sys.stdout.write("latest")
        return Answer(Outcome.OK)

    client = rude(chat)
    for _ in range(20):
        client.perform(TriesLeft(AUTH))

    assert client.output().endswith("latest")
    assert 250_000 < len(client.output()) < 800_000


def test_a_pin_in_a_message_becomes_output() -> None:
    client = rude(lambda: Answer(Outcome.WRONG_PIN, message="5678 is wrong"))

    assert client.perform(VerifyPin(AUTH, "5678")).message == "▮ is wrong"
    assert client.output() == "5678 is wrong\n"
