"""The eligibility app: how staff get into it, and how a patient's card is checked there (R-107 to R-129).

The account's lock opens by itself after half an hour. A card's never does: they have nothing to do with each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from mynacard_emulator.office.refusal import Refusal, Refused
from mynacard_emulator.office.reliance import standing_of
from mynacard_emulator.pki.names import CertKind

from .ledger import AppDevice, EligibilityAccount
from .passwords import is_right, keep
from .request import Request, Serve, Shown, examine, require_name
from .served import Served
from .states import (
    AccountEvent,
    AccountState,
    CheckMode,
    DeviceEvent,
    DeviceState,
    PasscodeEvent,
    next_account_state,
    next_device_state,
    next_passcode_state,
)

NAME = "eligibility"
LOCK_LASTS = timedelta(minutes=30)
PASSCODE_TRIES = 5
CONTRADICTION = "R-115 (body): 5; R-116 (contents list): 3 (D-01)"
"""What is told with every wrong password: its source says two things."""
_PASSCODE = re.compile(r"[0-9]{4}", re.ASCII)


class EligibilityApp:
    """The app on its devices, the portal where accounts are applied for, and the call centre."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    def apply(self, name: str, password: str) -> Served:
        """Issue an account (R-121)."""

        def work(request: Request) -> Served:
            require_name(name)
            if not name or not password:
                raise Refused(Refusal.FIELD_FORMAT)
            if request.ledger.find(EligibilityAccount, name) is not None:
                raise Refused(Refusal.ALREADY_REGISTERED)
            request.put(EligibilityAccount(name=name, password=keep(password, request.random)))
            return Served(account=name)

        return self._serve("eligibility.apply", "", work)

    def register(self, name: str, password: str, *, device: str = "") -> Served:
        """Register a device for an account: each has one of the other at a time (R-125, R-127)."""

        def work(request: Request) -> Served:
            account = _known(request, name)
            if _locks_anew(request, account, password):
                return _missed(request, account)
            next_account_state(account.state, AccountEvent.REGISTER)
            for other in _registrations(request, name, device):
                if other.state is DeviceState.DEREGISTERING:
                    raise Refused(Refusal.DEREGISTRATION_PENDING)
                if other.state is DeviceState.REGISTERED and (other.account, other.name) != (name, device):
                    raise Refused(Refusal.DEVICE_REGISTERED)
            if not is_right(account.password, password):
                return _missed(request, account)
            state = next_account_state(account.state, AccountEvent.REGISTER)
            request.put(replace(account, state=state, failures=0))
            request.put(AppDevice(name=device, account=name, signed_in=True))
            return Served(account=name)

        return self._serve("eligibility.register", device, work)

    def log_in(self, name: str, password: str, *, device: str = "") -> Served:
        """Log in at the system's own screen, by account and password (R-115 to R-117)."""

        def work(request: Request) -> Served:
            account = _known(request, name)
            if _locks_anew(request, account, password):
                return _missed(request, account)
            state = next_account_state(account.state, AccountEvent.ENTER)
            app = _device(request)
            if app.account != name:
                raise Refused(Refusal.NOT_REGISTERED)
            if not is_right(account.password, password):
                return _missed(request, account)
            passcode_state = next_passcode_state(app.passcode_state, PasscodeEvent.LOG_IN)
            request.put(replace(account, state=state, failures=0))
            request.put(replace(app, signed_in=True, passcode_state=passcode_state, misses=0))
            return Served(account=name, shown={"passcode": passcode_state.value})

        return self._serve("eligibility.log_in", device, work)

    def set_passcode(self, passcode: str, *, device: str = "") -> Served:
        """Set the passcode with which the app is opened from now on (R-120)."""

        def work(request: Request) -> Served:
            app = _signed_in(request)
            if _PASSCODE.fullmatch(passcode) is None:
                raise Refused(Refusal.FIELD_FORMAT)
            state = next_passcode_state(app.passcode_state, PasscodeEvent.SET)
            request.put(replace(app, passcode=keep(passcode, request.random), passcode_state=state, misses=0))
            return Served(account=app.account)

        return self._serve("eligibility.set_passcode", device, work)

    def close(self, *, device: str = "") -> Served:
        """Close the app; what was missed at the passcode stays missed (D-34)."""

        def work(request: Request) -> Served:
            app = _device(request)
            request.put(replace(app, signed_in=False))
            return Served(account=app.account)

        return self._serve("eligibility.close", device, work)

    def open(self, passcode: str, *, device: str = "") -> Served:
        """Open the app by its passcode; after five wrong ones the system's login screen comes (R-119)."""

        def work(request: Request) -> Served:
            app = _device(request)
            next_account_state(_known(request, app.account).state, AccountEvent.ENTER)
            state = next_passcode_state(app.passcode_state, PasscodeEvent.ENTER)
            if is_right(app.passcode, passcode):
                request.put(replace(app, signed_in=True, passcode_state=state, misses=0))
                return Served(account=app.account)
            left = PASSCODE_TRIES - app.misses - 1
            if left:
                request.put(replace(app, signed_in=False, misses=app.misses + 1))
                return Served(Refusal.WRONG_PASSCODE.value, app.account, {"tries_left": str(left)})
            state = next_passcode_state(app.passcode_state, PasscodeEvent.USE_UP)
            request.put(replace(app, signed_in=False, passcode_state=state, passcode=None, misses=0))
            return Served(Refusal.NOT_LOGGED_IN.value, app.account, {"page": "system login"})

        return self._serve("eligibility.open", device, work)

    def set_mode(self, mode: str, *, device: str = "") -> Served:
        """Choose how patients are known: `visual`, or `pin` (R-124)."""

        def work(request: Request) -> Served:
            app = _signed_in(request)
            chosen = {each.value: each for each in CheckMode}.get(mode)
            if chosen is None:
                raise Refused(Refusal.FIELD_FORMAT)
            request.put(replace(app, mode=chosen))
            return Served(account=app.account)

        return self._serve("eligibility.set_mode", device, work)

    def check_visually(self, certificate: bytes, *, face_confirmed: bool = True, device: str = "") -> Served:
        """Check a patient whom staff know by the face, by the certificate alone; no PIN is asked for (F-070)."""

        def work(request: Request) -> Served:
            app = _signed_in(request)
            if app.mode is not CheckMode.VISUAL:
                raise Refused(Refusal.WRONG_STATE)
            if not face_confirmed:
                raise Refused(Refusal.FACE_MISMATCH)
            received = request.receive(CertKind.AUTH, certificate)
            return Served("cert_invalid" if received is None else standing_of(request.office, received), app.account)

        return self._serve("eligibility.check_visually", device, work)

    def check(self, certificate: bytes, challenge: bytes, signature: bytes, *, device: str = "") -> Served:
        """Check a patient who has entered the auth PIN, by a signature of a challenge."""

        def work(request: Request) -> Served:
            app = _signed_in(request)
            if app.mode is not CheckMode.PIN:
                raise Refused(Refusal.WRONG_STATE)
            outcome, _ = examine(request, NAME, Shown(certificate, challenge, signature))
            return Served(outcome, app.account)

        return self._serve("eligibility.check", device, work)

    def deregister(self, *, device: str = "") -> Served:
        """Release the registration of this device, which takes up to an hour (R-125, R-126, D-33)."""

        def work(request: Request) -> Served:
            app = _signed_in(request)
            state = next_device_state(app.state, DeviceEvent.DEREGISTER)
            free_from = request.at + request.office.policy.deregistration_delay
            request.put(replace(app, state=state, free_from=free_from, signed_in=False))
            return Served(account=app.account, shown={"state": state.value, "free_from": free_from.isoformat()})

        return self._serve("eligibility.deregister", device, work)

    def uninstall(self, *, device: str = "") -> Served:
        """Take the app off a device without a release: nobody logs in with that account again (R-121)."""

        def work(request: Request) -> Served:
            app = _device(request)
            account = _known(request, app.account)
            request.drop(app)
            request.put(replace(account, state=next_account_state(account.state, AccountEvent.UNINSTALL)))
            return Served(account=account.name)

        return self._serve("eligibility.uninstall", device, work)

    def release_account(self, name: str) -> Served:
        """Apply for the release of an account whose app is gone (R-122)."""
        return self._change("release_account", name, AccountEvent.RELEASE)

    def stop_account(self, name: str) -> Served:
        """Have the call centre stop an account whose phone is lost (R-128)."""
        return self._change("stop_account", name, AccountEvent.STOP)

    def reset_password(self, name: str, password: str) -> Served:
        """Have the call centre set a password that nobody knows any more (R-118)."""

        def work(request: Request) -> Served:
            account = _known(request, name)
            if not password:
                raise Refused(Refusal.FIELD_FORMAT)
            state = next_account_state(account.state, AccountEvent.RESET)
            request.put(replace(account, state=state, failures=0, password=keep(password, request.random)))
            return Served(account=name)

        return self._serve("eligibility.reset_password", "", work)

    def _change(self, action: str, name: str, event: AccountEvent) -> Served:
        def work(request: Request) -> Served:
            account = _known(request, name)
            request.put(replace(account, state=next_account_state(account.state, event)))
            return Served(account=name)

        return self._serve(f"eligibility.{action}", "", work)


