"""What was found out about a card, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mynacard_conformance.requirements import Requirement
from mynacard_conformance.verdict import Act, Phrase, SeenAPDU, Verdict


@dataclass(frozen=True, slots=True)
class CardFinding:
    """How a requirement was seen to be broken; the last exchange of the conversation is where.

    A finding of a random life has its acts, by which it can be played again.
    """

    expected: Phrase
    seen: Phrase
    conversation: tuple[SeenAPDU, ...]
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class CardVerdict:
    """The verdict on one requirement; a reason where there is none."""

    requirement: Requirement
    verdict: Verdict
    finding: CardFinding | None = None
    reason: Phrase | None = None


@dataclass(frozen=True, slots=True)
class CardReport:
    """Everything that a run found out.

    Attributes:
        card: What was judged.
        verdicts: One for each requirement.
        notes: Which of several known ways this card has, by the question.
        refuted: Names of PINs whose given value the card did not accept.
        lives: How many random lives were played.
        seed: What decided them.
        seconds: How long it took.
        fault: What ended it early, which is never counted against the card.

    """

    card: str
    verdicts: tuple[CardVerdict, ...]
    notes: Mapping[str, str]
    refuted: tuple[str, ...]
    lives: int
    seed: int
    seconds: float
    fault: str = ""

    def count(self, verdict: Verdict) -> int:
        """How many requirements have this verdict."""
        return sum(judged.verdict is verdict for judged in self.verdicts)

    @property
    def broken(self) -> frozenset[str]:
        """The ids of the requirements that the card breaks."""
        bad = (Verdict.FAIL, Verdict.SHOULD_FAIL)
        return frozenset(judged.requirement.id for judged in self.verdicts if judged.verdict in bad)

    @property
    def conformant(self) -> bool:
        """Whether no must was broken."""
        return not self.count(Verdict.FAIL)

    @property
    def judged_anything(self) -> bool:
        """Whether there is any verdict at all."""
        return any(self.count(verdict) for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.SHOULD_FAIL))
