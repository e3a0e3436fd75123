"""The Myna Portal: login with a reader or by 2D barcode, and an account with its field rules (R-130 to R-185)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from mynacard_emulator.office.refusal import Refusal, Refused
from mynacard_emulator.office.reliance import lineage, successor
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.received import ReceivedCertificate

from .environment import BROWSERS, CLIENT, JAVA, JPKI_APP, PHONE_APPS, PORTAL_APP, Computer
from .ledger import Barcode, LogLine, Mail, PortalAccount, PortalSession, Profile
from .mail import is_mail
from .request import Request, Serve, Shown, examine, history, same_twice
from .served import OK, Served
from .states import BarcodeEvent, PortalEvent, PortalState, next_barcode_state, next_portal_state

NAME = "portal"
LONGEST_NICKNAME = 20
NOTICES = ("messages", "deadlines", "maintenance")
"""What a user is told of unless they say otherwise; the banner on other sites alone is not ticked (R-170)."""
ALL_NOTICES = (*NOTICES, "other-sites")
READER_ERRORS = ("no_reader", "reader_busy", "env_incomplete")
READ_ERRORS = (*READER_ERRORS, "no_card", "card_unreadable", "wrong_card", "card_removed")
"""What a client may say that it met before the PIN dialog, of the reader or of the card (R-154)."""
HELP = MappingProxyType({"help": "jpki-portal", "link": "self-test"})
"""Where who cannot read the card is sent: to the help pages of the JPKI portal, and a test there (R-082, R-158)."""
NOT_REACHED = "not reached"
"""What that test says of a card where the reader is at fault."""
BARCODE_LASTS = timedelta(minutes=5)
_BARCODE_BYTES = 16


class MynaPortal:
    """The portal, page by page; what a page does not offer is `wrong_state`."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    def set_up(self, *, software: Collection[str] = (), browser: str = "") -> Served:
        """Run the setup program on a Mac: it stops without Java, and not without the client (R-142, R-143)."""

        def work(request: Request) -> Served:
            missing = [each for each in (JAVA, CLIENT) if each not in software]
            if JAVA in missing:
                return _lacking(missing)
            request.put(replace(_session(request), set_up=True))
            return Served(shown={"missing": ", ".join(missing)})

        return self._serve("portal.set_up", browser, work)

    def start(
        self,
        *,
        system: str = "windows",
        navigator: str = "edge",
        software: Collection[str] = (PORTAL_APP,),
        browser: str = "",
    ) -> Served:
        """Begin a login: the environment is checked, and nothing is said of it where nothing is missing (R-148)."""

        def work(request: Request) -> Served:
            session = _session(request)
            computer = Computer(system, navigator, software, session.set_up)
            known = navigator in BROWSERS.get(system, ())
            if known and computer.goes_to_barcode:
                return _show_barcode(request, session)
            missing = tuple(computer.lacks())
            if missing:
                request.put(_at(session, PortalEvent.LACK))
                return _lacking(missing)
            request.put(_at(session, PortalEvent.START))
            return Served(
                shown={"page": PortalState.PIN_DIALOG.value, **({"link": "barcode"} if system == "mac" else {})}
            )

        return self._serve("portal.start", browser, work)

    def close(self, *, browser: str = "") -> Served:
        """Close the result of the check, or what was said of card and reader; the top page comes (R-151)."""
        return self._step("close", PortalEvent.CLOSE, browser)

    def cancel(self, *, browser: str = "") -> Served:
        """Cancel a login or a registration; nothing is kept, and the top page comes (R-153, R-174)."""
        return self._step("cancel", PortalEvent.CANCEL, browser)

    def read_error(self, cause: str, *, browser: str = "") -> Served:
        """Say what the client met before the PIN dialog; the outcome repeats it (R-154 to R-157)."""

        def work(request: Request) -> Served:
            if cause not in READ_ERRORS:
                raise Refused(Refusal.FIELD_FORMAT)
            request.put(_at(_session(request), PortalEvent.READ_ERROR))
            return Served(cause, shown={"page": PortalState.READ_ERROR.value, **HELP})

        return self._serve("portal.read_error", browser, work)

    def self_test(self, finding: str, *, browser: str = "") -> Served:
        """Test card and reader on the help page: it says which of them what the client met is about (R-158)."""

        def work(request: Request) -> Served:
            if finding not in (OK, *READ_ERRORS):
                raise Refused(Refusal.FIELD_FORMAT)
            session = _at(_session(request), PortalEvent.SELF_TEST)
            request.put(session)
            of_reader = finding in READER_ERRORS
            parts = {"reader": finding if of_reader else OK, "card": NOT_REACHED if of_reader else finding}
            return Served(finding, shown={"page": session.state.value, **parts})

        return self._serve("portal.self_test", browser, work)

    def log_in(self, certificate: bytes, challenge: bytes, signature: bytes, *, browser: str = "") -> Served:
        """Log in at the PIN dialog, by a signature that a card made of a challenge (R-152)."""

        def work(request: Request) -> Served:
            session = _session(request)
            if session.state is not PortalState.PIN_DIALOG:
                raise Refused(Refusal.WRONG_STATE)
            outcome, received = examine(request, NAME, Shown(certificate, challenge, signature))
            return _turn_away(request, session, outcome) if received is None else _let_in(request, session, received)

        return self._serve("portal.log_in", browser, work)

    def show_barcode(self, *, browser: str = "") -> Served:
        """Show a barcode on the computer, for a login with a telephone (R-180)."""

        def work(request: Request) -> Served:
            return _show_barcode(request, _session(request))

        return self._serve("portal.show_barcode", browser, work)

    def scan(self, barcode: str, *, software: Collection[str] = PHONE_APPS, browser: str = "phone") -> Served:
        """Scan a barcode with a telephone that has these apps; a `link` is shown to a missing JPKI app (R-178)."""

        def work(request: Request) -> Served:
            missing = [each for each in PHONE_APPS if each not in software]
            if missing:
                return _lacking(missing, **({"link": JPKI_APP} if JPKI_APP in missing else {}))
            shown = _barcode(request, barcode)
            state = next_barcode_state(shown.state, BarcodeEvent.SCAN)
            request.put(replace(shown, state=state, phone=request.browser))
            return Served()

        return self._serve("portal.scan", browser, work)

    def log_in_by_barcode(
        self, certificate: bytes, challenge: bytes, signature: bytes, barcode: str, *, browser: str = "phone"
    ) -> Served:
        """Log the computer in whose barcode was scanned, with the card at the telephone (R-182 to R-185)."""

        def work(request: Request) -> Served:
            shown = _barcode(request, barcode)
            state = next_barcode_state(shown.state, BarcodeEvent.AUTHENTICATE)
            session = request.ledger.find(PortalSession, shown.browser)
            if session is None or session.state is not PortalState.BARCODE:
                raise Refused(Refusal.BARCODE_EXPIRED)
            outcome, received = examine(request, NAME, Shown(certificate, challenge, signature))
            if received is None:
                return _turn_away(request, session, outcome)
            request.put(replace(shown, state=state))
            return _let_in(request, session, received)

        return self._serve("portal.log_in_by_barcode", browser, work)

    def cancel_barcode(self, barcode: str, *, browser: str = "phone") -> Served:
        """Cancel at the telephone; the computer is at the top page again (R-182)."""

        def work(request: Request) -> Served:
            shown = _barcode(request, barcode)
            request.put(replace(shown, state=next_barcode_state(shown.state, BarcodeEvent.CANCEL)))
            session = request.ledger.find(PortalSession, shown.browser)
            if session is not None and session.state is PortalState.BARCODE:
                request.put(_at(session, PortalEvent.CANCEL))
            return Served()

        return self._serve("portal.cancel_barcode", browser, work)

    def confirm(  # noqa: PLR0913 - the fields of the page
        self,
        nickname: str,
        *,
        mail: str = "",
        mail_again: str = "",
        mail_2: str = "",
        mail_2_again: str = "",
        language: str = "ja",
        notices: Collection[str] = NOTICES,
        login_notice: bool = False,
        accept_terms: bool = True,
        browser: str = "",
    ) -> Served:
        """Accept the terms, and go to the page where what was entered is confirmed (R-166 to R-173)."""

        def work(request: Request) -> Served:
            session = _at(_logged_in(request), PortalEvent.CONFIRM)
            mails = _mails((mail, mail_again), (mail_2, mail_2_again))
            if language != "ja" or not set(notices) <= set(ALL_NOTICES) or not _is_nickname(nickname):
                raise Refused(Refusal.FIELD_FORMAT)
            if not accept_terms:
                raise Refused(Refusal.NOT_CONFIRMED)
            chosen = tuple(each for each in ALL_NOTICES if each in notices)
            profile = Profile(nickname=nickname, mails=mails, notices=chosen, login_notice=login_notice)
            request.put(replace(session, draft=profile))
            return Served(shown={"page": session.state.value, **_profile(profile)})

        return self._serve("portal.confirm", browser, work)

    def correct(self, *, browser: str = "") -> Served:
        """Go back to what was entered (R-174)."""
        return self._step("correct", PortalEvent.CORRECT, browser)

    def complete(self, *, browser: str = "") -> Served:
        """Complete the registration: the account and its folder are made (R-165)."""

        def work(request: Request) -> Served:
            session = _at(_logged_in(request), PortalEvent.COMPLETE)
            if session.draft is None or session.serial_number is None:
                raise Refused(Refusal.WRONG_STATE)
            number = successor(request.office, session.serial_number)
            if _account_of(request, number) is not None:
                raise Refused(Refusal.ALREADY_REGISTERED)
            folder = f"folder-{sum(1 for _ in request.ledger.all(LogLine)):06}"
            account = PortalAccount(folder=folder, serial_number=number, profile=session.draft, last_login=request.at)
            request.put(account, replace(session, folder=folder, draft=None))
            return Served(account=folder, shown={"page": session.state.value, "folder": folder})

        return self._serve("portal.complete", browser, work)

    def show(self, *, browser: str = "") -> Served:
        """Show the main menu: nickname, the login before this one, and when the certificate ends (R-159)."""

        def work(request: Request) -> Served:
            session = _at(_logged_in(request), PortalEvent.OPEN_MENU)
            request.put(session)
            return _menu(session, _own(request, session))

        return self._serve("portal.show", browser, work)

    def edit(self, nickname: str, *, login_notice: bool | None = None, browser: str = "") -> Served:
        """Correct the account (R-176)."""

        def work(request: Request) -> Served:
            session = _at(_logged_in(request), PortalEvent.EDIT)
            account = _own(request, session)
            if not _is_nickname(nickname):
                raise Refused(Refusal.FIELD_FORMAT)
            notice = account.profile.login_notice if login_notice is None else login_notice
            changed = replace(account, profile=replace(account.profile, nickname=nickname, login_notice=notice))
            request.put(changed)
            return _menu(session, changed)

        return self._serve("portal.edit", browser, work)

    def history(self, *, browser: str = "") -> Served:
        """Show what was done with the account, oldest first (R-161)."""

        def work(request: Request) -> Served:
            account = _own(request, _at(_logged_in(request), PortalEvent.OPEN_MENU))
            return Served(account=account.folder, shown=history(request, NAME, account.folder))

        return self._serve("portal.history", browser, work)

    def mails(self, to: str) -> Served:
        """Show which notices were sent to an address, oldest first."""

        def work(request: Request) -> Served:
            sent = (mail for mail in request.ledger.all(Mail) if mail.to == to)
            return Served(shown={str(number): mail.about for number, mail in enumerate(sent, 1)})

        return self._serve("portal.mails", "", work)

    def delete_account(self, *, browser: str = "") -> Served:
        """Delete the account; the next login registers again (R-163)."""

        def work(request: Request) -> Served:
            session = _at(_logged_in(request), PortalEvent.DELETE)
            account = _own(request, session)
            request.drop(account)
            for other in tuple(request.ledger.all(PortalSession)):
                if other.folder == account.folder:
                    request.put(_nobody(other, PortalState.TOP))
            return Served(account=account.folder, shown={"page": PortalState.TOP.value})

        return self._serve("portal.delete_account", browser, work)

    def log_out(self, *, browser: str = "") -> Served:
        """Log out; a page says that it is done (R-160)."""

        def work(request: Request) -> Served:
            session = _at(_logged_in(request), PortalEvent.LOG_OUT)
            request.put(_nobody(session, session.state))
            return Served(account=session.folder, shown={"page": session.state.value})

        return self._serve("portal.log_out", browser, work)

    def _step(self, action: str, event: PortalEvent, browser: str) -> Served:
        """Go to another page; at the top page nobody is logged in."""

        def work(request: Request) -> Served:
            session = _at(_session(request), event)
            request.put(_nobody(session, session.state) if session.state is PortalState.TOP else session)
            return Served(account=session.folder, shown={"page": session.state.value})

        return self._serve(f"portal.{action}", browser, work)


