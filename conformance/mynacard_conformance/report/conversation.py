"""A conversation as two columns: client calls on the left, the card's APDUs on the right."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from mynacard_conformance.outcome import Answer, ChangePin, ReadCertificate, Sign, TriesLeft, VerifyPin, operation_of
from mynacard_conformance.verdict import CallLine, DeedLine, Line, SeenAPDU

from .messages import Language, text, word

_LEFT = 46
_MOST_APDUS = 12
_SHOWN_BYTES = 16


def columns(lines: Sequence[Line], language: Language) -> Iterator[str]:
    """Write a conversation down, one numbered entry a call or event."""
    yield _row(f"   {text('client', language)}", text("card", language))
    for number, line in enumerate(lines, 1):
        left = _call(line, language) if isinstance(line, CallLine) else [_deed(line, language)]
        numbered = [f"{number:2} {left[0]}", *(f"   {more}" for more in left[1:])]
        right = [apdu for exchange in _shortened(line.apdus) for apdu in exchange]
        for a, b in zip_longest(numbered, right, fillvalue=""):
            yield _row(a, b)


def _call(line: CallLine, language: Language) -> list[str]:
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
    return [f"{operation_of(call).value} {about}{entry}", f"→ {_answer(line.answer, language)}"]


def _deed(line: DeedLine, language: Language) -> str:
    detail = f": {line.detail}" if line.detail else ""
    return f"({word(line.deed, language)}{detail})"


def _answer(answer: Answer, language: Language) -> str:
    said = word(answer.breakdown or answer.outcome, language)
    if answer.tries is None:
        return said
    low, high = answer.tries.start, answer.tries.stop - 1
    return f"{said}, {text('tries-left', language, low if low == high else f'{low}–{high}')}"


def _shortened(apdus: Sequence[SeenAPDU]) -> Iterator[tuple[str, ...]]:
    """Each exchange as its lines; the middle of a long series is left out, and counted."""
    half = _MOST_APDUS // 2
    gap = len(apdus) - 2 * half
    if gap <= 0:
        yield from map(_lines, apdus)
        return
    yield from map(_lines, apdus[:half])
    yield (f"… {gap} more …",)
    yield from map(_lines, apdus[-half:])


def _lines(apdu: SeenAPDU) -> tuple[str, ...]:
    if not apdu.response:
        return (cut(apdu.command),)
    return f"> {cut(apdu.command)}", f"< {cut(apdu.response, keep=4)}"


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
