"""Whom a holder can telephone: the hotline for lost cards, at any time of any day, and the helpline for questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .certification import revoke
from .desk import CarryOut, Desk
from .refusal import Refusal, Refused
from .states import CardEvent, CertEvent
from .visit import Visit


class Hotline:
    """The hotline for lost cards (F-053)."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out

    def suspend(self, *, card: object = None) -> Visit:
        """Suspend a card and put its certificates on hold; the chip, wherever it is, knows nothing of it (F-054)."""

        def work(desk: Desk) -> None:
            entry = desk.living_card()
            desk.put(replace(entry.after(CardEvent.SUSPEND), suspended_at=desk.at))
            revoke(desk, CertEvent.HOLD)

        return self._carry_out(work, card, brought=False)

    def release(self, *, card: object = None) -> Visit:
        """Refuse: a card that was found is released at the counter (F-054)."""
        return self._carry_out(_refuse(Refusal.PHONE_CANNOT_RELEASE), card, brought=False)


class Helpline:
    """The helpline for questions (R-034)."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out

    def reset_pin(self, pin: str, *, card: object = None) -> Visit:
        """Refuse: a PIN is reset at the counter or at a store (R-034)."""
        del pin  # whichever it is
        return self._carry_out(_refuse(Refusal.HELPLINE_CANNOT_RESET), card, brought=False)


def _refuse(refusal: Refusal) -> Callable[[Desk], Visit]:
    def work(_: Desk) -> Visit:
        raise Refused(refusal)

    return work