# ---------------------------------------------------------------- sessions


def _session(request: Request) -> PortalSession:
    return request.ledger.find(PortalSession, request.browser) or PortalSession(browser=request.browser)


def _logged_in(request: Request) -> PortalSession:
    session = _session(request)
    if session.serial_number is None:
        raise Refused(Refusal.NOT_LOGGED_IN)
    request.account = session.folder
    return session


def _at(session: PortalSession, event: PortalEvent) -> PortalSession:
    return replace(session, state=next_portal_state(session.state, event))


def _nobody(session: PortalSession, state: PortalState) -> PortalSession:
    return PortalSession(browser=session.browser, state=state, set_up=session.set_up)


def _turn_away(request: Request, session: PortalSession, outcome: str) -> Served:
    request.put(_at(session, PortalEvent.TURN_AWAY))
    return Served(outcome, shown={"page": PortalState.TOP.value})


def _let_in(request: Request, session: PortalSession, received: ReceivedCertificate) -> Served:
    """Go to the main menu, or to the registration of who has no account yet (R-164, R-175)."""
    account = _account_of(request, received.serial_number)
    session = replace(session, serial_number=received.serial_number, expires=received.not_after.astimezone(JST))
    if account is None:
        session = _at(session, PortalEvent.MEET)
        request.put(session)
        return Served(shown={"page": session.state.value})
    session = replace(_at(session, PortalEvent.WELCOME), folder=account.folder, previous=account.last_login)
    account = replace(account, serial_number=received.serial_number, last_login=request.at)
    request.put(session, account)
    if account.profile.login_notice:
        _send(request, account.profile.mails, f"{request.at.isoformat()} login")
    return _menu(session, account)


