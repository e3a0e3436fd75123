"""The Myna Portal: what the stories of the family do not tell."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mynacard_emulator.office.refusal import Refused
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.services.ledger import PortalAccount
from mynacard_emulator.services.portal import READ_ERRORS, READER_ERRORS
from mynacard_emulator.services.states import (
    BARCODE_TRANSITIONS,
    PORTAL_TRANSITIONS,
    BarcodeEvent,
    BarcodeState,
    PortalEvent,
    PortalState,
    next_barcode_state,
    next_portal_state,
)
from mynacard_emulator.world import Snapshot, World
from tests.emulator.office.visits import certificate, happens, holder_signs, opened, renewed

from .holders import hand_in, log_in, proof

MAIL = "a@mihon.example"


def registered() -> World:
    """A world whose holder has an account, and is at the page that says so."""
    world = opened()
    log_in(world, "portal")
    assert world.services.portal.confirm("かくう", mail=MAIL, mail_again=MAIL).done
    assert world.services.portal.complete().done
    return world


def barcode_of(world: World, browser: str = "pc") -> str:
    """Show a barcode on a computer, and scan it."""
    code = world.services.portal.show_barcode(browser=browser).shown["barcode"]
    assert world.services.portal.scan(code).done
    return code


def test_every_page_that_is_not_in_the_table_is_refused() -> None:
    for state in PortalState:
        for event in PortalEvent:
            if (state, event) in PORTAL_TRANSITIONS:
                assert next_portal_state(state, event) is PORTAL_TRANSITIONS[state, event]
            else:
                with pytest.raises(Refused):
                    next_portal_state(state, event)


def test_every_step_of_a_barcode_that_is_not_in_the_table_is_refused() -> None:
    for state in BarcodeState:
        for event in BarcodeEvent:
            if (state, event) in BARCODE_TRANSITIONS:
                assert next_barcode_state(state, event) is BARCODE_TRANSITIONS[state, event]
            else:
                with pytest.raises(Refused):
                    next_barcode_state(state, event)


def test_a_page_can_be_reached_from_the_top_and_left_again() -> None:
    reached, steps = {PortalState.TOP}, PORTAL_TRANSITIONS.items()
    for _ in PortalState:
        reached |= {following for (state, _), following in steps if state in reached}
    assert reached == set(PortalState)
    assert {state for (state, _), following in steps if following is not state} == set(PortalState)


def test_nobody_logs_in_before_the_environment_was_checked() -> None:
    world = opened()
    assert world.services.perform("portal.log_in", **proof(world, "portal")).outcome == "wrong_state"


def test_whoever_cancels_a_registration_leaves_nothing() -> None:
    world = opened()
    log_in(world, "portal")
    assert world.services.portal.confirm("かくう", mail=MAIL, mail_again=MAIL).done
    assert world.services.portal.cancel().shown == {"page": "top"}
    assert not list(world.services.ledger.all(PortalAccount))
    assert MAIL not in repr(world.services.ledger)
    assert world.services.portal.complete().outcome == "not_logged_in"


@pytest.mark.parametrize("nickname", ["", " ", "あ" * 21, "two\nlines", "\ud800"])
def test_a_nickname_has_one_to_twenty_characters_that_can_be_printed(nickname: str) -> None:
    world = opened()
    log_in(world, "portal")
    assert world.services.portal.confirm(nickname).outcome == "field_format"


@pytest.mark.parametrize("mail", ["a", "a@b", "a b@mihon.example", "a@mihon.example\n", "ａ@mihon.example"])
def test_a_mail_address_is_an_address(mail: str) -> None:
    world = opened()
    log_in(world, "portal")
    assert world.services.portal.confirm("かくう", mail=mail, mail_again=mail).outcome == "field_format"


def test_a_second_address_needs_a_first() -> None:
    world = opened()
    log_in(world, "portal")
    assert world.services.portal.confirm("かくう", mail_2=MAIL, mail_2_again=MAIL).outcome == "field_format"


def test_two_browsers_that_register_at_once_make_one_account() -> None:
    world = opened()
    for browser in ("a", "b"):
        log_in(world, "portal", browser)
        assert world.services.portal.confirm(browser, browser=browser).done
    assert world.services.portal.complete(browser="a").done
    assert world.services.portal.complete(browser="b").outcome == "already_registered"


def test_an_account_that_is_deleted_is_closed_in_every_browser() -> None:
    world = registered()
    assert log_in(world, "portal", "pc").shown["page"] == "main menu"
    assert world.services.portal.delete_account(browser="pc").done
    assert world.services.portal.show().outcome == "not_logged_in"


def test_an_account_follows_its_holders_certificates() -> None:
    world = registered()
    ended = log_in(world, "portal", "pc").shown["certificate_expires"]
    world.clock.advance(timedelta(days=400))
    renewed(world, CertKind.AUTH)
    again = log_in(world, "portal", "mac").shown
    assert again["nickname"] == "かくう"
    assert again["certificate_expires"] >= ended


def test_a_barcode_lasts_five_minutes_and_logs_one_computer_in() -> None:
    world = registered()
    code = barcode_of(world)
    world.clock.advance(timedelta(minutes=5))
    assert world.services.perform("portal.log_in_by_barcode", **proof(world, "portal"), barcode=code).done
    assert world.services.portal.show(browser="pc").done
    assert world.services.portal.show(browser="phone").outcome == "not_logged_in"
    world.clock.advance(timedelta(seconds=1))
    for barcode in (code, "", "made up"):
        assert world.services.portal.scan(barcode).outcome == "barcode_expired"


def test_a_barcode_that_was_cancelled_or_left_logs_nobody_in() -> None:
    world = registered()
    cancelled, left = barcode_of(world), barcode_of(world, "mac")
    assert world.services.portal.cancel_barcode(cancelled).done
    assert world.services.portal.cancel(browser="mac").done
    for code, outcome in ((cancelled, "wrong_state"), (left, "barcode_expired")):
        shown = proof(world, "portal")
        assert world.services.perform("portal.log_in_by_barcode", **shown, barcode=code).outcome == outcome
    assert world.services.portal.show(browser="pc").outcome == "not_logged_in"
    assert world.services.portal.cancel_barcode(left).done


def test_a_certificate_that_is_not_good_sends_the_computer_with_the_barcode_to_the_top() -> None:
    world = registered()
    code = barcode_of(world)
    happens(world, CertEvent.HOLD)
    said = world.services.perform("portal.log_in_by_barcode", **proof(world, "portal"), barcode=code)
    assert (said.outcome, said.shown) == ("cert_on_hold", {"page": "top"})
    assert world.services.portal.show(browser="pc").outcome == "not_logged_in"


def test_what_a_client_did_not_meet_is_no_read_error() -> None:
    world = opened()
    world.services.portal.start()
    assert world.services.portal.read_error("locked").outcome == "field_format"


@pytest.mark.parametrize("cause", READ_ERRORS)
def test_the_help_page_names_the_part_that_a_read_error_is_about(cause: str) -> None:
    world = opened()
    assert world.services.portal.self_test(cause).outcome == "wrong_state"
    world.services.portal.start()
    said = world.services.portal.read_error(cause)
    assert (said.outcome, said.shown) == (cause, {"page": "read error", "help": "jpki-portal", "link": "self-test"})

    found = world.services.portal.self_test(cause)
    reader, card = (cause, "not reached") if cause in READER_ERRORS else ("ok", cause)
    assert (found.outcome, found.shown) == (cause, {"page": "read error", "reader": reader, "card": card})
    assert world.services.portal.self_test("ok").shown == {"page": "read error", "reader": "ok", "card": "ok"}
    assert world.services.portal.self_test("locked").outcome == "field_format"
    assert world.services.portal.close().shown == {"page": "top"}


def test_the_predecessor_of_the_card_opens_no_account_and_the_authority_has_no_register_of_it() -> None:
    world = opened("juki-card")
    challenge = world.services.challenge("portal")
    signed = certificate(world.current, "sign"), challenge, holder_signs(world.current, "sign", challenge)
    world.services.portal.start()

    assert world.services.portal.log_in(*signed).outcome == "cert_invalid"
    assert hand_in(world) == "status_unknown"


def test_an_old_browser_needs_its_add_on_and_a_window_of_its_own() -> None:
    portal = opened().services.portal
    old = "internet-explorer-11"

    assert portal.start(navigator=old, software=()).shown["missing"] == "portal-app, add-on, new-window"
    assert portal.close().done
    assert portal.start(navigator=old, software=("portal-app", "add-on", "new-window")).done


def test_a_snapshot_has_accounts_sessions_and_barcodes() -> None:
    world = registered()
    code = barcode_of(world)
    snapshot = world.snapshot()
    assert Snapshot.from_json(snapshot.to_json(reveal=True)) == snapshot
    world.services.portal.cancel_barcode(code)
    world.restore(snapshot)
    assert world.services.perform("portal.log_in_by_barcode", **proof(world, "portal"), barcode=code).done


def test_an_account_is_edited_by_the_rules_of_its_registration() -> None:
    world = registered()
    assert log_in(world, "portal", "pc").done
    assert world.services.portal.edit("", browser="pc").outcome == "field_format"
    assert world.services.portal.edit("みほん", login_notice=True, browser="pc").shown["login_notice"] == "yes"
