"""The app JPKI暗証番号リセット: what has to be done at home before a PIN is reset at a convenience store."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .calendar import KIOSK_AUTH_RESET_SINCE, KIOSK_SIGN_RESET_SINCE
from .certification import require_good
from .chip import require_tries
from .desk import CarryOut, Desk
from .refusal import Refusal, Refused
from .registry import Reservation
from .visit import Visit
from .visitor import PRINCIPAL, Visitor

OFFERED_SINCE = MappingProxyType({"sign": KIOSK_SIGN_RESET_SINCE, "auth": KIOSK_AUTH_RESET_SINCE})
"""The PINs that stores reset; the others are the counter's alone (R-037)."""
PROVEN_BY: Mapping[str, str] = MappingProxyType({"sign": "auth", "auth": "sign"})
"""The PIN by which the holder proves who comes: the other one (R-045)."""
MATCH = "match"


class ResetApp:
    """The app, on the holder's own telephone and at any hour."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out

    def reserve(
        self, pin: str, typed: str, *, face: str | None = MATCH, visitor: Visitor = PRINCIPAL, card: object = None
    ) -> Visit:
        """Reserve the reset of a PIN at a store within 24 hours; a new reservation takes the place of an old one.

        Args:
            pin: `sign` or `auth`.
            typed: The value of the other of these two, for which the card is asked.
            face: `match` where the holder's face is the one on the card, anything else where it is not (F-034).
            visitor: Whether the card is at hand.
            card: The card; None for the current one.

        """

        def work(desk: Desk) -> None:
            require_service(desk, pin)
            prove(desk, pin, typed)
            if face != MATCH and (pin == "sign" or desk.policy.kiosk_face_for_auth):
                raise Refused(Refusal.FACE_MISMATCH)
            desk.put(Reservation(card=desk.card.serial, pin=pin, made=desk.at))

        return self._carry_out(work, card, brought=visitor.card)


def require_service(desk: Desk, pin: str) -> None:
    """Refuse a PIN that stores do not reset, or not yet (R-035 to R-037)."""
    since = OFFERED_SINCE.get(pin)
    if since is None:
        raise Refused(Refusal.SERVICE_NOT_OFFERED)
    if desk.day < since:
        raise Refused(Refusal.FEATURE_NOT_YET_AVAILABLE)


def prove(desk: Desk, pin: str, typed: str) -> None:
    """Have the card's certificates looked at, and then the other PIN typed into it (F-033, D-25)."""
    in_hand = desk.chip
    desk.living_card()
    require_good(desk)
    other = PROVEN_BY[pin]
    require_tries(in_hand.card, other)
    desk.type_in(other, typed)
