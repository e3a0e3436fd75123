"""The pages: where a browser is, what it is offered there, and that it is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from mynacard_emulator.services import actions
from mynacard_emulator.services.environment import SETUP
from mynacard_emulator.services.ledger import (
    AppDevice,
    Barcode,
    Ledger,
    MyKeySession,
    PortalSession,
)
from mynacard_emulator.services.portal import HELP, NOT_REACHED
from mynacard_emulator.services.site.pages import (
    PLACES,
    WITHOUT_A_PAGE,
    Card,
    Field,
    Form,
    Kind,
    Page,
    page_of,
    place_of,
)
from mynacard_emulator.services.site.words import words
from mynacard_emulator.services.states import BarcodeState, CheckMode, PasscodeState, PortalState
from mynacard_emulator.world import World

from .house import House, Seen, house

NOW = World().clock.now
FROM_THE_CARD = {
    Card.NOTHING: frozenset[str](),
    Card.CERTIFICATE: frozenset({"certificate"}),
    Card.PROOF: frozenset({"certificate", "challenge", "signature"}),
}


@pytest.fixture
def here() -> Iterator[House]:
    with house() as found:
        yield found


def states() -> Iterator[tuple[str, Ledger]]:
    """Yield every state in which a browser can be, and in which place."""
    yield from ((place, Ledger()) for place in PLACES)
    for portal_state in PortalState:
        yield "portal", Ledger().put(PortalSession(browser="b", state=portal_state))
    for barcode_state in BarcodeState:
        scanned_by = None if barcode_state is BarcodeState.SHOWN else "b"
        yield "phone", Ledger().put(Barcode(code="c", browser="a", shown=NOW, state=barcode_state, phone=scanned_by))
    yield "phone", Ledger().put(Barcode(code="c", browser="a", shown=NOW - timedelta(hours=1)))
    for account in (None, "KEY00001"):
        yield "mykey", Ledger().put(MyKeySession(browser="b", account=account))
    for mode in CheckMode:
        for passcode in PasscodeState:
            for signed_in in (True, False):
                yield (
                    "eligibility",
                    Ledger().put(
                        AppDevice(name="b", account="a", mode=mode, passcode_state=passcode, signed_in=signed_in)
                    ),
                )


ALL: tuple[Page, ...] = tuple(page_of(ledger, place, "b", NOW, "c") for place, ledger in states())
FORMS: tuple[tuple[Page, Form], ...] = tuple((page, form) for page in ALL for form in page.forms)


def test_every_action_is_offered_somewhere_and_always_in_its_place() -> None:
    assert {form.action for _, form in FORMS} == set(actions.actions()) - WITHOUT_A_PAGE
    assert all(page.place == place_of(form.action) for page, form in FORMS)


def test_a_form_says_all_that_its_action_needs_and_nothing_that_it_does_not_know() -> None:
    for _, form in FORMS:
        schema = actions.with_cookie(form.action)
        said = {each.name for each in form.fields} | FROM_THE_CARD[form.card]

        assert set(schema.get("required", ())) <= said <= set(schema["properties"]), form.action


def test_everything_is_said_in_both_languages() -> None:
    table = words()
    fields = [each for _, form in FORMS for each in form.fields]

    assert {page.name for page in ALL} == set(table["page"])
    assert {form.action for _, form in FORMS} == set(table["action"])
    assert set(PLACES) == set(table["place"])
    assert {each.name for each in fields if each.kind is not Kind.HIDDEN} == set(table["field"])
    missing = {"operating-system", "browser", SETUP}
    told = {"yes", "no", NOT_REACHED, *missing, *HELP.values(), *(state.value for state in PasscodeState)}
    assert {choice for each in fields for choice in each.choices} | told == set(table["value"])
    assert all(message.en and message.ja for entries in table.values() for message in entries.values())


def test_what_is_ticked_at_first_can_be_chosen() -> None:
    for _, form in FORMS:
        for each in form.fields:
            ticked = set(each.value.split(",")) if each.choices and each.value else set[str]()
            assert ticked <= set(each.choices), each


def test_only_a_telephone_says_which_barcode_it_is_about() -> None:
    def names(fields: tuple[Field, ...]) -> set[str]:
        return {each.name for each in fields}

    assert all(("barcode" in names(form.fields)) == (page.place == "phone") for page, form in FORMS)


# ---------------------------------------------------------------- a person clicks


def test_a_holder_registers_looks_about_and_leaves(here: House) -> None:
    browser = here.browser()
    assert browser.visit("/portal/").page == "portal.top"
    assert here.to_the_pin(browser).page == "portal.pin_dialog"
    assert browser.send("portal.log_in", **here.proof("portal")).page == "portal.register_input"
    entered = browser.send("portal.confirm", nickname="たろう", language="ja", notices="deadlines", accept_terms="on")
    assert (entered.page, entered.facts["Nickname"]) == ("portal.register_confirm", "たろう")
    assert browser.send("portal.complete").page == "portal.registered"
    menu = browser.send("portal.show")
    assert (menu.page, menu.facts["Nickname"]) == ("portal.main_menu", "たろう")
    assert browser.send("portal.edit", nickname="太郎").facts["Nickname"] == "太郎"
    assert "portal.edit ok" in " ".join(browser.send("portal.history").facts.values())
    assert browser.send("portal.log_out").page == "portal.logged_out"


def test_what_was_not_granted_is_said_and_the_page_stays(here: House) -> None:
    browser = here.browser()
    here.to_the_pin(browser)
    browser.send("portal.log_in", **here.proof("portal"))
    seen = browser.send("portal.confirm", nickname="taro", language="ja")

    assert (seen.page, seen.outcome) == ("portal.register_input", "not_confirmed")


def test_what_is_missing_on_a_computer_is_said_by_name(here: House) -> None:
    browser = here.browser()
    seen = browser.send("portal.start", system="windows", navigator="safari")

    assert (seen.page, seen.outcome) == ("portal.env_result", "env_incomplete")
    assert seen.facts["Missing"] == "browser, portal app"
    assert browser.send("portal.close").page == "portal.top"


def test_who_cannot_read_the_card_is_sent_for_help_and_a_test(here: House) -> None:
    browser = here.browser()
    here.to_the_pin(browser)
    seen = browser.send("portal.read_error", cause="no_reader")
    assert (seen.page, seen.outcome) == ("portal.read_error", "no_reader")
    assert seen.facts == {"Help": "help pages of the JPKI portal", "Link": "test of card and reader"}
    tested = browser.send("portal.self_test", finding="no_reader")
    assert (tested.page, tested.facts) == ("portal.read_error", {"Reader": "no reader", "Card": "not reached"})
    assert browser.send("portal.self_test", finding="ok").facts == {
        "Reader": "nothing is wrong",
        "Card": "nothing is wrong",
    }


def test_a_mail_address_is_shown_before_it_is_confirmed(here: House) -> None:
    browser, mail = here.browser(), {"mail": "a@mihon.example", "mail_again": "a@mihon.example"}
    browser.send("mykey.log_in", **here.proof("mykey"))
    browser.send("mykey.create", name="KEY00001")
    asked = browser.send("mykey.set_mail", **mail)

    assert (asked.page, asked.outcome) == ("mykey.my_page", "not_confirmed")
    assert asked.facts["Mail address"] == "a@mihon.example"
    assert browser.send("mykey.set_mail", confirm="on", **mail).facts["Mail address"] == "a@mihon.example"


def test_a_telephone_logs_the_computer_in_whose_barcode_it_scanned(here: House) -> None:
    computer, telephone, other = here.browser(), here.browser(), here.browser()
    here.to_the_pin(computer)
    computer.send("portal.show_barcode")
    (shown,) = here.world.services.ledger.all(Barcode)
    apps = ["portal-app", "jpki-app"]
    assert telephone.visit(f"/phone/?barcode={shown.code}").page == "phone.shown"
    assert telephone.send("portal.scan", barcode=shown.code, software=apps).page == "phone.scanned"
    done = telephone.send("portal.log_in_by_barcode", barcode=shown.code, **here.proof("portal"))

    assert done.page == "phone.authenticated"
    assert computer.ask("GET", "/portal/state").json() == {"page": "portal.register_input"}
    assert other.ask("GET", "/portal/state").json() == {"page": "portal.top"}
    assert telephone.ask("GET", "/portal/state").json() == {"page": "portal.top"}


def test_a_barcode_that_another_telephone_has_scanned_leads_nowhere(here: House) -> None:
    computer, telephone, other = here.browser(), here.browser(), here.browser()
    here.to_the_pin(computer)
    computer.send("portal.show_barcode")
    (shown,) = here.world.services.ledger.all(Barcode)
    telephone.send("portal.scan", barcode=shown.code, software=["portal-app", "jpki-app"])

    assert other.visit(f"/phone/?barcode={shown.code}").page == "phone.ready"
    assert telephone.visit(f"/phone/?barcode={shown.code}").page == "phone.scanned"


def test_a_barcode_leads_a_telephone_to_its_page(here: House) -> None:
    computer = here.browser()
    here.to_the_pin(computer)
    computer.send("portal.show_barcode")
    (shown,) = here.world.services.ledger.all(Barcode)
    html = computer.ask("GET", "/portal/").text

    assert f'href="http://localhost/phone/?barcode={shown.code}"' in html
    assert 'src="data:image/svg+xml' in html


def test_a_mykey_id_is_created_changed_and_revoked(here: House) -> None:
    browser = here.browser()
    assert browser.send("mykey.log_in", **here.proof("mykey")).page == "mykey.new"
    assert browser.send("mykey.create", name="KEY00001").page == "mykey.my_page"
    browser.send("mykey.check_duplicate", name="KEY00002")
    assert browser.send("mykey.change_id", name="KEY00002", confirm="on").facts["MyKey ID"] == "KEY00002"
    assert browser.send("mykey.revoke").outcome == "not_confirmed"
    assert browser.send("mykey.revoke", confirm="on").page == "mykey.top"
    desk = here.browser().send("mykey.log", name="KEY00002")
    assert (desk.page, desk.outcome) == ("operators.desk", "ok")
    assert "mykey.revoke ok" in " ".join(desk.facts.values())


def test_a_clinic_checks_a_patient_by_face_and_by_pin(here: House) -> None:
    tablet = here.browser()
    tablet.send("eligibility.apply", name="clinic-1", password="apple-4829")
    assert tablet.send("eligibility.register", name="clinic-1", password="apple-4829").page == "eligibility.open"
    certificate = here.proof("eligibility")["certificate"]
    assert tablet.send("eligibility.check_visually", certificate=certificate).outcome == "face_mismatch"
    by_face = tablet.send("eligibility.check_visually", certificate=certificate, face_confirmed="on")
    assert by_face.outcome == "ok"
    assert "/eligibility/check" in tablet.send("eligibility.set_mode", mode="pin").forms
    assert tablet.send("eligibility.check", **here.proof("eligibility")).outcome == "ok"


def test_points_are_whole_numbers(here: House) -> None:
    browser = here.browser()
    browser.send("mykey.log_in", **here.proof("mykey"))
    browser.send("mykey.create", name="KEY00001")

    assert browser.send("mykey.grant_points", name="KEY00001", points="500").outcome == "ok"
    assert browser.send("mykey.use_points", name="KEY00001", points="-1").outcome == "field_format"
    refused = browser.ask("POST", "/mykey/use_points", data={"name": "KEY00001", "points": "٣"})
    assert (refused.status_code, "whole number" in refused.text) == (400, True)


# ---------------------------------------------------------------- browsers and languages


def test_each_browser_is_at_a_page_of_its_own(here: House) -> None:
    one, other = here.registered(), here.browser()

    assert one.visit("/portal/").page == "portal.registered"
    assert other.visit("/portal/").page == "portal.top"
    assert other.send("portal.show").outcome == "not_logged_in"


def test_a_cookie_is_no_scripts_business_and_not_sent_with_forms_of_others(here: House) -> None:
    first = here.browser().ask("GET", "/portal/")
    cookie = first.headers["set-cookie"]

    assert cookie.startswith("mynacard_browser=")
    assert cookie.endswith("; Path=/; HttpOnly; SameSite=Lax")


def test_a_cookie_that_is_none_of_ours_is_replaced(here: House) -> None:
    browser = here.browser()
    for made_up in ("", "x", "a" * 21, "é" * 22, '"; Path=/'):
        response = browser.ask("GET", "/", headers={"cookie": f"mynacard_browser={made_up}".encode()})
        assert response.headers["set-cookie"].startswith("mynacard_browser=")


def test_a_page_speaks_the_language_that_was_chosen(here: House) -> None:
    browser = here.browser()

    def title(**more: Any) -> str:
        return " ".join(Seen(browser.ask("GET", "/portal/", **more).text).text)

    assert "Log in with your card" in title()
    assert "カードでログイン" in title(headers={"accept-language": "ja-JP,ja;q=0.9"})
    assert "カードでログイン" in title(params={"lang": "ja"})
    assert "カードでログイン" in title()
    assert "Log in with your card" in title(params={"lang": "en"})


def test_the_other_language_leads_to_the_same_page(here: House) -> None:
    html = here.browser().ask("GET", "/phone/?barcode=abc").text

    assert 'href="?barcode=abc&amp;lang=ja"' in html


def test_a_world_that_goes_back_takes_its_browsers_along(here: House) -> None:
    browser = here.browser()
    here.to_the_pin(browser)
    snapshot = here.world.snapshot()
    browser.send("portal.cancel")
    here.world.restore(snapshot)

    assert browser.visit("/portal/").page == "portal.pin_dialog"
