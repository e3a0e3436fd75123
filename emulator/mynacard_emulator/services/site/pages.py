"""The pages, as data: what a browser is shown where it is, and which actions are offered there.

A page is decided by what the ledger says of the browser, and by nothing else: whoever asks the API and the page at the
same time sees one state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, unique
from types import MappingProxyType

from mynacard_emulator.services import eligibility, mykey, portal
from mynacard_emulator.services.environment import BROWSERS, IN_BROWSER, PHONE_APPS, SOFTWARE
from mynacard_emulator.services.ledger import AppDevice, Barcode, Ledger, MyKeySession, PortalAccount, PortalSession
from mynacard_emulator.services.portal import ALL_NOTICES, BARCODE_LASTS, NOTICES, READ_ERRORS
from mynacard_emulator.services.served import OK
from mynacard_emulator.services.states import BarcodeState, CheckMode, DeviceState, PasscodeState, PortalState

PHONE, OPERATORS = "phone", "operators"
PLACES = (portal.NAME, PHONE, mykey.NAME, eligibility.NAME, OPERATORS)
"""Where pages are: below `/portal/`, and so on."""
WITHOUT_A_PAGE = frozenset({"etax.submit"})
"""What programs alone do: no helper signs documents for a page."""


@unique
class Kind(Enum):
    """How a field is filled in."""

    TEXT = "text"
    PASSWORD = "password"  # noqa: S105 - a kind of field
    NUMBER = "number"
    CHECK = "checkbox"
    CHOICE = "radio"
    MANY = "boxes"
    HIDDEN = "hidden"


@unique
class Card(Enum):
    """What a form asks of the card before it is sent; a script does that through the local helper."""

    NOTHING = "nothing"
    CERTIFICATE = "certificate"
    PROOF = "proof"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    Attributes:
        name: What the action calls it.
        kind: How it is filled in.
        value: What stands in it at first; of several boxes, those that are ticked, between commas.
        choices: What can be chosen.
        needed: Whether it has to be filled in.

    """

    name: str
    kind: Kind = Kind.TEXT
    value: str = ""
    choices: tuple[str, ...] = ()
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """An action that a page offers.

    Attributes:
        action: Which.
        fields: What is filled in.
        card: What the card has to do with it.
        aside: Whether it is for few, and so out of the way.

    """

    action: str
    fields: tuple[Field, ...] = ()
    card: Card = Card.NOTHING
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser is shown.

    Attributes:
        place: Where it is: one of `PLACES`.
        state: Its name within the place.
        forms: What is offered.
        facts: What is said of the account.
        barcode: The code that a telephone takes from it.
        card_first: Whether the card is looked at before anything else, and what is wrong said to the service.
        waits: Whether the page goes on by itself when something has happened elsewhere.

    """

    place: str
    state: str
    forms: tuple[Form, ...] = ()
    facts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    barcode: str | None = None
    card_first: bool = False
    waits: bool = False

    @property
    def name(self) -> str:
        """Under which its words stand."""
        return f"{self.place}.{self.state}"


def page_of(ledger: Ledger, place: str, browser: str, now: datetime, code: str = "") -> Page:
    """The page that a browser is at in a place; a telephone says which barcode it is about."""
    if place == PHONE:
        return _phone(ledger, code, browser, now)
    return _PLACES[place](ledger, browser)


def place_of(action: str) -> str:
    """Where the page is that offers an action, and that comes after it."""
    if action in _ON_A_PHONE:
        return PHONE
    return OPERATORS if action in {form.action for form in _DESK} else action.partition(".")[0]


# ---------------------------------------------------------------- the portal

_SOFTWARE = Field(
    "software",
    Kind.MANY,
    choices=tuple(each for needed in (*SOFTWARE.values(), *IN_BROWSER.values()) for each in needed),
    needed=False,
)
_COMPUTER = (
    Field("system", Kind.CHOICE, "windows", (*BROWSERS, "other")),
    Field(
        "navigator",
        Kind.CHOICE,
        "edge",
        tuple(dict.fromkeys(each for known in BROWSERS.values() for each in sorted(known))),
    ),
    _SOFTWARE,
)
_START = (Form("portal.start", _COMPUTER), Form("portal.set_up", (_SOFTWARE,), aside=True))
_CANCEL = Form("portal.cancel")
_LOG_OUT = Form("portal.log_out")
_PROFILE = (
    Field("nickname"),
    Field("mail", needed=False),
    Field("mail_again", needed=False),
    Field("mail_2", needed=False),
    Field("mail_2_again", needed=False),
    Field("language", Kind.CHOICE, "ja", ("ja",)),
    Field("notices", Kind.MANY, ",".join(NOTICES), ALL_NOTICES, needed=False),
    Field("login_notice", Kind.CHECK, needed=False),
    Field("accept_terms", Kind.CHECK),
)

_PORTAL_FORMS: Mapping[PortalState, tuple[Form, ...]] = MappingProxyType(
    {
        PortalState.TOP: _START,
        PortalState.LOGGED_OUT: _START,
        PortalState.ENV_RESULT: (Form("portal.close"),),
        PortalState.READ_ERROR: (
            Form("portal.self_test", (Field("finding", Kind.CHOICE, OK, (OK, *READ_ERRORS)),)),
            Form("portal.close"),
        ),
        PortalState.PIN_DIALOG: (
            Form("portal.log_in", card=Card.PROOF),
            Form("portal.show_barcode"),
            _CANCEL,
            Form("portal.read_error", (Field("cause", Kind.CHOICE, READ_ERRORS[0], READ_ERRORS),), aside=True),
        ),
        PortalState.BARCODE: (_CANCEL,),
        PortalState.REGISTER_INPUT: (Form("portal.confirm", _PROFILE), _CANCEL),
        PortalState.REGISTER_CONFIRM: (Form("portal.complete"), Form("portal.correct"), _CANCEL),
        PortalState.REGISTERED: (Form("portal.show"), _LOG_OUT),
        PortalState.MAIN_MENU: (
            Form("portal.show"),
            Form("portal.history"),
            Form("portal.edit", (Field("nickname"), Field("login_notice", Kind.CHECK, needed=False))),
            Form("portal.delete_account"),
            _LOG_OUT,
        ),
    }
)


def _portal(ledger: Ledger, browser: str) -> Page:
    session = ledger.find(PortalSession, browser) or PortalSession(browser=browser)
    page = Page(portal.NAME, session.state.name.lower(), _PORTAL_FORMS[session.state])
    match session.state:
        case PortalState.PIN_DIALOG:
            return replace(page, card_first=True)
        case PortalState.BARCODE:
            shown = [each for each in ledger.all(Barcode) if each.browser == browser]
            return replace(page, barcode=shown[-1].code if shown else None, waits=True)
        case PortalState.MAIN_MENU | PortalState.REGISTERED:
            return replace(page, facts=_portal_facts(ledger, session))
        case _:
            return page


def _portal_facts(ledger: Ledger, session: PortalSession) -> Mapping[str, str]:
    account = ledger.find(PortalAccount, session.folder or "")
    known = {
        "nickname": account.profile.nickname if account else None,
        "previous_login": session.previous.isoformat() if session.previous else None,
        "certificate_expires": session.expires.isoformat() if session.expires else None,
    }
    return {name: value for name, value in known.items() if value}


# ---------------------------------------------------------------- the telephone


def _phone(ledger: Ledger, code: str, browser: str, now: datetime) -> Page:
    """The portal's app on a telephone; what it is about is the barcode that it has scanned."""
    found = ledger.find(Barcode, code)
    if found is None or found.phone not in {None, browser}:
        return Page(PHONE, "ready", (Form("portal.scan", (Field("barcode"), _APPS)),))
    if now - found.shown > BARCODE_LASTS:
        return Page(PHONE, "expired")
    about = Field("barcode", Kind.HIDDEN, code)
    forms: Mapping[BarcodeState, tuple[Form, ...]] = {
        BarcodeState.SHOWN: (Form("portal.scan", (about, _APPS)), Form("portal.cancel_barcode", (about,))),
        BarcodeState.SCANNED: (
            Form("portal.log_in_by_barcode", (about,), Card.PROOF),
            Form("portal.cancel_barcode", (about,)),
        ),
    }
    return Page(PHONE, found.state.value, forms.get(found.state, ()))


