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
    SELF_TEST = "test card and reader"
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
        (_P.READ_ERROR, _D.SELF_TEST): _P.READ_ERROR,
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


@unique
class AccountState(Enum):
    """Where an account of the eligibility app stands."""

    ISSUED = "issued"
    ACTIVE = "active"
    LOCKED = "password locked"
    ORPHANED = "orphaned"
    STOPPED = "stopped"


@unique
class AccountEvent(Enum):
    """What happens to an account of the eligibility app."""

    REGISTER = "register a device"
    ENTER = "enter the password"
    LOCK = "use the last try up"
    TIME = "half an hour later"
    RESET = "have the password reset"
    UNINSTALL = "uninstall the app"
    RELEASE = "apply for the release"
    STOP = "have it stopped"


_A, _W = AccountState, AccountEvent

ACCOUNT_TRANSITIONS: Mapping[tuple[AccountState, AccountEvent], AccountState] = MappingProxyType(
    {
        (_A.ISSUED, _W.REGISTER): _A.ACTIVE,
        (_A.ACTIVE, _W.REGISTER): _A.ACTIVE,
        (_A.ISSUED, _W.ENTER): _A.ISSUED,
        (_A.ACTIVE, _W.ENTER): _A.ACTIVE,
        (_A.ISSUED, _W.LOCK): _A.LOCKED,
        (_A.ACTIVE, _W.LOCK): _A.LOCKED,
        (_A.LOCKED, _W.LOCK): _A.LOCKED,
        (_A.LOCKED, _W.TIME): _A.ACTIVE,
        (_A.ISSUED, _W.RESET): _A.ISSUED,
        (_A.ACTIVE, _W.RESET): _A.ACTIVE,
        (_A.LOCKED, _W.RESET): _A.ACTIVE,
        (_A.ACTIVE, _W.UNINSTALL): _A.ORPHANED,
        (_A.LOCKED, _W.UNINSTALL): _A.ORPHANED,
        (_A.ORPHANED, _W.RELEASE): _A.STOPPED,
        **{(state, _W.STOP): _A.STOPPED for state in (_A.ISSUED, _A.ACTIVE, _A.LOCKED, _A.ORPHANED)},
    }
)

_ACCOUNT_REFUSALS: Mapping[AccountState, Refusal] = MappingProxyType(
    {
        _A.LOCKED: Refusal.PASSWORD_LOCKED,
        _A.ORPHANED: Refusal.ACCOUNT_CLOSED,
        _A.STOPPED: Refusal.ACCOUNT_STOPPED,
    }
)


def next_account_state(state: AccountState, event: AccountEvent) -> AccountState:
    """Where an account goes from here; raise `Refused` where the table has no such step."""
    following = ACCOUNT_TRANSITIONS.get((state, event))
    if following is None:
        raise Refused(_ACCOUNT_REFUSALS.get(state, Refusal.WRONG_STATE))
    return following


@unique
class PasscodeState(Enum):
    """Where the passcode of an app stands."""

    UNSET = "not set"
    SET = "set"
    LOGIN_REQUIRED = "login required"


@unique
class PasscodeEvent(Enum):
    """What happens to a passcode."""

    SET = "set it"
    ENTER = "enter it"
    USE_UP = "use the last try up"
    LOG_IN = "log in by password"


_C, _X = PasscodeState, PasscodeEvent

PASSCODE_TRANSITIONS: Mapping[tuple[PasscodeState, PasscodeEvent], PasscodeState] = MappingProxyType(
    {
        (_C.UNSET, _X.LOG_IN): _C.UNSET,
        (_C.UNSET, _X.SET): _C.SET,
        (_C.SET, _X.SET): _C.SET,
        (_C.SET, _X.ENTER): _C.SET,
        (_C.SET, _X.LOG_IN): _C.SET,
        (_C.SET, _X.USE_UP): _C.LOGIN_REQUIRED,
        (_C.LOGIN_REQUIRED, _X.LOG_IN): _C.UNSET,
    }
)


def next_passcode_state(state: PasscodeState, event: PasscodeEvent) -> PasscodeState:
    """Where a passcode goes from here; raise `Refused` where the table has no such step."""
    following = PASSCODE_TRANSITIONS.get((state, event))
    if following is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return following


@unique
class DeviceState(Enum):
    """Whether a device is registered for an account."""

    REGISTERED = "registered"
    DEREGISTERING = "being released"
    FREE = "free"


@unique
class DeviceEvent(Enum):
    """What happens to the registration of a device."""

    DEREGISTER = "release it"
    TIME = "an hour later"


DEVICE_TRANSITIONS: Mapping[tuple[DeviceState, DeviceEvent], DeviceState] = MappingProxyType(
    {
        (DeviceState.REGISTERED, DeviceEvent.DEREGISTER): DeviceState.DEREGISTERING,
        (DeviceState.DEREGISTERING, DeviceEvent.TIME): DeviceState.FREE,
    }
)


def next_device_state(state: DeviceState, event: DeviceEvent) -> DeviceState:
    """Where a registration goes from here; raise `Refused` where the table has no such step."""
    following = DEVICE_TRANSITIONS.get((state, event))
    if following is None:
        pending = state is DeviceState.DEREGISTERING
        raise Refused(Refusal.DEREGISTRATION_PENDING if pending else Refusal.NOT_REGISTERED)
    return following


@unique
class CheckMode(Enum):
    """How a patient is known: by the face, or by the auth PIN (R-124)."""

    VISUAL = "visual"
    PIN = "pin"
