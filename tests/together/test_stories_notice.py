"""A requirement is exercised where this is so: its rule is broken, and a story that claims it notices.

The rules of office and services are broken here, one at a time, in their own source. Those of cards and clients have
faulty twins instead (test_the_judge.py, test_the_card_judge.py).
"""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from typing import Any, NamedTuple

import pytest

from mynacard_conformance.adapters.careful import CarefulClient
from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.judge.docket import Docket
from mynacard_conformance.judge.trial import StageFault, StoryFault, Trial
from mynacard_conformance.scenarios.families import SCENARIOS
from mynacard_conformance.scenarios.story import tell
from mynacard_conformance.source_requirements import Layer, source_requirements
from mynacard_emulator.world import open_world

STORIES = {scenario.id: scenario for scenario in SCENARIOS}


class Broken(NamedTuple):
    """A rule that is broken: in the definition at this place, other words stand for these.

    A place is a module and a name in it, such as `office.visitor:Document.is_valid_on`.
    """

    requirements: str
    story: str
    place: str
    words: str
    instead: str

    def __str__(self) -> str:
        return f"{self.requirements.replace(' ', ',')}-{self.story}"


EVIDENCE, CALENDAR, KIOSK, APP = "office.evidence", "office.calendar", "office.kiosk", "office.reset_app"
COUNTER, MYKEY, PORTAL = "office.counter_cards", "services.mykey", "services.portal"
ELIGIBILITY, STATES, ENVIRONMENT = "services.eligibility", "services.states", "services.environment"

NO_ROW = "**{}"
"""What stands for a row of a table that is gone."""

