"""Conversations as tables of hex: on each line a command, and the shape of what must come back.

    > 00 A4 04 0C 0A [jpki]       -> 9000
    > 00 B0 00 00 04              -> 30 82 .. .. 9000
    * power off

`[name]` stands for bytes that are given, `..` for any byte, `{256}` for so many bytes.
"""

from __future__ import annotations

import re

from mynacard_emulator.card import Card


def hold(card: Card, script: str, **given: bytes) -> None:
    """Say each line to the card; fail at the first answer that is not as written."""
    for line in filter(None, map(str.strip, script.splitlines())):
        mark, _, words = line.partition(" ")
        if mark == "*":
            {"power off": card.power_off, "power on": card.power_on, "reset": card.reset}[words]()
            continue
        assert mark == ">", f"{line!r} is neither a command nor an event"
        command, _, expected = words.partition("->")
        answer = card.transmit(bytes.fromhex(_filled(command, given))).hex().upper()
        assert re.fullmatch(_pattern(expected, given), answer), f"{line}\n  the card said {answer}"


def ask(card: Card, command: str, **given: bytes) -> str:
    """Say one command; return the answer in hex."""
    return card.transmit(bytes.fromhex(_filled(command, given))).hex().upper()


def _filled(words: str, given: dict[str, bytes]) -> str:
    return re.sub(r"\[(\w+)\]", lambda found: given[found[1]].hex(), words).replace(" ", "").upper()


def _pattern(expected: str, given: dict[str, bytes]) -> str:
    digits = _filled(expected, given)
    assert digits, "a line without an expected answer cannot fail"
    any_bytes = re.sub(r"\{(\d+)\}", lambda found: f"[0-9A-F]{{{2 * int(found[1])}}}", digits)
    return any_bytes.replace("..", "[0-9A-F]{2}")
