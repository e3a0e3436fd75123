"""One verb after the other: a thread of its own carries them out, and no request waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Self, TypeVar

from .problems import Problem, Refused

T = TypeVar("T")

PATIENCE = 15.0
"""Seconds that a request waits, for its turn and for the card; an ejection gives up after 12."""


class Turns:
    """The one thread that acts on a world."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="mynacard-turns")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._executor.shutdown(cancel_futures=True)

    async def take(self, act: Callable[[], T]) -> T:
        """Carry it out when it is its turn; raise `Refused` where that takes too long."""
        try:
            future = self._executor.submit(act)
        except RuntimeError:
            raise Refused(Problem.BUSY, "this run is coming to its end") from None
        try:
            return await asyncio.wait_for(asyncio.shield(asyncio.wrap_future(future)), self._patience)
        except TimeoutError:
            if future.cancel():
                raise Refused(Problem.BUSY, f"no turn within {self._patience:.0f} s; nothing was done") from None
            raise Refused(
                Problem.BUSY, f"the card is busy for more than {self._patience:.0f} s; it is done when that ends"
            ) from None
        except CancelledError:
            raise Refused(Problem.BUSY, "this run is coming to its end") from None