OFFICE = (
    Broken("R-011", "REISSUE-09", f"{COUNTER}:CardErrands.continue_use", "desk.type_in(PinKind.JUKI.value, juki)", "0"),
    Broken("R-018 R-107", "RESET-01", "office.pin_errands:PinErrands.reset_pin", "desk.pins.update(", "dict("),
    Broken("R-019", "RESET-02", "office.visitor:Document.is_valid_on", "day <= self.expires", "True"),
    Broken(
        "R-020", "RESET-02", f"{EVIDENCE}:_require_holders_document", "else _identifies", "else _identifies, count=0"
    ),
    Broken("R-021", "RESET-04", f"{EVIDENCE}:_has_representative", "< REPRESENTED_BELOW", "< 1"),
    Broken("R-022", "RESET-04", f"{EVIDENCE}:_admit_representative", "_require_holders_document(desk, visitor)", "0"),
    Broken("R-022", "RESET-04", f"{EVIDENCE}:_admit_representative", "_require_representation(desk, visitor)", "0"),
    Broken("R-023", "RESET-04", f"{EVIDENCE}:_require_representation", "visitor.same_household or ", ""),
    Broken("R-023", "RESET-04", f"{EVIDENCE}:_require_representation", " or visitor.register_in_city", ""),
    Broken("R-024", "RESET-04", f"{EVIDENCE}:_require_two_own", "_require(desk, visitor.own, _is_photo_id)", "0"),
    Broken("R-024", "RESET-04", f"{EVIDENCE}:_require_two_own", "count=2", "count=1"),
    Broken("R-025", "RESET-06", f"{EVIDENCE}:_admit_agent", "case.opened.date() == desk.day", "False"),
    Broken("R-026 R-028", "RESET-07", f"{EVIDENCE}:_admit_agent", "not visitor.reply_form", "False"),
    Broken(
        "R-027", "RESET-06", f"{EVIDENCE}:_admit_agent", "    case =", "    _require_two_own(desk, visitor)\n    case ="
    ),
    Broken("R-028", "RESET-07", f"{EVIDENCE}:_admit_agent", "_require_holders_document(desk, visitor)", "0"),
    Broken("R-028", "RESET-07", f"{EVIDENCE}:_admit_agent", "_require_two_own(desk, visitor)", "0"),
    Broken("R-029", "RESET-05", f"{EVIDENCE}:_has_representative", "< REPRESENTED_BELOW", "<= REPRESENTED_BELOW"),
    Broken("R-030", "RESET-07", f"{EVIDENCE}:_admit_agent", "not any(", "None in ("),
    Broken("R-031", "RESET-08", f"{CALENDAR}:DESK_OPENS", "time(9)", "time(8)"),
    Broken("R-031", "RESET-08", f"{CALENDAR}:DESK_CLOSES", "time(17)", "time(18)"),
    Broken("R-032", "RESET-08", f"{CALENDAR}:is_working_day", "(12, 29)", "(12, 30)"),
    Broken("R-032", "RESET-08", f"{CALENDAR}:is_working_day", "(1, 3)", "(1, 2)"),
    Broken("R-032", "RESET-08", f"{CALENDAR}:is_working_day", " and day not in _public_holidays(day.year)", ""),
    Broken(
        "R-034",
        "RESET-28",
        "office.hotline:Helpline.reset_pin",
        "_refuse(Refusal.HELPLINE_CANNOT_RESET)",
        "lambda _: None",
    ),
    Broken("R-035", "RESET-13-before-sign", f"{APP}:require_service", "desk.day < since", 'pin == "auth"'),
    Broken("R-036", "RESET-13-before-auth", f"{APP}:require_service", "desk.day < since", "False"),
    Broken("R-036 R-043", "RESET-13", f"{KIOSK}:STORES", 'frozenset({"sign"})', 'frozenset({"sign", "auth"})'),
    Broken("R-037", "RESET-18", f"{APP}:require_service", "SERVICE_NOT_OFFERED", "FEATURE_NOT_YET_AVAILABLE"),
    Broken(
        "R-038",
        "RESET-14",
        f"{KIOSK}:_reservation",
        "    if own is None",
        "    own = own or Reservation(card=desk.card.serial, pin=pin, made=desk.at)\n    if own is None",
    ),
    Broken("R-039", "RESET-17", f"{APP}:ResetApp.reserve", "face != MATCH and", "False and"),
    Broken("R-039", "RESET-15", f"{APP}:ResetApp.reserve", "prove(desk, pin, typed)", "0"),
    Broken("R-040", "RESET-14", f"{CALENDAR}:RESERVATION", "hours=24", "hours=25"),
    Broken("R-041", "RESET-15", f"{KIOSK}:Kiosk.reset", "prove(desk, pin, typed)", "0"),
    Broken("R-042", "RESET-12", f"{APP}:ResetApp.reserve", 'pin == "sign"', 'pin == "auth"'),
    Broken("R-042", "RESET-12", f"{APP}:ResetApp.reserve", "prove(desk, pin, typed)", "0"),
    Broken("R-043", "RESET-13", f"{CALENDAR}:RESERVATION", "hours=24", "hours=25"),
    Broken("R-043", "RESET-13", f"{CALENDAR}:RESERVATION", "hours=24", "hours=23"),
    Broken("R-044", "RESET-12", f"{KIOSK}:Kiosk.reset", "prove(desk, pin, typed)", "0"),
    Broken("R-045", "RESET-16", f"{APP}:prove", "require_tries(in_hand.card, other)", "0"),
    Broken("R-045", "RESET-20", f"{APP}:prove", "require_good(desk)", "0"),
    Broken("R-046", "RESET-11", f"{KIOSK}:Kiosk.reset", "brought=visitor.card", "brought=False"),
    Broken("R-067", "RESET-27", "office.certificate_errands:_set_pins", "desk.pins.update(values)", "0"),
    Broken("R-098", "REISSUE-01", "office.hotline:Hotline.suspend", "revoke(desk, CertEvent.HOLD)", "0"),
    Broken("R-099", "REISSUE-03", f"{COUNTER}:_report", "not loss.police_number", "False"),
    Broken("R-100", "REISSUE-04", f"{COUNTER}:CardErrands.apply_reissue", "_abolish(desk)", "0"),
    Broken("R-108", "RESET-02-photo", f"{EVIDENCE}:_require_holders_document", "_is_photo_id if", "_identifies if"),
)

