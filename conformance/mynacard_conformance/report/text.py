"""The verdict for a terminal: each finding with its conversation, then a summary that fits on a screen."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator

from mynacard_conformance.run import Told
from mynacard_conformance.verdict import Finding, Judged, Verdict

from .conversation import columns
from .messages import Language, say, sentence, text, word
from .setup import Setup
from .standing import Standing

_LABEL = 16


def write(standing: Standing, language: Language, setup: Setup, *, verbose: bool = False) -> Iterator[str]:
    """Write a verdict, line by line; `verbose` lists the requirements that were kept, too."""
    yield standing.report.client
    if verbose:
        yield ""
        yield from (_row(judged, language) for judged in standing.report.verdicts)
    for judged in standing.findings:
        yield ""
        yield from finding(judged, language, setup.rerun)
    yield ""
    yield from _played(standing, language)
    yield from _judged(standing, language, verbose=verbose)
    for judged in standing.findings:
        yield from _in_short(judged, standing, language, setup)
    yield from _verdict(standing, language)


def finding(judged: Judged, language: Language, rerun: Callable[[Finding], str]) -> Iterator[str]:
    """Write one finding with all that shows it; `rerun` tells the command that plays just this again."""
    found, requirement = judged.finding, judged.requirement
    assert found is not None  # noqa: S101 - the caller chose those that have one
    yield f"{word(judged.verdict, language)}  {requirement.id}"
    yield f"  {sentence(requirement, language)} ({word(requirement.level, language)}; {requirement.source})"
    yield f"  {text('expected', language)}: {say(found.violation.expected, language)}"
    yield f"  {text('seen', language)}: {say(found.violation.seen, language)}"
    if not found.steady:
        yield f"  {text('hangs-on-more', language)}"
    yield f"  {text('shortest', language, found.told_by)}:"
    yield from columns(found.conversation, language)
    yield f"  {text('rerun', language)}: {rerun(found)}"


def reason(judged: Judged, language: Language) -> str:
    """Say why a requirement has no verdict."""
    return say(judged.reason, language) if judged.verdict is Verdict.INCONCLUSIVE and judged.reason else ""


def _row(judged: Judged, language: Language) -> str:
    times = text("times", language, judged.times) if judged.times else ""
    return f"  {pad(word(judged.verdict, language), 14)}{judged.requirement.id:34}{times}".rstrip()


def _played(standing: Standing, language: Language) -> Iterator[str]:
    report = standing.report
    if report.told:
        broken = [told.scenario.id for told in report.told if told.broken]
        left_out = [told.scenario.id for told in report.told if _is_left_out(told)]
        played = text("played", language, sum(told.played or bool(told.broken) for told in report.told))
        not_offered = text("left-out", language, len(left_out), _few(left_out)) if left_out else ""
        with_finding = text("with-finding", language, _few(broken)) if broken else ""
        parts = filter(None, (played, not_offered, with_finding))
        yield f"{_label('scenarios', language)}{text('semicolon', language).join(parts)}"
    if report.lives:
        each = text("comma", language).join(f"{lives.concern} {lives.examples}" for lives in report.lives)
        seconds = sum(lives.seconds for lives in report.lives)
        yield f"{_label('lives', language)}{each} ({text('lives-cost', language, seconds, report.seed)})"
    if any(lives.cut_short for lives in report.lives):
        yield f"{' ' * _LABEL}{text('cut-short', language)}"
    if unsteady := [key for lives in report.lives for key in lives.unsteady]:
        yield f"{' ' * _LABEL}{text('unsteady', language, ', '.join(unsteady))}"


def _judged(standing: Standing, language: Language, *, verbose: bool) -> Iterator[str]:
    report = standing.report
    if passed := report.count(Verdict.PASS):
        listed = "" if verbose else f" ({text('verbose', language)})"
        yield f"{pad(word(Verdict.PASS, language), _LABEL)}{text('so-many', language, passed)}{listed}"
    for verdict in (Verdict.INCONCLUSIVE, Verdict.NOT_COVERED):
        among = [judged for judged in report.verdicts if judged.verdict is verdict]
        named = (f"{judged.requirement.id}{_in_brackets(reason(judged, language))}" for judged in among)
        if among:
            yield f"{pad(word(verdict, language), _LABEL)}{text('comma', language).join(named)}"
    if passes := standing.unexpected_passes:
        told = text("comma", language).join(judged.requirement.id for judged in passes)
        yield f"{_label('unexpected', language)}{told} ({text('take-out', language)})"


def _in_short(judged: Judged, standing: Standing, language: Language, setup: Setup) -> Iterator[str]:
    assert judged.finding  # noqa: S101 - the caller chose those that have one
    verdict = pad(word(judged.verdict, language), _LABEL)
    if standing.is_expected(judged):
        why = text("expected-because", language, standing.expected[judged.requirement.id])
        yield f"{verdict}{judged.requirement.id}  {why}"
    else:
        yield f"{verdict}{judged.requirement.id}  {setup.rerun(judged.finding)}"


def _verdict(standing: Standing, language: Language) -> Iterator[str]:
    report = standing.report
    if report.fault:
        yield text("fault", language, report.fault)
        return
    label, summary = text("verdict", language), text(standing.summary, language)
    if not report.judged_anything:
        yield f"{label}: {summary}"
        return
    counts = [f"{report.count(v)} {word(v, language)}" for v in Verdict if report.count(v)]
    yield f"{label}: {summary} ({text('comma', language).join(counts)}; {report.seconds:.1f} s)"


def _is_left_out(told: Told) -> bool:
    return not (told.played or told.broken or told.fault)


def _few(ids: Iterable[str], most: int = 6) -> str:
    """The first of these, and how many more there are."""
    listed = list(ids)
    more = f" … +{len(listed) - most}" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""


def _label(key: str, language: Language) -> str:
    return pad(text(key, language), _LABEL)


def pad(words: str, width: int) -> str:
    """Fill up to so many columns of a terminal, on which a Japanese character takes two."""
    return words + " " * max(1, width - sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in words))
