"""Accidents to a whole card: whatever is lost on the way, the chip has counted right."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mynacard_emulator.readers.faults import ACCIDENTS, NOISES, Effect, Fault, Kind, NoAccident, NoFault, drawn
from mynacard_emulator.world import (
    AnswerLostError,
    CardRemovedError,
    CardUnreadableError,
    EmptyReaderError,
    NoReaderError,
    ReaderBusyError,
    World,
    open_world,
)

from .test_cli import is_refused, mynacard, started

JPKI, PIN = bytes.fromhex("00A4040C0AD392F000260100000001"), bytes.fromhex("00A4020C020018")
QUERY = bytes.fromhex("00200080")
RIGHT, WRONG = bytes.fromhex("002000800431323334"), bytes.fromhex("002000800430303030")
LIMIT = 3
DECEIVING = {Effect.TRUNCATE, Effect.EMPTY, Effect.GARBAGE, Effect.FLIP_BIT, Effect.ZERO_BYTES}
"""What a client gets then is not what the card said."""


@pytest.fixture
def world() -> World:
    world = open_world("direct")
    world.insert(world.issue("adult"))
    return world


def tries(world: World) -> int:
    left = world.truth.tries_left("auth")
    assert left is not None
    return left


# ---------------------------------------------------------------- counting


class Onlooker:
    """The tries that may be left, for somebody who sees what a client sees."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.possible = {LIMIT}

    def enter(self, command: bytes) -> None:
        """Bring the PIN file up, send a command, and conclude what can be concluded."""
        happened = len(self._world.faults.happened)
        try:
            answer = [self._world.transmit(one) for one in (JPKI, PIN, command)][-1]
        except OSError:
            answer = b""
        deceived = any(one.fault.effect in DECEIVING for one in self._world.faults.happened[happened:])
        if answer == b"\x90\x00" and not deceived:
            self.possible = {LIMIT}
        elif answer[:1] == b"\x63" and not deceived:
            self.possible = {answer[1] & 0xF}
        elif command == QUERY or (len(answer) == 2 and not deceived):  # refused: nothing has changed
            pass
        else:
            self.possible = {
                after for before in self.possible for after in _may_be_left(before, right=command == RIGHT)
            }


def _may_be_left(before: int, *, right: bool) -> set[int]:
    if before == 0:
        return {0}
    return {before, before - 1, LIMIT} if right else {before, before - 1}


def as_the_chip_did(world: World, before: int, since: int) -> int:
    """Count from what the chip saw: an entry without an answer was cut short, and cost a try."""
    for exchange in world.exchanges[since:]:
        if exchange.command not in (RIGHT, WRONG):
            continue
        if not exchange.response:
            before = max(0, before - 1)
        elif exchange.response == b"\x90\x00":
            before = LIMIT
        elif exchange.response[:1] == b"\x63":
            before -= 1
            assert exchange.response[1] & 0xF == before
        else:
            assert before == 0 or exchange.response in (b"\x69\x86", b"\x69\x82", b"\x6a\x82", b"\x6d\x00")
    return before


orders = st.builds(
    Fault,
    st.sampled_from([Kind.VERIFY, Kind.QUERY, Kind.SELECT, Kind.ANY]),
    st.integers(1, 6),
    st.sampled_from([effect for effect in Effect if effect.amount is None]),
) | st.builds(
    Fault, st.just(Kind.VERIFY), st.integers(1, 6), st.sampled_from([Effect.FLIP_BIT, Effect.TRUNCATE]), st.just(1)
)


@pytest.mark.property
@settings(deadline=None)
@given(st.lists(orders, max_size=8), st.lists(st.sampled_from([RIGHT, WRONG, QUERY]), max_size=12))
def test_in_every_tear_the_chip_has_counted_right_and_nobody_can_tell_otherwise(
    ordered: Sequence[Fault], entered: Sequence[bytes]
) -> None:
    world = open_world("direct")
    world.insert(world.issue("adult"))
    for fault in ordered:
        world.fault(fault)
    onlooker = Onlooker(world)
    for command in entered:
        if world.exchanges[-1].event == "eject":
            world.insert(world.current)
        before, since = tries(world), len(world.exchanges)
        onlooker.enter(command)

        assert tries(world) == as_the_chip_did(world, before, since)
        assert tries(world) in onlooker.possible
        if command == WRONG:
            assert tries(world) <= before