ETAX = (
    Broken("R-007", "PKI-02", "services.etax:ETax.submit", "not received.has_signed(document, signature)", "False"),
)

PLATFORM = (
    Broken("R-049", "MYKEY-07", f"{MYKEY}:NEEDED", '"jpki-app", ', ""),
    Broken("R-049", "MYKEY-07", f"{MYKEY}:NEEDED", ', "mynapoint-app"', ""),
    Broken("R-071", "MYKEY-07", f"{MYKEY}:NEEDED", '"mynapoint-app"})', '"mynapoint-app", "preparation-software"})'),
    Broken("R-076", "MYKEY-07", f"{MYKEY}:NEEDED", 'frozenset({"preparation-software"})', "frozenset()"),
    Broken("R-050", "MYKEY-01", f"{MYKEY}:MyKeyPlatform.log_in", "if received is None", "if received"),
    Broken(
        "R-051 R-087", "MYKEY-01", f"{MYKEY}:MyKeyPlatform.change_id", "request.put(changed)", "request.put(record)"
    ),
    Broken("R-052", "MYKEY-01", f"{MYKEY}:FORM", "[A-Z0-9]", "[A-Za-z0-9]"),
    Broken("R-052", "MYKEY-01", f"{MYKEY}:FORM", "{8}", "{7,8}"),
    Broken("R-053", "MYKEY-01", f"{MYKEY}:MyKeyPlatform.change_id", "session.checked != name", "False"),
    Broken("R-054", "MYKEY-02", f"{MYKEY}:MyKeyPlatform.change_id", "_require_free(request, name)", "0"),
    Broken("R-055", "MYKEY-01", f"{MYKEY}:MyKeyPlatform.change_id", "confirmed(confirm)", "0"),
    Broken("R-056", "MYKEY-01", f"{MYKEY}:MyKeyPlatform.change_id", "_page(changed)", "_page(record)"),
    Broken("R-057", "MYKEY-03", f"{MYKEY}:MyKeyPlatform.set_password", "request.put(", "print("),
    Broken("R-057", "MYKEY-03", f"{MYKEY}:MyKeyPlatform.set_mail", "request.put(", "print("),
    Broken("R-059", "MYKEY-03", f"{MYKEY}:MyKeyPlatform.set_mail", "confirm is not True", "False"),
    Broken("R-059", "MYKEY-03", f"{MYKEY}:_to_confirm", ", details)", ")"),
    Broken("R-058", "MYKEY-03", f"{MYKEY}:MyKeyPlatform.set_password", "same_twice(password, again)", "0"),
    Broken("R-059", "MYKEY-03", f"{MYKEY}:MyKeyPlatform.set_password", "confirm is not True", "False"),
    Broken("R-062 R-094", "RENEW-01", "office.reliance:lineage", "link.new: link.old", "link.old: link.new"),
    Broken(
        "R-063",
        "MYKEY-01",
        f"{MYKEY}:_record_of",
        "(living[each] for each in lineage(request.office, serial_number) if each in living)",
        "iter(living.values())",
    ),
    Broken("R-064", "MYKEY-08", f"{MYKEY}:FORM", "{8}", "{8,12}"),
    *(
        Broken(
            each,
            story,
            f"{MYKEY}:_session",
            "raise Refused(Refusal.NOT_LOGGED_IN)",
            "session = MyKeySession(browser='', serial_number=1)",
        )
        for each, story in (("R-065", "LOCK-12"), ("R-066", "MYKEY-07"))
    ),
    Broken("R-075", "MYKEY-07", f"{MYKEY}:MyKeyPlatform.create", "request.put(record,", "print(record,"),
    Broken("R-079", "MYKEY-01", f"{MYKEY}:_page", '"id": record.name', '"id": ""'),
    Broken(
        "R-080", "MYKEY-03", f"{MYKEY}:MyKeyPlatform.set_password", "password=keep", "password=record.password or keep"
    ),
    Broken(
        "R-081",
        "MYKEY-03",
        f"{MYKEY}:MyKeyPlatform.log_in_with_password",
        "not is_right(record.password, password)",
        "False",
    ),
    Broken(
        "R-083 R-084", "MYKEY-08", f"{MYKEY}:_page", '"id": record.name', '"id": record.name, "number": "477239193180"'
    ),
    Broken("R-086", "MYKEY-01", f"{MYKEY}:MyKeyPlatform.change_id", "session.checked != name", "not record.points"),
    Broken("R-087", "MYKEY-03", f"{MYKEY}:MyKeyPlatform.set_password", "request.put(", "print("),
    Broken("R-088", "MYKEY-04", f"{MYKEY}:MyKeyPlatform.revoke", "request.put(", "print("),
    Broken(
        "R-089",
        "MYKEY-04",
        f"{MYKEY}:MyKeyPlatform.lift",
        "next_mykey_state(record.state, MyKeyEvent.LIFT)",
        "MyKeyState.ACTIVE",
    ),
    Broken("R-090 R-092", "MYKEY-04", f"{MYKEY}:_usable", "next_mykey_state(record.state, MyKeyEvent.USE_POINTS)", "0"),
    Broken("R-091", "MYKEY-04", f"{MYKEY}:_record_of", "is not MyKeyState.REVOKED", "in MyKeyState"),
    *(
        Broken(each, story, "office.reliance:lineage", "link.new: link.old", "link.old: link.new")
        for each, stories in (
            ("R-093", ("RENEW-03", "RENEW-02-last-day", "RESET-20")),
            ("R-094", ("RENEW-02", "RENEW-08")),
        )
        for story in stories
    ),
    *(
        Broken("R-095", story, f"{MYKEY}:MyKeyPlatform.use_points", "standing != OK", "False")
        for story in ("RENEW-03", "RENEW-04")
    ),
    Broken("R-096", "REISSUE-03", "office.certification:link", "if others", "if not others"),
    *(
        Broken("R-097", story, "office.civil_register:_revoke", "entry.kind in kinds", "True")
        for story in ("REISSUE-08", "REISSUE-09", "RESET-19")
    ),
    Broken("R-101", "MYKEY-05", f"{MYKEY}:MyKeyPlatform.suspend", "request.put(", "print("),
    Broken(
        "R-102",
        "MYKEY-05",
        "services.services:Services.serve",
        "ledger.put(line)",
        "ledger if served.done else ledger.put(line)",
    ),
    Broken("R-103", "MYKEY-08", f"{MYKEY}:_page", "str(record.points)", '""'),
    Broken(
        "R-104",
        "MYKEY-07",
        f"{MYKEY}:_known",
        "raise Refused(Refusal.NOT_REGISTERED)",
        "return MyKeyRecord(name=name, serial_number=1, state=MyKeyState.ACTIVE)",
    ),
)

