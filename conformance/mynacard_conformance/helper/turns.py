"""One request at the card after the other; neither a card that hangs nor its thread keeps the program from ending."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeAlias, TypeVar

from .problems import Problem, Refused

T = TypeVar("T")

Wanted: TypeAlias = Callable[[], bool]
"""Whether somebody still waits for the answer."""

PATIENCE = 5.0
"""Seconds that a request waits for its turn."""
SLOWEST_CARD = 15.0
"""Seconds that it may take on top of that; a signature takes one or two, another program's transaction has no end."""


class Turns:
    """Who may ask the card now."""

    def __init__(self, patience: float = PATIENCE, slowest_card: float = SLOWEST_CARD) -> None:
        self._patience = patience
        self._slowest_card = slowest_card
        self._card = threading.Lock()

    async def take(self, act: Callable[[Wanted], T]) -> T:
        """Carry it out when it is its turn, in a thread of its own.

        Raises `Refused` where its turn does not come, so that nothing was done, and `TimeoutError` where the card does
        not come to an end with it: `act` is then told that its answer is not wanted any more.
        """
        future: Future[T] = Future()
        future.set_running_or_notify_cancel()
        given_up = threading.Event()
        threading.Thread(
            target=self._carry_out, args=(act, given_up, future), name="mynacard-helper-card", daemon=True
        ).start()
        try:
            async with asyncio.timeout(self._patience + self._slowest_card):
                return await asyncio.wrap_future(future)
        finally:
            given_up.set()

    def _carry_out(self, act: Callable[[Wanted], T], given_up: threading.Event, future: Future[T]) -> None:
        if not self._card.acquire(timeout=self._patience):
            future.set_exception(Refused(Problem.BUSY, f"no turn within {self._patience:.0f} s; nothing was done"))
            return
        try:
            if not given_up.is_set():
                future.set_result(act(lambda: not given_up.is_set()))
        except BaseException as error:  # noqa: BLE001 - it is for whoever waits, and must not end the server
            future.set_exception(error if isinstance(error, Exception) else RuntimeError(type(error).__name__))
        finally:
            self._card.release()
