"""The MyKey platform: an ID that the holder of an auth certificate chooses, with points (R-049 to R-106).

It never hears of a My Number: it is shown a certificate and a signature, and keeps a serial number (R-083, R-084).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from mynacard_emulator.office.refusal import Refusal, Refused
from mynacard_emulator.office.reliance import lineage, standing_of_number, successor

from .ledger import MyKeyRecord, MyKeySession
from .mail import is_mail
from .passwords import is_right, keep
from .request import Request, Serve, Shown, confirmed, examine, history, same_twice
from .served import OK, Served
from .states import MyKeyEvent, MyKeyState, next_mykey_state

NAME = "mykey"
FORM = re.compile(r"[A-Z0-9]{8}", re.ASCII)
HIDDEN = "********"
"""What is shown of a password."""
MOST_POINTS = 2**31 - 1
"""How many can be credited or paid at once."""

NEEDED: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "phone": frozenset({"jpki-app", "mynapoint-app"}),
        "pc": frozenset({"preparation-software"}),
    }
)
"""What has to be installed on each kind of device (R-049, R-076)."""


class MyKeyPlatform:
    """The platform: what its users, its operator and shops do there."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    def start(self, *, device: str = "phone", software: Collection[str] = (), browser: str = "") -> Served:
        """Open the portal on a device (`phone`, `pc`) with this software; `missing` says what else it needs."""

        def work(_: Request) -> Served:
            missing = NEEDED.get(device, frozenset({"a phone or a pc"})) - set(software)
            if missing:
                return Served(Refusal.ENV_INCOMPLETE.value, shown={"missing": ", ".join(sorted(missing))})
            return Served()

        return self._serve("mykey.start", browser, work)

    def log_in(self, certificate: bytes, challenge: bytes, signature: bytes, *, browser: str = "") -> Served:
        """Open My Page by card; who has no ID yet is `not_registered`, and may create one from this browser (R-050)."""

        def work(request: Request) -> Served:
            _leave(request)
            outcome, received = examine(request, NAME, Shown(certificate, challenge, signature))
            if received is None:
                return Served(outcome)
            record = _record_of(request, received.serial_number)
            session = MyKeySession(browser=request.browser, serial_number=received.serial_number)
            if record is None:
                request.put(session)
                return Served(Refusal.NOT_REGISTERED.value)
            refusal = _refusal(record, MyKeyEvent.LOG_IN)
            if refusal is not None:
                return Served(refusal.value, record.name)
            request.put(replace(record, serial_number=received.serial_number), replace(session, account=record.name))
            return _page(record)

        return self._serve("mykey.log_in", browser, work)

    def log_in_with_password(self, name: str, password: str, *, browser: str = "") -> Served:
        """Open My Page by ID and password; whether the certificate has to be good is a policy (R-081, D-18)."""

        def work(request: Request) -> Served:
            record = _known(request, name)
            next_mykey_state(record.state, MyKeyEvent.LOG_IN)
            if not is_right(record.password, password):
                raise Refused(Refusal.WRONG_PASSWORD)
            standing = standing_of_number(request.office, record.serial_number)
            if request.office.policy.password_login_needs_cert and standing != OK:
                return Served(standing, name)
            request.put(MyKeySession(browser=request.browser, account=name))
            return _page(record)

        return self._serve("mykey.log_in_with_password", browser, work)

    def log_out(self, *, browser: str = "") -> Served:
        """Leave; harmless where nobody is logged in."""

        def work(request: Request) -> Served:
            _leave(request)
            return Served()

        return self._serve("mykey.log_out", browser, work)

    def create(self, name: str, *, browser: str = "") -> Served:
        """Make an ID for the holder who has logged in by card and has none (R-075)."""

        def work(request: Request) -> Served:
            session = _session(request)
            if session.account is not None or session.serial_number is None:
                raise Refused(Refusal.ALREADY_REGISTERED)
            number = successor(request.office, session.serial_number)
            _require_good(request, number)
            if _record_of(request, number) is not None:
                raise Refused(Refusal.ALREADY_REGISTERED)
            _require_free(request, name)
            record = MyKeyRecord(name=name, serial_number=number, state=MyKeyState.ACTIVE)
            request.put(record, replace(session, account=name))
            return _page(record)

        return self._serve("mykey.create", browser, work)

    def show(self, *, browser: str = "") -> Served:
        """Show My Page: the ID, which may have been forgotten, and the points (R-079)."""

        def work(request: Request) -> Served:
            _, record = _own(request)
            return _page(record)

        return self._serve("mykey.show", browser, work)

    def check_duplicate(self, name: str, *, browser: str = "") -> Served:
        """Say whether an ID is free to be changed to; it stays free only until somebody takes it (R-053)."""

        def work(request: Request) -> Served:
            session, record = _own(request)
            _require_free(request, name)
            request.put(replace(session, checked=name))
            return Served(account=record.name)

        return self._serve("mykey.check_duplicate", browser, work)

    def change_id(self, name: str, *, confirm: bool = True, browser: str = "") -> Served:
        """Change the ID, at once, to one that was found free; the old one is free or gone (R-054, R-086, D-16)."""

        def work(request: Request) -> Served:
            session, record = _own(request)
            if session.checked != name:
                raise Refused(Refusal.CHECK_FIRST)
            confirmed(confirm)
            _require_free(request, name)
            changed = replace(record, name=name)
            for other in request.ledger.all(MyKeySession):
                if other.account == record.name:
                    request.put(replace(other, account=name, checked=None))
            request.drop(record)
            if request.office.policy.burn_old_ids:
                request.put(_ended(record))
            request.put(changed)
            return _page(changed)

        return self._serve("mykey.change_id", browser, work)

    def set_password(self, password: str, again: str, *, confirm: bool = True, browser: str = "") -> Served:
        """Set the password of My Page, at once; the old one need not be known (R-057 to R-059, R-080)."""

        def work(request: Request) -> Served:
            _, record = _own(request)
            if not password:
                raise Refused(Refusal.FIELD_FORMAT)
            same_twice(password, again)
            if confirm is not True:
                return _to_confirm(record, password=HIDDEN)
            request.put(replace(record, password=keep(password, request.random)))
            return Served(account=record.name, shown={"password": HIDDEN})

        return self._serve("mykey.set_password", browser, work)

    def set_mail(self, mail: str, mail_again: str, *, confirm: bool = True, browser: str = "") -> Served:
        """Set the mail address, or none, at once; it stands in the menu beside the password (R-057, R-059)."""

        def work(request: Request) -> Served:
            _, record = _own(request)
            if mail and not is_mail(mail):
                raise Refused(Refusal.FIELD_FORMAT)
            same_twice(mail, mail_again)
            if confirm is not True:
                return _to_confirm(record, mail=mail)
            changed = replace(record, mail=mail)
            request.put(changed)
            return _page(changed)

        return self._serve("mykey.set_mail", browser, work)

    def revoke(self, *, confirm: bool = True, browser: str = "") -> Served:
        """Revoke the ID for good, and the points with it (R-088 to R-092)."""

        def work(request: Request) -> Served:
            _, record = _own(request)
            confirmed(confirm)
            request.put(_ended(record))
            _close_all(request, record.name)
            return Served(account=record.name)

        return self._serve("mykey.revoke", browser, work)

    def grant_points(self, name: str, points: int) -> Served:
        """Credit points to an ID."""

        def work(request: Request) -> Served:
            record = _usable(request, name)
            _require_number(points)
            request.put(replace(record, points=record.points + points))
            return Served(account=name)

        return self._serve("mykey.grant_points", "", work)

    def use_points(self, name: str, points: int) -> Served:
        """Pay with points: the ID must be in use, and its certificate, or what took its place, good (R-095)."""

        def work(request: Request) -> Served:
            record = _usable(request, name)
            _require_number(points)
            standing = standing_of_number(request.office, record.serial_number)
            if standing != OK:
                return Served(standing, name)
            if points > record.points:
                raise Refused(Refusal.NOT_ENOUGH_POINTS)
            request.put(replace(record, points=record.points - points))
            return Served(account=name, shown={"points": str(record.points - points)})

        return self._serve("mykey.use_points", "", work)

    def suspend(self, name: str) -> Served:
        """Have the operator suspend an ID that leaked or is misused; whoever is logged in is sent out (R-101)."""

        def work(request: Request) -> Served:
            record = _known(request, name)
            request.put(replace(record, state=next_mykey_state(record.state, MyKeyEvent.SUSPEND)))
            _close_all(request, name)
            return Served(account=name)

        return self._serve("mykey.suspend", "", work)

    def lift(self, name: str) -> Served:
        """Have the operator lift a suspension."""

        def work(request: Request) -> Served:
            record = _known(request, name)
            request.put(replace(record, state=next_mykey_state(record.state, MyKeyEvent.LIFT)))
            return Served(account=name)

        return self._serve("mykey.lift", "", work)

    def log(self, name: str) -> Served:
        """Show the operator what was done under an ID, oldest first: a line each, by its number (R-102)."""

        def work(request: Request) -> Served:
            lines = history(request, NAME, name)
            if not lines:
                raise Refused(Refusal.NOT_REGISTERED)
            return Served(account=name, shown=lines)

        return self._serve("mykey.log", "", work)


