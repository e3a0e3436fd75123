"""What a scenario is made of: steps as frozen values, and the way a story is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from mynacard_conformance.judge.trial import Trial
from mynacard_conformance.judge.turn import Played
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.outcome import TriesLeft
from mynacard_conformance.verdict import Deed


@dataclass(frozen=True, slots=True)
class Ask:
    """The user asks the client for something.

    Attributes:
        call: What.
        then: What the PIN entry in it comes to, as the story goes.
        tries: What the card's counter must be at a query, as the story goes.

    """

    call: Played
    then: Prospect | None = None
    tries: int | None = None


@dataclass(frozen=True, slots=True)
class Happens:
    """Something happens to the card, the client or the time."""

    deed: Deed
    passes: timedelta = timedelta()


Step: TypeAlias = Ask | Happens


@dataclass(frozen=True, slots=True)
class Scenario:
    """A story about one card.

    Attributes:
        id: Its name for ever, such as `LOCK-01`.
        title, title_ja: What it is about.
        covers: Requirements of the source documents (R-) and facts (F-, K-) that it exercises.
        steps: What happens, in order; N1 is the card.

    """

    id: str
    title: str
    title_ja: str
    covers: tuple[str, ...]
    steps: tuple[Step, ...]


def tell(scenario: Scenario, trial: Trial) -> bool:
    """Play a scenario; return whether it was played to its end.

    It is not played where the client does not offer an acting step. It ends early where the client's conduct leads away
    from the story; a query that the client does not offer is left out.
    """
    if not all(trial.offers(step.call) for step in _acting(scenario)):
        return False
    trial.begin(scenario.id)
    for step in scenario.steps:
        if not _play(step, trial):
            return False
    trial.end()
    return True


def _acting(scenario: Scenario) -> Iterator[Ask]:
    return (step for step in scenario.steps if isinstance(step, Ask) and not isinstance(step.call, TriesLeft))


def _play(step: Step, trial: Trial) -> bool:
    if isinstance(step, Happens):
        trial.deed(step.deed, passes=step.passes)
        return True
    if not _goes_as_told(step, trial):
        return False
    if trial.offers(step.call):
        trial.call(step.call)
    return not trial.over


def _goes_as_told(step: Ask, trial: Trial) -> bool:
    """Whether the story's expectation and the oracle's agree.

    They part where the client has led away from the story: by a violation, or by stopping an entry itself.
    """
    left = trial.oracle.left[step.call.pin] if isinstance(step.call, TriesLeft) else None
    return trial.foresee(step.call) is step.then and step.tries in (None, left)
