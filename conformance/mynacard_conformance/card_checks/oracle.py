"""What a card must answer next, from the published table: counts, a set, and where one stands (F-014 to F-029)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .places import Application, Pin


@dataclass(frozen=True, slots=True)
class Ways:
    """Which of several known ways a card has; None where nobody has seen it yet.

    Attributes:
        reset_keeps: Whether a warm reset keeps the application and the successes.
        miss_keeps: Whether a wrong entry keeps an earlier success of the same PIN.

    """

    reset_keeps: bool | None = True
    miss_keeps: bool | None = False


@dataclass(frozen=True, slots=True)
class Oracle:
    """All that a PIN's answers depend on.

    Attributes:
        left: The tries of each PIN that there is.
        current: The current application.
        verified: The PINs that were entered right and whose success has not ended.
        doubtful: Those of which that is not known; they are of the current application.

    """

    left: Mapping[Pin, int]
    current: Application | None = None
    verified: frozenset[Pin] = frozenset()
    doubtful: frozenset[Pin] = frozenset()
    ways: Ways = field(default_factory=Ways)

    def here(self, pin: Pin) -> bool:
        """Whether the PIN's application is current."""
        return pin.application == self.current

    def blocked(self, pin: Pin) -> bool:
        """Whether it has no try left."""
        return self.left[pin] == 0

    def selected(self, application: Application | None) -> Oracle:
        """After the SELECT of an application, or of the level above all."""
        if application == self.current:
            return self
        return replace(self, current=application, verified=frozenset(), doubtful=frozenset())

    def entered(self, pin: Pin, *, right: bool) -> Oracle:
        """After an entry of a PIN of the current application."""
        if self.blocked(pin):
            return self
        if right:
            return replace(
                self,
                left={**self.left, pin: pin.limit},
                verified=self.verified | {pin},
                doubtful=self.doubtful - {pin},
            )
        missed = {**self.left, pin: self.left[pin] - 1}
        had = pin in self.verified or pin in self.doubtful
        if not missed[pin] or self.ways.miss_keeps is False or not had:
            return replace(self, left=missed, verified=self.verified - {pin}, doubtful=self.doubtful - {pin})
        if self.ways.miss_keeps:
            return replace(self, left=missed)
        return replace(self, left=missed, verified=self.verified - {pin}, doubtful=self.doubtful | {pin})

    def powered_off(self) -> Oracle:
        """After the power was cut and came back."""
        return replace(self, current=None, verified=frozenset(), doubtful=frozenset())

    def reset(self) -> Oracle:
        """After a warm reset, of a card whose way with it is known."""
        return self if self.ways.reset_keeps else self.powered_off()