def _page(record: MyKeyRecord) -> Served:
    """My Page; a mail address is on it where there is one."""
    shown = {"id": record.name, "points": str(record.points), **({"mail": record.mail} if record.mail else {})}
    return Served(account=record.name, shown=shown)


def _to_confirm(record: MyKeyRecord, **details: str) -> Served:
    """Show what would be changed, and change nothing before it is confirmed (R-059)."""
    return Served(Refusal.NOT_CONFIRMED.value, record.name, details)


def _ended(record: MyKeyRecord) -> MyKeyRecord:
    """The ID after its end, for good: its points are lost, and nobody takes it again (R-089, R-092)."""
    state = next_mykey_state(record.state, MyKeyEvent.REVOKE)
    return replace(record, state=state, points=0, password=None, mail="")


def _leave(request: Request) -> None:
    session = request.ledger.find(MyKeySession, request.browser)
    if session is not None:
        request.drop(session)


def _session(request: Request) -> MyKeySession:
    session = request.ledger.find(MyKeySession, request.browser)
    if session is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    return session


def _own(request: Request) -> tuple[MyKeySession, MyKeyRecord]:
    """The session, and the ID of whoever is logged in; raise `Refused` where none is, or it may not be changed."""
    session = _session(request)
    if session.account is None:
        raise Refused(Refusal.NOT_REGISTERED)
    record = _known(request, session.account)
    next_mykey_state(record.state, MyKeyEvent.CHANGE)
    return session, record


