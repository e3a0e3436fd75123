"""The docket: what was put to the test, what was broken, and what could not be judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mynacard_conformance.requirements import REQUIREMENTS, Level, Requirement
from mynacard_conformance.verdict import Finding, Judged, Phrase, Verdict


@dataclass(slots=True)
class Docket:
    """Collects the evidence of a run; the shortest conversation is kept for each broken requirement."""

    tested: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    reasons: dict[str, Phrase] = field(default_factory=dict)
    settled: set[str] = field(default_factory=set)
    """Requirements whose finding was seen to show again; a shorter one would hang on what was played before."""
    until: frozenset[str] = frozenset()
    """Requirements of which one broken is all that is looked for."""

    @property
    def is_satisfied(self) -> bool:
        """Whether what was looked for is found."""
        return not self.until.isdisjoint(self.findings)

    def put_to_the_test(self, requirement: Requirement) -> None:
        """Note that a played step exercised the requirement."""
        self.tested[requirement.id] += 1

    def charge(self, finding: Finding) -> None:
        """Note a violation; of two conversations that show it the shorter one stays."""
        key = finding.violation.requirement.id
        known = self.findings.get(key)
        if key in self.settled:
            return
        if known is None or finding.size < known.size:
            self.findings[key] = finding

    def settle(self, key: str, *findings: Finding) -> None:
        """Keep the best of these as the finding on a requirement, whatever comes later."""
        self.settled.discard(key)
        for finding in findings:
            self.charge(finding)
        self.settled.add(key)

    def add(self, other: Docket) -> None:
        """Take over what was collected elsewhere in the same run."""
        self.tested.update(other.tested)
        for finding in other.findings.values():
            self.charge(finding)
        for key, reason in other.reasons.items():
            self.reasons.setdefault(key, reason)

    def cannot_judge(self, requirement: Requirement, reason: Phrase) -> None:
        """Note why a requirement could not be judged."""
        self.reasons.setdefault(requirement.id, reason)

    def judged(self, requirements: Mapping[str, Requirement] = REQUIREMENTS) -> Iterator[Judged]:
        """Yield the verdict on every requirement."""
        for key, requirement in requirements.items():
            finding, reason = self.findings.get(key), self.reasons.get(key)
            yield Judged(requirement, self._verdict(requirement), self.tested[key], finding, reason)

    def _verdict(self, requirement: Requirement) -> Verdict:
        if requirement.id in self.findings:
            return Verdict.FAIL if requirement.level is Level.MUST else Verdict.SHOULD_FAIL
        if self.tested[requirement.id]:
            return Verdict.PASS
        return Verdict.INCONCLUSIVE if requirement.id in self.reasons else Verdict.NOT_COVERED
