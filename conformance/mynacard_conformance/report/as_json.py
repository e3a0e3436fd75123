"""The verdict for programs."""

from __future__ import annotations

from typing import Any

from mynacard_conformance.outcome import Answer, operation_of
from mynacard_conformance.run import Report
from mynacard_conformance.verdict import CallLine, Finding, Line

from .messages import say


def describe(report: Report) -> dict[str, Any]:
    """Turn a report into JSON values; texts are English."""
    return {
        "client": report.client,
        "conformant": report.conformant,
        "seed": report.seed,
        "seconds": round(report.seconds, 3),
        "harness_error": report.fault or None,
        "requirements": [
            {
                "id": judged.requirement.id,
                "verdict": judged.verdict.value,
                "level": judged.requirement.level.value,
                "source": judged.requirement.source,
                "times": judged.times,
                "finding": _finding(judged.finding) if judged.finding else None,
            }
            for judged in report.verdicts
        ],
        "scenarios": [
            {"id": told.scenario.id, "played": told.played, "broken": list(told.broken)} for told in report.told
        ],
        "lives": [
            {
                "concern": lives.concern,
                "examples": lives.examples,
                "seconds": round(lives.seconds, 3),
                "cut_short": lives.cut_short,
                "unsteady": lives.unsteady,
            }
            for lives in report.lives
        ],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "expected": say(finding.violation.expected, "en"),
        "seen": say(finding.violation.seen, "en"),
        "told_by": finding.told_by,
        "acts": [list(act) for act in finding.acts],
        "conversation": [_line(line) for line in finding.conversation],
    }


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
