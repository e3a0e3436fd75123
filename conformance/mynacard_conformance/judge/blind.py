"""A stage without truth: a stranger's card, of which nobody sees what it was asked.

A client is then taken at its word, so that the tries can be counted along; what only the trace could show is
inconclusive.
"""

from __future__ import annotations

from mynacard_conformance.model.holder import spellings
from mynacard_conformance.model.pin import PinOracle, Prospect
from mynacard_conformance.outcome import Answer, Call, ChangePin, Outcome
from mynacard_conformance.requirements import (
    CHANGE_AFTER_VERIFY,
    CHANGE_DONE,
    CLOSE_FORGETS,
    IDLE_IS_SILENT,
    MALFORMED_STOPPED,
    NO_GUESS,
    NO_REPEAT,
    NORMALISED,
    ONE_VERIFY,
    QUERY_COSTS_NOTHING,
    REACHES_THE_CARD,
    RIGHT_KEY,
)
from mynacard_conformance.wire import PinCommand

from .conduct import Entered

NEEDS_TRACE = frozenset(
    requirement.id
    for requirement in (
        CHANGE_AFTER_VERIFY,
        CHANGE_DONE,
        CLOSE_FORGETS,
        IDLE_IS_SILENT,
        MALFORMED_STOPPED,
        NO_GUESS,
        NO_REPEAT,
        NORMALISED,
        ONE_VERIFY,
        QUERY_COSTS_NOTHING,
        REACHES_THE_CARD,
        RIGHT_KEY,
    )
)
"""What is about the conduct of a client, whatever it says."""

_REACHED = frozenset({Outcome.OK, Outcome.WRONG_PIN, Outcome.LOCKED})


def presumed(
    call: Call, entered: Entered | None, prospect: Prospect | None, answer: Answer, oracle: PinOracle
) -> tuple[PinCommand, ...]:
    """What an honest client would have sent that says this; it is counted as if it had been seen."""
    if entered is None or answer.outcome not in _REACHED or entered.pin not in oracle.left:
        return ()
    right = oracle.holder.pins[entered.pin]
    value = right if prospect is Prospect.NEARLY and answer.outcome is Outcome.OK else entered.value
    miss = 0x63C0 | max(0, oracle.left[entered.pin] - 1)
    sw = 0x9000 if right in spellings(entered.pin, value) else miss
    if prospect is Prospect.BLOCKED:
        return (PinCommand(entered.pin, value.encode(), 0x6984),)
    presented = PinCommand(entered.pin, value.encode(), sw)
    if isinstance(call, ChangePin) and answer.outcome is Outcome.OK:
        return presented, PinCommand(call.pin, call.new.encode(), 0x9000, changes=True)
    return (presented,)
