"""The counter of the municipality: what a visitor can have done there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from mynacard_emulator.personalise.pins import PinKind, format_problem

from .calendar import desk_is_open
from .desk import Desk
from .refusal import Refusal, Refused
from .visit import Visit
from .visitor import PRINCIPAL, Visitor


class CarryOut(Protocol):
    """How a desk has an errand carried out: `Office.carry_out`."""

    def __call__(self, work: Callable[[Desk], Visit | None], card: object = None, *, brought: bool = True) -> Visit:
        """Carry it out, and say what came of it."""
        ...


class Counter:
    """The counter, open on weekdays from 9 to 17 (R-031)."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out

    def reset_pin(
        self, pin: str, new: str, *, confirm: str | None = None, visitor: Visitor = PRINCIPAL, card: object = None
    ) -> Visit:
        """Set a new value for one PIN, locked or forgotten; nothing else on the card changes (R-018, F-026)."""

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand=f"reset_pin.{pin}")
            desk.living_card()
            if confirm is not None and confirm != new:
                raise Refused(Refusal.CONFIRMATION_MISMATCH)
            if format_problem(PinKind(pin), new):
                raise Refused(Refusal.PIN_FORMAT)
            desk.pins[pin] = new

        return self._carry_out(work, card, brought=visitor.card)


def admit(desk: Desk, visitor: Visitor, *, errand: str) -> None:
    """Let a visitor come to the desk with an errand, or say why not (R-019 to R-032)."""
    if not desk_is_open(desk.at):
        raise Refused(Refusal.DESK_CLOSED)
    if not visitor.card:
        raise Refused(Refusal.DOCUMENT_MISSING)
