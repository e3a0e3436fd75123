"""Random lives of a card, predicted act by act; what breaks a requirement is shrunk to the shortest that does.

They are for what the directed checks do not find, mistakes that show after a certain history, and are played on a card
that has passed these.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from mynacard_conformance.requirements import Level, Price, Requirement
from mynacard_conformance.verdict import Act, Phrase, Verdict

from . import apdu
from .apdu import Answer
from .bench import Bench
from .check import CannotJudge, NotCovered, seen_of
from .oracle import Oracle, Ways
from .places import (
    APPLICATIONS,
    AUTH_KEY,
    AUTH_PIN,
    JPKI,
    MY_NUMBER,
    NUMBER_A,
    SECURITY_DOMAIN,
    SIGN_CERTIFICATE,
    SIGN_KEY,
    SIGN_PIN,
    TEXT_PIN,
    Application,
    File,
    Pin,
)
from .table import CHECKS
from .verdicts import CardFinding, CardVerdict

STEPS = 50
"""The longest life of one example."""

COUNTERS = Requirement(
    "card/life/counters",
    "Whatever came before, every PIN has the tries that its misses and successes have left it.",
    "それまでの操作にかかわらず、残り回数は誤入力と成功の回数どおりである。",
    "F-014 to F-017",
    Level.MUST,
    Price.TRY,
)
STATUS = Requirement(
    "card/life/status",
    "Whatever came before, just that is open whose PIN was entered right, and whose success has not ended.",
    "それまでの操作にかかわらず、開いているのは、照合に成功し、その状態が失われていないものだけである。",
    "F-029, K-33",
    Level.MUST,
    Price.TRY,
)
REQUIREMENTS = (COUNTERS, STATUS)

_GUARDED: dict[str, tuple[frozenset[Pin], File]] = {
    "auth-key": (frozenset({AUTH_PIN}), AUTH_KEY),
    "sign-key": (frozenset({SIGN_PIN}), SIGN_KEY),
    "sign-certificate": (frozenset({SIGN_PIN}), SIGN_CERTIFICATE),
    "my-number": (frozenset({TEXT_PIN, NUMBER_A}), MY_NUMBER),
}
"""What is guarded, by the word for it: the PINs of which one opens it, and where it is."""
_BLOCKED = (0x6984, 0x6983)
_KNOWN = {"kept": True, "ended": False}


def card_requirements() -> tuple[Requirement, ...]:
    """All that is required of cards and readers."""
    return (*(check.requirement for check in CHECKS), *REQUIREMENTS)


@dataclass(frozen=True, slots=True)
class Lives:
    """How many random lives to play, what decides them, how long each may be, and how many seconds all may take."""

    examples: int = 25
    seed: int = 0
    steps: int = STEPS
    ceiling: float = 60.0


class Surprise(Exception):
    """The card answered what it must not."""

    def __init__(self, requirement: Requirement, expected: Phrase, answer: Answer) -> None:
        super().__init__(requirement.id)
        self.requirement, self.expected, self.seen = requirement, expected, seen_of(answer)


class Player:
    """Plays acts on a card, and holds every answer against the oracle's.

    Attributes:
        acts: What was played.

    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        bench.begin()
        self.applications = tuple(each for each in APPLICATIONS if bench.send(apdu.select(each.aid)).done)
        self.guarded = [name for name, (_, file) in _GUARDED.items() if self._is_closed(file)]
        if not bench.renewable:
            bench.tries |= {pin: bench.left(pin) for pin in bench.tries}
        bench.power_on()
        bench.conversation.clear()
        notes = bench.notes
        ways = Ways(_KNOWN.get(notes.get("warm-reset", "")), _KNOWN.get(notes.get("miss-after-success", "")))
        self.oracle = Oracle(dict(bench.tries), ways=ways)
        self.acts: list[Act] = []

    def play(self, act: Act) -> None:
        """Play one act; one that makes no sense here, or that the card would have to pay for, is left out."""
        try:
            self._play(act)
        except (NotCovered, CannotJudge):
            return
        self.acts.append(act)

    def _play(self, act: Act) -> None:
        match act:
            case ("select", name):
                self._select(next((each for each in self.applications if each.name == name), None))
            case ("query", name):
                self._query(self._pin(name))
            case ("right", name):
                self._right(self._pin(name))
            case ("wrong", name):
                self._wrong(self._pin(name))
            case ("use", name):
                self._use(name)
            case ("reset",):
                self.bench.reset()
                if self.oracle.ways.reset_keeps is None:
                    self._power_off()
                self.oracle = self.oracle.reset()
                if self.oracle.current is None:
                    self.bench.send(apdu.get_data(0x0101))  # a card that fails its first command does so now
            case ("power-off",):
                self._power_off()
            case _:
                raise NotCovered("no-pin")

    def _power_off(self) -> None:
        self.bench.power_on()
        self.oracle = self.oracle.powered_off()

    def _select(self, application: Application | None) -> None:
        answer = self.bench.send(apdu.select(application.aid if application else SECURITY_DOMAIN))
        self._insist(answer.done, STATUS, Phrase("statuses", ("9000",)), answer)
        self.oracle = self.oracle.selected(application)

    def _pin(self, name: str) -> Pin:
        """A PIN of the current application, made the current file."""
        pin = next((each for each in self.oracle.left if each.name == name), None)
        if pin is None or not self.oracle.here(pin):
            raise NotCovered("no-pin")
        answer = self.bench.send(apdu.select_file(pin.fid))
        self._insist(answer.done, STATUS, Phrase("statuses", ("9000",)), answer)
        return pin

    def _query(self, pin: Pin) -> None:
        answer = self.bench.send(apdu.query())
        left = self.oracle.left[pin]
        allowed = {0x63C0 | left} | (set(_BLOCKED) if not left else set())
        if pin in self.oracle.verified or pin in self.oracle.doubtful:
            allowed.add(0x9000)
        self._insist(answer.sw in allowed, COUNTERS, Phrase("statuses", (f"63C{left:X}",)), answer)

    def _right(self, pin: Pin) -> None:
        blocked = self.oracle.blocked(pin)
        answer = self.bench.enter(self._value(pin), pin) if self.bench.renewable else self.bench.hit(pin)
        expected = Phrase("refusal") if blocked else Phrase("statuses", ("9000",))
        self._insist(answer.done is not blocked, COUNTERS, expected, answer)
        self.oracle = self.oracle.entered(pin, right=True)

    def _value(self, pin: Pin) -> bytes:
        if pin not in self.bench.allowance.pins or pin in self.bench.refuted:
            raise NotCovered("pin-unknown", pin.name)
        return self.bench.allowance.pins[pin]

    def _wrong(self, pin: Pin) -> None:
        left = self.oracle.left[pin]
        answer = self.bench.miss(pin)
        if left:
            self._insist(answer.tries == left - 1, COUNTERS, Phrase("statuses", (f"63C{left - 1:X}",)), answer)
        else:
            self._insist(answer.refused or answer.tries == 0, COUNTERS, Phrase("refusal"), answer)
        self.oracle = self.oracle.entered(pin, right=False)

    def _use(self, name: str) -> None:
        pins, file = _GUARDED[name]
        if name not in self.guarded or file.application != self.oracle.current:
            raise NotCovered("no-file", name)
        self.bench.send(apdu.select_file(file.fid))
        answer = self.bench.send(apdu.sign(0x00, b"\x01") if name.endswith("key") else apdu.read(0, 4))
        is_open = not pins.isdisjoint(self.oracle.verified)
        if is_open or pins.isdisjoint(self.oracle.doubtful):
            expected = Phrase("statuses", ("9000",)) if is_open else Phrase("refusal")
            self._insist(answer.done is is_open, STATUS, expected, answer)

    def _is_closed(self, file: File) -> bool:
        """Whether something is on this card, and closed."""
        if file.application not in self.applications:
            return False
        self.bench.send(apdu.select(file.application.aid))
        self.bench.send(apdu.select_file(file.fid))
        key = file in (AUTH_KEY, SIGN_KEY)
        return self.bench.send(apdu.sign(0x00, b"\x01") if key else apdu.read(0, 4)).sw == 0x6982

    def _insist(self, condition: bool, requirement: Requirement, expected: Phrase, answer: Answer) -> None:  # noqa: FBT001 - as an assertion has it
        if not condition:
            raise Surprise(requirement, expected, answer)