APP_OF_CLINICS = (
    Broken("R-115", "ELIG-01", f"{ELIGIBILITY}:_missed", "request.office.policy.account_max_failures", "4"),
    Broken("R-116", "ELIG-02-three", f"{ELIGIBILITY}:_missed", "request.office.policy.account_max_failures", "5"),
    Broken("R-117", "ELIG-01", f"{ELIGIBILITY}:LOCK_LASTS", "30", "31"),
    Broken("R-117", "ELIG-01", f"{ELIGIBILITY}:LOCK_LASTS", "30", "29"),
    Broken("R-118", "ELIG-04", f"{ELIGIBILITY}:EligibilityApp.reset_password", "request.put(", "print("),
    Broken("R-119", "ELIG-04", f"{ELIGIBILITY}:PASSCODE_TRIES", "5", "6"),
    Broken(
        "R-120",
        "ELIG-04",
        f"{STATES}:PASSCODE_TRANSITIONS",
        "(_C.LOGIN_REQUIRED, _X.LOG_IN): _C.UNSET",
        NO_ROW,
    ),
    Broken(
        "R-121",
        "ELIG-07",
        f"{STATES}:ACCOUNT_TRANSITIONS",
        "(_A.ACTIVE, _W.UNINSTALL): _A.ORPHANED",
        NO_ROW,
    ),
    Broken(
        "R-122",
        "ELIG-07",
        f"{STATES}:ACCOUNT_TRANSITIONS",
        "(_A.ORPHANED, _W.RELEASE): _A.STOPPED",
        NO_ROW,
    ),
    Broken("R-124", "ELIG-05", f"{ELIGIBILITY}:EligibilityApp.check", "app.mode is not CheckMode.PIN", "False"),
    Broken(
        "R-125",
        "ELIG-06",
        f"{ELIGIBILITY}:EligibilityApp.register",
        "(other.account, other.name) != (name, device)",
        "False",
    ),
    Broken(
        "R-126",
        "ELIG-06",
        f"{ELIGIBILITY}:EligibilityApp.deregister",
        "request.office.policy.deregistration_delay",
        "2 * request.office.policy.deregistration_delay",
    ),
    Broken(
        "R-127",
        "ELIG-06",
        f"{ELIGIBILITY}:EligibilityApp.register",
        "other.state is DeviceState.DEREGISTERING",
        "False",
    ),
    Broken("R-128", "ELIG-07", f"{ELIGIBILITY}:EligibilityApp.stop_account", "AccountEvent.STOP", "AccountEvent.ENTER"),
)

