"""What the holder's client software can apply for from home, with a card reader."""

from __future__ import annotations

from mynacard_emulator.pki.names import CertKind

from .certification import current, living, revoke
from .desk import CarryOut, Desk
from .refusal import Refusal, Refused
from .states import CertEvent
from .visit import Visit


class Online:
    """Applications over the internet, at any hour (F-061)."""

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out

    def revoke(self, kind: str, pin: str, *, card: object = None) -> Visit:
        """Have the certificate of a kind (`sign`, `auth`) revoked, by its own PIN; the chip goes on as before."""

        def work(desk: Desk) -> None:
            wanted = _kind(kind)
            desk.living_card()
            if current(desk, wanted) is None:
                raise Refused(Refusal.CERT_ABSENT)
            if not any(living(desk, wanted)):
                raise Refused(Refusal.CERT_NOT_VALID)
            desk.type_in(kind, pin)
            revoke(desk, CertEvent.REQUEST, wanted)

        return self._carry_out(work, card)

    def report_leak(self, kind: str, *, card: object = None) -> Visit:
        """Refuse: who suspects that a key has leaked goes to the counter (F-061)."""
        del kind  # whichever it is
        return self._carry_out(_not_offered, card, brought=False)


def _kind(name: str) -> CertKind:
    found = {kind.value: kind for kind in CertKind}.get(name)
    if found is None:
        raise Refused(Refusal.CERT_ABSENT)
    return found


def _not_offered(_: Desk) -> Visit:
    raise Refused(Refusal.SERVICE_NOT_OFFERED)