def _show_barcode(request: Request, session: PortalSession) -> Served:
    """Show another barcode; one that this computer has shown before is worth nothing any more."""
    session = _at(session, PortalEvent.SHOW_BARCODE)
    for former in tuple(request.ledger.all(Barcode)):
        if former.browser == request.browser:
            request.drop(former)
    code = request.random(_BARCODE_BYTES).hex()
    request.put(session, Barcode(code=code, browser=request.browser, shown=request.at))
    return Served(shown={"page": session.state.value, "barcode": code})


def _barcode(request: Request, code: str) -> Barcode:
    """A barcode that lasts; once a telephone has scanned it, no other goes on with it."""
    found = request.ledger.find(Barcode, code)
    if found is None or request.at - found.shown > BARCODE_LASTS:
        raise Refused(Refusal.BARCODE_EXPIRED)
    if found.phone not in (None, request.browser):
        raise Refused(Refusal.WRONG_STATE)
    return found


# ---------------------------------------------------------------- accounts


def _account_of(request: Request, serial_number: int) -> PortalAccount | None:
    """The account of this certificate's holder; whether it is the one of their last card is a policy (D-20)."""
    accounts = {each.serial_number: each for each in request.ledger.all(PortalAccount)}
    numbers = lineage(request.office, serial_number, beyond_card=request.office.policy.portal_links_reissue)
    return next((accounts[each] for each in numbers if each in accounts), None)


