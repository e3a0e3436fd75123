"""Learns a card as a Mealy machine from its answers alone, with AALpy (extra `learn`)."""

from __future__ import annotations

from typing import Any, Literal

from . import apdu
from .apdu import Answer
from .automaton import Alphabet, Mealy, Word, explored, output
from .bench import Bench
from .check import NotCovered

Care = Literal["thorough", "careless"]


class CardOnTrial:
    """A card that is asked in words, as learners ask: begun anew, then word by word."""

    def __init__(self, bench: Bench, alphabet: Alphabet) -> None:
        if not bench.renewable:
            raise NotCovered("would-lock", ", ".join(pin.name for pin in alphabet.pins))
        self.bench = bench
        self.alphabet = alphabet

    def begin(self) -> None:
        """Make the card as it was."""
        self.bench.begin()

    def step(self, word: Word) -> str:
        """Say one word, and tell what came of it."""
        act, _, name = word.partition(" ")
        match act:
            case "reset":
                self.bench.reset()
                return act
            case "power-off":
                self.bench.power_on()
                return act
            case "select":
                return output(self.bench.send(apdu.select(self.alphabet.application(name).aid)))
            case "use":
                return output(self.bench.send(self.alphabet.thing(name).command()))
            case "query":
                return output(self.bench.send(apdu.query(self.alphabet.pin(name).sfi)))
            case _:
                return output(self._enter(name, right=act == "right"))

    def _enter(self, name: str, *, right: bool) -> Answer:
        pin = self.alphabet.pin(name)
        value = self.bench.allowance.pins[pin] if right else self.bench.wrong(pin)
        return self.bench.enter(value, pin, sfi=pin.sfi)


def learn(bench: Bench, alphabet: Alphabet, *, care: Care = "thorough", seed: int = 0) -> Mealy:
    """Learn the card; a careless learner asks little whether it is right, and so stops short.

    Raises `ImportError` where AALpy is not installed.
    """
    import random  # noqa: PLC0415 - AALpy draws from the module's own generator

    from aalpy.learning_algs import run_KV  # noqa: PLC0415 - an extra

    trial = CardOnTrial(bench, alphabet)
    state = random.getstate()
    random.seed(seed)
    try:
        sul = _system(trial)
        words = list(alphabet.words)
        learned = run_KV(words, sul, _equivalence(words, sul, care), "mealy", print_level=0)
    finally:
        random.setstate(state)
    return _as_mealy(alphabet, learned)


def _system(trial: CardOnTrial) -> Any:  # noqa: ANN401 - AALpy's own kind
    from aalpy.base import SUL  # noqa: PLC0415 - an extra

    class System(SUL):  # type: ignore[misc]  # AALpy has no types
        """The card, in the shape that AALpy asks for."""

        def pre(self) -> None:
            """Begin anew."""
            trial.begin()

        def post(self) -> None:
            """Leave it as it is."""

        def step(self, letter: Word) -> str:
            """Say a word."""
            return trial.step(letter)

    return System()


def _equivalence(words: list[Word], sul: Any, care: Care) -> Any:  # noqa: ANN401 - likewise
    from aalpy.oracles import RandomWalkEqOracle, StatePrefixEqOracle  # noqa: PLC0415 - an extra

    if care == "careless":
        return RandomWalkEqOracle(words, sul, num_steps=12)
    return StatePrefixEqOracle(words, sul, walks_per_state=40, walk_len=12)


def _as_mealy(alphabet: Alphabet, learned: Any) -> Mealy:  # noqa: ANN401 - likewise
    states = {state.state_id: state for state in learned.states}

    def step(state: object, word: Word) -> tuple[str, str]:
        here = states[state]
        return here.transitions[word].state_id, here.output_fun[word]

    return explored(learned.initial_state.state_id, alphabet.words, step)
