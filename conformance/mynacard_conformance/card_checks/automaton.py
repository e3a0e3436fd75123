"""The card as a Mealy machine, computed from the oracle's table: one that is learned can be held against it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from . import apdu
from .apdu import Answer
from .oracle import Oracle
from .places import AUTH_KEY, AUTH_PIN, JPKI, SIGN_CERTIFICATE, SIGN_KEY, SIGN_PIN, Application, File, Pin

Word = str
"""An input: `query auth`, `right sign`, `select JPKI`, `use auth-key`, `reset`, `power-off`."""

REFUSED, OPEN = "refused", "open"


@dataclass(frozen=True, slots=True)
class Guarded:
    """Something that a PIN opens: a key to sign with, or a file to read."""

    name: str
    pin: Pin
    file: File

    @property
    def is_key(self) -> bool:
        """Whether it signs."""
        return self.name.endswith("key")

    def command(self) -> bytes:
        """Use it, by its short identifier."""
        return apdu.sign(0x00, b"\x01", self.file.sfi) if self.is_key else apdu.read_by_name(self.file.sfi, 0, 4)


AUTH_KEY_USE = Guarded("auth-key", AUTH_PIN, AUTH_KEY)
SIGN_KEY_USE = Guarded("sign-key", SIGN_PIN, SIGN_KEY)
SIGN_CERTIFICATE_READ = Guarded("sign-certificate", SIGN_PIN, SIGN_CERTIFICATE)


@dataclass(frozen=True, slots=True)
class Alphabet:
    """What is said to the card: about these PINs and what they open, among these applications."""

    pins: tuple[Pin, ...]
    guarded: tuple[Guarded, ...]
    applications: tuple[Application, ...]

    @property
    def words(self) -> tuple[Word, ...]:
        """All inputs."""
        return (
            *(f"{act} {pin.name}" for pin in self.pins for act in ("query", "right", "wrong")),
            *(f"use {each.name}" for each in self.guarded),
            *(f"select {each.name}" for each in self.applications),
            "reset",
            "power-off",
        )

    def pin(self, name: str) -> Pin:
        """The PIN of this name."""
        return next(pin for pin in self.pins if pin.name == name)

    def application(self, name: str) -> Application:
        """The application of this name."""
        return next(each for each in self.applications if each.name == name)

    def thing(self, name: str) -> Guarded:
        """What is guarded by this name."""
        return next(each for each in self.guarded if each.name == name)


def pair(other: Application) -> Alphabet:
    """The two PINs of the JPKI application, and another application."""
    return Alphabet((AUTH_PIN, SIGN_PIN), (AUTH_KEY_USE, SIGN_CERTIFICATE_READ), (JPKI, other))


def output(answer: Answer) -> str:
    """What an answer says, without its data: how a refusal is put is another question."""
    if answer.tries is not None:
        return f"63C{answer.tries:X}"
    return REFUSED if answer.refused else OPEN if answer.data else f"{answer.sw:04X}"


def foreseen(oracle: Oracle, alphabet: Alphabet, word: Word) -> tuple[Oracle, str]:  # noqa: PLR0911 - one for each way
    """What a card in this state answers, and what state it is in then."""
    act, _, name = word.partition(" ")
    match act:
        case "reset":
            return oracle.reset(), "reset"
        case "power-off":
            return oracle.powered_off(), "power-off"
        case "select":
            return oracle.selected(alphabet.application(name)), "9000"
        case "use":
            return oracle, OPEN if alphabet.thing(name).pin in oracle.verified else REFUSED
        case _:
            pin = alphabet.pin(name)
            if not oracle.here(pin):
                return oracle, REFUSED
            if act == "query":
                return oracle, f"63C{oracle.left[pin]:X}"
            if oracle.blocked(pin):
                return oracle, REFUSED
            after = oracle.entered(pin, right=act == "right")
            return after, "9000" if act == "right" else f"63C{after.left[pin]:X}"


@dataclass(frozen=True, slots=True)
class Mealy:
    """A Mealy machine: for each state, from 0, where it begins, and for each input the next state and the output."""

    words: tuple[Word, ...]
    moves: tuple[Mapping[Word, tuple[int, str]], ...]

    @property
    def states(self) -> int:
        """How many states it has."""
        return len(self.moves)

    def difference(self, other: Mealy) -> tuple[Word, ...] | None:
        """The shortest inputs to which the two answer differently; None where there are none."""
        seen = {(0, 0)}
        waiting: deque[tuple[int, int, tuple[Word, ...]]] = deque([(0, 0, ())])
        while waiting:
            mine, theirs, path = waiting.popleft()
            for word in self.words:
                (a, said), (b, heard) = self.moves[mine][word], other.moves[theirs][word]
                if said != heard:
                    return (*path, word)
                if (a, b) not in seen:
                    seen.add((a, b))
                    waiting.append((a, b, (*path, word)))
        return None

    def minimised(self) -> Mealy:
        """The smallest machine that answers the same, by refinement of a partition."""
        block = _numbered([tuple(move[word][1] for word in self.words) for move in self.moves])
        while True:
            finer = _numbered(
                [(block[at], *(block[move[word][0]] for word in self.words)) for at, move in enumerate(self.moves)]
            )
            if max(finer) == max(block):
                break
            block = finer
        chosen = {number: at for at, number in reversed(list(enumerate(block)))}
        moves = (
            {word: (block[state], said) for word, (state, said) in self.moves[chosen[number]].items()}
            for number in range(max(block) + 1)
        )
        return Mealy(self.words, tuple(moves))


def computed(alphabet: Alphabet) -> Mealy:
    """The machine that the published table describes, for a card with all tries that has just been powered on."""
    start = Oracle({pin: pin.limit for pin in alphabet.pins})
    return explored(_key(start), alphabet.words, _Table(alphabet, start).step).minimised()


class _Table:
    """Remembers the oracle of each state that was met."""

    def __init__(self, alphabet: Alphabet, start: Oracle) -> None:
        self._alphabet = alphabet
        self._oracles = {_key(start): start}

    def step(self, state: Hashable, word: Word) -> tuple[Hashable, str]:
        after, said = foreseen(self._oracles[state], self._alphabet, word)
        self._oracles.setdefault(_key(after), after)
        return _key(after), said


def explored(start: Hashable, words: Sequence[Word], step: Callable[[Hashable, Word], tuple[Hashable, str]]) -> Mealy:
    """Walk through every state that can be reached."""
    numbers: dict[Hashable, int] = {start: 0}
    waiting, moves = deque([start]), []
    while waiting:
        state = waiting.popleft()
        found = {}
        for word in words:
            after, said = step(state, word)
            if after not in numbers:
                numbers[after] = len(numbers)
                waiting.append(after)
            found[word] = (numbers[after], said)
        moves.append(found)
    return Mealy(tuple(words), tuple(moves))


def _key(oracle: Oracle) -> Hashable:
    return tuple(sorted((pin.name, left) for pin, left in oracle.left.items())), oracle.current, oracle.verified


def _numbered(signatures: Iterable[Hashable]) -> list[int]:
    """Give equal ones equal numbers, from 0 in the order of their first appearance."""
    known: dict[Hashable, int] = {}
    return [known.setdefault(each, len(known)) for each in signatures]


def diagram(machine: Mealy) -> str:
    """Draw a machine as a Mermaid state diagram; what changes nothing is left out, and parallel arrows are one."""
    arrows: dict[tuple[int, int], list[str]] = {}
    for state, move in enumerate(machine.moves):
        for word, (after, said) in move.items():
            if after != state:
                arrows.setdefault((state, after), []).append(word if said in (word, "9000") else f"{word} / {said}")
    lines = ["stateDiagram-v2", "    [*] --> s0"]
    lines += [f"    s{a} --> s{b}: {', '.join(words)}" for (a, b), words in sorted(arrows.items())]
    return "\n".join(lines) + "\n"
