"""The verdict for programs, and the findings that can be played again: docs/schema/ has the schema of both."""

from __future__ import annotations

from typing import Any

from mynacard_conformance.outcome import Answer, operation_of
from mynacard_conformance.requirements import Requirement
from mynacard_conformance.verdict import CallLine, Finding, Judged, Line

from .messages import say, text
from .remedy import remedies
from .setup import Setup
from .standing import Standing

VERSION = 1
"""Of both forms; members may be added to a version, and never change their meaning."""


def describe(standing: Standing, setup: Setup) -> dict[str, Any]:
    """Turn a verdict into JSON values; texts are English."""
    report = standing.report
    return {
        "format": "mynacard verdict",
        "version": VERSION,
        "client": report.client,
        "verdict": text(standing.summary, "en"),
        "conformant": standing.conformant,
        "strict": standing.strict,
        "seed": report.seed,
        "seconds": round(report.seconds, 3),
        "harness_error": report.fault or None,
        "setup": _setup(setup),
        "requirements": [
            {
                **_requirement(judged.requirement),
                "verdict": judged.verdict.value,
                "times": judged.times,
                "reason": say(judged.reason, "en") if judged.reason else None,
                "expected_finding": standing.expected.get(judged.requirement.id),
                "finding": _finding(judged.finding) if judged.finding else None,
            }
            for judged in report.verdicts
        ],
        "unexpected_passes": [judged.requirement.id for judged in standing.unexpected_passes],
        "scenarios": [
            {
                "id": told.scenario.id,
                "played": told.played,
                "broken": list(told.broken),
                "harness_error": told.fault or None,
            }
            for told in report.told
        ],
        "lives": [
            {
                "concern": lives.concern,
                "examples": lives.examples,
                "seconds": round(lives.seconds, 3),
                "cut_short": lives.cut_short,
                "unsteady": lives.unsteady,
                "harness_error": lives.fault or None,
            }
            for lives in report.lives
        ],
    }


def describe_finding(judged: Judged, client: str, setup: Setup) -> dict[str, Any]:
    """Turn a finding into JSON values that `mynacard replay` takes."""
    assert judged.finding  # noqa: S101 - the caller chose those that have one
    return {
        "format": "mynacard finding",
        "version": VERSION,
        "client": client,
        "setup": _setup(setup),
        "requirement": _requirement(judged.requirement),
        "verdict": judged.verdict.value,
        "rerun": setup.rerun(judged.finding),
        "finding": _finding(judged.finding),
    }


def _setup(setup: Setup) -> dict[str, Any]:
    return {
        "client": setup.client,
        "transport": setup.transport,
        "timeout": setup.timeout,
        "examples": setup.examples,
        "seed": setup.seed,
        "faults": list(setup.conditions.faults),
        "noise": setup.conditions.noise or None,
    }


def _requirement(requirement: Requirement) -> dict[str, Any]:
    return {
        "id": requirement.id,
        "sentence": requirement.sentence,
        "sentence_ja": requirement.sentence_ja,
        "level": requirement.level.value,
        "source": requirement.source,
        "price": requirement.price.value,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "expected": say(finding.violation.expected, "en"),
        "seen": say(finding.violation.seen, "en"),
        "told_by": finding.told_by,
        "steady": finding.steady,
        "acts": [list(act) for act in finding.acts],
        "tries_left": {pin.value: left for pin, left in finding.tries_left.items()},
        "remedies": {pin.value: remedy.value for pin, remedy in remedies(finding)},
        "conversation": describe_conversation(finding.conversation),
    }


def describe_conversation(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    """Turn a conversation into JSON values."""
    return [_line(line) for line in lines]


def _line(line: Line) -> dict[str, Any]:
    apdus = [{"command": apdu.command, "response": apdu.response} for apdu in line.apdus]
    if isinstance(line, CallLine):
        return {
            "call": operation_of(line.call).value,
            "entry": line.entry.value if line.entry else None,
            "answer": _answer(line.answer),
            "apdus": apdus,
        }
    return {"event": line.deed.value, "detail": line.detail, "apdus": apdus}


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "outcome": answer.outcome.value,
        "tries": None if answer.tries is None else [answer.tries.start, answer.tries.stop - 1],
        "message": answer.message,
        "breakdown": answer.breakdown.value if answer.breakdown else None,
    }