@pytest.mark.parametrize("entered", [RIGHT, WRONG])
@pytest.mark.parametrize(
    ("effect", "spends"),
    [("eject", False), ("tear-before", False), ("power-cut", True), ("tear-after", True), ("lose-answer", True)],
)
def test_a_try_is_spent_before_the_comparison_and_restored_by_a_success_alone(
    world: World, effect: str, entered: bytes, *, spends: bool
) -> None:
    for command in (JPKI, PIN, WRONG):
        world.transmit(command)
    world.fault(f"verify:1:{effect}")

    with pytest.raises(OSError):  # noqa: PT011 - each of the three below
        world.transmit(entered)

    after_answer = LIMIT if entered == RIGHT else 1
    assert tries(world) == (2 if not spends else 1 if effect == "power-cut" else after_answer)


def test_the_last_try_can_be_lost_with_the_right_pin_in_a_power_cut(world: World) -> None:
    for command in (JPKI, PIN, WRONG, WRONG):
        world.transmit(command)
    world.fault("verify:1:power-cut")

    with pytest.raises(CardRemovedError):
        world.transmit(RIGHT)
    world.insert(world.current)

    assert tries(world) == 0
    assert [world.transmit(command).hex() for command in (JPKI, PIN, RIGHT)] == ["9000", "9000", "6984"]


# ---------------------------------------------------------------- a world in which they happen


@pytest.mark.parametrize(
    ("effect", "kind", "outcome"),
    [
        ("eject", EmptyReaderError, "no_card"),
        ("tear-after", CardRemovedError, "card_removed"),
        ("lose-answer", AnswerLostError, "unknown_outcome"),
    ],
)
def test_a_client_in_this_process_learns_what_a_program_could_know(
    world: World, effect: str, kind: type[OSError], outcome: str
) -> None:
    world.fault(f"any:1:{effect}")

    with pytest.raises(OSError) as raised:  # noqa: PT011 - of which kind exactly is asserted below
        world.transmit(JPKI)
    assert (type(raised.value), getattr(raised.value, "outcome", None)) == (kind, outcome)


@pytest.mark.parametrize(("effect", "answer"), [("eject-after", "9000"), ("zero-bytes", "")])
def test_the_answer_before_an_ejection_still_comes(world: World, effect: str, answer: str) -> None:
    world.fault(f"any:1:{effect}")

    assert world.transmit(JPKI).hex() == answer
    with pytest.raises(EmptyReaderError):
        world.transmit(JPKI)
    world.insert(world.current)
    assert world.transmit(JPKI).hex() == "9000"


def test_the_trace_has_what_the_chip_did_and_not_what_got_through(world: World) -> None:
    world.transmit(JPKI)
    world.transmit(PIN)
    world.fault("verify:1:flip-bit=15")
    world.fault("verify:2:power-cut")
    since = len(world.exchanges)

    assert world.transmit(WRONG).hex() == "63c3"
    with pytest.raises(CardRemovedError):
        world.transmit(RIGHT)
    seen = [(exchange.event, exchange.command, exchange.response.hex()) for exchange in world.exchanges[since:]]
    assert seen[:3] == [("command", WRONG, "63c2"), ("command", RIGHT, ""), ("power_off", b"", "")]
    assert [str(happened) for happened in world.faults.happened] == [
        "verify:1:flip-bit=15 (at command 3)",
        "verify:2:power-cut (at command 4)",
    ]


def test_faults_wait_for_the_reader_whatever_card_is_in_it(world: World) -> None:
    world.fault("verify:1:tear-before")
    world.swap(world.issue("child"))
    world.transmit(JPKI)
    world.transmit(PIN)

    with pytest.raises(CardRemovedError):
        world.transmit(WRONG)


def test_a_world_that_begins_anew_has_no_faults_ordered(world: World) -> None:
    world.fault("any:1:eject")
    world.begin()

    assert list(world.faults.ordered) == []


def test_a_line_that_orders_nothing_is_refused(world: World) -> None:
    with pytest.raises(NoFault):
        world.fault("verify:explode")


def test_any_number_of_drawn_faults_leaves_a_card_that_works(world: World) -> None:
    for fault in drawn(1, 60):
        world.fault(fault)
    for _ in range(200):
        if world.exchanges[-1].event == "eject":
            world.insert(world.current)
        for command in (JPKI, PIN, QUERY):
            try:
                world.transmit(command)
            except OSError:
                break
    world.faults.clear()
    world.swap(world.current)

    assert [world.transmit(command).hex() for command in (JPKI, PIN, QUERY)] == ["9000", "9000", "63c3"]