def _known(request: Request, name: str) -> MyKeyRecord:
    record = request.ledger.find(MyKeyRecord, name)
    if record is None:
        raise Refused(Refusal.NOT_REGISTERED)
    request.account = name
    return record


def _usable(request: Request, name: str) -> MyKeyRecord:
    record = _known(request, name)
    next_mykey_state(record.state, MyKeyEvent.USE_POINTS)
    return record


def _refusal(record: MyKeyRecord, event: MyKeyEvent) -> Refusal | None:
    try:
        next_mykey_state(record.state, event)
    except Refused as refused:
        return refused.refusal
    return None


def _record_of(request: Request, serial_number: int) -> MyKeyRecord | None:
    """The living ID of this certificate's holder; a revoked one is not linked (R-089, R-096)."""
    living = {
        each.serial_number: each for each in request.ledger.all(MyKeyRecord) if each.state is not MyKeyState.REVOKED
    }
    return next((living[each] for each in lineage(request.office, serial_number) if each in living), None)


def _require_good(request: Request, serial_number: int) -> None:
    if standing_of_number(request.office, serial_number) != OK:
        raise Refused(Refusal.CERT_NOT_VALID)


def _require_free(request: Request, name: str) -> None:
    """Refuse an ID of the wrong form, and one that is taken or burnt (R-052, R-054, D-16)."""
    if FORM.fullmatch(name) is None:
        raise Refused(Refusal.ID_FORMAT)
    if request.ledger.find(MyKeyRecord, name) is not None:
        raise Refused(Refusal.DUPLICATE_ID)


def _require_number(points: int) -> None:
    if not 1 <= points <= MOST_POINTS:
        raise Refused(Refusal.FIELD_FORMAT)


def _close_all(request: Request, name: str) -> None:
    for session in tuple(request.ledger.all(MyKeySession)):
        if session.account == name:
            request.drop(session)
