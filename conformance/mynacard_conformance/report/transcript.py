"""The card's side of a conversation as files: the project's transcript, and commands for programs that send APDUs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mynacard_conformance.verdict import Line, SeenAPDU
from mynacard_conformance.wire import status

from .conversation import in_words
from .messages import Language, text
from .narrator import Narrator, as_bytes

_DOTS = re.compile(r"\s*(•+)")


def transcript(lines: Sequence[Line], language: Language) -> Iterator[str]:
    """Write it down as `mynacard trace` reads it: `> ` and a command, `< ` and its response, `* ` and an event."""
    narrator = Narrator(language)
    for number, line in enumerate(lines, 1):
        yield f"# {number} {in_words(line, language)}"
        for apdu in line.apdus:
            asked, answered = narrator.explain(apdu)
            if apdu.is_event:
                yield f"* {apdu.event}"
            else:
                yield f"> {apdu.command.replace(' ', '')}  ; {asked}"
                yield f"< {apdu.response}  ; {answered}"


def scriptor(lines: Sequence[Line], language: Language) -> Iterator[str]:
    """Write it down for `scriptor` of pcsc-tools, and as one command line for `opensc-tool`.

    No PIN stands in it: each has a name in capitals, which both programs refuse until it is replaced by bytes.
    """
    sent = list(_sent(lines))
    yield f"# {text('scriptor', language)}"
    if pins := sorted({(each.pin, each.length) for each in sent if each.pin}):
        yield f"# {text('placeholders', language)}"
        yield from (f"#   {pin}: {text('pin-bytes', language, length)}" for pin, length in pins)
    if any(each.event for each in sent):
        yield f"# {text('events-apart', language)}"
    yield f"# {opensc_tool(lines)}"
    for each in sent:
        if each.event == "reset":
            yield each.event
        else:
            yield f"# {each.event}" if each.event else f"{_spaced(each.command)} {each.pin}".rstrip()


def opensc_tool(lines: Sequence[Line]) -> str:
    """The commands, without events, for `opensc-tool`; a shell refuses it until each PIN has its value."""
    commands = (f"{each.command}${{{each.pin}:?}}" if each.pin else each.command for each in _sent(lines))
    return " ".join(("opensc-tool", *(f"-s {command}" for command in commands if command)))


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was sent to the card, in hex up to where a PIN begins; or an event by its name."""

    command: str = ""
    pin: str = ""
    length: int = 0
    event: str = ""


def _sent(lines: Sequence[Line]) -> Iterator[_Sent]:
    narrator = Narrator("en")
    for apdu in (apdu for line in lines for apdu in line.apdus):
        narrator.explain(apdu)
        if apdu.is_event:
            yield _Sent(event=apdu.event)
        elif dots := _DOTS.search(apdu.command):
            yield _Sent(apdu.command[: dots.start()], _placeholder(apdu, narrator.pin), len(dots[1]) // 2)
        else:
            yield _Sent(apdu.command)


def _placeholder(apdu: SeenAPDU, pin: str) -> str:
    """What stands for a PIN: which one, and what the card said of it."""
    sw = status(as_bytes(apdu.response)) or 0
    if apdu.command[2:4] != "20":
        which = "NEW"
    elif sw == 0x9000:
        which = "RIGHT"
    else:
        which = "WRONG" if sw & 0xFFF0 == 0x63C0 else "SOME"
    return "_".join(filter(None, (which, pin.upper(), "PIN")))


def _spaced(digits: str) -> str:
    return " ".join(digits[at : at + 2] for at in range(0, len(digits), 2))
