"""A conversation as two columns: client calls on the left, the card's APDUs on the right."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from typing import TypeVar

from mynacard_conformance.outcome import Answer, ChangePin, ReadCertificate, Sign, TriesLeft, VerifyPin, operation_of
from mynacard_conformance.verdict import CallLine, DeedLine, Line, SeenAPDU

from .messages import Language, text, word

T = TypeVar("T")

_LEFT = 46
_MOST_EXCHANGES = 12
_SHOWN_BYTES = 16


def columns(lines: Sequence[Line], language: Language) -> Iterator[str]:
    """Write a conversation down, one numbered entry a call or event."""
    yield _row(f"   {text('client', language)}", text("card", language))
    for number, line in enumerate(lines, 1):
        left = _left(line, language)
        numbered = [f"{number:2} {left[0]}", *(f"   {more}" for more in left[1:])]
        exchanges = [_lines(apdu, language) for apdu in line.apdus]
        right = [half for both in shortened(exchanges, lambda gap: (gap_of(gap, language),)) for half in both]
        for a, b in zip_longest(numbered, right, fillvalue=""):
            yield _row(a, b)


def in_words(line: Line, language: Language) -> str:
    """Say in one line what was asked and answered, or what was done."""
    return " ".join(_left(line, language))


def _left(line: Line, language: Language) -> list[str]:
    if isinstance(line, CallLine):
        return [asked(line, language), f"→ {answered(line.answer, language)}"]
    return [deed(line, language)]


def asked(line: CallLine, language: Language) -> str:
    """Say what the client was asked for; of a PIN only whether it was right."""
    call = line.call
    match call:
        case TriesLeft(pin) | VerifyPin(pin) | ChangePin(pin):
            about = word(pin, language)
        case ReadCertificate(certificate):
            about = certificate.value
        case Sign(key, digest):
            about = f"{key.value} {digest.value}"
        case _:
            about = ""
    entry = f" ({word(line.entry, language)})" if line.entry else ""
    return f"{operation_of(call).value} {about}{entry}".rstrip()


def deed(line: DeedLine, language: Language) -> str:
    """Say what was done to the card."""
    detail = f": {line.detail}" if line.detail else ""
    return f"({word(line.deed, language)}{detail})"


def answered(answer: Answer, language: Language) -> str:
    """Say what the client said, in the words of the vocabulary."""
    said = word(answer.breakdown or answer.outcome, language)
    if answer.tries is None:
        return said
    low, high = answer.tries.start, answer.tries.stop - 1
    return f"{said}, {text('tries-left', language, low if low == high else f'{low}–{high}')}"


def shortened(exchanges: Sequence[T], gap: Callable[[int], T]) -> Iterator[T]:
    """Leave out the middle of a long series; `gap` is what stands for so many."""
    left_out = len(exchanges) - _MOST_EXCHANGES
    if left_out <= 0:
        yield from exchanges
        return
    half = _MOST_EXCHANGES // 2
    yield from exchanges[:half]
    yield gap(left_out)
    yield from exchanges[-half:]


def _lines(apdu: SeenAPDU, language: Language) -> tuple[str, ...]:
    if apdu.is_event:
        return (apdu.command,)
    return f"> {cut(apdu.command)}", f"< {cut(apdu.response, keep=4) or text('no-answer', language)}"


def gap_of(left_out: int, language: Language) -> str:
    """What stands where so many exchanges were left out."""
    return f"… {text('more', language, left_out)} …"


def cut(shown: str, *, keep: int = 0) -> str:
    """Leave the middle out of long hex; `keep` is how many digits of its end stay, such as those of a status word."""
    length = len(shown) // 2
    if length <= _SHOWN_BYTES + 4 or not shown.isalnum():
        return shown
    end = f" {shown[-keep:]}" if keep else ""
    return f"{shown[: 2 * _SHOWN_BYTES]}… ({length} bytes){end}"


def _row(left: str, right: str) -> str:
    padding = max(1, _LEFT - sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in left))
    return f"    {left}{' ' * padding}{right}".rstrip()
