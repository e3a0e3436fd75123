"""Rules about calls in which something went wrong on the way: what a client may still say, and do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.outcome import Outcome, TriesLeft
from mynacard_conformance.requirements import NO_REPEAT, NOT_BLAMED, NOTHING_CLAIMED, UNKNOWN_SAID
from mynacard_conformance.verdict import Phrase

from .answers import judge_outcome
from .conduct import Ruling, judge_aim, ruling
from .turn import Turn

_LEAVES = frozenset({"eject", "tear-before", "tear-after", "power-cut", "eject-after", "hang", "zero-bytes"})
_BREAKS = frozenset({"lose-command", "lose-answer", "empty"})
_BEFORE = frozenset({"eject", "tear-before", "hang", "zero-bytes", "lose-command"})
_HARMLESS = frozenset({"delay", "reset"})
_BEYOND_JUDGEMENT = frozenset({"garbage", "flip-bit", "truncate", "power-cycle"})
"""The client was told something that is not so: a wrong answer of its own may come of it."""

_CLAIMS = frozenset(
    {
        Outcome.OK,
        Outcome.WRONG_PIN,
        Outcome.LOCKED,
        Outcome.PIN_ABSENT,
        Outcome.CERT_ABSENT,
        Outcome.FORMAT_REJECTED,
        Outcome.WRONG_CARD,
        Outcome.NOT_PERMITTED,
        Outcome.CANCELLED,
    }
)
_BLAMES = _CLAIMS - {Outcome.OK, Outcome.NOT_PERMITTED, Outcome.CANCELLED}
_UNKNOWN = frozenset({Outcome.UNKNOWN_OUTCOME, Outcome.CARD_REMOVED})


@dataclass(frozen=True, slots=True)
class Mishap:
    """A fault that has happened: at a command of which `kind`, and to what `effect`; `truncate=1` leaves no answer."""

    kind: str
    effect: str

    @classmethod
    def parse(cls, line: str) -> Self:
        """Take apart a line such as `verify:1:tear-after` or `sign:1:delay=0.1`."""
        kind, _, effect = line.split(":", 2)
        return cls(kind, effect if effect == "truncate=1" else effect.partition("=")[0])

    @property
    def ends_connection(self) -> bool:
        """Whether the card has to be put back before anything can go on."""
        return self.effect in _LEAVES | _BREAKS

    @property
    def reached_card(self) -> bool:
        """Whether the chip saw the command."""
        return self.effect not in _BEFORE

    @property
    def is_harmless(self) -> bool:
        """Whether a client has no reason to notice it."""
        return self.effect in _HARMLESS

    def hits_entry(self, turn: Turn) -> bool:
        """Whether a PIN was on its way to the card, and its answer did not come back."""
        if self.effect == "eject-after" or turn.entered is None:
            return False
        return self.kind in ("verify", "change")


def judge_mishap(turn: Turn, mishap: Mishap) -> Iterator[Ruling] | None:
    """Judge a call in which this happened; None where nothing but the ordinary rules applies."""
    if mishap.is_harmless:
        return None
    if mishap.hits_entry(turn):
        return _unknown(turn, mishap)
    heard_of_pin = turn.answer.outcome in _BLAMES and any(command.sw is not None for command in turn.commands)
    if mishap.effect not in _BEYOND_JUDGEMENT and (turn.answer.outcome is Outcome.OK or heard_of_pin):
        return None
    return _lost(turn, mishap)


def _unknown(turn: Turn, mishap: Mishap) -> Iterator[Ruling]:
    """Rule on an entry of which the client cannot know what became of it."""
    entries = [command for command in turn.commands if not command.changes]
    if turn.entered is not None:
        yield from judge_aim(turn.entered, entries)
    presented = len(entries)
    changed = len(turn.commands) - presented
    most_presented, most_changed = _most(mishap)
    once = presented <= most_presented and changed <= most_changed
    yield ruling(NO_REPEAT, once, Phrase("sent-once"), Phrase("sent-again"))
    if mishap.effect in _BEYOND_JUDGEMENT or turn.asked_afterwards:
        return
    said = Phrase("said", (turn.answer.outcome, turn.answer.message))
    claimed = turn.answer.outcome in _CLAIMS or turn.answer.tries is not None
    yield ruling(NOTHING_CLAIMED, not claimed, Phrase("nothing-claimed"), said)
    yield judge_outcome(UNKNOWN_SAID, turn.answer, _UNKNOWN if mishap.reached_card else _UNKNOWN | {Outcome.NO_CARD})


def _most(mishap: Mishap) -> tuple[int, int]:
    """How many entries, and how many new values, the card sees at most of a client that sends each once."""
    once = int(mishap.reached_card)
    return (once, 0) if mishap.kind == "verify" else (1, once)


def _lost(turn: Turn, mishap: Mishap) -> Iterator[Ruling]:
    """Rule on a call that was lost on the way: it tells nothing about the PIN and the card."""
    if mishap.effect in _BEYOND_JUDGEMENT or turn.prospect in (Prospect.ABSENT, Prospect.BLOCKED, Prospect.MALFORMED):
        return
    if isinstance(turn.call, TriesLeft):
        return  # the number is judged, and there may be none
    said = Phrase("said", (turn.answer.outcome, turn.answer.message))
    yield ruling(NOT_BLAMED, turn.answer.outcome not in _BLAMES, Phrase("not-blamed"), said)