PAGES = (
    Broken("R-131", "PORTAL-01", f"{PORTAL}:MynaPortal.log_in", "received is None", "received"),
    Broken(
        "R-133",
        "PORTAL-06",
        f"{PORTAL}:MynaPortal.show_barcode",
        "_show_barcode(request, _session(request))",
        "Served()",
    ),
    Broken("R-133", "PORTAL-06", f"{PORTAL}:MynaPortal.log_in", "received is None", "received"),
    Broken("R-134", "PORTAL-03", f"{ENVIRONMENT}:SOFTWARE", '"windows": (PORTAL_APP,)', '"windows": ()'),
    Broken("R-135", "PORTAL-03", f"{ENVIRONMENT}:IN_BROWSER", "(ADD_ON, NEW_WINDOW)", "(ADD_ON,)"),
    Broken("R-135", "PORTAL-03", f"{ENVIRONMENT}:IN_BROWSER", "(ADD_ON, NEW_WINDOW)", "(NEW_WINDOW,)"),
    Broken("R-138", "PORTAL-03", f"{ENVIRONMENT}:SOFTWARE", "(JAVA, CLIENT)", "(JAVA,)"),
    Broken("R-138", "PORTAL-03", f"{ENVIRONMENT}:SOFTWARE", "(JAVA, CLIENT)", "()"),
    Broken("R-141", "PORTAL-03", f"{ENVIRONMENT}:Computer.lacks", 'self.system == "mac"', "False"),
    Broken("R-142", "PORTAL-03", f"{PORTAL}:MynaPortal.set_up", "JAVA in missing", "False"),
    Broken("R-143", "PORTAL-03", f"{PORTAL}:MynaPortal.set_up", "JAVA in missing", "missing"),
    Broken("R-148", "PORTAL-03", f"{PORTAL}:MynaPortal.start", "if missing", "if not missing"),
    Broken(
        "R-149",
        "PORTAL-01",
        f"{PORTAL}:MynaPortal.start",
        "PortalState.PIN_DIALOG.value",
        "PortalState.ENV_RESULT.value",
    ),
    Broken("R-150", "PORTAL-03", f"{ENVIRONMENT}:Computer.lacks", 'yield "browser"', 'yield "operating-system"'),
    Broken(
        "R-151",
        "PORTAL-03",
        f"{STATES}:PORTAL_TRANSITIONS",
        "(_P.ENV_RESULT, _D.CLOSE): _P.TOP",
        NO_ROW,
    ),
    Broken(
        "R-153",
        "PORTAL-03",
        f"{STATES}:PORTAL_TRANSITIONS",
        "(_P.PIN_DIALOG, _D.CANCEL): _P.TOP",
        NO_ROW,
    ),
    Broken(
        "R-154",
        "PORTAL-04",
        f"{STATES}:PORTAL_TRANSITIONS",
        "(_P.PIN_DIALOG, _D.READ_ERROR): _P.READ_ERROR",
        NO_ROW,
    ),
    Broken("R-082", "PORTAL-04", f"{PORTAL}:HELP", '"help": "jpki-portal", ', ""),
    Broken("R-158", "PORTAL-04", f"{PORTAL}:HELP", ', "link": "self-test"', ""),
    Broken("R-158", "PORTAL-04", f"{PORTAL}:MynaPortal.self_test", "finding in READER_ERRORS", "False"),
    Broken("R-159", "PORTAL-01", f"{PORTAL}:_menu", "session.expires", "session.previous"),
    Broken(
        "R-160",
        "PORTAL-02",
        f"{STATES}:PORTAL_TRANSITIONS",
        "(_P.REGISTERED, _D.LOG_OUT): _P.LOGGED_OUT",
        NO_ROW,
    ),
    Broken("R-161", "PORTAL-02", f"{PORTAL}:MynaPortal.history", "shown=history(request, NAME, account.folder)", ""),
    Broken("R-163", "PORTAL-02", f"{PORTAL}:MynaPortal.delete_account", "request.drop(account)", "0"),
    Broken("R-164", "PORTAL-01", f"{PORTAL}:_let_in", "PortalEvent.MEET", "PortalEvent.WELCOME"),
    Broken("R-165", "PORTAL-01", f"{PORTAL}:MynaPortal.complete", "request.put(account,", "print(account,"),
    Broken("R-166", "PORTAL-01", f"{PORTAL}:LONGEST_NICKNAME", "20", "21"),
    Broken("R-166", "PORTAL-01", f"{PORTAL}:LONGEST_NICKNAME", "20", "19"),
    Broken("R-166", "PORTAL-01", f"{PORTAL}:_is_nickname", "1 <=", "0 <="),
    Broken("R-167", "PORTAL-01", f"{PORTAL}:_mails", "same_twice(*first)", "0"),
    Broken("R-167", "PORTAL-01", "services.mail:_ADDRESS", "[A-Za-z0-9._%+-]", "[A-Za-zａ0-9._%+-]"),
    Broken("R-168", "PORTAL-01", f"{PORTAL}:_mails", "second[0] == first[0]", "False"),
    Broken("R-169", "PORTAL-01", f"{PORTAL}:MynaPortal.confirm", 'language != "ja"', "False"),
    Broken("R-170", "PORTAL-01", f"{PORTAL}:MynaPortal.confirm", "if each in notices", ""),
    Broken("R-171", "PORTAL-01", f"{PORTAL}:_mails", "not all(", "not mails or not all("),
    Broken("R-172", "PORTAL-01", f"{PORTAL}:_let_in", "account.profile.login_notice", "False"),
    Broken("R-173", "PORTAL-01", f"{PORTAL}:MynaPortal.confirm", "not accept_terms", "False"),
    Broken(
        "R-174",
        "PORTAL-02",
        f"{STATES}:PORTAL_TRANSITIONS",
        "(_P.REGISTER_CONFIRM, _D.CANCEL): _P.TOP",
        NO_ROW,
    ),
    Broken(
        "R-174",
        "PORTAL-01",
        f"{STATES}:PORTAL_TRANSITIONS",
        "(_P.REGISTER_CONFIRM, _D.CORRECT): _P.REGISTER_INPUT",
        NO_ROW,
    ),
    Broken("R-175", "PORTAL-02", f"{PORTAL}:_let_in", "_account_of(request, received.serial_number)", "None"),
    Broken("R-176", "PORTAL-02", f"{PORTAL}:MynaPortal.edit", "nickname=nickname", "nickname=account.profile.nickname"),
    Broken("R-177", "PORTAL-06", f"{PORTAL}:MynaPortal.scan", "if each not in software", "if not software"),
    Broken("R-178", "PORTAL-06", f"{PORTAL}:MynaPortal.scan", "if JPKI_APP in missing", "if missing"),
    Broken("R-178", "PORTAL-06", f"{PORTAL}:MynaPortal.scan", "if JPKI_APP in missing else {}", ""),
    Broken("R-179", "PORTAL-06", f"{PORTAL}:MynaPortal.start", "known and computer.goes_to_barcode", "False"),
    Broken("R-180", "PORTAL-06", f"{PORTAL}:MynaPortal.start", '{"link": "barcode"}', "{}"),
    Broken("R-181", "PORTAL-06", f"{PORTAL}:MynaPortal.scan", "request.put(", "print("),
    Broken("R-182", "LOCK-14", f"{PORTAL}:MynaPortal.cancel_barcode", "session.state is PortalState.BARCODE", "False"),
    Broken(
        "R-184",
        "PORTAL-06",
        f"{PORTAL}:MynaPortal.log_in_by_barcode",
        "return _let_in(request, session, received)",
        "return Served()",
    ),
    Broken(
        "R-185",
        "PORTAL-06",
        f"{PORTAL}:MynaPortal.log_in_by_barcode",
        "PortalSession, shown.browser",
        "PortalSession, request.browser",
    ),
)

