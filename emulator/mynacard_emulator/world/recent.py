"""The last exchanges of a world that may run for weeks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from mynacard_emulator.transcript import Exchange

KEPT = 10_000
"""How many exchanges are kept, at least; older ones are forgotten."""


class Recent(list[Exchange]):
    """The last exchanges, each handed on as it comes; numbers go on counting over those that are forgotten."""

    def __init__(self, note: Callable[[Exchange], None] = lambda _: None) -> None:
        super().__init__()
        self._note = note
        self._hand = threading.Lock()
        self._forgotten = 0

    def append(self, exchange: Exchange) -> None:
        """Note one more."""
        with self._hand:
            super().append(exchange)
            self._note(exchange)
            if len(self) >= 2 * KEPT:
                self._forgotten += KEPT
                del self[:KEPT]

    def since(self, number: int, most: int) -> tuple[int, Sequence[Exchange]]:
        """The exchanges from that number on, and the number of the first of them: later where those are forgotten."""
        with self._hand:
            first = max(number, self._forgotten)
            start = first - self._forgotten
            return first, self[start : start + most]

    @property
    def total(self) -> int:
        """How many there ever were, which is the number of the next."""
        with self._hand:
            return self._forgotten + len(self)
