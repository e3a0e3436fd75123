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


@unique
class PortalState(Enum):
    """Which page of the portal a browser is at."""

    TOP = "top"
    ENV_RESULT = "result of the environment check"
    PIN_DIALOG = "PIN dialog"
    READ_ERROR = "read error"
    BARCODE = "barcode"
    REGISTER_INPUT = "registration"
    REGISTER_CONFIRM = "confirmation"
    REGISTERED = "registered"
    MAIN_MENU = "main menu"
    LOGGED_OUT = "logged out"


@unique
class PortalEvent(Enum):
    """What is done at a page."""

    LACK = "something is missing"
    START = "start"
    CLOSE = "close"
    CANCEL = "cancel"
    READ_ERROR = "read error"
    SHOW_BARCODE = "show the barcode"
    TURN_AWAY = "turn away"
    MEET = "log in without an account"
    WELCOME = "log in"
    CONFIRM = "confirm"
    CORRECT = "correct"
    COMPLETE = "complete"
    OPEN_MENU = "open the menu"
    EDIT = "edit"
    DELETE = "delete the account"
    LOG_OUT = "log out"


_P, _D = PortalState, PortalEvent

PORTAL_TRANSITIONS: Mapping[tuple[PortalState, PortalEvent], PortalState] = MappingProxyType(
    {
        **{
            (state, event): following
            for state in (_P.TOP, _P.LOGGED_OUT)
            for event, following in {
                _D.LACK: _P.ENV_RESULT,
                _D.START: _P.PIN_DIALOG,
                _D.SHOW_BARCODE: _P.BARCODE,
            }.items()
        },
        (_P.ENV_RESULT, _D.CLOSE): _P.TOP,
        (_P.PIN_DIALOG, _D.CANCEL): _P.TOP,
        (_P.PIN_DIALOG, _D.READ_ERROR): _P.READ_ERROR,
        (_P.PIN_DIALOG, _D.SHOW_BARCODE): _P.BARCODE,
        (_P.READ_ERROR, _D.CLOSE): _P.TOP,
        (_P.BARCODE, _D.CANCEL): _P.TOP,
        **{
            (state, event): following
            for state in (_P.PIN_DIALOG, _P.BARCODE)
            for event, following in {
                _D.TURN_AWAY: _P.TOP,
                _D.MEET: _P.REGISTER_INPUT,
                _D.WELCOME: _P.MAIN_MENU,
            }.items()
        },
        (_P.REGISTER_INPUT, _D.CONFIRM): _P.REGISTER_CONFIRM,
        (_P.REGISTER_INPUT, _D.CANCEL): _P.TOP,
        (_P.REGISTER_CONFIRM, _D.CORRECT): _P.REGISTER_INPUT,
        (_P.REGISTER_CONFIRM, _D.CANCEL): _P.TOP,
        (_P.REGISTER_CONFIRM, _D.COMPLETE): _P.REGISTERED,
        (_P.REGISTERED, _D.OPEN_MENU): _P.MAIN_MENU,
        (_P.REGISTERED, _D.LOG_OUT): _P.LOGGED_OUT,
        (_P.MAIN_MENU, _D.OPEN_MENU): _P.MAIN_MENU,
        (_P.MAIN_MENU, _D.EDIT): _P.MAIN_MENU,
        (_P.MAIN_MENU, _D.DELETE): _P.TOP,
        (_P.MAIN_MENU, _D.LOG_OUT): _P.LOGGED_OUT,
    }
)


def next_portal_state(state: PortalState, event: PortalEvent) -> PortalState:
    """Which page comes next; raise `Refused` where the table has no such step."""
    following = PORTAL_TRANSITIONS.get((state, event))
    if following is None:
        raise Refused(Refusal.WRONG_STATE)
    return following


@unique
class BarcodeState(Enum):
    """Where a login by 2D barcode stands."""

    SHOWN = "shown"
    SCANNED = "scanned"
    AUTHENTICATED = "authenticated"
    CANCELLED = "cancelled"


@unique
class BarcodeEvent(Enum):
    """What the telephone does about a barcode."""

    SCAN = "scan"
    AUTHENTICATE = "authenticate"
    CANCEL = "cancel"


BARCODE_TRANSITIONS: Mapping[tuple[BarcodeState, BarcodeEvent], BarcodeState] = MappingProxyType(
    {
        (BarcodeState.SHOWN, BarcodeEvent.SCAN): BarcodeState.SCANNED,
        (BarcodeState.SHOWN, BarcodeEvent.CANCEL): BarcodeState.CANCELLED,
        (BarcodeState.SCANNED, BarcodeEvent.AUTHENTICATE): BarcodeState.AUTHENTICATED,
        (BarcodeState.SCANNED, BarcodeEvent.CANCEL): BarcodeState.CANCELLED,
    }
)


def next_barcode_state(state: BarcodeState, event: BarcodeEvent) -> BarcodeState:
    """Where a login by barcode goes from here; raise `Refused` where the table has no such step."""
    following = BARCODE_TRANSITIONS.get((state, event))
    if following is None:
        raise Refused(Refusal.WRONG_STATE)
    return following
