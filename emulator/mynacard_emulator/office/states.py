"""What can become of a card in the registry, and of a certificate: literal tables, from which the docs draw.

An event that is not in the row of a state is refused and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, unique
from types import MappingProxyType

from mynacard_emulator.pki.status import RevocationReason

from .refusal import Refusal, Refused


@unique
class CardState(Enum):
    """Where a card stands with the authority; the chip knows nothing of it (F-030)."""

    APPLIED = "applied"
    READY = "ready"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ABOLISHED = "abolished"


@unique
class CardEvent(Enum):
    """What happens to a card."""

    PRODUCE = "produce"
    DELIVER = "deliver"
    DISCARD = "discard"
    SUSPEND = "suspend"
    RELEASE = "release"
    ABOLISH = "abolish"
    EXPIRE = "expire"
    DIE = "die"
    LEAVE = "leave"
    MOVE = "move"
    CONTINUE_USE = "continue use"
    MISS_DEADLINE = "miss the deadline"
    CONVERT = "convert"


@unique
class CardMode(Enum):
    """Whether a card has PINs, or the holder's face instead (F-069)."""

    NORMAL = "normal"
    FACE_AUTH = "face-auth"


_C, _E = CardState, CardEvent

CARD_TRANSITIONS: Mapping[tuple[CardState, CardEvent], CardState] = MappingProxyType(
    {
        (_C.APPLIED, _E.PRODUCE): _C.READY,
        (_C.READY, _E.DELIVER): _C.ACTIVE,
        (_C.READY, _E.DISCARD): _C.ABOLISHED,
        (_C.ACTIVE, _E.SUSPEND): _C.SUSPENDED,
        (_C.SUSPENDED, _E.RELEASE): _C.ACTIVE,
        (_C.ACTIVE, _E.ABOLISH): _C.ABOLISHED,
        (_C.SUSPENDED, _E.ABOLISH): _C.ABOLISHED,
        (_C.ACTIVE, _E.EXPIRE): _C.EXPIRED,
        (_C.SUSPENDED, _E.EXPIRE): _C.EXPIRED,
        (_C.ACTIVE, _E.DIE): _C.ABOLISHED,
        (_C.SUSPENDED, _E.DIE): _C.ABOLISHED,
        (_C.ACTIVE, _E.LEAVE): _C.ABOLISHED,
        (_C.SUSPENDED, _E.LEAVE): _C.ABOLISHED,
        (_C.ACTIVE, _E.MOVE): _C.ACTIVE,
        (_C.ACTIVE, _E.CONTINUE_USE): _C.ACTIVE,
        (_C.ACTIVE, _E.MISS_DEADLINE): _C.ABOLISHED,
        (_C.ACTIVE, _E.CONVERT): _C.ACTIVE,
    }
)


@unique
class CertState(Enum):
    """Where a certificate stands with its CA."""

    ISSUED = "issued"
    VALID = "valid"
    ON_HOLD = "on hold"
    REVOKED = "revoked"
    EXPIRED = "expired"


@unique
class CertEvent(Enum):
    """What happens to a certificate."""

    DELIVER = "deliver"
    DISCARD = "discard"
    HOLD = "hold"
    RESUME = "resume"
    REPLACE_AFTER_HOLD = "replace after a hold"
    ATTRIBUTE_CHANGE = "change of an attribute"
    RENEW = "renew"
    ABOLISH = "abolish"
    DEATH = "death"
    REQUEST = "request"
    LEAK = "leak"
    EXPIRE = "expire"


_S, _V = CertState, CertEvent

CERT_TRANSITIONS: Mapping[tuple[CertState, CertEvent], CertState] = MappingProxyType(
    {
        (_S.ISSUED, _V.DELIVER): _S.VALID,
        (_S.ISSUED, _V.DISCARD): _S.REVOKED,
        (_S.VALID, _V.HOLD): _S.ON_HOLD,
        (_S.ON_HOLD, _V.RESUME): _S.VALID,
        (_S.ON_HOLD, _V.REPLACE_AFTER_HOLD): _S.REVOKED,
        (_S.VALID, _V.RENEW): _S.REVOKED,
        **{
            (state, event): _S.REVOKED
            for state in (_S.VALID, _S.ON_HOLD)
            for event in (_V.ATTRIBUTE_CHANGE, _V.ABOLISH, _V.DEATH, _V.REQUEST, _V.LEAK)
        },
        (_S.ISSUED, _V.EXPIRE): _S.EXPIRED,
        (_S.VALID, _V.EXPIRE): _S.EXPIRED,
        (_S.ON_HOLD, _V.EXPIRE): _S.EXPIRED,
    }
)


CERT_REASONS: Mapping[CertEvent, RevocationReason | None] = MappingProxyType(
    {
        _V.DISCARD: RevocationReason.UNSPECIFIED,
        _V.HOLD: RevocationReason.CERTIFICATE_HOLD,
        _V.RESUME: None,
        _V.REPLACE_AFTER_HOLD: RevocationReason.SUPERSEDED,
        _V.ATTRIBUTE_CHANGE: RevocationReason.AFFILIATION_CHANGED,
        _V.RENEW: RevocationReason.SUPERSEDED,
        _V.ABOLISH: RevocationReason.CESSATION_OF_OPERATION,
        _V.DEATH: RevocationReason.CESSATION_OF_OPERATION,
        _V.REQUEST: RevocationReason.CESSATION_OF_OPERATION,
        _V.LEAK: RevocationReason.KEY_COMPROMISE,
    }
)
"""What relying parties are told of an event (F-060); None: that the certificate is good again."""


def next_card_state(state: CardState, event: CardEvent) -> CardState:
    """Where a card goes from here; raise `Refused` where the table has no such step."""
    following = CARD_TRANSITIONS.get((state, event))
    if following is not None:
        return following
    if state in (CardState.ABOLISHED, CardState.EXPIRED):
        raise Refused(Refusal.CARD_ABOLISHED)
    raise Refused(Refusal.CARD_SUSPENDED if state is CardState.SUSPENDED else Refusal.WRONG_STATE)


def next_cert_state(state: CertState, event: CertEvent) -> CertState:
    """Where a certificate goes from here; raise `Refused` where the table has no such step."""
    following = CERT_TRANSITIONS.get((state, event))
    if following is None:
        raise Refused(Refusal.CERT_NOT_VALID)
    return following