BROKEN = (*OFFICE, *ETAX, *PLATFORM, *APP_OF_CLINICS, *PAGES)

ELSEWHERE = {
    "R-009": "the auth key asks for the PIN, which is the card's affair",
    "R-016": "a common value is what a card is issued with",
    "R-130": "a card of another kind is told by the client",
    "R-152": "no service sees the digits; what is typed is the client's affair",
}
"""What no office and no service can break, though it is about them."""


def broken_code(rule: Broken) -> tuple[Any, str, Any]:
    """Where something has to be put so that the rule is broken: its owner, the name there, and what."""
    module_name, _, path = rule.place.partition(":")
    module = importlib.import_module(f"mynacard_emulator.{module_name}")
    source = inspect.getsource(module)
    body, owner, (*outer, name) = ast.parse(source).body, module, path.split(".")
    for each in outer:
        body, owner = (
            next(node.body for node in body if isinstance(node, ast.ClassDef) and node.name == each),
            getattr(owner, each),
        )
    definition = next(node for node in body if name in defined(node))
    words = textwrap.dedent(ast.get_source_segment(source, definition, padded=True) or "")
    assert words.count(rule.words) == 1, (
        f"{rule.place} has {rule.words!r} {words.count(rule.words)} times; break it as it is written now"
    )
    names: dict[str, Any] = {}
    exec(words.replace(rule.words, rule.instead), vars(module), names)  # noqa: S102 - our own source
    there = getattr(owner, name)
    return (there, "__code__", names[name].__code__) if inspect.isfunction(there) else (owner, name, names[name])


