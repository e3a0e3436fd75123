"""Whatever is asked for, by whomever and in whatever order: nobody sees what is another's, and the log has it all.

A few users and clinics, each with what they know; beside the services it is kept who knows what, and no more than that.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.services import environment, portal
from mynacard_emulator.services.actions import method_of
from mynacard_emulator.services.ledger import (
    AppDevice,
    Barcode,
    Challenge,
    EligibilityAccount,
    Ledger,
    LogLine,
    MyKeyRecord,
    MyKeySession,
    PortalAccount,
    PortalSession,
)
from mynacard_emulator.services.served import Served
from mynacard_emulator.services.services import ACTIONS, KINDS, LOGINS, ActionError
from mynacard_emulator.services.states import MyKeyState
from mynacard_emulator.world import Snapshot, World
from tests.emulator.office.visits import certificate, happens, renewed

from .holders import proof

pytestmark = pytest.mark.property

AT = {service: tuple(f"{service}.{name}" for name in names) for service, names in ACTIONS.items()}
ALL = tuple(action for actions in AT.values() for action in actions)
PROFILES = ("adult", "foreigner", "child")
BROWSERS, DEVICES = ("", "pc", "phone"), ("", "tablet")
PASSWORDS, PASSCODES = ("apple-4829", "pear-9058", ""), ("1357", "2468", "135")
IDS, CLINICS = ("KEY00001", "KEY00002", "KEY00003", "key00001"), ("clinic-1", "clinic-2", "")
EVERYTHING = (*environment.PHONE_APPS, environment.JAVA, environment.CLIENT, "mynapoint-app", "preparation-software")

PLAUSIBLE: Mapping[str, tuple[object, ...]] = {
    "password": PASSWORDS,
    "again": PASSWORDS,
    "passcode": PASSCODES,
    "points": (1, 300, 500, 501),
    "browser": BROWSERS,
    "device": DEVICES,
    "software": (EVERYTHING, list(EVERYTHING), ()),
    "system": ("windows", "mac"),
    "navigator": ("edge", "safari", "chrome"),
    "cause": portal.READ_ERRORS,
    "finding": ("ok", *portal.READ_ERRORS),
    "nickname": ("かくう", "みほん"),
    "mail": ("a@mihon.example",),
    "mail_again": ("a@mihon.example",),
    "mail_2": ("",),
    "mail_2_again": ("",),
    "language": ("ja",),
    "notices": (portal.NOTICES, portal.ALL_NOTICES),
    "to": ("a@mihon.example", ""),
    "mode": ("pin", "visual"),
    "document": (b"contract", b""),
}
"""What is said under each name by those who mean it; the rest depends on what was before."""
OTHERWISE: tuple[object, ...] = (
    *("", "\0", "\ud800", "two\nlines", "x" * 100_000, "ＫＥＹ００００１", "../../etc/passwd"),
    *(b"", b"\0" * 100_000, None, True, 0, 2**70, 1.5, float("nan"), [], ["x", 5], {}, {"x": "y"}, object),
)
"""What is said by those who do not: too long, of another kind, and what cannot be written down."""


LEFT_OUT = object()


class Said(NamedTuple):
    """What somebody has prepared for a login: what is shown, and when and where it is good."""

    shown: Mapping[str, bytes]
    service: str
    at: datetime


class Users(RuleBasedStateMachine):
    """Everybody who asks, and what they know of themselves.

    Accounts and certificates are mapped to the person whose they are, by number; browsers to the person who has logged
    in there.
    """

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.cards = [self.world.issue(profile) for profile in PROFILES]
        for card in self.cards:
            self.world.swap(card)
            renewed(self.world, CertKind.AUTH)  # the keys that they were issued with are the same
        self.certificates: dict[bytes, int] = {}
        self.prepared: list[Said] = []
        self.spent: set[bytes] = set()
        self.ids: dict[str, int] = {}
        self.points: dict[str, int] = {}
        self.folders: dict[str, int] = {}
        self.at_mykey: dict[str, int] = {}
        self.at_portal: dict[str, int] = {}
        self.computers: dict[str, str] = {}
        self.passwords: dict[str, str] = {}
        self.passcodes: dict[str, str] = {}
        self.asked, self.what_was_wrong = 0, list[str]()

    # ------------------------------------------------------------ what happens

    @initialize()
    def two_have_accounts_everywhere_and_a_clinic_has_a_device(self) -> None:
        for person, browser in ((0, "pc"), (1, "")):
            self._logs_in(person, "mykey.log_in", browser=browser)
            self.ask("mykey.create", name=IDS[person], browser=browser)
            self.ask("mykey.set_password", password=PASSWORDS[person], again=PASSWORDS[person], browser=browser)
            self.ask("mykey.grant_points", name=IDS[person], points=500)
            self.ask("portal.start", browser=browser)
            self._logs_in(person, "portal.log_in", browser=browser)
            self.ask("portal.confirm", nickname="かくう", login_notice=True, browser=browser)
            self.ask("portal.complete", browser=browser)
        self.ask("eligibility.apply", name=CLINICS[0], password=PASSWORDS[0])
        self.ask("eligibility.register", name=CLINICS[0], password=PASSWORDS[0], device="")
        self.ask("eligibility.set_passcode", passcode=PASSCODES[0], device="")
        assert all(line.outcome in ("ok", "not_registered") for line in self.world.services.log)

    @rule(data=st.data(), action=st.sampled_from(AT["mykey"]))
    def somebody_asks_mykey(self, data: st.DataObject, action: str) -> None:
        self.ask(action, **self._details(data, action))

    @rule(data=st.data(), action=st.sampled_from(AT["portal"]))
    def somebody_asks_the_portal(self, data: st.DataObject, action: str) -> None:
        self.ask(action, **self._details(data, action))

    @rule(data=st.data(), action=st.sampled_from(AT["eligibility"]))
    def somebody_asks_the_app(self, data: st.DataObject, action: str) -> None:
        self.ask(action, **self._details(data, action))

    @rule(browser=st.sampled_from(BROWSERS), name=st.sampled_from(IDS))
    def somebody_wants_another_id(self, browser: str, name: str) -> None:
        self.ask("mykey.check_duplicate", name=name, browser=browser)
        self.ask("mykey.change_id", name=name, browser=browser)

    @rule(browser=st.sampled_from(BROWSERS), name=st.sampled_from(IDS), password=st.sampled_from(PASSWORDS))
    def somebody_types_a_password(self, browser: str, name: str, password: str) -> None:
        self.ask("mykey.log_in_with_password", name=name, password=password, browser=browser)

    @rule(name=st.sampled_from(IDS), points=st.sampled_from((1, 300, 501)))
    def somebody_pays(self, name: str, points: int) -> None:
        self.ask("mykey.use_points", name=name, points=points)

    @rule(name=st.sampled_from(CLINICS), password=st.sampled_from(PASSWORDS), device=st.sampled_from(DEVICES))
    def a_clinic_registers_a_device(self, name: str, password: str, device: str) -> None:
        self.ask("eligibility.apply", name=name, password=password)
        self.ask("eligibility.register", name=name, password=password, device=device)

    @rule(passcode=st.sampled_from(PASSCODES), device=st.sampled_from(DEVICES))
    def somebody_opens_the_app(self, passcode: str, device: str) -> None:
        self.ask("eligibility.open", passcode=passcode, device=device)

    @rule(data=st.data(), action=st.sampled_from(ALL), junk=st.sampled_from(OTHERWISE))
    def somebody_asks_for_nonsense(self, data: st.DataObject, action: str, junk: object) -> None:
        details = self._details(data, action)
        details[data.draw(st.sampled_from((*details, "nonsense")))] = junk
        self.ask(action, **details)

    @rule(
        data=st.data(), person=st.integers(0, 2), place=st.sampled_from(("mykey", "portal", "barcode", "eligibility"))
    )
    def a_holder_logs_in(self, data: st.DataObject, person: int, place: str) -> None:
        browser = data.draw(st.sampled_from(BROWSERS))
        match place:
            case "mykey":
                self._logs_in(person, "mykey.log_in", browser=browser)
            case "portal":
                self.ask("portal.start", browser=browser)
                self._logs_in(person, "portal.log_in", browser=browser)
            case "barcode":
                self.ask("portal.show_barcode", browser=browser)
                code = data.draw(st.sampled_from(self._known("portal.scan", "barcode")))
                self.ask("portal.scan", barcode=code)
                self._logs_in(person, "portal.log_in_by_barcode", barcode=code)
            case _:
                self.ask("eligibility.set_mode", mode="pin")
                self._logs_in(person, "eligibility.check")

    @rule(data=st.data(), place=st.sampled_from(("mykey.log_in", "portal.log_in", "eligibility.check")))
    def somebody_shows_what_was_shown_or_prepared_before(self, data: st.DataObject, place: str) -> None:
        """Perhaps of several logins, perhaps of one, perhaps somewhere else."""
        one, other = (data.draw(st.sampled_from(self.prepared)).shown for _ in range(2))
        if place == "portal.log_in":
            self.ask("portal.start")
        mixed = data.draw(st.sampled_from(({}, {}, {"certificate"}, {"signature"})))
        self.ask(place, **{name: (other if name in mixed else one)[name] for name in one})

    @rule(person=st.integers(0, 2), service=st.sampled_from(LOGINS))
    def somebody_prepares(self, person: int, service: str) -> None:
        shown = proof(self.world, service, self.cards[person])
        self.certificates[shown["certificate"]] = person
        self.prepared.append(Said(shown, service, self.world.clock.now))

    @rule(minutes=st.sampled_from((1, 5, 6, 30, 60)))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.advance(timedelta(minutes=minutes))

    @rule(person=st.integers(0, 2), event=st.sampled_from((CertEvent.HOLD, CertEvent.RESUME, CertEvent.RENEW)))
    def something_becomes_of_a_certificate(self, person: int, event: CertEvent) -> None:
        self.world.swap(self.cards[person])
        on_hold = self.world.status_of(certificate(self.world.current)) == "certificateHold"
        if on_hold is not (event is CertEvent.RESUME):
            return
        if event is CertEvent.RENEW:
            renewed(self.world, CertKind.AUTH)
        else:
            happens(self.world, event, CertKind.AUTH)

    def teardown(self) -> None:
        services, snapshot = self.world.services, self.world.snapshot()
        written = snapshot.to_json(reveal=True)
        kept = f"{written}{services.ledger!r}{services.log!r}"
        assert not [secret for secret in PASSWORDS if secret and secret in kept]
        assert Snapshot.from_json(written) == snapshot
        assert all(message.isprintable() and len(message) < 2000 for message in self.what_was_wrong)

    def _logs_in(self, person: int, action: str, **details: object) -> None:
        self.somebody_prepares(person, action.partition(".")[0])
        self.ask(action, **details, **self.prepared[-1].shown)

    def _details(self, data: st.DataObject, action: str) -> dict[str, object]:
        """What somebody says who means it; what need not be said is left out at times."""
        details: dict[str, object] = {}
        for name, parameter in inspect.signature(method_of(action)).parameters.items():
            if name != "self":
                optional = () if parameter.default is parameter.empty else (LEFT_OUT,)
                said = data.draw(st.sampled_from((*self._known(action, name), *optional)))
                details |= {} if said is LEFT_OUT else {name: said}
        return details

    def _known(self, action: str, name: str) -> tuple[object, ...]:
        """What may be said under a name, by all that is known here."""
        match name:
            case "name" if action == "eligibility.apply":
                return CLINICS
            case "name":
                return (*(CLINICS if action.startswith("eligibility") else IDS), PASSWORDS[0])
            case "barcode":
                return tuple(each.code for each in self.world.services.ledger.all(Barcode)) or ("made up",)
            case "certificate" | "challenge" | "signature":
                return tuple(said.shown[name] for said in self.prepared[-2:]) or (b"",)
            case "confirm" | "face_confirmed" | "accept_terms" | "login_notice":
                return (True, True, False)
            case _:
                return PLAUSIBLE.get(name, ("something",))

    # ------------------------------------------------------------ what is always so

    def ask(self, action: str, **details: object) -> None:
        """Ask, and hold what comes of it against what may be."""
        services = self.world.services
        before, lines = services.ledger, len(services.log)
        try:
            served = services.perform(action, **details)
        except ActionError as error:
            self.what_was_wrong.append(str(error))
            assert services.ledger is before
            return
        self.asked += 1
        assert len(services.log) == lines + 1 == self.asked
        line = services.log[-1]
        assert (line.action, line.outcome, line.at) == (action, served.outcome, self.world.clock.now)
        met = served.outcome == "not_registered" and action == "mykey.log_in"  # logged in, to create an ID
        if served.done:
            self._learn(action, details, served, before)
        else:
            self._has_granted_nothing(before, services.ledger, action)
            if met:
                self.at_mykey[str(details.get("browser", ""))] = self._shown_by("mykey", details)
        if served.done or served.outcome.startswith("cert_") or met:
            self.spent |= {value for value in (details.get("challenge"),) if isinstance(value, bytes)}
        self._everybody_sees_their_own()
        assert {key: points for key, points in self.points.items() if points} == {
            record.name: record.points for record in services.ledger.all(MyKeyRecord) if record.points
        }

    def _has_granted_nothing(self, before: Ledger, after: Ledger, action: str) -> None:
        """A refusal has changed nothing but the log, the challenge, counts of failures, and who is sent out."""
        for name in before.records.keys() | after.records.keys():
            old, new = before.records.get(name), after.records.get(name)
            match old, new:
                case _ if old is new:
                    pass
                case None, LogLine():
                    pass
                case Challenge() | MyKeySession(), None:
                    pass
                case _, MyKeySession(account=None):
                    assert action == "mykey.log_in"
                case _, PortalSession(serial_number=None, folder=None, draft=None):
                    pass
                case EligibilityAccount(name=of, password=kept), EligibilityAccount(name=still, password=same):
                    assert (of, kept) == (still, same)
                case AppDevice(account=of), AppDevice(account=still, signed_in=False):
                    assert of == still
                case _:
                    pytest.fail(f"{action} was not granted, and has changed {name}")

    def _everybody_sees_their_own(self) -> None:
        ledger = self.world.services.ledger
        for session in ledger.all(MyKeySession):
            assert session.account is None or self.ids[session.account] == self.at_mykey.get(session.browser)
        for page in ledger.all(PortalSession):
            assert page.folder is None or self.folders[page.folder] == self.at_portal.get(page.browser)
            assert page.serial_number is None or page.browser in self.at_portal
        living = [self.ids[each.name] for each in ledger.all(MyKeyRecord) if each.state is not MyKeyState.REVOKED]
        assert len(set(living)) == len(living)
        registered = [self.folders[each.folder] for each in ledger.all(PortalAccount)]
        assert len(set(registered)) == len(registered)
        now = self.world.clock.now
        served = [each.account for each in ledger.all(AppDevice) if each.free_from is None or each.free_from > now]
        assert len(set(served)) == len(served)

    def _shown_by(self, service: str, details: Mapping[str, Any]) -> int:
        """Whose card it was that was shown: a proof that was prepared for this service, lately, and not used before."""
        challenge, certificate = details["challenge"], details["certificate"]
        (said,) = [said for said in self.prepared if said.shown["challenge"] == challenge]
        assert {name: details[name] for name in said.shown} == said.shown
        assert said.service == service
        assert self.world.clock.now - said.at <= timedelta(minutes=5)
        assert challenge not in self.spent
        assert self.world.status_of(certificate) == "good"
        return self.certificates[certificate]

    def _learn(self, action: str, details: Mapping[str, Any], served: Served, before: Ledger) -> None:
        """What follows from an action that was granted, and whether it may have been."""
        service, _, what = action.partition(".")
        match service:
            case "mykey":
                self._learn_of_mykey(what, details, served.account or "", before)
            case "portal":
                self._learn_of_portal(what, details, served)
            case "eligibility":
                self._learn_of_clinics(what, details, served.account or "")
            case _:
                pass

    def _learn_of_mykey(self, what: str, details: Mapping[str, Any], account: str, before: Ledger) -> None:
        browser = str(details.get("browser", ""))
        match what:
            case "log_in":
                self.at_mykey[browser] = self._shown_by("mykey", details)
                assert self.ids[account] == self.at_mykey[browser]
            case "log_in_with_password":
                assert self.passwords[account] == details["password"] != ""
                self.at_mykey[browser] = self.ids[account]
            case "create":
                assert account not in self.ids
                self.ids[account], self.points[account] = self.at_mykey[browser], 0
            case "change_id":
                assert account not in self.ids
                self._call_otherwise(before.find(MyKeySession, browser), account)
            case "set_password":
                self.passwords[account] = details["password"]
            case "log_out":
                self.at_mykey.pop(browser, None)
            case "revoke" | "suspend":
                self.points[account] *= what == "suspend"
                self._send_out(before, account)
            case "grant_points" | "use_points":
                self.points[account] += details["points"] * (1 if what == "grant_points" else -1)
                assert self.points[account] >= 0
            case _:
                pass

    def _send_out(self, before: Ledger, account: str) -> None:
        for session in before.all(MyKeySession):
            if session.account == account:
                del self.at_mykey[session.browser]

    def _call_otherwise(self, session: MyKeySession | None, new: str) -> None:
        assert session is not None
        old = session.account or ""
        self.ids[new], self.points[new] = self.ids.pop(old), self.points.pop(old)
        if old in self.passwords:
            self.passwords[new] = self.passwords.pop(old)

    def _learn_of_portal(self, what: str, details: Mapping[str, Any], served: Served) -> None:
        browser = str(details.get("browser", ""))
        match what:
            case "log_in":
                self.at_portal[browser] = self._shown_by("portal", details)
            case "log_in_by_barcode":
                self.at_portal[self.computers[details["barcode"]]] = self._shown_by("portal", details)
            case "start" | "show_barcode" if "barcode" in served.shown:
                self.computers[served.shown["barcode"]] = browser
            case "complete":
                self.folders[served.account or ""] = self.at_portal[browser]
            case "log_out" | "cancel" | "delete_account":
                self.at_portal.pop(browser, None)
            case _:
                pass

    def _learn_of_clinics(self, what: str, details: Mapping[str, Any], account: str) -> None:
        device = str(details.get("device", ""))
        match what:
            case "check":
                self._shown_by("eligibility", details)
            case "apply" | "reset_password":
                self.passwords[account] = details["password"]
            case "register":
                assert self.passwords[account] == details["password"] != ""
                self.passcodes.pop(device, None)
            case "log_in":
                assert self.passwords[account] == details["password"] != ""
            case "set_passcode":
                self.passcodes[device] = details["passcode"]
            case "open":
                assert self.passcodes[device] == details["passcode"]
            case _:
                pass


TestAnyRequest = Users.TestCase
TestAnyRequest.settings = settings(max_examples=50, stateful_step_count=50, deadline=None)


@pytest.mark.deep
def test_many_more_requests_are_answered_so() -> None:
    run_state_machine_as_test(Users, settings=settings(max_examples=1000, stateful_step_count=60, deadline=None))


def test_everything_that_an_action_can_be_told_is_held_to_its_kind() -> None:
    for action in ALL:
        for name, parameter in inspect.signature(method_of(action)).parameters.items():
            assert name == "self" or parameter.annotation in KINDS
