"""Answers to the open questions about the card, as words in a profile or a card file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from mynacard_emulator.card import MEASURED, Behaviour, Question, questions
from mynacard_emulator.iso7816 import StatusWord


class UnknownAnswerError(ValueError):
    """No such question, or none of its known answers; `question` is the name that was given."""

    def __init__(self, question: str, message: str) -> None:
        super().__init__(message)
        self.question = question


def as_word(answer: object) -> str:
    """How an answer is written: `6984`, `true`, `file-not-found`, `none`."""
    match answer:
        case None:
            return "none"
        case StatusWord():
            return f"{int(answer):04X}"
        case Enum():
            return str(answer.value)
        case _:
            return str(answer).lower()


def behaviour(answers: Mapping[str, str]) -> Behaviour:
    """The behaviour with these answers; every other question keeps its default. Raises `UnknownAnswerError`."""
    by_name = {question.name: question for question in questions()}
    chosen: dict[str, Any] = {}
    for name, word in answers.items():
        if name not in by_name:
            raise UnknownAnswerError(name, "no such question")
        chosen[name] = _answer(by_name[name], word)
    return Behaviour(**chosen)


def differences(chosen: Behaviour) -> dict[str, str]:
    """The answers that are not the default ones, by question."""
    return {
        question.name: as_word(getattr(chosen, question.name))
        for question in questions()
        if getattr(chosen, question.name) != getattr(MEASURED, question.name)
    }


def _answer(question: Question, word: str) -> object:
    known = {as_word(answer): answer for answer in (question.default, *question.alternatives)}
    try:
        return known[word]
    except KeyError:
        raise UnknownAnswerError(question.name, f"{word!r} is not one of: {', '.join(known)}") from None
