"""Play a recorded conversation again, find where another card answers differently, and what would explain that.

What was said to the reader, and not to the card, is left out. Random bytes differ on the same card, too, and content
that was left out of a recording can be another holder's: of these only the status word counts, and that there is some.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from .card import Behaviour, Card, Memory, Profile, questions
from .iso7816 import CommandAPDU, MalformedAPDU
from .personalise.answers import as_word
from .transcript import Exchange, Narrator, lines, pin_bytes

_PIN_NEEDED = bytes.fromhex("6982")
_NONE = "no difference"
_SHOWN = 10
"""Differences that are shown; those behind them are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a replay found: lines for people, and whether anything differed."""

    found: bool
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assumption:
    """Another answer to an open question about the card."""

    name: str
    asks: str
    answer: object

    def __str__(self) -> str:
        return f'{self.name} = "{as_word(self.answer)}"'

    def made(self, behaviour: Behaviour) -> Behaviour:
        """The behaviour with this answer."""
        changed: dict[str, Any] = {self.name: self.answer}
        return replace(behaviour, **changed)


@dataclass(frozen=True, slots=True)
class _Unlike:
    """An exchange that is answered differently, and the assumptions with each of which it would not be."""

    place: int
    answer: bytes
    explained: tuple[Assumption, ...]


_Answers: TypeAlias = Sequence[bytes | None]
"""What a card answered to each exchange of a recording; None where that is an event, or was for the reader."""


def against_card(exchanges: Iterable[Exchange], profile: Profile, memory: Memory | None = None) -> Difference:
    """Play it on fresh cards of a profile, and explain what differs by what nobody knows about the card.

    A transcript has no PINs. Where one was right in the recording, the card's own is entered, and a wrong one of the
    same length everywhere else.

    Where an answer differs, each other answer to each open question is tried on a fresh card. It explains the
    difference if with it the recording plays as it was recorded so far. Of several that do, those count that leave the
    fewest differences, and the first of these is kept to explain the next.
    """
    said = tuple(exchanges)

    def play(behaviour: Behaviour) -> _Answers:
        return _played(said, Card(replace(profile, behaviour=behaviour), memory))

    found, answers, behaviour = _explained(said, play, profile.behaviour)
    told = (*_told(said, found), *_summary(found, profile.behaviour, behaviour), *_lengths(said, answers))
    return Difference(found=bool(found), lines=told)


def against_reader(exchanges: Iterable[Exchange], reader: str) -> Difference:
    """Play it on the card in a PC/SC reader, without every command that carries a PIN, to the first difference.

    What the card then refuses for want of that PIN is no difference.
    """
    from .readers.pcsc import ReaderConnection  # noqa: PLC0415 - an extra, needed only here

    with ReaderConnection(reader) as connection:
        skipped = False

        def play(exchange: Exchange) -> bytes | None:
            nonlocal skipped
            match exchange.event:
                case "command" if _carries_pin(exchange.command):
                    skipped = True
                case "command":
                    answer = connection.transmit(exchange.command)
                    wants_pin = skipped and answer == _PIN_NEEDED
                    return exchange.response if wants_pin else answer
                case "power_off" | "eject":
                    connection.power_cycle()
                case "reset":
                    connection.warm_reset()
                case "power_on" | "insert":
                    pass  # the power is on
            return None

        said = tuple(exchanges)
        answers = ((place, None if each.for_reader else play(each)) for place, each in enumerate(said))
        unlike = next(((place, answer) for place, answer in answers if not _alike(said[place], answer)), None)
    found = [] if unlike is None else [_Unlike(unlike[0], unlike[1] or b"", ())]
    return Difference(found=bool(found), lines=tuple(_told(said, found)) or (_NONE,))


# ---------------------------------------------------------------- playing


def _played(said: Iterable[Exchange], card: Card) -> _Answers:
    """Play all of it."""
    return [None if exchange.for_reader else _play(exchange, card) for exchange in said]


def _play(exchange: Exchange, card: Card) -> bytes | None:
    match exchange.event:
        case "command":
            return card.transmit(_with_pin(card, exchange))
        case "power_on" | "insert":
            card.power_on()
        case "power_off" | "eject":
            card.power_off()
        case "reset":
            card.reset()
    return None


def _alike(recorded: Exchange, answer: bytes | None) -> bool:
    """Whether this is the answer that was recorded, as far as that can be told."""
    if answer is None or answer == recorded.response:
        return True
    if not (recorded.hidden or _is_random(recorded.command)):
        return False
    return answer[-2:] == recorded.response[-2:] and bool(answer[:-2]) is bool(recorded.response[:-2])


def _is_random(command: bytes) -> bool:
    """Whether the answer is another each time: GET CHALLENGE, and signatures with PSS."""
    return command[1:2] == b"\x84" or (command[1:2] == b"\x2a" and command[2:3] in (b"\x04", b"\x05"))


def _carries_pin(command: bytes) -> bool:
    start, end = pin_bytes(command)
    return start < end


def _with_pin(card: Card, exchange: Exchange) -> bytes:
    """Fill the zeros that stand for a PIN: with the right one if it was, else with one that is wrong for sure."""
    command = exchange.command
    with suppress(MalformedAPDU):
        apdu, value = CommandAPDU.decode(command), _own_pin(card, command)
        if value is not None and _carries_pin(command) and apdu.data == bytes(len(value)):
            was_right = exchange.response == b"\x90\x00"
            return replace(apdu, data=value if was_right else bytes(byte ^ 1 for byte in value)).encode()
    return command


def _own_pin(card: Card, command: bytes) -> bytes | None:
    """Find the value of the PIN that the command is for, given what is selected on the card now."""
    state = card.state
    fid = command[3] & 0x1F or state.session.fid
    data = next((d for p, d in state.memory.reference_data.items() if p == (state.session.aid, fid)), None)
    return None if data is None else data.value


# ---------------------------------------------------------------- explaining


def _explained(
    said: Sequence[Exchange], play: Callable[[Behaviour], _Answers], behaviour: Behaviour
) -> tuple[list[_Unlike], _Answers, Behaviour]:
    """Every difference in turn; at last the answers that are left, and the behaviour that gives them."""
    found: list[_Unlike] = []
    unexplained: set[int] = set()
    answers = play(behaviour)
    others: dict[Assumption, _Answers] = {}
    while unlike := _unlike(said, answers, unexplained):
        first = unlike[0]
        others = others or {each: play(each.made(behaviour)) for each in _assumptions(behaviour)}
        left = {each: _unlike(said, heard, unexplained) for each, heard in others.items()}
        later = {each: len(places) for each, places in left.items() if not places or places[0] > first}
        best = tuple(each for each, number in later.items() if number == min(later.values()))
        found.append(_Unlike(first, answers[first] or b"", best))
        if best:
            behaviour, answers, others = best[0].made(behaviour), others[best[0]], {}
        else:
            unexplained.add(first)
    return found, answers, behaviour


def _unlike(said: Sequence[Exchange], answers: _Answers, known: Collection[int]) -> list[int]:
    """The places where an answer is not the recorded one, beyond those that are known."""
    both = enumerate(zip(said, answers, strict=True))
    return [place for place, (recorded, answer) in both if place not in known and not _alike(recorded, answer)]


def _assumptions(behaviour: Behaviour) -> Iterator[Assumption]:
    """Every answer to every open question that is not this behaviour's."""
    for question in questions():
        for answer in (question.default, *question.alternatives):
            if answer != getattr(behaviour, question.name):
                yield Assumption(question.name, question.asks, answer)