def _known(request: Request, name: str) -> EligibilityAccount:
    """The account as it stands now: a lock that has lasted half an hour is over."""
    account = request.ledger.find(EligibilityAccount, name)
    if account is None:
        raise Refused(Refusal.NOT_REGISTERED)
    request.account = name
    if account.state is AccountState.LOCKED and account.locked_until is not None and request.at >= account.locked_until:
        state = next_account_state(account.state, AccountEvent.TIME)
        return replace(account, state=state, failures=0, locked_until=None)
    return account


def _registrations(request: Request, account: str, device: str) -> Iterator[AppDevice]:
    """What stands in the way of a registration, or is it already: those of the account, and that of the device."""
    for found in request.ledger.all(AppDevice):
        if found.account == account or found.name == device:
            yield _standing(found, request)


def _standing(device: AppDevice, request: Request) -> AppDevice:
    if device.free_from is not None and request.at >= device.free_from and device.state is DeviceState.DEREGISTERING:
        return replace(device, state=next_device_state(device.state, DeviceEvent.TIME), free_from=None)
    return device


def _device(request: Request) -> AppDevice:
    """The device that asks, which must be registered; raise `Refused`."""
    found = request.ledger.find(AppDevice, request.browser)
    if found is None:
        raise Refused(Refusal.NOT_REGISTERED)
    device = _standing(found, request)
    if device.state is not DeviceState.REGISTERED:
        next_device_state(device.state, DeviceEvent.DEREGISTER)
    request.account = device.account
    return device