_APPS = Field("software", Kind.MANY, ",".join(PHONE_APPS), PHONE_APPS, needed=False)
_ON_A_PHONE = frozenset({"portal.scan", "portal.log_in_by_barcode", "portal.cancel_barcode"})

# ---------------------------------------------------------------- the MyKey platform

_ID = Field("name")
_CONFIRM = Field("confirm", Kind.CHECK)
_AT_LAST = replace(_CONFIRM, needed=False)
"""Without it what would be changed is shown first (R-059)."""
_TWICE = (Field("password", Kind.PASSWORD), Field("again", Kind.PASSWORD))
_POINTS = (_ID, Field("points", Kind.NUMBER))
_DEVICE = (
    Field("device", Kind.CHOICE, "phone", tuple(mykey.NEEDED)),
    Field("software", Kind.MANY, choices=tuple(sorted(set().union(*mykey.NEEDED.values()))), needed=False),
)


def _mykey(ledger: Ledger, browser: str) -> Page:
    session = ledger.find(MyKeySession, browser)
    leave = Form("mykey.log_out")
    if session is None:
        by_password = Form("mykey.log_in_with_password", (_ID, Field("password", Kind.PASSWORD)))
        return Page(
            mykey.NAME,
            "top",
            (Form("mykey.log_in", card=Card.PROOF), by_password, Form("mykey.start", _DEVICE, aside=True)),
        )
    if session.account is None:
        return Page(mykey.NAME, "new", (Form("mykey.create", (_ID,)), leave))
    forms = (
        Form("mykey.show"),
        Form("mykey.check_duplicate", (_ID,)),
        Form("mykey.change_id", (Field("name", value=session.checked or ""), _CONFIRM)),
        Form("mykey.set_password", (*_TWICE, _AT_LAST)),
        Form("mykey.set_mail", (Field("mail", needed=False), Field("mail_again", needed=False), _AT_LAST)),
        Form("mykey.revoke", (_CONFIRM,)),
        leave,
    )
    return Page(mykey.NAME, "my_page", forms, {"id": session.account})