@dataclass(slots=True)
class _Context:
    """What lives are played with: Hypothesis makes the instances, and passes them nothing."""

    bench: Bench
    deadline: float
    findings: dict[str, CardFinding]
    known: frozenset[str] = frozenset()
    examples: int = 0
    cut_short: bool = False


class CardLife(RuleBasedStateMachine):
    """A life of a card among clients that do right and wrong; every act is words, so that it can be played again."""

    context: ClassVar[_Context]

    def __init__(self) -> None:
        super().__init__()
        self.player: Player | None = None

    @initialize()
    def begin(self) -> None:
        """Lay the card on the bench."""
        self.context.cut_short |= monotonic() > self.context.deadline
        if not self.context.cut_short:
            self.context.examples += 1
            self.player = Player(self.context.bench)

    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        """Select an application, or the level above."""
        if self.player is not None:
            names = [each.name for each in self.player.applications]
            self._act("select", data.draw(st.sampled_from([*names, "above"])))

    @rule()
    def select_jpki(self) -> None:
        """Select the application that most programs select."""
        self._act("select", JPKI.name)

    @precondition(lambda self: self.pins)
    @rule(data=st.data())
    def query(self, data: st.DataObject) -> None:
        """Ask for the tries left."""
        self._act("query", data.draw(st.sampled_from(self.pins)))

    @precondition(lambda self: self.pins)
    @rule(data=st.data())
    def right(self, data: st.DataObject) -> None:
        """Enter the right PIN."""
        self._act("right", data.draw(st.sampled_from(self.pins)))

    @precondition(lambda self: self.pins)
    @rule(data=st.data())
    def wrong(self, data: st.DataObject) -> None:
        """Enter a wrong one."""
        self._act("wrong", data.draw(st.sampled_from(self.pins)))

    @precondition(lambda self: self.guarded)
    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        """Try what a PIN opens."""
        self._act("use", data.draw(st.sampled_from(self.guarded)))

    @rule()
    def reset(self) -> None:
        """Reset the card with its power on."""
        self._act("reset")

    @rule()
    def power_off(self) -> None:
        """Cut the power."""
        self._act("power-off")

    @property
    def pins(self) -> list[str]:
        """The PINs of the current application."""
        oracle = self.player.oracle if self.player else None
        return [pin.name for pin in oracle.left if oracle.here(pin)] if oracle else []

    @property
    def guarded(self) -> list[str]:
        """What is guarded in the current application."""
        player = self.player
        here = player.oracle.current if player else None
        return [name for name in player.guarded if _GUARDED[name][1].application == here] if player else []

    def _act(self, *act: str) -> None:
        if self.player is None:
            return
        try:
            self.player.play(act)
        except Surprise as surprise:
            key = surprise.requirement.id
            finding = CardFinding(
                surprise.expected,
                surprise.seen,
                tuple(self.context.bench.conversation),
                (*self.player.acts, act),
            )
            shortest = self.context.findings.get(key)
            if shortest is None or len(finding.acts) < len(shortest.acts):
                self.context.findings[key] = finding
            self.player = None
            if key not in self.context.known:
                raise

    def teardown(self) -> None:
        """Give back what was spent."""
        self.context.bench.tidy()


