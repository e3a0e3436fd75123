"""The reference client with a warning before the last try."""

from __future__ import annotations

from typing import ClassVar

from mynacard_conformance.outcome import Answer, Outcome, PinKind

from .reference import ReferenceClient, action
from .steps import ended


class CarefulClient(ReferenceClient):
    """Stops by itself before the last try, until its user confirms."""

    features: ClassVar[frozenset[str]] = frozenset({"last_try_ok"})

    @action
    def verify_pin(self, pin: PinKind, value: str, *, last_try_ok: bool = False) -> Answer:
        """Put an entry to the card, unless it could be the one that locks it."""
        entry = self.accept(pin, value)
        self.go_to(pin)
        if not last_try_ok and self.query(pin) & 0xF == 1:
            raise ended(Outcome.CANCELLED, "one try is left; confirm to use it")
        return self.enter(pin, entry)