@pytest.mark.parametrize(("verb", "status"), [(("run",), 2), (("exec", "--", "true"), 125)])
def test_a_fault_of_another_spelling_is_refused_before_anything_starts(verb: tuple[str, ...], status: int) -> None:
    ran = mynacard(verb[0], "--fault", "verify:1:explode", *verb[1:])

    assert is_refused(ran, "--fault 'verify:1:explode'", "nothing is called explode; there are eject,", status=status)


def test_a_fault_at_a_port_is_told_and_ends_the_connection() -> None:
    with started("run", "--fault", "select:1:lose-answer", "--tcp", "127.0.0.1:0") as process:
        assert process.stdout
        assert process.stderr
        host, port = process.stdout.readline().strip().split(":")
        for last in (b"", b"\x00\x02\x90\x00"):
            with socket.create_connection((host, int(port)), 10) as client, client.makefile("rb") as answers:
                client.sendall(len(JPKI).to_bytes(2, "big") + JPKI)
                assert answers.read(4) == last
        process.send_signal(signal.SIGTERM)
        assert "mynacard: fault select:1:lose-answer (at command 1)\n" in process.stderr.read()


# ---------------------------------------------------------------- orders of the command


@contextmanager
def running(*options: str | Path) -> Iterator[tuple[subprocess.Popen[str], tuple[str, int]]]:
    """A card at a TCP port, and where that is."""
    with started("run", "--tcp", "127.0.0.1:0", *options) as process:
        assert process.stdout
        host, port = process.stdout.readline().strip().split(":")
        yield process, (host, int(port))


def heard(address: tuple[str, int], *commands: bytes) -> list[str]:
    """What a client hears, until the connection ends."""
    answers: list[str] = []
    with socket.create_connection(address, 10) as client, client.makefile("rb") as wire:
        for command in commands:
            client.sendall(len(command).to_bytes(2, "big") + command)
            if not (length := wire.read(2)):
                break
            answers.append(wire.read(int.from_bytes(length, "big")).hex())
    return answers


def said_by(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGTERM)
    assert process.stderr
    return process.stderr.read()


def test_faults_that_are_drawn_are_told_as_the_lines_that_order_them_again() -> None:
    with running("--fault", "random:7:3") as (process, _):
        told = re.findall("^mynacard: ordered (.*)$", said_by(process), re.MULTILINE)

    assert told == [str(fault) for fault in drawn(7, 3)]


