"""What can become of an account: literal tables. An event that is not in the row of a state changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, unique
from types import MappingProxyType

from mynacard_emulator.office.refusal import Refusal, Refused


@unique
class MyKeyState(Enum):
    """Where a MyKey ID stands; whether its certificate is good is another question, asked each time."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@unique
class MyKeyEvent(Enum):
    """What happens to a MyKey ID."""

    LOG_IN = "log in"
    CHANGE = "change ID or password"
    USE_POINTS = "use points"
    SUSPEND = "suspend"
    LIFT = "lift"
    REVOKE = "revoke"


_S, _E = MyKeyState, MyKeyEvent

MYKEY_TRANSITIONS: Mapping[tuple[MyKeyState, MyKeyEvent], MyKeyState] = MappingProxyType(
    {
        (_S.ACTIVE, _E.LOG_IN): _S.ACTIVE,
        (_S.ACTIVE, _E.CHANGE): _S.ACTIVE,
        (_S.ACTIVE, _E.USE_POINTS): _S.ACTIVE,
        (_S.ACTIVE, _E.SUSPEND): _S.SUSPENDED,
        (_S.SUSPENDED, _E.LIFT): _S.ACTIVE,
        (_S.ACTIVE, _E.REVOKE): _S.REVOKED,
    }
)


def next_mykey_state(state: MyKeyState, event: MyKeyEvent) -> MyKeyState:
    """Where a MyKey ID goes from here; raise `Refused` where the table has no such step."""
    following = MYKEY_TRANSITIONS.get((state, event))
    if following is not None:
        return following
    match state:
        case MyKeyState.REVOKED:
            raise Refused(Refusal.ID_REVOKED)
        case MyKeyState.SUSPENDED:
            raise Refused(Refusal.ID_SUSPENDED)
        case MyKeyState.ACTIVE:
            raise Refused(Refusal.WRONG_STATE)
