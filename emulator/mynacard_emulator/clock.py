"""The one clock of a world; the card itself has none (F-030)."""

from __future__ import annotations

from datetime import datetime, timedelta

from .personalise.dates import JST

OPENING = datetime(2026, 11, 20, 10, 0, tzinfo=JST)
"""When a world begins unless told otherwise: a Friday, desks open."""


class WorldClock:
    """A clock that stands still until it is moved, and never runs backwards."""

    def __init__(self, now: datetime = OPENING) -> None:
        self._now = now.astimezone(JST)

    @property
    def now(self) -> datetime:
        """The time in the world, in Japan."""
        return self._now

    def set(self, at: datetime) -> None:
        """Move to a later time; raise `ValueError` for an earlier one, or one without a time zone."""
        if at.tzinfo is None:
            raise ValueError("a time without a time zone; say datetime(…, tzinfo=JST)")
        if at < self._now:
            raise ValueError(f"the clock stands at {self._now:%Y-%m-%d %H:%M:%S} and never runs backwards")
        self._now = at.astimezone(JST)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.set(self._now + by)

    def go_back(self, to: datetime) -> None:
        """Return to a moment that a world remembers: what has been since then has not."""
        self._now = to
