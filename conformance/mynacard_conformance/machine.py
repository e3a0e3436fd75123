"""The random property: any sequence of entries, signatures, resets and removals, foreseen step by step.

Hypothesis draws the sequences, and shrinks one that breaks a requirement to the shortest that does. Requirements that
are known to be broken are set aside, so that one fault does not hide the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import ClassVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from .judge.trial import Trial
from .judge.turn import Played
from .model.holder import WRONG
from .outcome import CertificateKind, Close, HashKind, KeyKind, PinKind, ReadCertificate, Sign, TriesLeft, VerifyPin
from .verdict import Deed

STEPS = 14
"""The longest life of one example."""

_PINS = st.sampled_from((PinKind.AUTH, PinKind.SIGN))
_KEYS = st.sampled_from((KeyKind.AUTH, KeyKind.SIGN))
_EJECTS_IN = 8
"""A real eject costs more than all other steps together: one example in so many may have one."""


class Broken(Exception):
    """A requirement was broken that was not known to be."""


@dataclass(slots=True)
class RandomRun:
    """What came of a random run.

    Attributes:
        examples: How many examples were played, those of shrinking among them.
        seconds: How long it took.
        cut_short: Whether the time ceiling ended it; then the seed alone does not reproduce it.
        unsteady: Requirements whose violation did not show again when it was replayed.

    """

    examples: int = 0
    seconds: float = 0.0
    cut_short: bool = False
    unsteady: list[str] = field(default_factory=list)


def run_random(trial: Trial, *, examples: int, run_seed: int, ceiling: float) -> RandomRun:
    """Play `examples` random lives; go on without a requirement once it is broken, until nothing new is found.

    `ceiling` is in seconds; the example that is being played when it is reached is the last.
    """
    run = RandomRun()
    begun = monotonic()
    while not _is_over(run, trial):
        before = frozenset(trial.docket.findings)
        context = _Context(trial, before, run, begun + ceiling)
        try:
            _play(context, examples, run_seed)
        except Broken:
            continue
        except Flaky:
            if _is_over(run, trial):
                break
            run.unsteady.extend(sorted(set(trial.docket.findings) - before))
            continue
        break
    run.seconds = monotonic() - begun
    return run


def _is_over(run: RandomRun, trial: Trial) -> bool:
    return run.cut_short or trial.hopeless


@dataclass(frozen=True, slots=True)
class _Context:
    """What a machine plays with: Hypothesis makes the instances, and passes them nothing."""

    trial: Trial
    known: frozenset[str]
    run: RandomRun
    deadline: float


def _play(context: _Context, examples: int, run_seed: int) -> None:
    chosen = settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large),
        verbosity=Verbosity.quiet,
        report_multiple_bugs=False,
        print_blob=False,
    )
    machine = type("PinLifeOfOneClient", (PinLife,), {"context": context})
    run_state_machine_as_test(seed(run_seed)(machine), settings=chosen)


class PinLife(RuleBasedStateMachine):
    """The life of the two PINs of a JPKI client."""

    context: ClassVar[_Context]

    def __init__(self) -> None:
        super().__init__()
        self.may_eject = False
        self.trial = self.context.trial
        self.context.run.cut_short |= monotonic() > self.context.deadline
        self.over = self.context.run.cut_short or self.trial.hopeless
        if not self.over:
            self.context.run.examples += 1
            self.trial.begin("random")

    @initialize(draw=st.integers(0, _EJECTS_IN - 1))
    def decide(self, draw: int) -> None:
        """Choose the few examples that may have an eject."""
        self.may_eject = draw == _EJECTS_IN - 1

    @rule(pin=_PINS)
    def query(self, pin: PinKind) -> None:
        """Ask for the tries left."""
        self._ask(TriesLeft(pin))

    @rule(pin=_PINS)
    def wrong(self, pin: PinKind) -> None:
        """Enter a wrong PIN."""
        self._ask(VerifyPin(pin, WRONG[pin]))

    @rule(pin=_PINS)
    def wrong_again(self, pin: PinKind) -> None:
        """Enter a wrong PIN, twice as often as the right one, which heals: the faults are where the locks are."""
        self._ask(VerifyPin(pin, WRONG[pin]))

    @rule(pin=_PINS)
    def right(self, pin: PinKind) -> None:
        """Enter the right PIN."""
        self._ask(VerifyPin(pin, self.trial.oracle.holder.pins[pin]))

    @rule(key=_KEYS, digest=st.sampled_from(HashKind), message=st.binary(max_size=64))
    def sign(self, key: KeyKind, digest: HashKind, message: bytes) -> None:
        """Sign, with the right PIN."""
        self._ask(Sign(key, digest, message, self.trial.oracle.holder.pins[key.pin]))

    @rule(certificate=st.sampled_from(CertificateKind))
    def read(self, certificate: CertificateKind) -> None:
        """Read a certificate, with the right PIN where one is needed."""
        guarded = certificate is CertificateKind.SIGN
        self._ask(ReadCertificate(certificate, self.trial.oracle.holder.pins[PinKind.SIGN] if guarded else None))

    @rule()
    def close(self) -> None:
        """Let the client end its session."""
        self._ask(Close())

    @rule()
    def warm_reset(self) -> None:
        """Reset the card with its power on."""
        self._do(Deed.WARM_RESET)

    @rule()
    def power_cycle(self) -> None:
        """Cut the power for a moment."""
        self._do(Deed.POWER_CYCLE)

    @precondition(lambda self: self.may_eject)
    @rule()
    def eject_and_insert(self) -> None:
        """Take the card out and put it back."""
        self.may_eject = False
        self._do(Deed.EJECT_AND_INSERT)

    def teardown(self) -> None:
        """Judge what the client left behind."""
        if not self.over:
            self.trial.end()
            self._check()

    def _ask(self, call: Played) -> None:
        if not self.over and self.trial.offers(call):
            self.trial.call(call)
            self._check()
            self.over = self.trial.over

    def _do(self, deed: Deed) -> None:
        if not self.over:
            self.trial.deed(deed)
            self._check()

    def _check(self) -> None:
        fresh = self.trial.broken - self.context.known
        if fresh:
            self.over = True
            raise Broken(", ".join(sorted(fresh)))
