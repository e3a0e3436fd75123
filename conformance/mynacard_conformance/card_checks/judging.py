"""A whole run: one card, every check, and what each came to."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from mynacard_conformance.requirements import Level
from mynacard_conformance.verdict import Phrase, Verdict

from .bench import Bench
from .check import Broken, CannotJudge, Check, NotCovered
from .lives import REQUIREMENTS, Lives, play_lives
from .querying import calibrate
from .table import CHECKS
from .verdicts import CardFinding, CardReport, CardVerdict


def judge(bench: Bench, name: str, checks: Sequence[Check] = CHECKS, lives: Lives | None = None) -> CardReport:
    """Judge a card by checks, and then by random lives, if any are asked for; it is left newly powered on.

    An `OSError` of the card's connection ends the run, and is the report's fault.
    """
    begun = monotonic()
    verdicts: list[CardVerdict] = []
    fault, played = "", 0
    try:
        bench.power_on()
        calibrate(bench)
        _prove(bench)
        verdicts.extend(try_out(bench, check) for check in checks)
        if lives is not None:
            lived, played = _lead_lives(bench, lives, verdicts)
            verdicts.extend(lived)
        bench.power_on()
    except OSError as error:
        fault = str(error) or type(error).__name__
    refuted = tuple(sorted(pin.name for pin in bench.refuted))
    seed = 0 if lives is None else lives.seed
    took = monotonic() - begun
    return CardReport(name, tuple(verdicts), dict(bench.notes), refuted, played, seed, took, fault)


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


def _lead_lives(bench: Bench, lives: Lives, verdicts: Sequence[CardVerdict]) -> tuple[list[CardVerdict], int]:
    """Play random lives on a card of which the checks have shown nothing wrong with its PINs."""
    broken = any(judged.finding and judged.requirement.level is Level.MUST for judged in verdicts)
    if not broken and bench.trusted:
        return play_lives(bench, lives)
    reason = Phrase("broken-already")
    return [CardVerdict(each, Verdict.INCONCLUSIVE, reason=reason) for each in REQUIREMENTS], 0


def _prove(bench: Bench) -> None:
    """Enter every PIN that was given once: a value that the card does not accept is never entered again."""
    for pin in bench.allowance.pins:
        bench.begin()
        try:
            bench.file(pin)
            bench.hit(pin)
        except (CannotJudge, NotCovered):
            continue