def defined(node: ast.stmt) -> set[str]:
    """What a statement gives a name to."""
    match node:
        case ast.FunctionDef(name=name):
            return {name}
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return {each.id for each in ast.walk(target) if isinstance(each, ast.Name)}
        case _:
            return set()


def goes_as_told(story: str) -> bool:
    """Whether an honest client goes through a story as it is told, and office and services do."""
    with open_world("direct") as world:
        client = InProcessClient(CarefulClient, world.connect)
        trial = Trial(world, client, Docket())
        try:
            return tell(STORIES[story], trial) and not trial.broken
        except (StageFault, StoryFault):
            return False
        finally:
            client.shutdown()


@pytest.mark.parametrize("rule", BROKEN, ids=str)
def test_a_story_notices_that_a_rule_is_broken(rule: Broken, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(rule.requirements.split()) <= set(STORIES[rule.story].covers)
    monkeypatch.setattr(*broken_code(rule))
    assert not goes_as_told(rule.story)


def test_every_requirement_on_office_and_services_has_a_rule_that_is_broken() -> None:
    theirs = {Layer.COUNTER, Layer.KIOSK, Layer.PORTAL, Layer.MKPF, Layer.ELIG}
    tested = {name for rule in BROKEN for name in rule.requirements.split()}
    demanded = {each.id for each in source_requirements().values() if each.testable and theirs & set(each.layers)}
    assert demanded - tested == set(ELSEWHERE)
