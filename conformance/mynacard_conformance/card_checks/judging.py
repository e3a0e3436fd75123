"""A whole run: one card, every check, and what each came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from mynacard_conformance.requirements import Level, Requirement
from mynacard_conformance.verdict import Phrase, SeenAPDU, Verdict

from .bench import Bench
from .check import Broken, CannotJudge, Check, NotCovered
from .querying import calibrate
from .table import CHECKS


@dataclass(frozen=True, slots=True)
class CardFinding:
    """How a requirement was seen to be broken; the last exchange of the conversation is where."""

    expected: Phrase
    seen: Phrase
    conversation: tuple[SeenAPDU, ...]


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
        seconds: How long it took.
        fault: What ended it early, which is never counted against the card.

    """

    card: str
    verdicts: tuple[CardVerdict, ...]
    notes: Mapping[str, str]
    refuted: tuple[str, ...]
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


def judge(bench: Bench, name: str, checks: Sequence[Check] = CHECKS) -> CardReport:
    """Judge a card; it is left without power-on state that anybody could inherit.

    An `OSError` of the card's connection ends the run, and is the report's fault.
    """
    begun = monotonic()
    verdicts: list[CardVerdict] = []
    fault = ""
    try:
        bench.power_on()
        calibrate(bench)
        _prove(bench)
        verdicts.extend(try_out(bench, check) for check in checks)
        bench.power_on()
    except OSError as error:
        fault = str(error) or type(error).__name__
    refuted = tuple(sorted(pin.name for pin in bench.refuted))
    return CardReport(name, tuple(verdicts), dict(bench.notes), refuted, monotonic() - begun, fault)


def try_out(bench: Bench, check: Check) -> CardVerdict:
    """Play one check on the card, and give back what it cost."""
    requirement = check.requirement
    bench.begin()
    try:
        check.play(bench)
    except Broken as broken:
        verdict = Verdict.FAIL if requirement.level is Level.MUST else Verdict.SHOULD_FAIL
        finding = CardFinding(broken.expected, broken.seen, tuple(bench.conversation))
        return CardVerdict(requirement, verdict, finding)
    except CannotJudge as missing:
        return CardVerdict(requirement, Verdict.INCONCLUSIVE, reason=missing.reason)
    except NotCovered as left_out:
        return CardVerdict(requirement, Verdict.NOT_COVERED, reason=left_out.reason)
    finally:
        bench.tidy()
    return CardVerdict(requirement, Verdict.PASS)


def _prove(bench: Bench) -> None:
    """Enter every PIN that was given once: a value that the card does not accept is never entered again."""
    for pin in bench.allowance.pins:
        bench.begin()
        try:
            bench.file(pin)
            bench.hit(pin)
        except (CannotJudge, NotCovered):
            continue