# ---------------------------------------------------------------- the eligibility app

_ACCOUNT = (Field("name"), Field("password", Kind.PASSWORD))
_LOG_IN = Form("eligibility.log_in", _ACCOUNT)
_SET_PASSCODE = Form("eligibility.set_passcode", (Field("passcode", Kind.PASSWORD),))
_CHECK: Mapping[CheckMode, Form] = MappingProxyType(
    {
        CheckMode.VISUAL: Form(
            "eligibility.check_visually", (Field("face_confirmed", Kind.CHECK, needed=False),), Card.CERTIFICATE
        ),
        CheckMode.PIN: Form("eligibility.check", card=Card.PROOF),
    }
)


def _eligibility(ledger: Ledger, browser: str) -> Page:
    device = ledger.find(AppDevice, browser)
    if device is None or device.state is not DeviceState.REGISTERED:
        return Page(
            eligibility.NAME, "new", (Form("eligibility.register", _ACCOUNT), Form("eligibility.apply", _ACCOUNT))
        )
    facts = {"account": device.account, "mode": device.mode.value, "passcode": device.passcode_state.value}
    if not device.signed_in:
        by_passcode = Form("eligibility.open", (Field("passcode", Kind.PASSWORD),))
        offered = (by_passcode, _LOG_IN) if device.passcode_state is PasscodeState.SET else (_LOG_IN,)
        return Page(eligibility.NAME, "closed", (*offered, Form("eligibility.uninstall")), facts)
    forms = (
        _CHECK[device.mode],
        Form(
            "eligibility.set_mode",
            (Field("mode", Kind.CHOICE, device.mode.value, tuple(each.value for each in CheckMode)),),
        ),
        _SET_PASSCODE,
        Form("eligibility.close"),
        Form("eligibility.deregister"),
    )
    return Page(eligibility.NAME, "open", forms, facts)


# ---------------------------------------------------------------- who runs the services


_DESK = (
    Form("mykey.log", (_ID,)),
    Form("mykey.suspend", (_ID,)),
    Form("mykey.lift", (_ID,)),
    Form("mykey.grant_points", _POINTS),
    Form("mykey.use_points", _POINTS),
    Form("eligibility.reset_password", _ACCOUNT),
    Form("eligibility.stop_account", (_ID,)),
    Form("eligibility.release_account", (_ID,)),
    Form("portal.mails", (Field("to"),)),
)
"""What the operators of the services do, shops and the call centre."""


def _operators(_ledger: Ledger, _browser: str) -> Page:
    return Page(OPERATORS, "desk", _DESK)


_PLACES: Mapping[str, Callable[[Ledger, str], Page]] = MappingProxyType(
    {portal.NAME: _portal, mykey.NAME: _mykey, eligibility.NAME: _eligibility, OPERATORS: _operators}
)
