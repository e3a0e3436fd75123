"""Answers to open questions as words, in a profile, a card file or a registry file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

from mynacard_emulator.card import Behaviour, Question, questions
from mynacard_emulator.iso7816 import StatusWord


class UnknownAnswerError(ValueError):
    """No such question, or none of its known answers; `question` is the name that was given."""

    def __init__(self, question: str, message: str) -> None:
        super().__init__(message)
        self.question = question


def as_word(answer: object) -> str:
    """How an answer is written: `6984`, `true`, `file-not-found`, `24h`, `none`."""
    match answer:
        case None:
            return "none"
        case StatusWord():
            return f"{int(answer):04X}"
        case Enum():
            return str(answer.value)
        case timedelta():
            return f"{answer // timedelta(hours=1)}h"
        case _:
            return str(answer).lower()


def behaviour(answers: Mapping[str, str]) -> Behaviour:
    """The behaviour with these answers; every other question keeps its default. Raises `UnknownAnswerError`."""
    return Behaviour(**chosen(answers, questions()))


def differences(behaviour: Behaviour) -> dict[str, str]:
    """The answers that are not the default ones, by question."""
    return as_words(behaviour, questions())


def chosen(answers: Mapping[str, str], asked: Iterable[Question]) -> dict[str, Any]:
    """What the words choose among the answers that are known; raise `UnknownAnswerError`."""
    by_name = {question.name: question for question in asked}
    for name in answers:
        if name not in by_name:
            raise UnknownAnswerError(name, "no such question")
    return {name: _answer(by_name[name], word) for name, word in answers.items()}


def as_words(given: object, asked: Iterable[Question]) -> dict[str, str]:
    """Those answers of a record that are not the default ones, by question."""
    return {
        question.name: as_word(getattr(given, question.name))
        for question in asked
        if getattr(given, question.name) != question.default
    }


def _answer(question: Question, word: str) -> object:
    known = {as_word(answer): answer for answer in (question.default, *question.alternatives)}
    try:
        return known[word]
    except KeyError:
        raise UnknownAnswerError(question.name, f"{word!r} is not one of: {', '.join(known)}") from None
