"""Accidents at commands: how they are written, when they are due, and what a client sees of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.iso7816 import CommandAPDU
from mynacard_emulator.readers.faults import (
    LONGEST,
    Effect,
    Fault,
    Faults,
    FaultyCard,
    Happened,
    Kind,
    Moment,
    NoFault,
    drawn,
)
from mynacard_emulator.readers.port import CONTACT_ATR, AnswerLost, CardEjected, ReaderError

OK = b"\x90\x00"
SELECT, READ, QUERY = (bytes.fromhex(command) for command in ("00A4040C03F00102", "00B0000003", "00200080"))
VERIFY, CHANGE, SIGN = (bytes.fromhex(command) for command in ("002000800430303030", "0024018001FF", "802A00800131"))
GET_RESPONSE, FOR_READER = bytes.fromhex("00C0000000"), bytes.fromhex("FFCA000000")


class Chip:
    """A card that keeps a diary and always answers the same."""

    atr = CONTACT_ATR

    def __init__(self, answer: bytes = OK) -> None:
        self.diary: list[str] = []
        self._answer = answer

    def power_on(self) -> bytes:
        self.diary.append("on")
        return self.atr

    def power_off(self) -> None:
        self.diary.append("off")

    def reset(self) -> bytes:
        self.diary.append("reset")
        return self.atr

    def transmit(self, command: bytes, /) -> bytes:
        self.diary.append(command[:2].hex())
        return self._answer

    def cut_short(self, command: bytes, /) -> None:
        self.diary.append(f"cut {command[:2].hex()}")


def faulty(line: str, answer: bytes = OK, pause: Callable[[float], object] | None = None) -> tuple[FaultyCard, Chip]:
    chip, faults = Chip(answer), Faults(pause=pause)
    faults.order(line)
    return FaultyCard(chip, faults), chip


@st.composite
def faults(draw: st.DrawFn) -> Fault:
    effect = draw(st.sampled_from(Effect))
    amount: float | None = None
    if (meant := effect.amount) is not None:
        whole = st.integers(int(meant.lowest), int(meant.highest)).map(float)
        thousandths = st.integers(0, int(1000 * meant.highest)).map(lambda number: number / 1000)
        amount = draw(whole if meant.whole else thousandths)
    return Fault(draw(st.sampled_from(Kind)), draw(st.integers(1, 1_000_000)), effect, amount)


# ---------------------------------------------------------------- how they are written


@pytest.mark.property
@given(faults())
def test_a_fault_prints_the_line_that_orders_it(fault: Fault) -> None:
    assert Fault.parse(str(fault)) == fault


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "write KIND:NUMBER:EFFECT, such as verify:1:tear-after or any:3:delay=0.2"),
        ("verify:tear-after", "write KIND:NUMBER:EFFECT"),
        ("verify:1:delay=0.2\n", "write KIND:NUMBER:EFFECT"),
        ("verify:-1:eject", "write KIND:NUMBER:EFFECT"),
        (f"verify:1:delay={'9' * 400}", "write KIND:NUMBER:EFFECT"),
        ("verify:9999999999:eject", "write KIND:NUMBER:EFFECT"),
        ("verify:1:delay=1e3", "write KIND:NUMBER:EFFECT"),
        ("verify:١:eject", "write KIND:NUMBER:EFFECT"),
        ("login:1:eject", "no commands are called login; there are command, any, select, read, verify,"),
        ("verify:1:explode", "nothing is called explode; there are eject, tear-before, lose-command,"),
        ("verify:0:eject", "count commands from 1 to 1000000"),
        ("verify:999999999:eject", "count commands from 1 to 1000000"),
        ("verify:1:eject=3", "eject has no number behind it"),
        ("verify:1:delay", r"write delay=SECONDS \(SECONDS, 0 to 60\)"),
        ("verify:1:hang=60.5", r"write hang=SECONDS \(SECONDS, 0 to 60\)"),
        ("verify:1:truncate=0", r"write truncate=BYTES \(BYTES, 1 to 65537\)"),
        ("verify:1:flip-bit=0.5", r"write flip-bit=BIT \(BIT, 0 to 524303\)"),
    ],
)
def test_another_line_is_refused_in_one_line_that_says_what_may_be_written(line: str, says: str) -> None:
    with pytest.raises(NoFault, match=says) as refused:
        Fault.parse(line)
    assert "\n" not in str(refused.value)
    assert isinstance(refused.value, ReaderError)


@pytest.mark.property
@given(st.text())
def test_no_text_does_more_than_being_refused(line: str) -> None:
    try:
        fault = Fault.parse(line)
    except NoFault:
        return
    assert Fault.parse(str(fault)) == fault


def test_a_seed_draws_the_same_faults_again_and_others_than_its_neighbour() -> None:
    assert drawn(7, 20) == drawn(7, 30)[:20]
    assert drawn(7, 20) != drawn(8, 20)
    assert {fault.effect for fault in drawn(0, 500)} == set(Effect)


# ---------------------------------------------------------------- when they are due


@pytest.mark.parametrize(
    ("kind", "command"),
    [("select", SELECT), ("read", READ), ("query", QUERY), ("verify", VERIFY), ("change", CHANGE), ("sign", SIGN)],
)
def test_a_fault_waits_for_its_kind_of_command(kind: str, command: bytes) -> None:
    ordered = Faults()
    fault = ordered.order(f"{kind}:2:eject")
    others = [SELECT, READ, QUERY, VERIFY, CHANGE, SIGN]
    others.remove(command)

    assert [ordered.due(one) for one in [*others, command, *others, b"\x00", FOR_READER]] == [None] * 13
    assert list(ordered.ordered) == [fault]
    assert ordered.due(command) == fault
    assert (list(ordered.ordered), ordered.happened) == ([], [Happened(13, fault)])
    assert str(ordered.happened[0]) == f"{kind}:2:eject (at command 13)"


def test_any_command_counts_from_the_order_and_a_numbered_one_from_the_beginning() -> None:
    ordered = Faults()
    ordered.due(SELECT)
    any_, numbered = ordered.order("any:2:eject"), ordered.order("command:4:eject")

    assert [ordered.due(SELECT) for _ in range(3)] == [None, any_, numbered]


def test_a_command_that_is_over_cannot_be_disturbed() -> None:
    ordered = Faults()
    ordered.due(SELECT)

    with pytest.raises(NoFault, match="that command is over; the next one is 2"):
        ordered.order("command:1:eject")


def test_one_command_has_one_fault_and_the_other_comes_with_the_next_of_its_kind() -> None:
    ordered = Faults()
    first, second = ordered.order("any:1:reset"), ordered.order("verify:1:eject")

    assert [ordered.due(command) for command in (VERIFY, SELECT, VERIFY)] == [first, None, second]


def test_a_fault_is_told_before_it_happens() -> None:
    told: list[str] = []
    ordered = Faults(tell=lambda happened: told.append(str(happened)))
    ordered.order("any:1:delay=0.2")
    ordered.order("any:9:eject")
    ordered.due(SELECT)
    ordered.clear()

    assert told == ["any:1:delay=0.2 (at command 1)"]
    assert list(ordered.ordered) == []
    assert ordered.commands == 1


# ---------------------------------------------------------------- what the client sees, and what the chip did


def test_every_effect_has_a_moment() -> None:
    assert {effect for effect in Effect if effect.moment is Moment.DURING} == {Effect.POWER_CUT}
    assert Effect.TEAR_BEFORE.moment is Moment.BEFORE
    assert Effect.TEAR_AFTER.moment is Moment.AFTER


@pytest.mark.parametrize(
    ("effect", "did"),
    [
        ("eject", []),
        ("tear-before", []),
        ("hang=0", []),
        ("power-cut", ["cut 0020"]),
        ("tear-after", ["0020"]),
    ],
)
def test_a_card_that_leaves_gives_no_answer_and_none_after_that(effect: str, did: list[str]) -> None:
    card, chip = faulty(f"verify:1:{effect}")

    with pytest.raises(CardEjected) as left:
        card.transmit(VERIFY)
    assert (left.value.answer, left.value.torn) == (None, effect != "eject")
    with pytest.raises(CardEjected):
        card.transmit(VERIFY)
    assert chip.diary == did

    card.power_on()
    assert card.transmit(VERIFY) == OK


@pytest.mark.parametrize(("effect", "answer", "did"), [("eject-after", OK, ["0020"]), ("zero-bytes", b"", [])])
def test_a_card_can_leave_behind_its_answer(effect: str, answer: bytes, did: list[str]) -> None:
    card, chip = faulty(f"verify:1:{effect}")

    with pytest.raises(CardEjected) as left:
        card.transmit(VERIFY)
    assert (left.value.answer, left.value.torn) == (answer, False)
    assert chip.diary == did


@pytest.mark.parametrize(
    ("effect", "did"), [("lose-answer", ["0020", "00b0"]), ("empty", ["0020", "00b0"]), ("lose-command", ["00b0"])]
)
def test_what_is_lost_leaves_the_card_where_it_is(effect: str, did: list[str]) -> None:
    card, chip = faulty(f"verify:1:{effect}")

    with pytest.raises(AnswerLost) as lost:
        card.transmit(VERIFY)
    assert lost.value.empty == (effect == "empty")
    assert card.transmit(READ) == OK
    assert chip.diary == did


@pytest.mark.parametrize(("effect", "did"), [("reset", ["reset", "00b0"]), ("power-cycle", ["off", "on", "00b0"])])
def test_another_program_can_come_in_between(effect: str, did: list[str]) -> None:
    card, chip = faulty(f"read:1:{effect}")

    assert card.transmit(READ) == OK
    assert chip.diary == did


@pytest.mark.parametrize(
    ("effect", "answer"),
    [
        ("truncate=1", "30"),
        ("truncate=9", "3031329000"),
        ("flip-bit=0", "b031329000"),
        ("flip-bit=39", "3031329001"),
        ("flip-bit=40", "b031329000"),
        ("delay=0", "3031329000"),
    ],
)
def test_an_answer_can_be_spoilt(effect: str, answer: str) -> None:
    card, chip = faulty(f"read:1:{effect}", bytes.fromhex("3031329000"))

    assert card.transmit(READ).hex() == answer
    assert chip.diary == ["00b0"]
    assert card.transmit(READ).hex() == "3031329000"


def test_no_answer_at_all_cannot_be_spoilt_further() -> None:
    assert faulty("read:1:flip-bit=3", b"")[0].transmit(READ) == b""


def test_garbage_is_as_long_as_the_answer_and_the_same_each_time() -> None:
    spoilt = [faulty("read:1:garbage", bytes(20))[0].transmit(READ) for _ in range(2)]

    assert spoilt[0] == spoilt[1] != bytes(20)
    assert len(spoilt[0]) == 20


def test_a_delay_takes_its_time_and_a_hang_is_the_end() -> None:
    waited: list[float] = []
    late, _ = faulty("any:1:delay=2.5", pause=waited.append)
    stuck, chip = faulty(f"any:1:hang={LONGEST:.0f}", pause=waited.append)

    assert late.transmit(READ) == OK
    with pytest.raises(CardEjected):
        stuck.transmit(READ)
    assert (waited, chip.diary) == ([2.5, 60], [])


def test_a_pause_ends_when_nobody_waits_any_more() -> None:
    card, _ = faulty("any:1:hang=60")
    left = threading.Event()

    def ask() -> None:
        with pytest.raises(CardEjected):
            card.transmit(READ)
        left.set()

    thread = threading.Thread(target=ask)
    thread.start()
    card.interrupt()
    assert left.wait(10)
    thread.join()


# ---------------------------------------------------------------- a reader of T=0


@pytest.mark.parametrize(("length", "waiting"), [(3, "6103"), (255, "61ff"), (256, "6100"), (300, "6100")])
def test_data_is_fetched_with_get_response(length: int, waiting: str) -> None:
    data = bytes(range(256)) * 2
    card, chip = faulty("read:1:61xx", data[:length] + OK)

    assert card.transmit(READ).hex() == waiting
    fetched = card.transmit(GET_RESPONSE)
    if length > 256:
        assert fetched[-2:].hex() == "612c"
        fetched = fetched[:-2] + card.transmit(GET_RESPONSE)
    assert fetched == data[:length] + OK
    assert chip.diary == ["00b0"]


def test_data_may_be_fetched_in_parts() -> None:
    card, _ = faulty("read:1:61xx", b"abc" + OK)
    card.transmit(READ)

    assert card.transmit(bytes.fromhex("00C0000002")) == b"ab\x61\x01"
    assert card.transmit(bytes.fromhex("00C00000")) == b"c" + OK


@pytest.mark.parametrize("between", ["power_on", "power_off", "reset", "command"])
def test_data_that_nobody_fetched_is_gone(between: str) -> None:
    card, chip = faulty("read:1:61xx", b"abc" + OK)
    card.transmit(READ)
    if between == "command":
        card.transmit(QUERY)
    else:
        getattr(card, between)()
    card.transmit(GET_RESPONSE)

    assert chip.diary[-1] == "00c0"  # it is the card's to refuse


def test_a_malformed_get_response_fetches_what_there_is() -> None:
    card, _ = faulty("read:1:61xx", b"abc" + OK)
    card.transmit(READ)

    assert card.transmit(bytes.fromhex("00C000000200")) == b"abc" + OK


@pytest.mark.parametrize("effect", ["61xx", "6Cxx"])
def test_a_status_alone_needs_no_fetching(effect: str) -> None:
    assert faulty(f"verify:1:{effect}")[0].transmit(VERIFY) == OK


@pytest.mark.parametrize(
    ("ne", "length", "answer"),
    [(256, 3, "6c03"), (300, 256, "6c00"), (3, 3, "3030309000"), (300, 299, "30" * 299 + "9000")],
)
def test_a_wrong_le_is_answered_with_the_right_one(ne: int, length: int, answer: str) -> None:
    card, _ = faulty("read:1:6Cxx", b"0" * length + OK)

    assert card.transmit(CommandAPDU(0, 0xB0, 0, 0, ne=ne).encode()).hex() == answer


def test_what_is_no_command_has_no_le() -> None:
    assert faulty("any:1:6Cxx", b"0" + OK)[0].transmit(b"\x00") == b"0" + OK


def test_the_reader_answers_for_itself_whatever_is_ordered() -> None:
    card, chip = faulty("any:1:eject")

    assert card.transmit(FOR_READER) == OK
    assert (card.atr, chip.diary) == (CONTACT_ATR, ["ffca"])
