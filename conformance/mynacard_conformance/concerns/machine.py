"""One life of a client, drawn by Hypothesis and judged act by act; and the way the lives of a concern are played.

A life that breaks a requirement is shrunk to the shortest that does. Requirements that are known to be broken are set
aside, so that one fault does not hide the next. Hypothesis draws the rules of a life by swarm: in each some are rare or
missing, so that the states are reached which a right PIN now and then would keep away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import ClassVar

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, initialize, run_state_machine_as_test

from mynacard_conformance.judge.trial import StageFault, Trial
from mynacard_conformance.model.setting import ORDINARY, Setting
from mynacard_conformance.outcome import PinKind
from mynacard_conformance.verdict import Act

from .acts import play

_PINS = [pin.value for pin in (PinKind.AUTH, PinKind.TEXT, PinKind.SIGN)]

STEPS = 14
"""The longest life of one example."""


class Broken(Exception):
    """A requirement was broken that was not known to be."""


@dataclass(slots=True)
class Lives:
    """What came of the random lives of one concern.

    Attributes:
        concern: Its name.
        examples: How many examples were played, those of shrinking among them.
        seconds: How long it took.
        cut_short: Whether the time ceiling ended it; then the seed alone does not reproduce it.
        unsteady: Requirements whose violation did not show again when it was replayed.
        fault: What went wrong with the stage, which ended them.

    """

    concern: str
    examples: int = 0
    seconds: float = 0.0
    cut_short: bool = False
    unsteady: list[str] = field(default_factory=list)
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Context:
    """What a life is played with: Hypothesis makes the instances, and passes them nothing.

    Attributes:
        known: Requirements whose violation is no news.
        deadline: When the last life begins, on the monotonic clock.
        afresh: Whether the client is started anew for every life.

    """

    trial: Trial
    known: frozenset[str]
    lives: Lives
    deadline: float
    afresh: bool = False


class Life(RuleBasedStateMachine):
    """A life without rules; a concern is this and the rules that it is about.

    Attributes:
        concern: Its name.
        cards: The settings that a life may begin with, by name.

    """

    context: ClassVar[_Context]
    concern: ClassVar[str]
    cards: ClassVar[dict[str, Setting]] = {"adult": ORDINARY}

    def __init__(self) -> None:
        super().__init__()
        self.trial = self.context.trial
        self.favourite = _PINS[0]
        self.context.lives.cut_short |= monotonic() > self.context.deadline
        self.over = self.context.lives.cut_short or self.trial.hopeless

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Lay a card on the reader."""
        name = data.draw(st.sampled_from(sorted(self.cards)))
        self.favourite = data.draw(st.sampled_from(_PINS))
        if not self.over:
            self.context.lives.examples += 1
            if self.context.afresh:
                self.trial.client.restart()
            begin(self.trial, type(self), name)
            self.prepare()

    def prepare(self) -> None:
        """Do what every life of this concern begins with."""

    def act(self, *act: str) -> None:
        """Play an act, unless the life is over."""
        if not self.over:
            self.trial.acts.append(act)
            play(act, self.trial)
            self._check()
            self.over = self.trial.over

    def teardown(self) -> None:
        """Judge what the client left behind."""
        if not self.over and self.trial.acts:
            self.trial.end()
            self._check()

    def _check(self) -> None:
        fresh = self.trial.broken - self.context.known
        if fresh:
            self.over = True
            raise Broken(", ".join(sorted(fresh)))


def begin(trial: Trial, life: type[Life], card: str) -> None:
    """Begin a life with one of its cards."""
    trial.begin(life.concern, life.cards[card])
    trial.acts.append(("card", card))


def replay(trial: Trial, life: type[Life], acts: Sequence[Act]) -> None:
    """Play a life again that was written down; raise `ValueError` where it is none of this concern."""
    match acts:
        case [("card", card), *others] if card in life.cards:
            begin(trial, life, card)
        case _:
            raise ValueError("a life begins with one of its cards")
    for act in others:
        if trial.over:
            return
        trial.acts.append(act)
        play(act, trial)
    trial.end()


def play_lives(trial: Trial, life: type[Life], *, examples: int, run_seed: int, ceiling: float) -> Lives:
    """Play `examples` lives; go on without a requirement once it is broken, until nothing new is found.

    `ceiling` is in seconds; the example that is being played when it is reached is the last.
    """
    lives = Lives(life.concern)
    begun = monotonic()
    while not _is_over(lives, trial):
        known = frozenset(trial.docket.findings)
        context = _Context(trial, known, lives, begun + ceiling)
        if _finds_nothing(life, context, examples, run_seed):
            break
        for broken in sorted(set(trial.docket.findings) - known):
            _make_steady(broken, life, replace(context, afresh=True), examples, run_seed)
    lives.seconds = monotonic() - begun
    return lives


def _is_over(lives: Lives, trial: Trial) -> bool:
    return bool(lives.cut_short or lives.fault or trial.hopeless or trial.docket.is_satisfied)


def _finds_nothing(life: type[Life], context: _Context, examples: int, run_seed: int) -> bool:
    """Play all examples, or up to the first that breaks something new, which is then the shortest that does."""
    found = context.trial.docket.findings
    try:
        _play(life, context, examples, run_seed)
    except Broken:
        return False
    except Flaky:
        if _is_over(context.lives, context.trial):
            return True
        context.lives.unsteady.extend(sorted(set(found) - context.known))
        return False
    except StageFault as fault:
        context.lives.fault = str(fault)
        context.trial.cast.forget()
    return True


def _make_steady(broken: str, life: type[Life], context: _Context, examples: int, run_seed: int) -> None:
    """See whether a finding shows again with a client that was just started, or else look for one that does."""
    docket = context.trial.docket
    finding = docket.findings.pop(broken)
    with context.trial.apart() as seen:
        replay(context.trial, life, finding.acts)
    if broken in seen.findings:
        docket.settle(broken, finding)
        return
    known = context.known | set(docket.findings)
    _finds_nothing(life, replace(context, known=known), examples, run_seed)
    docket.settle(broken, replace(finding, steady=False))
    if docket.findings[broken].steady and broken in context.lives.unsteady:
        context.lives.unsteady.remove(broken)


def _play(life: type[Life], context: _Context, examples: int, run_seed: int) -> None:
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
    machine = type(life.__name__, (life,), {"context": context})
    run_state_machine_as_test(seed(run_seed)(machine), settings=chosen)
