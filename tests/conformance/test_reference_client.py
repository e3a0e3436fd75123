"""The reference client against cards that are a few lines of script."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_conformance.adapters import content
from mynacard_conformance.adapters.connection import CardRemoved, CardReset, NoCard, NoReader, PcscMissing, ReaderBusy
from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.outcome import (
    Answer,
    Attributes,
    Call,
    CertificateKind,
    ChangePin,
    Close,
    HashKind,
    KeyKind,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
    states,
)
from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_fixtures.clients import FAULTY, HONEST

AUTH, SIGN, TEXT = PinKind.AUTH, PinKind.SIGN, PinKind.TEXT
OK = b"\x90\x00"
CALLS: tuple[Call, ...] = (
    TriesLeft(AUTH),
    VerifyPin(SIGN, "ABC123"),
    ChangePin(AUTH, "1234", "5678"),
    ReadCertificate(CertificateKind.SIGN, "ABC123"),
    ReadCertificate(CertificateKind.AUTH),
    Sign(KeyKind.AUTH, HashKind.SHA256, b"", "1234"),
    ReadMyNumber("3456"),
    ReadAttributes("3456"),
    Close(),
)


@dataclass
class Script:
    """A card that answers by a function, and remembers what it was sent; an exception is raised as an answer."""

    answer: Callable[[bytes], bytes | Exception] = lambda _: OK
    seen: list[bytes] = field(default_factory=list)
    reader: str | None = None

    def transmit(self, command: bytes) -> bytes:
        self.seen.append(command)
        response = self.answer(command)
        if isinstance(response, Exception):
            raise response
        return response

    def pins(self) -> list[bytes]:
        return [command for command in self.seen if command[1] in (0x20, 0x24) and len(command) > 4]


def in_process(connection: Script) -> InProcessClient:
    return InProcessClient(ReferenceClient, lambda: connection)


def perform(call: Call, connection: Script) -> Answer:
    return in_process(connection).perform(call)


def to_verify(response: bytes | Exception) -> Script:
    """A card that only answers VERIFY and its empty form in a way of its own; both flags of EF 0008 are set."""
    return Script(lambda command: response if command[1] == 0x20 else b"\x8f\x8f\x00" * (command[1] == 0xB0) + OK)


def labelled(label: bytes) -> Script:
    """A card whose JPKI application calls itself so, and says that it has nothing to log in with."""
    files = {b"\x00\x08": b"\x8f\x00\x00", b"\x00\x06": label.ljust(32)}
    selected = [b""]

    def answer(command: bytes) -> bytes:
        if command[1] == 0xA4:
            selected[0] = command[5:7]
            return OK if label or selected[0] != b"\x00\x06" else b"\x6a\x82"
        return files.get(selected[0], b"") + OK

    return Script(answer)


@pytest.mark.parametrize(
    ("label", "outcomes"),
    [
        (b"JPKIAPICCTOKEN", [Outcome.WRONG_CARD] * 3),
        (b"JPKIAPICCTOKEN2", [Outcome.PIN_ABSENT, Outcome.CERT_ABSENT, Outcome.CERT_ABSENT]),
        (b"", [Outcome.PIN_ABSENT, Outcome.CERT_ABSENT, Outcome.CERT_ABSENT]),
    ],
    ids=["the predecessor", "a card without certificates", "a card without a label"],
)
def test_the_predecessor_is_told_from_a_card_without_certificates(label: bytes, outcomes: list[Outcome]) -> None:
    calls: tuple[Call, ...] = (
        VerifyPin(AUTH, "1234"),
        ReadCertificate(CertificateKind.AUTH),
        Sign(KeyKind.AUTH, HashKind.SHA256, b"", "1234"),
    )
    card = labelled(label)

    assert [perform(call, card).outcome for call in calls] == outcomes
    assert card.pins() == []


# ---------------------------------------------------------------- entries


@given(pin=st.sampled_from(PinKind), value=st.text(max_size=20))
def test_what_cannot_be_right_never_reaches_the_card(pin: PinKind, value: str) -> None:
    card = to_verify(b"\x63\xc2")
    answer = perform(VerifyPin(pin, value), card)

    assert (answer.outcome is Outcome.FORMAT_REJECTED) is not bool(card.seen)


@pytest.mark.parametrize(
    ("pin", "typed", "sent"),
    [
        (AUTH, "1234", b"1234"),
        (AUTH, "１２３４", b"1234"),
        (SIGN, "abc123", b"ABC123"),
        (SIGN, "ＡＢＣ１２３", b"ABC123"),
        (PinKind.NUMBER_A, "123456789018", b"123456789018"),
        (PinKind.NUMBER_B, "55021720352285", b"55021720352285"),
        (PinKind.JUKI, "2345", b"2345"),
    ],
)
def test_an_entry_is_sent_as_meant(pin: PinKind, typed: str, sent: bytes) -> None:
    card = to_verify(OK)

    assert perform(VerifyPin(pin, typed), card).outcome is Outcome.OK
    assert card.pins() == [b"\x00\x20\x00\x80" + bytes((len(sent),)) + sent]


@pytest.mark.parametrize(
    "typed", ["", "123", "12345", "12a4", "1234 ", "１２３", "٣٣٣٣", "1234\n"], ids=[*map(ascii, range(8))]
)
def test_four_digits_are_four_digits(typed: str) -> None:
    assert perform(VerifyPin(AUTH, typed), Script()).outcome is Outcome.FORMAT_REJECTED


@pytest.mark.parametrize(
    ("sw", "outcome", "tries"),
    [
        ("9000", Outcome.OK, None),
        ("63C2", Outcome.WRONG_PIN, states(2)),
        ("63C1", Outcome.WRONG_PIN, states(1)),
        ("63CF", Outcome.WRONG_PIN, states(15)),
        ("6300", Outcome.WRONG_PIN, None),
        ("63C0", Outcome.LOCKED, None),
        ("6983", Outcome.LOCKED, None),
        ("6984", Outcome.LOCKED, None),
        ("6982", Outcome.NOT_PERMITTED, None),
        ("6700", Outcome.PROTOCOL_ERROR, None),
        ("6F00", Outcome.PROTOCOL_ERROR, None),
    ],
)
def test_every_answer_to_an_entry_has_its_name(sw: str, outcome: Outcome, tries: range | None) -> None:
    answer = perform(VerifyPin(AUTH, "1234"), to_verify(bytes.fromhex(sw)))

    assert (answer.outcome, answer.tries) == (outcome, tries)


@pytest.mark.parametrize(
    ("sw", "tries"),
    [("63C3", states(3)), ("63C0", states(0)), ("6983", states(0)), ("6984", states(0)), ("9000", range(1, 4))],
)
def test_the_tries_are_the_cards(sw: str, tries: range) -> None:
    card = to_verify(bytes.fromhex(sw))

    assert perform(TriesLeft(AUTH), card) == Answer(Outcome.OK, tries=tries)
    assert card.pins() == []


def test_a_query_that_fails_states_no_tries() -> None:
    answer = perform(TriesLeft(AUTH), to_verify(b"\x6d\x00"))

    assert (answer.outcome, answer.tries, answer.message) == (Outcome.PROTOCOL_ERROR, None, "the card answered 6D00")


@pytest.mark.parametrize(
    ("file", "sw", "outcome"),
    [
        ("0008", "6A82", Outcome.OK),
        ("0008", "6985", Outcome.OK),
        ("0018", "6A82", Outcome.PIN_ABSENT),
        ("0018", "6985", Outcome.PROTOCOL_ERROR),
    ],
)
def test_only_the_pins_own_file_must_be_there(file: str, sw: str, outcome: Outcome) -> None:
    steady = to_verify(OK)
    select = bytes.fromhex("00A4020C02" + file)
    card = Script(lambda command: bytes.fromhex(sw) if command == select else steady.transmit(command))

    assert perform(VerifyPin(AUTH, "1234"), card).outcome is outcome


@pytest.mark.parametrize("pin", [PinKind.JUKI, PinKind.NUMBER_A, PinKind.NUMBER_B])
def test_what_a_holder_cannot_change_is_left_alone(pin: PinKind) -> None:
    card = Script()

    assert perform(ChangePin(pin, "1234", "5678"), card).outcome is Outcome.NOT_PERMITTED
    assert card.seen == []


def test_a_malformed_new_value_is_stopped_before_the_old_one_is_spent() -> None:
    card = Script()

    assert perform(ChangePin(AUTH, "1234", "56789"), card).outcome is Outcome.FORMAT_REJECTED
    assert card.seen == []


# ---------------------------------------------------------------- lost answers


@pytest.mark.parametrize("lost", [CardRemoved("gone"), CardReset("reset"), TimeoutError(), b"", b"\x90"], ids=repr)
@pytest.mark.parametrize("call", [call for call in CALLS if getattr(call, "pin", None) not in (None, AUTH)], ids=repr)
def test_a_lost_verify_has_an_unknown_outcome_and_is_not_repeated(call: Call, lost: bytes | Exception) -> None:
    card = to_verify(lost)

    assert perform(call, card).outcome is Outcome.UNKNOWN_OUTCOME
    assert len(card.pins()) == 1


def test_a_lost_change_has_an_unknown_outcome() -> None:
    card = Script(lambda command: CardRemoved() if command[1] == 0x24 else b"\x8f\x8f\x00" + OK)

    assert perform(ChangePin(AUTH, "1234", "5678"), card).outcome is Outcome.UNKNOWN_OUTCOME
    assert [command[1] for command in card.pins()] == [0x20, 0x24]


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (CardRemoved(), Outcome.CARD_REMOVED),
        (CardReset(), Outcome.CARD_UNREADABLE),
        (NoCard(), Outcome.NO_CARD),
        (NoReader(), Outcome.NO_READER),
        (ReaderBusy(), Outcome.READER_BUSY),
        (PcscMissing(), Outcome.ENV_INCOMPLETE),
        (BrokenPipeError(), Outcome.CARD_UNREADABLE),
        (b"", Outcome.CARD_UNREADABLE),
        (b"\x90", Outcome.CARD_UNREADABLE),
    ],
    ids=repr,
)
@pytest.mark.parametrize("call", CALLS[:-1], ids=repr)
def test_a_failing_connection_has_its_name(call: Call, failure: bytes | Exception, outcome: Outcome) -> None:
    card = Script(lambda _: failure)

    assert perform(call, card).outcome is outcome
    assert card.pins() == []


def test_a_stranger_names_the_outcome_of_its_own_errors() -> None:
    error = OSError("00200080 04 31323334")
    error.outcome = "no_card"  # type: ignore[attr-defined]
    answer = perform(VerifyPin(AUTH, "1234"), Script(lambda _: error))

    assert (answer.outcome, answer.message) == (Outcome.NO_CARD, "OSError")


@pytest.mark.parametrize("first", [CardReset(), CardRemoved(), b"", b"\x6f\x00"], ids=repr)
@pytest.mark.parametrize("call", CALLS[:3], ids=repr)
def test_a_card_that_comes_back_is_found_again_at_once(call: Call, first: bytes | Exception) -> None:
    answers = iter([first])
    steady = to_verify(b"\x63\xc2" if isinstance(call, TriesLeft) else OK)

    assert perform(call, Script(lambda command: next(answers, None) or steady.transmit(command))).outcome is Outcome.OK


def test_each_action_begins_with_its_application() -> None:
    card = to_verify(b"\x63\xc2")
    client = in_process(card)
    for call in (TriesLeft(AUTH), TriesLeft(TEXT), TriesLeft(TEXT)):
        begins = len(card.seen)
        client.perform(call)

        assert card.seen[begins][:4] == bytes.fromhex("00A4040C")


@given(responses=st.lists(st.binary(max_size=12) | st.sampled_from([OK, b"\x63\xc1", b"\x8f\x8f\x00\x90\x00"])))
@pytest.mark.parametrize("call", CALLS, ids=repr)
def test_no_card_can_bring_it_down(call: Call, responses: list[bytes]) -> None:
    answers = iter(responses)
    card = Script(lambda _: next(answers, b""))
    answer = perform(call, card)

    assert answer.breakdown is None
    assert Counter(command[1] for command in card.pins())[0x20] <= 1


def test_close_leaves_no_verified_pin() -> None:
    card = Script()

    assert perform(Close(), card).outcome is Outcome.OK
    assert card.seen == [bytes.fromhex("00A4040C07A0000001510000")]
    assert perform(Close(), Script(lambda _: NoCard())).outcome is Outcome.OK


# ---------------------------------------------------------------- content


@given(length=st.integers(0, 0xFFFF), tag=st.sampled_from([b"\x30", b"\xff\x20", b"\xdf\x22"]), width=st.integers(0, 4))
def test_both_forms_of_a_length_are_read(length: int, tag: bytes, width: int) -> None:
    width = max(width, (length.bit_length() + 7) // 8 if length > 127 else 0)
    encoded = bytes((0x80 | width,)) + length.to_bytes(width, "big") if width else bytes((length,))

    assert content.header(tag + encoded) == (tag, length, len(tag + encoded))


@given(st.binary(max_size=8))
def test_a_header_is_read_or_refused(data: bytes) -> None:
    try:
        head = content.header(data)
    except content.Unreadable:
        return

    assert data.startswith(head.tag)
    assert head.size <= len(data)


ATTRIBUTES = "DF2208000E00110014001F" + "DF220141" + "DF2302C3A9" + "DF24083139383030323137"


@pytest.mark.parametrize(
    ("sex", "meaning"), [("31", "male"), ("32", "female"), ("39", "not_applicable"), ("30", "unknown")]
)
@pytest.mark.parametrize("header", ["FF20{:02X}", "FF2081{:02X}", "FF208200{:02X}"])
def test_attributes_are_read_in_every_form(header: str, sex: str, meaning: str) -> None:
    body = bytes.fromhex("DF21" + ATTRIBUTES[4:] + "DF2501" + sex)
    record = bytes.fromhex(header.format(len(body))) + body

    assert content.attributes(record + b"\xff\xff") == Attributes("A", "é", "1980-02-17", meaning)


@pytest.mark.parametrize(
    "record",
    [
        "",
        "FF20",
        "FF2080",
        "FF2003DF2204",
        "FF2004DF220141",
        "FF2015DF2201FFDF230141DF240131DF250131DF260141",
        "FF2017DF220141DF230141DF24083139383030323178DF250131",
        "FF1001FF",
    ],
)
def test_attributes_that_are_none_are_refused(record: str) -> None:
    with pytest.raises(content.Unreadable):
        content.attributes(bytes.fromhex(record))


@pytest.mark.parametrize("record", ["FF100B" + "31" * 11, "FF100C" + "31" * 11 + "41", "FF100C31", "FFFFFF", "30"])
def test_a_number_that_is_none_is_refused(record: str) -> None:
    with pytest.raises(content.Unreadable):
        content.my_number(bytes.fromhex(record))


@pytest.mark.parametrize("size", ["82FFFF", "820100", "80"], ids=["too long", "longer than the file", "no length"])
def test_a_certificate_that_cannot_be_whole_is_unreadable(size: str) -> None:
    def answer(command: bytes) -> bytes:
        if command[1] != 0xB0:
            return OK
        return b"\x6b\x00" if command[2:4] != b"\x00\x00" else b"\x30" + bytes.fromhex(size) + bytes(16) + OK

    answered = perform(ReadCertificate(CertificateKind.AUTH_CA), Script(answer))
    assert answered.outcome is Outcome.CARD_UNREADABLE


# ---------------------------------------------------------------- PC/SC

_WITHOUT_DAEMON = """
from mynacard_conformance.adapters.pcsc_connection import PcscConnection
from mynacard_conformance.adapters.reference import ReferenceClient
from mynacard_conformance.outcome import PinKind
client = ReferenceClient(PcscConnection("no such reader"))
print(client.tries_left(PinKind.AUTH).outcome.value, client.verify_pin(PinKind.AUTH, "1234").outcome.value)
print(client.close().outcome.value)
"""


def test_without_a_pcsc_daemon_there_is_no_reader() -> None:
    pytest.importorskip("smartcard", reason="pyscard is not installed")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PCSCLITE_CSOCK_NAME": "/nonexistent/socket"}
    told = subprocess.run(
        [sys.executable, "-c", _WITHOUT_DAEMON], env=environment, capture_output=True, text=True, check=True, timeout=60
    )

    assert told.stdout.split() == ["no_reader", "no_reader", "ok"]


# ---------------------------------------------------------------- the twins


@pytest.mark.parametrize("twin", FAULTY, ids=lambda twin: twin.__name__)
def test_a_twin_names_the_requirement_that_it_breaks(twin: type) -> None:
    assert twin.fault in REQUIREMENTS  # type: ignore[attr-defined]


def test_the_honest_declare_no_fault() -> None:
    assert not [client for client in HONEST if hasattr(client, "fault")]


def test_nobody_is_listed_twice() -> None:
    assert len({*HONEST, *FAULTY}) == len(HONEST) + len(FAULTY)
