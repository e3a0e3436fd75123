"""What a client says, in bounded memory and without the PINs that were entered."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from itertools import chain
from typing import assert_never

from mynacard_conformance.outcome import (
    Call,
    ChangePin,
    Close,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
)

_CHUNK = 1 << 16
_QUOTED = 300  # characters of evidence in a message


class PinsTyped:
    """The PINs of the latest calls, to be kept out of messages and looked for in logs."""

    _SHORTEST, _MOST = 3, 16  # what is shorter is no secret, and is everywhere

    def __init__(self) -> None:
        self._latest: dict[str, _Spellings] = {}

    def learn(self, call: Call) -> None:
        """Take note of the PINs in a call."""
        for value in pin_values(call):
            if len(value) >= self._SHORTEST:
                spellings = self._latest.pop(value) if value in self._latest else _Spellings(value)
                self._latest[value] = spellings  # the latest stands last
        while len(self._latest) > self._MOST:
            del self._latest[next(iter(self._latest))]

    def mask(self, text: str) -> str:
        """The text with every PIN replaced by one character."""
        for spellings in self._latest.values():
            text = spellings.pattern.sub("▮", text)
        return text

    def surroundings(self, log: bytes) -> Iterator[bytes]:
        """A piece of a log around the first place of each spelling of each PIN."""
        for literal in chain.from_iterable(spellings.literals for spellings in self._latest.values()):
            place = log.find(literal)
            if place >= 0:
                yield log[max(0, place - 100) : place + len(literal) + 100]


class _Spellings:
    """The ways in which programs print a PIN: as typed or normalised, in JSON, and as hex.

    Attributes:
        pattern: All of them. Digits in the middle of a longer number are none: error codes are full of such.
        literals: The usual ones, to be found quickly in megabytes.

    """

    __slots__ = ("literals", "pattern")

    def __init__(self, value: str) -> None:
        plain = unicodedata.normalize("NFKC", value)
        texts = sorted({value, plain, json.dumps(value)[1:-1]}, key=len, reverse=True)
        dumps = [text.encode("utf-8", "replace") for text in sorted({plain, plain.upper()})]
        patterns = [rf"(?<!\d){text}(?!\d)" if text.isdecimal() else re.escape(text) for text in texts]
        patterns += [r"[\s:,]*".join(f"(?:0x)?{byte:02x}" for byte in dump) for dump in dumps]
        self.pattern = re.compile("|".join(patterns), re.IGNORECASE)
        hexes = [text for dump in dumps for text in (dump.hex(), dump.hex(" "), dump.hex(":"))]
        forms = {plain.upper(), *texts, *hexes, *(text.upper() for text in hexes)}
        self.literals = frozenset(form.encode("utf-8", "replace") for form in forms)


def pin_values(call: Call) -> tuple[str, ...]:
    """The PINs that a call carries."""
    match call:
        case VerifyPin(_, value):
            return (value,)
        case ChangePin(_, current, new):
            return (current, new)
        case ReadCertificate(_, pin) | ReadMyNumber(pin) | ReadAttributes(pin) | Sign(_, _, _, pin):
            return () if pin is None else (pin,)
        case TriesLeft() | Close():
            return ()
        case _:
            assert_never(call)


class Output:
    """What a driver printed beside its answers, in bounded memory."""

    _KEPT, _OVERLAP, _MOST_PLACES = 1 << 18, 64, 64

    def __init__(self, pins_typed: PinsTyped) -> None:
        self._pins_typed = pins_typed
        self._places: list[bytes] = []
        self._latest = bytearray()

    def add(self, data: bytes) -> None:
        """Keep what was printed; of old log only the places where a PIN stands."""
        self._latest += data
        if len(self._latest) > 2 * self._KEPT:
            self._forget(len(self._latest) - self._KEPT)

    def text(self) -> str:
        """What is kept, as text."""
        return b"\n".join([*self._places, self._latest]).decode("utf-8", "replace")

    def _forget(self, size: int) -> None:
        """Drop the oldest bytes, but not the places where a PIN stands."""
        self._places += self._pins_typed.surroundings(bytes(self._latest[: size + self._OVERLAP]))
        del self._places[self._MOST_PLACES :]
        del self._latest[:size]


def decoded(evidence: bytes) -> str:
    """Evidence as text, its beginning if it is long."""
    return evidence[:_CHUNK].decode("utf-8", "replace")


def one_line(text: str) -> str:
    """Printable, on one line, and not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return line if len(line) <= _QUOTED else f"{line[:_QUOTED]}…"
