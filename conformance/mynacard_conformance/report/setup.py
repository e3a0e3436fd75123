"""How a run was asked for, so that it, or a part of it, can be asked for again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from mynacard_conformance.judge.trial import UNDISTURBED, Conditions
from mynacard_conformance.run import BUDGETS
from mynacard_conformance.verdict import Finding

PATIENCE = 5.0
"""Seconds that a client has for one call, unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A stage and a client, as they are named on a command line.

    Attributes:
        client: The arguments that name the client, for a shell.
        transport: `private` or `direct`.
        timeout: Seconds that the client has for one call.
        examples: Random lives for each concern.
        seed: What decides them.
        conditions: What every conversation is played under.

    """

    client: str = "--reference"
    transport: str = "private"
    timeout: float = PATIENCE
    examples: int = BUDGETS["default"].examples
    seed: int = 0
    conditions: Conditions = UNDISTURBED

    @property
    def command(self) -> str:
        """The command that judges this client here, without a selection of what is played."""
        transport = f" --transport {self.transport}" if self.transport != "private" else ""
        timeout = f" --timeout {self.timeout:g}" if self.timeout != PATIENCE else ""
        faults = "".join(f" --fault {shlex.quote(fault)}" for fault in self.conditions.faults)
        noise = f" --noise {shlex.quote(self.conditions.noise)}" if self.conditions.noise else ""
        return f"mynacard check {self.client}{transport}{timeout}{faults}{noise}"

    def rerun(self, finding: Finding) -> str:
        """The command that plays what showed the finding."""
        if not finding.acts:
            return f"{self.command} --scenario {finding.told_by}"
        examples = f" --examples {self.examples}" if self.examples != BUDGETS["default"].examples else ""
        return f"{self.command} --suite {finding.told_by}{examples} --seed {self.seed}"


def file_name(requirement_id: str) -> str:
    """What the files of a finding are called in a report."""
    return requirement_id.replace("/", ".")
