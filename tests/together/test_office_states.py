"""The diagrams of docs/office-states.md are drawn from the tables; run as a module, this prints them."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import pytest

from mynacard_emulator.office.states import CARD_TRANSITIONS, CERT_REASONS, CERT_TRANSITIONS, CertEvent

S = TypeVar("S", bound=Enum)
DOCUMENT = Path(__file__).parents[2] / "docs" / "office-states.md"


def diagram(transitions: Mapping[tuple[S, Any], S]) -> str:
    """A state diagram as Mermaid draws it: an arrow for each two states, with all the events that lead there."""
    arrows: dict[tuple[S, S], list[str]] = {}
    for (state, event), following in transitions.items():
        arrows.setdefault((state, following), []).append(str(event.value))
    sources, targets = {state for state, _ in arrows}, {following for _, following in arrows}
    used = [state for state in type(next(iter(targets))) if state in sources | targets]
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state.value}" as {state.name}' for state in used]
    lines += [f"    [*] --> {state.name}" for state in used if state not in targets]
    lines += [f"    {old.name} --> {new.name}: {', '.join(events)}" for (old, new), events in arrows.items()]
    lines += [f"    {state.name} --> [*]" for state in used if state not in sources]
    return "\n".join(lines) + "\n"


def reasons() -> str:
    """A table of what relying parties are told."""
    words = {event: "good again" if reason is None else f"`{reason.word}`" for event, reason in CERT_REASONS.items()}
    told = (f"| {event.value} | {words[event]} |" for event in CertEvent if event in words)
    return "\n".join(("| event | what relying parties are told |", "|---|---|", *told)) + "\n"


DIAGRAMS = {"A card": diagram(CARD_TRANSITIONS), "A certificate": diagram(CERT_TRANSITIONS)}


@pytest.mark.parametrize("title", DIAGRAMS)
def test_the_diagrams_of_the_document_are_those_of_the_tables(title: str) -> None:
    _, _, section = DOCUMENT.read_text(encoding="utf-8").partition(f"\n## {title}\n")
    drawn = re.search(r"^```mermaid\n(.*?)^```$", section.partition("\n## ")[0], re.MULTILINE | re.DOTALL)

    assert drawn
    assert drawn[1] == DIAGRAMS[title]


def test_the_reasons_of_the_document_are_those_of_the_table() -> None:
    table = re.search(r"(?:^\|.*\n)+", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)

    assert table
    assert table[0] == reasons()


if __name__ == "__main__":
    sys.stdout.write("\n".join((*DIAGRAMS.values(), reasons())))
