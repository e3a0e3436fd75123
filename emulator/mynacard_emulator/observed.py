"""A card in a reader, whose every exchange is noted: what a client's side sees of it is a `CardPort`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Self, TypeVar

from .card import Card, Memory
from .readers.reader import ANY_READER, CardInReader, Reader
from .transcript import Event, Exchange

T = TypeVar("T")


class ObservedCard:
    """Hands everything on to a card in a reader, and notes it.

    Args:
        card: The card.
        note: Called with each exchange, after the card has acted and before the answer leaves.
        reader: The reader that it is in, which answers what is meant for it.

    Attributes:
        place: Which of a world's readers that is.
        number: Which of a world's cards it is.

    Thread-safe: the reader's thread and the world's may both come.

    """

    def __init__(self, card: Card, note: Callable[[Exchange], None], reader: Reader = ANY_READER) -> None:
        self._card = card
        self._in_reader = CardInReader(card, reader)
        self.place = self.number = 0
        self._note = note
        self._lock = threading.Lock()

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._in_reader.atr

    def power_on(self) -> bytes:
        """Supply power; a new session."""
        return self._noted("power_on", self._in_reader.power_on)

    def power_off(self) -> None:
        """Cut the power; the session is forgotten."""
        self._noted("power_off", self._in_reader.power_off)

    def reset(self) -> bytes:
        """Reset with the power on."""
        return self._noted("reset", self._in_reader.reset)

    def transmit(self, command: bytes, /) -> bytes:
        """Carry out one command."""
        with self._lock:
            response = self._in_reader.transmit(command)
            self._note(Exchange("command", command, response, self.place, self.number))
            return response

    def cut_short(self, command: bytes, /) -> None:
        """Lose the power within a command: a try that it costs is spent, and there is no answer."""
        with self._lock:
            self._card.cut_short(command)
            self._note(Exchange("command", command, b"", self.place, self.number))
            self._note(Exchange("power_off", reader=self.place, card=self.number))

    def remember(self, memory: Memory) -> None:
        """Put a memory into the card from outside, between two commands."""
        with self._lock:
            self._card.write(memory)

    def go_on_from(self, other: Self) -> None:
        """Take over the memory and the session of another that is the same card, and its UID."""
        with other._lock, self._lock:
            self._card.state = other._card.state
            self._in_reader.uid = other._in_reader.uid

    def _noted(self, event: Event, act: Callable[[], T]) -> T:
        with self._lock:
            result = act()
            self._note(Exchange(event, reader=self.place, card=self.number))
            return result
