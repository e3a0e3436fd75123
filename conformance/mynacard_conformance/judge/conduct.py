"""Rules about conduct: what a client did to the card, whatever it says about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mynacard_conformance.model.holder import in_form, spellings, well_formed
from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.outcome import ChangePin, Outcome, PinKind
from mynacard_conformance.requirements import (
    CHANGE_AFTER_VERIFY,
    CHANGE_DONE,
    MALFORMED_STOPPED,
    NO_GUESS,
    ONE_VERIFY,
    QUERY_COSTS_NOTHING,
    RIGHT_KEY,
    Requirement,
)
from mynacard_conformance.verdict import Phrase, Violation
from mynacard_conformance.wire import PinCommand


@dataclass(frozen=True, slots=True)
class Ruling:
    """A requirement was put to the test, and kept unless there is a violation."""

    requirement: Requirement
    violation: Violation | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """The PIN entry that a call carries."""

    pin: PinKind
    value: str = field(repr=False)

    @property
    def is_unusual(self) -> bool:
        """Whether it must be made half-width or upper case before it can be right."""
        return well_formed(self.pin, self.value) and not in_form(self.pin, self.value)


def judge_entry(entered: Entered, commands: Sequence[PinCommand]) -> Iterator[Ruling]:
    """Judge what went to the card for one entry; the first violation is the one to charge."""
    if not well_formed(entered.pin, entered.value):
        yield ruling(MALFORMED_STOPPED, not commands, Phrase("no-verify"), Phrase("verifies", (len(commands),)))
        return
    yield from judge_aim(entered, commands)
    yield ruling(ONE_VERIFY, len(commands) <= 1, Phrase("verifies", (1,)), Phrase("verifies", (len(commands),)))


def judge_aim(entered: Entered, commands: Sequence[PinCommand]) -> Iterator[Ruling]:
    """Judge where an entry went, and whether it is what the user typed."""
    strays = [command for command in commands if command.pin is not entered.pin]
    yield ruling(RIGHT_KEY, not strays, Phrase("verify-at", (entered.pin,)), _where(strays))
    allowed_values = {spelling.encode() for spelling in spellings(entered.pin, entered.value)}
    guesses = [command for command in commands if command.data not in allowed_values]
    yield ruling(NO_GUESS, not guesses, Phrase("as-entered"), Phrase("other-value"))


def judge_change(
    call: ChangePin, prospect: Prospect | None, outcome: Outcome, commands: Sequence[PinCommand]
) -> Iterator[Ruling]:
    """Judge the new value on its way to the card: after the right current PIN, and only then."""
    sent = Phrase("changes", (len(commands),))
    if prospect is not Prospect.RIGHT:
        yield ruling(CHANGE_AFTER_VERIFY, not commands, Phrase("changes", (0,)), sent)
        return
    allowed = {spelling.encode() for spelling in spellings(call.pin, call.new)}
    right = [command for command in commands if command.pin is call.pin and command.data in allowed]
    if outcome is Outcome.FORMAT_REJECTED and not _mixed(call):
        yield ruling(CHANGE_DONE, not commands, Phrase("changes", (0,)), sent)  # whether to mix is the client's to say
        return
    yield ruling(CHANGE_DONE, len(commands) == len(right) == 1, Phrase("changes", (1,)), sent)
    yield ruling(CHANGE_DONE, outcome is Outcome.OK, Phrase("outcomes", (Outcome.OK,)), Phrase("said", (outcome,)))


def _mixed(call: ChangePin) -> bool:
    """Whether a new value has letters and digits where an issuer would ask for both (F-001)."""
    return call.pin is not PinKind.SIGN or not (call.new.isalpha() or call.new.isdigit())


def judge_no_entry(requirement: Requirement, commands: Sequence[PinCommand]) -> Ruling:
    """Judge a call, or a pause, in which no PIN may go to the card."""
    return ruling(requirement, not commands, Phrase("no-verify"), Phrase("verifies", (len(commands),)))


def judge_query(commands: Sequence[PinCommand]) -> Ruling:
    """Asking for the tries is free."""
    return judge_no_entry(QUERY_COSTS_NOTHING, commands)


def ruling(requirement: Requirement, kept: bool, expected: Phrase, seen: Phrase) -> Ruling:  # noqa: FBT001 - the fact itself
    """Rule on one requirement."""
    return Ruling(requirement, None if kept else Violation(requirement, expected, seen))


def _where(strays: Sequence[PinCommand]) -> Phrase:
    pin = strays[0].pin if strays else None
    return Phrase("verify-at", (pin,)) if pin else Phrase("verify-elsewhere")