def _own(request: Request, session: PortalSession) -> PortalAccount:
    account = request.ledger.find(PortalAccount, session.folder or "")
    if account is None:
        raise Refused(Refusal.NOT_REGISTERED)
    return account


def _menu(session: PortalSession, account: PortalAccount) -> Served:
    days = {"previous_login": session.previous, "certificate_expires": session.expires}
    told = {name: at.isoformat() for name, at in days.items() if at is not None}
    return Served(account=account.folder, shown={"page": session.state.value, **_profile(account.profile), **told})


def _profile(profile: Profile) -> Mapping[str, str]:
    return {
        "nickname": profile.nickname,
        "mails": ", ".join(profile.mails),
        "notices": ", ".join(profile.notices),
        "login_notice": "yes" if profile.login_notice else "no",
    }


def _send(request: Request, mails: Collection[str], about: str) -> None:
    for mail in mails:
        request.put(Mail(number=sum(1 for _ in request.ledger.all(Mail)), to=mail, at=request.at, about=about))


# ---------------------------------------------------------------- fields


def _is_nickname(nickname: str) -> bool:
    return 1 <= len(nickname) <= LONGEST_NICKNAME and nickname.isprintable() and not nickname.isspace()


def _mails(first: tuple[str, str], second: tuple[str, str]) -> tuple[str, ...]:
    """The addresses that were entered, each twice; a second one needs a first, and is another."""
    same_twice(*first)
    same_twice(*second)
    if second[0] and second[0] == first[0]:
        raise Refused(Refusal.DUPLICATE_MAIL)
    mails = tuple(mail for mail, _ in (first, second) if mail)
    if (second[0] and not first[0]) or not all(is_mail(mail) for mail in mails):
        raise Refused(Refusal.FIELD_FORMAT)
    return mails


def _lacking(missing: Collection[str], **shown: str) -> Served:
    """Say what is missing."""
    return Served(Refusal.ENV_INCOMPLETE.value, shown={"missing": ", ".join(missing), **shown})
