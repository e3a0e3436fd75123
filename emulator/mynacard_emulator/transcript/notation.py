"""A transcript as text, one line an exchange half: `> ` and a command, `< ` and its response, `* ` and an event.

The bytes of a PIN are written as dots, two for each byte, and never otherwise; so is content that nobody else may see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mynacard_emulator.iso7816 import CommandAPDU, MalformedAPDU

from .exchange import Event, Exchange
from .narrator import Narrator

_DOT = "•"
_SECRET = {0x20, 0x24, 0x2C, 0x32}
"""VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, CHANGE KEY: what follows their header is a PIN."""

_HEADER = 4

LONGEST_LINE = 1 << 20
"""Characters of a line; the longest APDU takes an eighth of that."""


class TranscriptError(ValueError):
    """A file that is no transcript; the message is one line."""


def lines(exchange: Exchange, narrator: Narrator | None = None) -> Iterator[str]:
    """Write one exchange down, with its meaning where a narrator follows the conversation."""
    if exchange.event != "command":
        if narrator:
            narrator.forget(exchange.event)
        yield f"* {exchange.event.replace('_', ' ')}"
        return
    command, response = masked(exchange.command), _response(exchange)
    if narrator is None:
        yield f"> {command}"
        yield f"< {response}"
    else:
        said, answered = narrator.explain(exchange.command, exchange.response)
        yield f"> {command}  ; {said}"
        yield f"< {response}  ; {answered}"


def _response(exchange: Exchange) -> str:
    response = exchange.response
    data = 2 * _DOT * (len(response) - 2) if exchange.hidden else response[:-2].hex().upper()
    return data + response[-2:].hex().upper()


def masked(command: bytes) -> str:
    """The command in hex, with dots for the bytes of a PIN."""
    start, end = pin_bytes(command)
    return command[:start].hex().upper() + 2 * _DOT * (end - start) + command[end:].hex().upper()


def pin_bytes(command: bytes) -> tuple[int, int]:
    """Where in a command the bytes of a PIN begin and end; a malformed one is secret from behind its header on.

    So is the data of a protected one: many cards share a session key pair that everybody has.
    """
    if len(command) <= _HEADER or command[1] not in _SECRET:
        return len(command), len(command)
    try:
        apdu = CommandAPDU.decode(command)
    except MalformedAPDU:
        return _HEADER, len(command)
    start = _HEADER + (3 if apdu.extended else 1)
    return start, len(command) if apdu.data else start  # to the end: a PIN behind a wrong Lc looks like Le


def read(source: Iterable[str]) -> Iterator[Exchange]:
    """Read a transcript; dots come back as zeros, for the bytes of a PIN or of content. Raises `TranscriptError`."""
    command: bytes | None = None
    for number, raw in enumerate(source, 1):
        if len(raw) > LONGEST_LINE:
            raise TranscriptError(f"line {number}: longer than any APDU; this is no transcript")
        line = raw.partition(";")[0].strip()
        if not line or line.startswith("#"):
            continue
        mark, _, rest = line.partition(" ")
        if mark == "*":
            yield Exchange(_event(rest, number))
        elif mark == ">" and command is None:
            command = _bytes(rest, number)
        elif mark == "<" and command is not None:
            yield Exchange("command", command, _bytes(rest, number), hidden=_DOT in rest)
            command = None
        else:
            raise TranscriptError(f"line {number}: a transcript has '> command', '< response' and '* event' in turn")
    if command is not None:
        raise TranscriptError("the last command has no response; the recording was cut short")


def _event(words: str, number: int) -> Event:
    match words.strip():
        case "power on":
            return "power_on"
        case "power off":
            return "power_off"
        case "reset" | "insert" | "eject" as event:
            return event
        case _:
            raise TranscriptError(f"line {number}: no such event; there are power on, power off, reset, insert, eject")


def _bytes(text_: str, number: int) -> bytes:
    digits = re.sub(r"\s", "", text_).replace(_DOT, "0")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise TranscriptError(f"line {number}: not hexadecimal") from None