def _signed_in(request: Request) -> AppDevice:
    """The device that asks, whose user has opened the app, for an account that is not stopped."""
    device = _device(request)
    if _known(request, device.account).state in (AccountState.STOPPED, AccountState.ORPHANED):
        next_account_state(_known(request, device.account).state, AccountEvent.ENTER)
    if not device.signed_in:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return device


def _locks_anew(request: Request, account: EligibilityAccount, password: str) -> bool:
    """Whether a wrong password begins the half hour of a locked account anew, which is a policy (D-35)."""
    extends = account.state is AccountState.LOCKED and request.office.policy.lock_extends
    return extends and not is_right(account.password, password)


def _missed(request: Request, account: EligibilityAccount) -> Served:
    """Count a wrong password; the last one locks for half an hour."""
    limit = request.office.policy.account_max_failures
    failures = account.failures + 1
    told = {"limit": str(limit), "source": CONTRADICTION}
    if failures < limit:
        request.put(replace(account, failures=failures))
        return Served(Refusal.WRONG_PASSWORD.value, account.name, {"tries_left": str(limit - failures), **told})
    until = request.at + LOCK_LASTS
    state = next_account_state(account.state, AccountEvent.LOCK)
    request.put(replace(account, state=state, failures=limit, locked_until=until))
    return Served(Refusal.PASSWORD_LOCKED.value, account.name, {"until": until.isoformat(), **told})
