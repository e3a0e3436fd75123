"""What came of a finding that was played again, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mynacard_conformance.replay import Replayed

from .as_json import describe_conversation
from .conversation import columns
from .messages import Language, say, sentence, text, word


def summary(replayed: Replayed) -> str:
    """All of it in two words: a key of the catalogue of texts."""
    if replayed.fault:
        return "not-judged"
    if replayed.finding:
        return "still-fails"
    return "fixed" if replayed.tested else "not-judged"


def write(replayed: Replayed, told_by: str, client: str, language: Language) -> Iterator[str]:
    """Write it for a terminal, with the conversation that was played."""
    requirement, found = replayed.requirement, replayed.finding
    yield f"{text(summary(replayed), language)}  {requirement.id}  {client}"
    yield f"  {sentence(requirement, language)} ({word(requirement.level, language)}; {requirement.source})"
    if replayed.fault:
        yield f"  {text('fault', language, replayed.fault)}"
        return
    if found:
        yield f"  {text('expected', language)}: {say(found.violation.expected, language)}"
        yield f"  {text('seen', language)}: {say(found.violation.seen, language)}"
    elif not replayed.tested:
        yield f"  {text('not-tested', language)}"
    yield f"  {text('conversation', language, told_by)}:"
    yield from columns(found.conversation if found else replayed.conversation, language)
    if replayed.others:
        yield f"  {text('also', language, ', '.join(replayed.others))}"


def describe(replayed: Replayed, client: str) -> dict[str, Any]:
    """Turn it into JSON values; texts are English."""
    found = replayed.finding
    return {
        "format": "mynacard replay",
        "version": 1,
        "client": client,
        "requirement": replayed.requirement.id,
        "result": text(summary(replayed), "en"),
        "harness_error": replayed.fault or None,
        "expected": say(found.violation.expected, "en") if found else None,
        "seen": say(found.violation.seen, "en") if found else None,
        "others": list(replayed.others),
        "conversation": describe_conversation(found.conversation if found else replayed.conversation),
    }
