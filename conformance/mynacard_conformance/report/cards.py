"""The verdict on a card, for a terminal and for programs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from mynacard_conformance.card_checks.verdicts import CardFinding, CardReport, CardVerdict
from mynacard_conformance.verdict import Verdict

from . import messages
from .card_messages import say, text
from .messages import Language, word

_LAST_EXCHANGES = 8


def write(report: CardReport, language: Language, *, rerun: str) -> Iterator[str]:
    """Write a report, line by line; `rerun` is the command that made it, to which a selection can be added."""
    yield report.card
    for name in report.refuted:
        yield text("refuted", language, name)
    if report.lives:
        yield text("lives", language, report.lives, report.seed)
    yield ""
    for judged in report.verdicts:
        yield _line(judged, language)
    if report.notes:
        yield ""
        yield text("ways", language)
        yield from (f"  {name:26}{way}" for name, way in sorted(report.notes.items()))
    for judged in report.verdicts:
        if judged.finding is not None:
            yield from _finding(judged, judged.finding, language, rerun, report)
    yield ""
    yield from _summary(report, language)


def describe(report: CardReport) -> dict[str, Any]:
    """Turn a report into JSON values; texts are English."""
    return {
        "card": report.card,
        "conformant": report.conformant,
        "seed": report.seed,
        "lives": report.lives,
        "seconds": round(report.seconds, 3),
        "harness_error": report.fault or None,
        "refuted_pins": list(report.refuted),
        "ways": dict(sorted(report.notes.items())),
        "requirements": [
            {
                "id": judged.requirement.id,
                "verdict": judged.verdict.value,
                "level": judged.requirement.level.value,
                "price": judged.requirement.price.value,
                "source": judged.requirement.source,
                "reason": say(judged.reason, "en") if judged.reason else None,
                "finding": None if judged.finding is None else _described(judged.finding),
            }
            for judged in report.verdicts
        ],
    }


def _described(finding: CardFinding) -> dict[str, Any]:
    return {
        "expected": say(finding.expected, "en"),
        "seen": say(finding.seen, "en"),
        "acts": [list(act) for act in finding.acts],
        "conversation": [{"command": each.command, "response": each.response} for each in finding.conversation],
    }


def _line(judged: CardVerdict, language: Language) -> str:
    verdict = _pad(word(judged.verdict, language), 14)
    reason = say(judged.reason, language) if judged.reason else ""
    return f"  {verdict}{judged.requirement.id:42}{reason}".rstrip()


def _finding(
    judged: CardVerdict, finding: CardFinding, language: Language, rerun: str, report: CardReport
) -> Iterator[str]:
    requirement = judged.requirement
    yield ""
    yield f"{word(judged.verdict, language)}  {requirement.id}"
    sentence = requirement.sentence if language == "en" else requirement.sentence_ja
    yield f"  {sentence} ({word(requirement.level, language)}; {requirement.source})"
    yield f"  {messages.text('expected', language)}: {say(finding.expected, language)}"
    yield f"  {messages.text('seen', language)}: {say(finding.seen, language)}"
    if finding.acts:
        yield f"  {text('acts', language)}: " + ", ".join(" ".join(act) for act in finding.acts)
    if finding.conversation:
        yield f"  {text('conversation', language)}:"
    if len(finding.conversation) > _LAST_EXCHANGES:
        yield "    …"
    for each in finding.conversation[-_LAST_EXCHANGES:]:
        yield f"    > {each.command}" if each.response else f"    ({each.command})"
        if each.response:
            yield f"    < {each.response}"
    again = f"--examples {report.lives} --seed {report.seed}" if finding.acts else f"--requirement {requirement.id}"
    yield f"  {messages.text('rerun', language)}: {rerun} {again}"


def _summary(report: CardReport, language: Language) -> Iterator[str]:
    if report.fault:
        yield text("fault", language, report.fault)
    title = messages.text("verdict", language)
    if not report.judged_anything:
        yield f"{title}: {messages.text('nothing', language)}"
        return
    conformant = messages.text("conformant" if report.conformant else "not-conformant", language)
    counts = ", ".join(f"{report.count(v)} {word(v, language)}" for v in Verdict if report.count(v))
    yield f"{title}: {conformant} ({counts}; {report.seconds:.1f} s)"


def _pad(words: str, width: int) -> str:
    return words + " " * max(1, width - sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in words))
