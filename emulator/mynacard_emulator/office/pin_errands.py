"""The counter's errands about PINs: a new value, or all tries again."""

from __future__ import annotations

from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.personalise.pins import PinKind

from .desk import CarryOut, Desk
from .evidence import admit
from .pin_values import advice, pin_kind, require_format
from .policy import ResetMode
from .refusal import Refusal, Refused
from .visit import Visit
from .visitor import PRINCIPAL, Visitor

_FOUR_DIGITS = (PinKind.AUTH, PinKind.JUKI, PinKind.TEXT)


class PinErrands:
    """What can be done about PINs at the counter."""

    _carry_out: CarryOut

    def reset_pin(
        self, pin: str, new: str, *, confirm: str | None = None, visitor: Visitor = PRINCIPAL, card: object = None
    ) -> Visit:
        """Set a new value for one PIN, locked or forgotten; nothing else on the card changes (R-018, F-026).

        The value that it has may be chosen again (F-005). `confirm` is the value typed a second time.
        """

        def work(desk: Desk) -> Visit:
            admit(desk, visitor, errand=f"reset_pin.{pin}")
            desk.living_card()
            kind = pin_kind(desk, pin)
            if confirm is not None and confirm != new:
                raise Refused(Refusal.CONFIRMATION_MISMATCH)
            require_format(desk, kind, new)
            desk.pins.update(dict.fromkeys(_reset_together(desk, kind), new))
            return Visit(advice=advice(desk.person.holder, new))

        return self._carry_out(work, card, brought=visitor.card)

    def unblock_pin(self, pin: str, *, visitor: Visitor = PRINCIPAL, card: object = None) -> Visit:
        """Give a locked PIN all its tries again, and let it keep its value (F-025, D-09)."""

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand=f"unblock_pin.{pin}")
            desk.living_card()
            if desk.policy.reset_mode is not ResetMode.UNBLOCK:
                raise Refused(Refusal.SERVICE_NOT_OFFERED)
            kind = pin_kind(desk, pin)
            if desk.chip.tries_left(kind.value):
                raise Refused(Refusal.WRONG_STATE)
            desk.pins[kind.value] = ""

        return self._carry_out(work, card, brought=visitor.card)


def _reset_together(desk: Desk, kind: PinKind) -> list[str]:
    """The PIN, and where offices reset all that have one value, those that share it (D-36)."""
    shared = _FOUR_DIGITS if desk.policy.reset_all_shared and kind in _FOUR_DIGITS else ()
    same = [other for other in shared if _values(desk, other) & _values(desk, kind)]
    return [kind.value, *(other.value for other in same if other is not kind)]


def _values(desk: Desk, kind: PinKind) -> frozenset[bytes]:
    """The values that a PIN has on the chip: one, but a pair can have come apart (F-011)."""
    data = desk.chip.card.state.memory.reference_data
    found = (data[path].value for path in PINS[kind.value] if path in data)
    return frozenset(value for value in found if value is not None)