def test_a_plan_goes_before_the_client_and_its_faults_are_for_the_client(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('faults = ["select:2:lose-answer"]\nnoise = "opensc"')
    with running("--fault", f"@{plan}") as (process, address):
        assert heard(address, JPKI, JPKI) == ["9000"]
        assert "fault select:2:lose-answer (at command 31)" in said_by(process)


def test_an_accident_of_a_plan_has_happened_when_the_client_comes(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('accident = "verified-by-another"')
    with running("--fault", f"@{plan}") as (_, address):
        assert heard(address, JPKI, PIN, QUERY) == ["9000", "9000", "63c2"]


def test_a_card_that_leaves_by_itself_ends_a_run_that_nobody_steers() -> None:
    with running("--fault", "any:1:eject") as (process, address):
        assert heard(address, JPKI) == []
        assert process.wait(10) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[readers.1]\nfaults = []", "this world has no reader 1; it has 1, the first is 0"),
        ('accident = "usb-hub"', "there is no such reader: this reader is not ours; take `mynacard exec`"),
        ('accident = "metal-desk"', "choose another reader"),
        ('faults = ["command:3:eject"]\nnoise = "opensc"', "that command is over; the next one is 30"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_ends_the_run_with_a_line(tmp_path: Path, content: str, says: str) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text(content)

    ran = mynacard("run", "--tcp", "127.0.0.1:0", "--fault", f"@{plan}")

    assert ran.status == 2
    assert re.fullmatch(rf"adult: .*\nmynacard: .*{re.escape(says)}.*\n", ran.err)


# ---------------------------------------------------------------- accidents, and what a platform says


@pytest.mark.parametrize(
    ("profile", "name", "kind"),
    [
        ("adult", "upside-down", CardUnreadableError),
        ("adult", "back-to-front", CardUnreadableError),
        ("adult", "beside", EmptyReaderError),
        ("adult", "in-its-case", EmptyReaderError),
        ("contactless", "beside", EmptyReaderError),
        ("contactless", "in-its-case", CardUnreadableError),
        ("adult", "moved", CardRemovedError),
        ("contactless", "taken-out", EmptyReaderError),
        ("adult", "held-by-another", ReaderBusyError),
        ("adult", "usb-hub", NoReaderError),
        ("adult", "no-driver", NoReaderError),
        ("contactless", "bluetooth-lost", NoReaderError),
    ],
)
def test_an_accident_costs_no_try_and_can_be_put_right(profile: str, name: str, kind: type[OSError]) -> None:
    world = open_world("direct")
    world.insert(world.issue(profile))
    assert world.accident(name).name == name

    with pytest.raises(OSError) as raised:  # noqa: PT011 - of which kind exactly is asserted below
        world.transmit(JPKI)
    assert type(raised.value) is kind
    assert tries(world) == LIMIT

    world.put_right()
    assert world.transmit(JPKI).hex() == "9000"


def test_another_program_enters_a_pin_that_is_wrong_whatever_the_right_one_is(world: World) -> None:
    world.transmit(JPKI)
    world.accident("verified-by-another")
    assert world.transmit(QUERY).hex() == "63c2"
    assert tries(world) == 2
    for new in ("0000", "1111"):
        world.office.counter.reset_pin("auth", new=new)
        world.accident("verified-by-another")
        assert tries(world) == LIMIT - 1


def test_a_reader_that_is_away_cuts_the_power_and_its_card_can_be_taken_out_meanwhile(world: World) -> None:
    for command in (JPKI, PIN, RIGHT):
        world.transmit(command)
    world.accident("usb-hub")
    world.put_right()
    assert world.transmit(RIGHT).hex() == "6986"

    world.accident("usb-hub")
    world.eject()
    with pytest.raises(NoReaderError):
        world.transmit(JPKI)
    world.put_right()
    assert world.transmit(JPKI).hex() == "9000"


def test_a_world_that_begins_anew_has_its_readers_back(world: World) -> None:
    world.accident("usb-hub")
    world.begin()
    world.insert(world.issue("child"))

    assert world.transmit(JPKI).hex() == "9000"


def test_a_card_that_is_elsewhere_by_then_stays_there_when_its_first_reader_is_put_right() -> None:
    world = open_world("direct", readers=2)
    card = world.issue("adult")
    world.insert(card)
    world.accident("beside")
    world.eject()
    world.insert(card, reader=1)
    world.put_right()

    assert (world.card_in(0), world.reader_of(card)) == (None, 1)


def test_on_metal_some_commands_are_lost_and_the_same_ones_for_the_same_seed() -> None:
    def lost() -> list[int]:
        world = open_world("direct", seed=5)
        world.insert(world.issue("contactless"))
        world.accident("metal-desk")
        for _ in range(100):
            with suppress(AnswerLostError):
                world.transmit(JPKI)
        world.put_right()
        for _ in range(20):
            world.transmit(JPKI)
        return [happened.command for happened in world.faults.happened]

    assert lost() == lost()
    assert 20 < len(lost()) < 60


@pytest.mark.parametrize(
    ("profile", "name", "says"),
    [
        ("contactless", "upside-down", "a contactless one does not mind; choose another reader"),
        ("adult", "metal-desk", "stands on metal, and some of what is said is lost; choose another reader"),
        ("adult", "bluetooth-lost", "the wireless reader is out of reach; choose another reader"),
        ("adult", "transaction-stolen", r"holds a transaction: in this process .*; take open_world\('private'\)"),
        ("adult", "reader-restarted", r"pcscd starts anew: in this .* no PC/SC; take open_world\('private'\)"),
        ("other-card", "verified-by-another", "this card has no auth PIN"),
        ("adult", "earthquake", "no accident is called 'earthquake'; there are upside-down, back-to-front,"),
    ],
)
def test_what_cannot_be_brought_about_is_said(profile: str, name: str, says: str) -> None:
    world = open_world("direct")
    world.insert(world.issue(profile))

    with pytest.raises(NoAccident, match=says):
        world.accident(name)


def test_every_accident_has_a_name_of_its_own_a_source_and_a_reader() -> None:
    assert len({accident.name for accident in ACCIDENTS}) == len(ACCIDENTS)
    assert all(accident.sources and (accident.contact or accident.contactless) for accident in ACCIDENTS)


@pytest.mark.parametrize("noise", [noise.name for noise in NOISES])
def test_what_a_platform_says_costs_nothing_and_leaves_the_client_its_card(world: World, noise: str) -> None:
    before = world.current.in_hand.card.state.memory
    world.noise(noise)

    assert world.current.in_hand.card.state.memory is before
    assert [world.transmit(command).hex() for command in (JPKI, PIN, QUERY)] == ["9000", "9000", "63c3"]


def test_a_noise_that_nobody_makes_is_refused(world: World) -> None:
    with pytest.raises(NoAccident, match="there are opensc, desktop, discovery"):
        world.noise("silence")
