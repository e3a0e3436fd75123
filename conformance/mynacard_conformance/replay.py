"""One finding, played again with a client that may have been mended."""

from __future__ import annotations

from dataclasses import dataclass

from .concerns.machine import replay as live_again
from .concerns.table import CONCERNS, OFFICE_CONCERNS
from .judge.docket import Docket
from .judge.trial import UNDISTURBED, Conditions, StageFault, Trial
from .ports import AnyStage, ClientUnderTest
from .requirements import Requirement
from .scenarios.families import SCENARIOS
from .scenarios.story import tell
from .verdict import Act, Finding, Line


class UnplayableError(ValueError):
    """What is to be played is unknown here; the message is one line."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of it.

    Attributes:
        requirement: The requirement that was broken.
        finding: How it still is; None where it is not.
        tested: Whether it was put to the test at all.
        conversation: What was said and done, to its end.
        others: The ids of other requirements that were broken.
        fault: What went wrong with the harness itself.

    """

    requirement: Requirement
    finding: Finding | None
    tested: bool
    conversation: tuple[Line, ...]
    others: tuple[str, ...] = ()
    fault: str = ""


def replay(  # noqa: PLR0913 - who, where, and what
    stage: AnyStage,
    client: ClientUnderTest,
    requirement: Requirement,
    told_by: str,
    acts: tuple[Act, ...] = (),
    *,
    conditions: Conditions = UNDISTURBED,
) -> Replayed:
    """Play a scenario by its id, or the acts of a concern's life; raise `UnplayableError` where there is no such."""
    docket = Docket()
    conversation: tuple[Line, ...] = ()
    fault = ""
    try:
        trial = Trial(stage, client, docket, conditions)
        _play(trial, told_by, acts)
        conversation = trial.conversation
        trial.charge_introduction()
    except StageFault as error:
        fault = str(error)
    finding = docket.findings.get(requirement.id)
    others = tuple(sorted(set(docket.findings) - {requirement.id}))
    tested = not told_by or requirement.id in docket.tested
    return Replayed(requirement, finding, tested, conversation, others, fault)


def _play(trial: Trial, told_by: str, acts: tuple[Act, ...]) -> None:
    if not told_by:
        return  # it was found in the client's introduction
    if not acts:
        scenario = next((each for each in SCENARIOS if each.id == told_by), None)
        if scenario is None:
            raise UnplayableError(f"there is no scenario {told_by!r} here")
        tell(scenario, trial)
        return
    concerns = {**CONCERNS, **OFFICE_CONCERNS}
    if told_by not in concerns:
        raise UnplayableError(f"there is no concern {told_by!r} here")
    try:
        live_again(trial, concerns[told_by], acts)
    except ValueError as error:
        raise UnplayableError(str(error)) from None
