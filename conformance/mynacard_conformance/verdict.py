"""What was found: violations, and the verdict on each requirement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias

from .outcome import Answer, Call, Outcome, PinKind
from .requirements import Requirement

Act: TypeAlias = tuple[str, ...]
"""What was played in a random life, in words that never hold a PIN's value: `("enter", "auth", "wrong")`."""


class Verdict(Enum):
    """The verdict on one requirement."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    SHOULD_FAIL = "should-fail"
    INCONCLUSIVE = "inconclusive"
    NOT_COVERED = "not covered"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence to be said in the reader's language: a key of the catalogue, and what fills its gaps.

    Outcomes and numbers may be arguments; a PIN never is.
    """

    key: str
    args: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """A requirement was broken: what was expected, and what was seen instead."""

    requirement: Requirement
    expected: Phrase
    seen: Phrase


class Entry(Enum):
    """What kind of PIN a call carried; reports show this and never the value."""

    RIGHT = "right"
    WRONG = "wrong"
    MALFORMED = "malformed"
    UNUSUAL = "in other characters"


class Deed(Enum):
    """What the harness, or time, did between two calls."""

    EJECT_AND_INSERT = "eject and insert"
    POWER_CYCLE = "power cycle"
    WARM_RESET = "warm reset"
    RESTART = "new client process"
    TIME_PASSES = "time passes"
    EJECT = "eject"
    INSERT = "insert"
    VISIT = "visit to the office"
    SERVICE = "service"
    OTHER_PROGRAM = "another program"
    FAULT = "fault ordered"
    ACCIDENT = "accident"
    PUT_RIGHT = "put right"
    KEEPS_POWER = "another program keeps the power on"
    LOOKS = "another program looks"
    NOISE = "platform noise"
    PAUSE = "nobody asks for anything"


@dataclass(frozen=True, slots=True)
class SeenAPDU:
    """A command and its response as the card saw them: hex, with dots for the bytes of a PIN.

    Of an event there is its name in brackets in `command`, and no response.
    """

    command: str
    response: str

    @property
    def is_event(self) -> bool:
        """Whether this is something that happened to the card, and no command."""
        return self.command.startswith("(")

    @property
    def event(self) -> str:
        """The name of the event, as transcripts have it; empty for a command."""
        return self.command.strip("()") if self.is_event else ""


@dataclass(frozen=True, slots=True)
class CallLine:
    """One call, the answer, and the APDUs between them."""

    call: Call
    entry: Entry | None
    answer: Answer
    apdus: tuple[SeenAPDU, ...]


@dataclass(frozen=True, slots=True)
class DeedLine:
    """Something done to the card, and the APDUs seen since the last line (none, if the client is quiet)."""

    deed: Deed
    apdus: tuple[SeenAPDU, ...]
    detail: str = ""
    """The errand, the card, or what came of it."""


Line = CallLine | DeedLine


@dataclass(frozen=True, slots=True)
class Finding:
    """A violation with the conversation that shows it; the last line is where it happened."""

    violation: Violation
    conversation: tuple[Line, ...]
    told_by: str
    """The scenario's id, or the concern whose random lives it is from."""
    acts: tuple[Act, ...] = ()
    """What was played of a random life, so that it can be played again; a scenario is played by its id."""
    tries_left: Mapping[PinKind, int] = field(default_factory=dict)
    """The tries that the PINs of the card in the reader had left in the end."""
    steady: bool = True
    """Whether it shows again with a client that was just started; else it hangs on what the client remembers."""

    @property
    def size(self) -> tuple[bool, int, int]:
        """Smaller is easier to read: what stands for itself first, then fewer lines, then fewer APDUs."""
        return not self.steady, len(self.conversation), sum(len(line.apdus) for line in self.conversation)


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on one requirement.

    Attributes:
        times: How often it was put to the test.
        finding: The shortest conversation that breaks it.
        reason: Why it is inconclusive.

    """

    requirement: Requirement
    verdict: Verdict
    times: int
    finding: Finding | None = None
    reason: Phrase | None = None


def outcomes(*allowed: Outcome) -> Phrase:
    """The phrase "one of these outcomes"."""
    return Phrase("outcomes", allowed)
