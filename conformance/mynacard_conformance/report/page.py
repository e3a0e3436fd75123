"""The verdict as a page to be read, on a screen, a phone or paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mynacard_conformance.verdict import CallLine, Judged, Line, SeenAPDU, Verdict

from .conversation import answered, asked, cut, deed, gap_of, shortened
from .messages import Language, text, word
from .narrator import Narrator
from .remedy import remedies
from .setup import Setup, file_name
from .standing import Standing
from .templating import render
from .text import reason
from .transcript import opensc_tool


def write(standing: Standing, setup: Setup, language: Language) -> str:
    """Write the whole page."""
    return render(
        "report.html",
        language,
        standing=standing,
        report=standing.report,
        setup=setup,
        findings=[_Finding.of(judged, setup, language) for judged in standing.findings],
        verdicts=list(Verdict),
        file_name=file_name,
        reason=lambda judged: reason(judged, language),
    )


@dataclass(frozen=True, slots=True)
class _Exchange:
    """An exchange with the card and what it means; of an event only its name, and of what was left out how much."""

    command: str = ""
    response: str = ""
    asked: str = ""
    answered: str = ""
    event: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of a conversation: what was asked and said, or done, beside what the card saw."""

    asked: str
    answered: str
    message: str
    exchanges: Sequence[_Exchange]


@dataclass(frozen=True, slots=True)
class _Finding:
    """A finding as the page shows it."""

    judged: Judged
    rows: Sequence[_Row]
    holder: Sequence[str]
    rerun: str
    by_hand: str

    @property
    def sends(self) -> bool:
        """Whether the card was asked anything at all."""
        return " -s " in self.by_hand

    @classmethod
    def of(cls, judged: Judged, setup: Setup, language: Language) -> _Finding:
        """Prepare one."""
        found = judged.finding
        assert found  # noqa: S101 - the caller chose those that have one
        return cls(
            judged,
            list(_rows(found.conversation, language)),
            [
                text("holder-locked", language, word(pin, language), word(remedy, language))
                for pin, remedy in remedies(found)
            ],
            setup.rerun(found),
            opensc_tool(found.conversation),
        )


def _rows(lines: Sequence[Line], language: Language) -> Iterator[_Row]:
    narrator = Narrator(language)
    for line in lines:
        all_exchanges = [_exchange(apdu, narrator, language) for apdu in line.apdus]
        exchanges = list(shortened(all_exchanges, lambda gap: _Exchange(event=gap_of(gap, language))))
        if isinstance(line, CallLine):
            yield _Row(asked(line, language), answered(line.answer, language), line.answer.message, exchanges)
        else:
            yield _Row(deed(line, language), "", "", exchanges)


def _exchange(apdu: SeenAPDU, narrator: Narrator, language: Language) -> _Exchange:
    said = narrator.explain(apdu)
    if apdu.is_event:
        return _Exchange(event=apdu.event)
    return _Exchange(cut(apdu.command), cut(apdu.response, keep=4) or text("no-answer", language), *said)
