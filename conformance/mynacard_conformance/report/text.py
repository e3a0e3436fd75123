"""The verdict for a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from mynacard_conformance.run import Report, Told
from mynacard_conformance.verdict import Judged, Verdict

from .conversation import columns
from .messages import Language, say, text, word


def write(report: Report, language: Language, *, rerun: str) -> Iterator[str]:
    """Write a report, line by line; `rerun` is the command that made it, to which a selection can be added."""
    yield report.client
    yield ""
    if report.told:
        yield f"{text('scenarios', language)}  " + "  ".join(_scenario(told, language) for told in report.told)
    for lives in report.lives:
        yield text("lives", language, lives.concern, lives.examples, lives.seconds, report.seed)
        if lives.cut_short:
            yield text("cut-short", language)
        if lives.unsteady:
            yield text("unsteady", language, ", ".join(lives.unsteady))
    yield ""
    for judged in report.verdicts:
        yield _line(judged, language)
    for judged in report.verdicts:
        if judged.finding:
            yield ""
            yield from finding(judged, language, rerun=f"{rerun} {_selection(judged, report.seed)}")
    yield ""
    yield from _summary(report, language)


def _scenario(told: Told, language: Language) -> str:
    if not told.played and not told.broken:
        return f"{told.scenario.id} ({text('not-played', language)})"
    return f"{told.scenario.id} {'✗' if told.broken else '✓'}"


def _line(judged: Judged, language: Language) -> str:
    verdict = _pad(word(judged.verdict, language), 14)
    times = text("times", language, judged.times) if judged.times else ""
    reason = say(judged.reason, language) if judged.verdict is Verdict.INCONCLUSIVE and judged.reason else ""
    return f"  {verdict}{judged.requirement.id:34}{times}{reason}".rstrip()


def finding(judged: Judged, language: Language, *, rerun: str) -> Iterator[str]:
    """Write what was found about a requirement, line by line; `rerun` is the command that shows just this again."""
    found, requirement = judged.finding, judged.requirement
    assert found is not None  # noqa: S101 - the caller chose those that have one
    sentence = requirement.sentence if language == "en" else requirement.sentence_ja
    yield f"{word(judged.verdict, language)}  {requirement.id}"
    yield f"  {sentence} ({word(requirement.level, language)}; {requirement.source})"
    yield f"  {text('expected', language)}: {say(found.violation.expected, language)}"
    yield f"  {text('seen', language)}: {say(found.violation.seen, language)}"
    yield f"  {text('shortest', language, found.told_by)}:"
    yield from columns(found.conversation, language)
    yield f"  {text('rerun', language)}: {rerun}"


def _selection(judged: Judged, seed: int) -> str:
    found = judged.finding
    assert found is not None  # noqa: S101 - likewise
    return f"--suite {found.told_by} --seed {seed}" if found.acts else f"--scenario {found.told_by}"


def _summary(report: Report, language: Language) -> Iterator[str]:
    if report.fault:
        yield text("fault", language, report.fault)
        return
    if not report.judged_anything:
        yield f"{text('verdict', language)}: {text('nothing', language)}"
        return
    conformant = text("conformant" if report.conformant else "not-conformant", language)
    counts = ", ".join(f"{report.count(v)} {word(v, language)}" for v in Verdict if report.count(v))
    yield f"{text('verdict', language)}: {conformant} ({counts}; {report.seconds:.1f} s)"


def _pad(words: str, width: int) -> str:
    return words + " " * max(1, width - sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in words))
