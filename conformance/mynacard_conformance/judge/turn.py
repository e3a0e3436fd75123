"""One turn: a call, what it carried, what the client did to the card, and what it said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias, assert_never

from mynacard_conformance.model.holder import spellings, well_formed
from mynacard_conformance.model.pin import PinOracle, Prospect
from mynacard_conformance.outcome import (
    Answer,
    Attributes,
    Call,
    CertificateKind,
    ChangePin,
    Close,
    KeyKind,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
)
from mynacard_conformance.ports import Truth
from mynacard_conformance.requirements import (
    ANSWERS,
    BUSY_SAID,
    NO_CARD_SAID,
    NO_GUESS,
    NO_READER_SAID,
    NORMALISED,
    NOTHING_STALE,
    RIGHT_ACCEPTED,
    UNREADABLE_SAID,
    WAY_THROUGH,
    WRONG_CARD_SAID,
    Requirement,
)
from mynacard_conformance.verdict import Entry, Phrase
from mynacard_conformance.wire import PinCommand

from .answers import (
    judge_absence,
    judge_certificate,
    judge_entry_outcome,
    judge_outcome,
    judge_refusal,
    judge_signature,
    judge_text,
    judge_tries,
)
from .conduct import Entered, Ruling, judge_change, judge_entry, judge_no_entry, judge_query, ruling

Played: TypeAlias = Call
"""The calls that this judge has rules for: all of them."""

_LOST = frozenset(
    {
        Outcome.CARD_REMOVED,
        Outcome.CARD_UNREADABLE,
        Outcome.NO_CARD,
        Outcome.NO_READER,
        Outcome.READER_BUSY,
    }
)


_COULD_BE_TRIED = frozenset({Prospect.RIGHT, Prospect.WRONG, Prospect.USES_UP, Prospect.NEARLY})

_ABOUT_THE_PIN = frozenset(
    {
        Outcome.WRONG_PIN,
        Outcome.LOCKED,
        Outcome.PIN_ABSENT,
        Outcome.FORMAT_REJECTED,
        Outcome.CANCELLED,
    }
)


OTHER_CARD, PREDECESSOR = "other-card", "juki-card"
"""The profiles of cards that are no My Number Card (R-130); the predecessor signs documents as one does."""

_ACCIDENT_RULES: Mapping[str, tuple[Requirement, frozenset[Outcome]]] = MappingProxyType(
    {
        **dict.fromkeys(
            ("upside-down", "back-to-front", "beside", "in-its-case"),
            (UNREADABLE_SAID, frozenset({Outcome.NO_CARD, Outcome.CARD_UNREADABLE, Outcome.CARD_REMOVED})),
        ),
        **dict.fromkeys(
            ("usb-hub", "bluetooth-lost", "no-driver"),
            (NO_READER_SAID, frozenset({Outcome.NO_READER, Outcome.ENV_INCOMPLETE})),
        ),
        "held-by-another": (BUSY_SAID, frozenset({Outcome.READER_BUSY})),
    }
)
"""What is to be said while an accident lasts."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What surrounds a call.

    Attributes:
        away: Whether no card is in the reader.
        accident: The accident that lasts, by its name.
        foreign: Whether the card in the reader is no My Number Card, as far as the call can tell.
        predecessor: Whether it is the predecessor, of which a client may say so whatever it is asked for.
        confirmed: Whether the user, warned of a last try, has confirmed.
        former: Certificates (DER) that were on the card before, or are on another card of the story.

    """

    away: bool = False
    accident: str = ""
    foreign: bool = False
    predecessor: bool = False
    confirmed: bool = True
    former: frozenset[bytes] = frozenset()
    blind: bool = False
    """Whether nobody but the client sees the card."""

    @property
    def is_out_of_reach(self) -> bool:
        """Whether no entry can come to anything here."""
        return _told_of_scene(self) is not None


@dataclass(frozen=True, slots=True)
class Turn:
    """A call and everything that belongs to it.

    Attributes:
        call: What the user asked for.
        entered: The PIN entry that it carries, if any.
        prospect: What the oracle foresaw for that entry.
        answer: What the client said.
        commands: The PIN commands that the card saw.
        scene: What surrounds it.
        asked_afterwards: Whether the card has told its tries after the last entry that it saw.
        touched: Whether the card was asked for anything.
        refused: Whether the card refused something for want of a PIN (6982).

    """

    call: Played
    entered: Entered | None
    prospect: Prospect | None
    answer: Answer
    commands: tuple[PinCommand, ...]
    scene: Scene = Scene()
    asked_afterwards: bool = False
    touched: bool = True
    refused: bool = True

    @property
    def lost(self) -> bool:
        """Whether the client does not see the card, rather than disliking what the card says."""
        if self.answer.outcome is Outcome.PROTOCOL_ERROR:
            return self.answer.breakdown is None and self.prospect is not Prospect.BLOCKED and not self.commands
        return self.answer.outcome in _LOST

    @property
    def is_a_refusal(self) -> bool:
        """Whether something was refused for want of a PIN, by the card or by a client that did not ask it."""
        said = self.answer.outcome in (Outcome.NOT_PERMITTED, Outcome.LOCKED)
        return self.answer.outcome is not Outcome.OK and (self.refused or said)

    @property
    def said(self) -> Phrase:
        """What the client said, for a report."""
        return Phrase("said", (self.answer.outcome, self.answer.message))


def entered_in(call: Played) -> Entered | None:
    """Find the PIN entry that a call carries to a key of its own."""
    match call:
        case VerifyPin(pin, value) | ChangePin(pin, value):
            return Entered(pin, value)
        case ReadMyNumber(str(value)) | ReadAttributes(str(value)):
            return Entered(PinKind.TEXT, value)
        case Sign(key, pin=str(value)):
            return Entered(key.pin, value)
        case ReadCertificate(CertificateKind.SIGN, pin=str(value)):
            return Entered(PinKind.SIGN, value)
        case _:
            return None


def is_foreign(profile: str, call: Played) -> bool:
    """Whether a card of this profile is no My Number Card, as far as a call can tell.

    The predecessor is one to whoever uses its sign key, which no source forbids, or asks for a CA's certificate.
    """
    match call:
        case TriesLeft(pin) | VerifyPin(pin) | ChangePin(pin):
            signs = pin is PinKind.SIGN
        case Sign(key):
            signs = key is KeyKind.SIGN
        case ReadCertificate(certificate):
            signs = certificate is not CertificateKind.AUTH
        case ReadMyNumber() | ReadAttributes() | Close():
            signs = False
        case _:
            assert_never(call)
    return profile == OTHER_CARD or (profile == PREDECESSOR and not signs)


def foreseen(call: Played, oracle: PinOracle, *, away: bool) -> Prospect | None:
    """Foresee what the PIN entry in a call comes to, where it carries one."""
    entered = entered_in(call)
    if entered is None:
        return None
    if isinstance(call, ChangePin) and not well_formed(call.pin, call.new):
        return Prospect.MALFORMED
    prospect = oracle.prospect(entered.pin, entered.value)
    return Prospect.AWAY if away and prospect is not Prospect.MALFORMED else prospect


def entry_kind(entered: Entered, oracle: PinOracle) -> Entry:
    """Say of an entry what a report may say of it."""
    if oracle.prospect(entered.pin, entered.value) is Prospect.MALFORMED:
        return Entry.MALFORMED
    right = oracle.holder.pins.get(entered.pin)
    if entered.value == right:
        return Entry.RIGHT
    return Entry.UNUSUAL if right in spellings(entered.pin, entered.value) else Entry.WRONG


def rulings(turn: Turn, oracle: PinOracle, truth: Truth) -> Iterator[Ruling]:
    """Rule on a turn: first whether there is an answer, then the conduct, then the answer itself."""
    broke = Phrase("broke-down", (turn.answer.breakdown, turn.answer.message))
    yield ruling(ANSWERS, turn.answer.breakdown is None, Phrase("an-answer"), broke)
    if turn.prospect is not Prospect.MALFORMED and (told := _told_of_scene(turn.scene)) is not None:
        requirement, allowed = told
        if not isinstance(turn.call, Close):
            yield judge_no_entry(requirement, turn.commands)
            yield judge_outcome(requirement, turn.answer, allowed)
        return
    if turn.scene.predecessor and turn.answer.outcome is Outcome.WRONG_CARD:
        yield judge_no_entry(WRONG_CARD_SAID, turn.commands)
        return
    if turn.answer.outcome is Outcome.CANCELLED and turn.prospect in _COULD_BE_TRIED:
        stopped = not turn.scene.confirmed and not turn.commands
        yield ruling(WAY_THROUGH, stopped, Phrase("way-through"), turn.said)
        return
    yield from _conduct(turn)
    yield from _answer(turn, oracle, truth)


def _told_of_scene(scene: Scene) -> tuple[Requirement, frozenset[Outcome]] | None:
    """What is to be said, whatever was asked for, where the card cannot be used at all."""
    if scene.accident in _ACCIDENT_RULES:
        return _ACCIDENT_RULES[scene.accident]
    if scene.away:
        return NO_CARD_SAID, frozenset({Outcome.NO_CARD, Outcome.CARD_REMOVED})
    if scene.foreign:
        return WRONG_CARD_SAID, frozenset({Outcome.WRONG_CARD})
    return None


def _answer(turn: Turn, oracle: PinOracle, truth: Truth) -> Iterator[Ruling]:
    match turn.call:
        case TriesLeft(pin):
            yield from judge_tries(turn.answer, truth.tries_left(pin.value), asked=True)
            yield from _absence(turn, pin, oracle, truth)
        case VerifyPin(pin):
            yield from _entry_outcome(turn)
            yield from judge_tries(turn.answer, truth.tries_left(pin.value), asked=False)
            yield from _absence(turn, pin, oracle, truth)
        case ChangePin(pin):
            if turn.prospect is not Prospect.RIGHT:
                yield from _entry_outcome(turn)
                yield from judge_tries(turn.answer, truth.tries_left(pin.value), asked=False)
        case ReadCertificate(certificate):
            yield from _use(turn, certificate, oracle, truth)
        case Sign(key):
            yield from _use(turn, key.certificate, oracle, truth)
        case ReadMyNumber() | ReadAttributes():
            yield from _text(turn, oracle, truth)
        case Close():
            return
        case _:
            assert_never(turn.call)


def _conduct(turn: Turn) -> Iterator[Ruling]:
    verifies = [command for command in turn.commands if not command.changes]
    changes = [command for command in turn.commands if command.changes]
    if isinstance(turn.call, ChangePin) and turn.prospect is Prospect.MALFORMED:
        yield from judge_entry(Entered(turn.call.pin, ""), turn.commands)
    elif turn.entered:
        yield from judge_entry(turn.entered, verifies if isinstance(turn.call, ChangePin) else turn.commands)
    elif isinstance(turn.call, TriesLeft):
        yield judge_query(turn.commands)
    else:
        yield judge_no_entry(NO_GUESS, turn.commands)
    if not isinstance(turn.call, ChangePin) or turn.prospect is Prospect.MALFORMED:
        return
    if turn.prospect is Prospect.RIGHT and turn.answer.outcome in _ABOUT_THE_PIN - {Outcome.FORMAT_REJECTED}:
        yield judge_outcome(RIGHT_ACCEPTED, turn.answer, {Outcome.OK})
    else:
        yield from judge_change(turn.call, _came_of_current(turn, verifies), turn.answer.outcome, changes)


def _came_of_current(turn: Turn, verifies: Sequence[PinCommand]) -> Prospect | None:
    """What came of the current PIN at a change, where it was typed in characters that the client may normalise."""
    if turn.prospect is not Prospect.NEARLY:
        return turn.prospect
    return Prospect.RIGHT if any(command.sw == 0x9000 for command in verifies) else Prospect.WRONG


def _entry_outcome(turn: Turn) -> Iterator[Ruling]:
    reached = bool(turn.commands)
    if turn.entered and turn.entered.is_unusual:
        if turn.answer.outcome is Outcome.FORMAT_REJECTED and not reached:
            yield Ruling(NORMALISED)
            return
        if turn.prospect is Prospect.NEARLY:
            cost = any(command.is_miss for command in turn.commands)
            yield ruling(NORMALISED, not cost, Phrase("normalised"), Phrase("a-try"))
    prospect = Prospect.RIGHT if turn.prospect is Prospect.NEARLY else turn.prospect
    if prospect is not None:
        yield from judge_entry_outcome(prospect, turn.answer, reached=reached)


def _absence(turn: Turn, pin: PinKind, oracle: PinOracle, truth: Truth) -> Iterator[Ruling]:
    """Where EF 0008 tells that there is no such certificate, a client can know why the PIN is blocked (F-068)."""
    told = pin in (PinKind.AUTH, PinKind.SIGN) and truth.certificate(pin.value) is None and not turn.scene.blind
    if told and pin not in oracle.left and turn.prospect in (None, Prospect.ABSENT):
        yield judge_absence(turn.answer)


def _text(turn: Turn, oracle: PinOracle, truth: Truth) -> Iterator[Ruling]:
    """Rule on reading what the text PIN guards."""
    if turn.prospect not in (None, Prospect.RIGHT):
        yield from _entry_outcome(turn)
    elif turn.prospect is None and turn.is_a_refusal:
        yield judge_refusal(turn.answer, blocked=not oracle.left.get(PinKind.TEXT))
    elif turn.prospect is Prospect.RIGHT and turn.answer.outcome in _ABOUT_THE_PIN:
        yield judge_outcome(RIGHT_ACCEPTED, turn.answer, {Outcome.OK})
    else:
        attributes = truth.attributes()
        written = Attributes(**attributes) if attributes else None
        on_card = truth.my_number() if isinstance(turn.call, ReadMyNumber) else written
        if on_card is not None:
            yield judge_text(turn.answer, on_card)


def _use(turn: Turn, kind: CertificateKind, oracle: PinOracle, truth: Truth) -> Iterator[Ruling]:
    """Rule on reading or signing: refused for want of a PIN, or done right."""
    certificate = truth.certificate(kind.value)
    guarded = isinstance(turn.call, Sign) or kind is CertificateKind.SIGN
    if certificate is None and turn.prospect in (None, Prospect.ABSENT) and not turn.scene.blind:
        yield judge_absence(turn.answer, refused=guarded and turn.prospect is None)
        return
    if turn.prospect not in (None, Prospect.RIGHT):
        yield from _entry_outcome(turn)
        return
    if guarded and turn.prospect is None and turn.is_a_refusal:
        yield judge_refusal(turn.answer, blocked=not oracle.left.get(PinKind(kind.value)))
        return
    if turn.prospect is Prospect.RIGHT and turn.answer.outcome in _ABOUT_THE_PIN:
        yield judge_outcome(RIGHT_ACCEPTED, turn.answer, {Outcome.OK})
        return
    if certificate is None:
        return
    if isinstance(turn.call, Sign):
        yield judge_signature(turn.call, turn.answer, certificate)
        return
    if turn.scene.former and turn.answer.outcome is Outcome.OK:
        stale = turn.answer.value != certificate and turn.answer.value in turn.scene.former
        yield ruling(NOTHING_STALE, not stale, Phrase("fresh-bytes"), Phrase("stale-bytes"))
    yield judge_certificate(turn.answer, certificate)