def play_lives(bench: Bench, lives: Lives) -> tuple[list[CardVerdict], int]:
    """Play random lives; the verdicts that come of it, and how many lives it took."""
    context = _Context(bench, monotonic() + lives.ceiling, {})
    while bench.tries and not context.cut_short:
        context.known = frozenset(context.findings)
        try:
            _play(context, lives)
        except (Surprise, Flaky):
            if frozenset(context.findings) - context.known:
                continue
        break
    return [_verdict(context, requirement) for requirement in REQUIREMENTS], context.examples


def _verdict(context: _Context, requirement: Requirement) -> CardVerdict:
    finding = context.findings.get(requirement.id)
    if finding is not None:
        return CardVerdict(requirement, Verdict.FAIL, finding)
    if not context.examples:
        return CardVerdict(requirement, Verdict.NOT_COVERED, reason=Phrase("no-lives"))
    return CardVerdict(requirement, Verdict.PASS)


def replay(bench: Bench, acts: tuple[Act, ...]) -> Surprise | None:
    """Play a life again that was written down; what was surprising in it, if anything still is."""
    player = Player(bench)
    try:
        for act in acts:
            player.play(act)
    except Surprise as surprise:
        return surprise
    return None


def _play(context: _Context, lives: Lives) -> None:
    chosen = settings(
        max_examples=lives.examples,
        stateful_step_count=lives.steps,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
    )
    machine = type(CardLife.__name__, (CardLife,), {"context": context})
    run_state_machine_as_test(seed(lives.seed)(machine), settings=chosen)
