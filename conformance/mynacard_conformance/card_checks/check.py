"""What a check is, and the four ways in which one ends: silently, broken, not to be judged, not to be dared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mynacard_conformance.requirements import Level, Price, Requirement
from mynacard_conformance.verdict import Phrase

from .apdu import Answer

if TYPE_CHECKING:
    from .bench import Bench


class Broken(Exception):
    """The card does not do what is required."""

    def __init__(self, expected: Phrase, seen: Phrase) -> None:
        super().__init__(expected, seen)
        self.expected, self.seen = expected, seen


class CannotJudge(Exception):
    """Something else has to work before this can be judged."""

    def __init__(self, key: str, *args: object) -> None:
        super().__init__(key, *args)
        self.reason = Phrase(key, args)


class NotCovered(Exception):
    """This was not tried: the card has no such thing, or its holder would have to pay for it."""

    def __init__(self, key: str, *args: object) -> None:
        super().__init__(key, *args)
        self.reason = Phrase(key, args)


@dataclass(frozen=True, slots=True)
class Check:
    """A requirement on cards or readers, and what tries it; `play` raises one of the above, or all is well."""

    requirement: Requirement
    play: Callable[[Bench], None]

    @property
    def id(self) -> str:
        """The requirement's."""
        return self.requirement.id


def must(
    key: str, sentence: str, sentence_ja: str, *, source: str, price: Price = Price.FREE
) -> Callable[[Callable[[Bench], None]], Check]:
    """Make a check of a function, for a requirement that a card has to fulfil."""
    return lambda play: Check(Requirement(key, sentence, sentence_ja, source, Level.MUST, price), play)


def should(
    key: str, sentence: str, sentence_ja: str, *, source: str, price: Price = Price.FREE
) -> Callable[[Callable[[Bench], None]], Check]:
    """Make a check of a function, for a requirement that rests on one source, or on inference."""
    return lambda play: Check(Requirement(key, sentence, sentence_ja, source, Level.SHOULD, price), play)


def require(answer: Answer, *allowed: int) -> None:
    """Insist on one of these status words."""
    if answer.sw not in allowed:
        raise Broken(Phrase("statuses", tuple(f"{sw:04X}" for sw in allowed)), seen_of(answer))


def require_refusal(answer: Answer) -> None:
    """Insist on a refusal without data, whatever its reason."""
    if not answer.refused or answer.data:
        raise Broken(Phrase("refusal"), seen_of(answer))


def require_data(answer: Answer, expected: bytes) -> None:
    """Insist on 9000 with just these bytes; a report never shows them."""
    require(answer, 0x9000)
    require_that(answer.data == expected, "bytes", len(expected), seen=Phrase("other-bytes", (len(answer.data),)))


def require_that(condition: bool, key: str, *args: object, seen: Phrase) -> None:  # noqa: FBT001 - as an assertion has it
    """Insist on something that is said by a phrase."""
    if not condition:
        raise Broken(Phrase(key, args), seen)


def need(answer: Answer, what: str) -> Answer:
    """Go on only from 9000: whatever else it is, another requirement is about it."""
    if not answer.done:
        raise CannotJudge("needed", what, f"{answer.sw:04X}")
    return answer


def seen_of(answer: Answer) -> Phrase:
    """What came instead."""
    if not answer.sw:
        return Phrase("no-answer")
    return (
        Phrase("answered", (f"{answer.sw:04X}", len(answer.data)))
        if answer.data
        else Phrase("statuses", (f"{answer.sw:04X}",))
    )