# ---------------------------------------------------------------- telling


def _told(said: Sequence[Exchange], found: Sequence[_Unlike]) -> Iterator[str]:
    """The differences, in the words of a narrator who has followed the conversation."""
    narrator = Narrator()
    written = [[] if exchange.for_reader else list(lines(exchange, narrator)) for exchange in said]
    for each in found[:_SHOWN]:
        exchange = said[each.place]
        _, answered = lines(Exchange("command", exchange.command, each.answer, hidden=exchange.hidden), Narrator())
        yield f"difference: exchange {each.place + 1}"
        yield f"  {written[each.place][0]}"
        yield f"  recorded {written[each.place][1]}"
        yield f"  now      {answered}"
        for assumption in each.explained:
            yield f"  an open question: {assumption.asks}"
            yield f"    {assumption}"
    if len(found) > _SHOWN:
        yield f"and {len(found) - _SHOWN} more"


def _summary(found: Sequence[_Unlike], before: Behaviour, after: Behaviour) -> Iterator[str]:
    unexplained = sum(not each.explained for each in found)
    if not found:
        yield _NONE
    elif after == before:
        yield f"no open question about the card explains {'that' if unexplained == 1 else 'these'}"
    else:
        yield f"a profile with this {f'leaves {unexplained} unexplained' if unexplained else 'has no difference'}:"
        yield "[behaviour]"
        for each in _assumptions(before):
            if getattr(after, each.name) == each.answer:
                yield str(each)


def _lengths(said: Sequence[Exchange], answers: _Answers) -> Iterator[str]:
    """Where content that was left out has another length, which can be the holder's and is no difference."""
    places = [
        str(number)
        for number, (each, answer) in enumerate(zip(said, answers, strict=True), 1)
        if each.hidden and _alike(each, answer) and len(answer or b"") != len(each.response)
    ]
    if places:
        yield f"content of another length, perhaps another holder's: exchange {', '.join(places)}"
