"""What nobody knows, as data: a dataclass with one field per question, each with its evidence and confidence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, cast


class Confidence(Enum):
    """How sure the default is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESS = "guess"


@dataclass(frozen=True, slots=True)
class Question:
    """One open question, with the answers it may have."""

    name: str
    asks: str
    default: object
    alternatives: tuple[object, ...]
    source: str
    confidence: Confidence


def answer(default: object, *others: object, asks: str, source: str, confidence: Confidence) -> Any:  # noqa: ANN401 - it becomes a field of any type
    """Declare a field that answers a question: the default, then what else it may be."""
    return field(
        default=default,
        metadata={"asks": asks, "alternatives": others, "source": source, "confidence": confidence},
    )


def questions_of(answers: type) -> tuple[Question, ...]:
    """Every question of a dataclass made of `answer`s, in the order of its fields."""
    return tuple(
        Question(
            name=entry.name,
            asks=cast("str", entry.metadata["asks"]),
            default=entry.default,
            alternatives=cast("tuple[object, ...]", entry.metadata["alternatives"]),
            source=cast("str", entry.metadata["source"]),
            confidence=cast("Confidence", entry.metadata["confidence"]),
        )
        for entry in fields(answers)
    )


def require_known(answers: object, asked: Iterable[Question]) -> None:
    """Raise `ValueError` where an answer is neither a question's default nor one of its alternatives."""
    for question in asked:
        given = getattr(answers, question.name)
        if given != question.default and given not in question.alternatives:
            raise ValueError(f"{question.name}: {given} is none of the known answers")
