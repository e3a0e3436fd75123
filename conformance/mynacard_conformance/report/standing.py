"""A report held against what was known before: which of its verdicts make a run fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mynacard_conformance.run import Report
from mynacard_conformance.verdict import Judged, Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """A report, and the findings that were expected.

    Attributes:
        report: What a run found out.
        expected: Requirement ids of expected findings, each with the reason for which it is left so.
        strict: Whether a broken *should*, and an expected finding that is gone, make the run fail too.

    """

    report: Report
    expected: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False

    @property
    def findings(self) -> tuple[Judged, ...]:
        """Every verdict with a finding: first those that make the run fail, then the others, then what is expected."""
        found = [judged for judged in self.report.verdicts if judged.finding]
        return tuple(sorted(found, key=lambda judged: (self.is_expected(judged), not self.fails(judged))))

    @property
    def unexpected_passes(self) -> tuple[Judged, ...]:
        """What was expected to be broken, and is not any more."""
        return tuple(
            judged
            for judged in self.report.verdicts
            if judged.verdict is Verdict.PASS and judged.requirement.id in self.expected
        )

    @property
    def failing(self) -> tuple[Judged, ...]:
        """The verdicts that make the run fail."""
        return tuple(judged for judged in self.report.verdicts if self.fails(judged))

    @property
    def has_verdict(self) -> bool:
        """Whether anything was judged, and the harness itself made no error."""
        return not self.report.fault and self.report.judged_anything

    @property
    def conformant(self) -> bool:
        """Whether the run does not fail."""
        return self.has_verdict and not self.failing

    @property
    def summary(self) -> str:
        """All of it in a word or two: a key of the catalogue of texts."""
        if self.report.fault:
            return "harness-error"
        if not self.report.judged_anything:
            return "nothing"
        if self.failing:
            return "not-conformant"
        return "conformant-but-for" if not self.report.conformant else "conformant"

    def is_expected(self, judged: Judged) -> bool:
        """Whether this was found and was expected to be."""
        return judged.finding is not None and judged.requirement.id in self.expected

    def fails(self, judged: Judged) -> bool:
        """Whether this verdict makes the run fail."""
        if judged.requirement.id in self.expected:
            return self.strict and judged.verdict is Verdict.PASS
        return judged.verdict is Verdict.FAIL or (self.strict and judged.verdict is Verdict.SHOULD_FAIL)
