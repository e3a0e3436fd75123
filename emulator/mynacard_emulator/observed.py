"""A card whose every exchange is noted: what the reader's side sees of it is a `CardPort`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from .card import Card, Memory
from .transcript import Event, Exchange

T = TypeVar("T")


class ObservedCard:
    """Hands everything on to a card, and notes it.

    Args:
        card: The card.
        note: Called with each exchange, after the card has acted and before the answer leaves.

    Thread-safe: the reader's thread and the world's may both come.

    """

    def __init__(self, card: Card, note: Callable[[Exchange], None]) -> None:
        self._card = card
        self._note = note
        self._lock = threading.Lock()

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._card.atr

    def power_on(self) -> bytes:
        """Supply power; a new session."""
        return self._noted("power_on", self._card.power_on)

    def power_off(self) -> None:
        """Cut the power; the session is forgotten."""
        self._noted("power_off", self._card.power_off)

    def reset(self) -> bytes:
        """Reset with the power on."""
        return self._noted("reset", self._card.reset)

    def transmit(self, command: bytes, /) -> bytes:
        """Carry out one command."""
        with self._lock:
            response = self._card.transmit(command)
            self._note(Exchange("command", command, response))
            return response

    def remember(self, memory: Memory) -> None:
        """Put a memory into the card from outside, between two commands."""
        with self._lock:
            self._card.write(memory)

    def _noted(self, event: Event, act: Callable[[], T]) -> T:
        with self._lock:
            result = act()
            self._note(Exchange(event))
            return result
