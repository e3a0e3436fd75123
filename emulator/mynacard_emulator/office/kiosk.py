"""The copier in a convenience store, where a holder with a reservation resets a PIN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from mynacard_emulator.personalise.pins import PinKind

from .calendar import kiosk_is_open, reservation_is_good
from .desk import CarryOut, Desk
from .pin_values import advice, require_format
from .refusal import Refusal, Refused
from .registry import Reservation
from .reset_app import prove, require_service
from .visit import Visit
from .visitor import PRINCIPAL, Visitor

STORES: Mapping[str, frozenset[str]] = MappingProxyType(
    {"both": frozenset({"sign", "auth"}), "sign-only": frozenset({"sign"})}
)
"""What kinds of store there are, and which PINs each one resets (F-032)."""


class Kiosk:
    """A store's terminal, open from 6:30 to 23:00 every day (F-031)."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out

    def reset(  # noqa: PLR0913 - what the screens ask for, one after the other
        self,
        pin: str,
        typed: str,
        new: str,
        *,
        store: str = "both",
        visitor: Visitor = PRINCIPAL,
        card: object = None,
    ) -> Visit:
        """Set a new value for a PIN that was reserved for this card, and nothing else (R-039 to R-046).

        Args:
            pin: `sign` or `auth`.
            typed: The value of the other of these two; while it is wrong, the reservation stays open.
            new: The new value.
            store: `both` or `sign-only`.
            visitor: Whether the card is brought.
            card: The card; None for the current one.

        """

        def work(desk: Desk) -> Visit:
            require_service(desk, pin)
            if pin not in STORES.get(store, frozenset()):
                raise Refused(Refusal.SERVICE_NOT_OFFERED)
            if not kiosk_is_open(desk.at):
                raise Refused(Refusal.DESK_CLOSED)
            reservation = _reservation(desk, pin)
            prove(desk, pin, typed)
            require_format(desk, PinKind(pin), new)
            desk.pins[pin] = new
            desk.put(replace(reservation, used=True))
            return Visit(advice=advice(desk.person.holder, new))

        return self._carry_out(work, card, brought=visitor.card)


def _reservation(desk: Desk, pin: str) -> Reservation:
    """The reservation of this card for this PIN, which must still be good (D-06)."""
    reservations = [found for found in desk.registry.all(Reservation) if found.pin == pin]
    own = next((found for found in reservations if found.card == desk.card.serial), None)
    if own is None:
        elsewhere = any(not found.used and reservation_is_good(found.made, desk.at) for found in reservations)
        raise Refused(Refusal.RESERVATION_OTHER_CARD if elsewhere else Refusal.RESERVATION_MISSING)
    if own.used:
        raise Refused(Refusal.RESERVATION_USED)
    if not reservation_is_good(own.made, desk.at):
        raise Refused(Refusal.RESERVATION_EXPIRED)
    return own
