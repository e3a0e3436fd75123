"""The MyKey platform: what the stories of the family do not tell."""

from __future__ import annotations

import json

import pytest
from cryptography.x509 import load_der_x509_certificate

from mynacard_emulator.office.refusal import Refused
from mynacard_emulator.office.registry import Person
from mynacard_emulator.office.states import CertEvent
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.services.ledger import MyKeyRecord
from mynacard_emulator.services.served import Served
from mynacard_emulator.services.services import ACTIONS, ActionError
from mynacard_emulator.services.states import MYKEY_TRANSITIONS, MyKeyEvent, MyKeyState, next_mykey_state
from mynacard_emulator.world import Snapshot, SnapshotError, World, diff
from tests.emulator.office.visits import certificate, happens, opened, renewed

from .holders import log_in

ID, PASSWORD = "KEY00001", "apple-4829"


def enrolled() -> World:
    """A world whose holder has a MyKey ID with a password and 500 points, and is logged in."""
    world = opened()
    log_in(world, "mykey")
    platform = world.services.mykey
    assert platform.create(ID).done
    assert platform.set_password(PASSWORD, PASSWORD).done
    assert platform.grant_points(ID, 500).done
    return world


def test_every_step_that_is_not_in_the_table_is_refused() -> None:
    for state in MyKeyState:
        for event in MyKeyEvent:
            if (state, event) in MYKEY_TRANSITIONS:
                assert next_mykey_state(state, event) is MYKEY_TRANSITIONS[state, event]
            else:
                with pytest.raises(Refused):
                    next_mykey_state(state, event)


def test_nothing_leads_back_from_revoked() -> None:
    assert not any(state is MyKeyState.REVOKED for state, _ in MYKEY_TRANSITIONS)


def test_an_id_and_its_points_outlive_a_renewal_whether_the_holder_logs_in_or_not() -> None:
    world = enrolled()
    renewed(world, CertKind.AUTH)
    assert world.services.mykey.use_points(ID, 100).shown == {"points": "400"}
    assert log_in(world, "mykey").shown == {"id": ID, "points": "400"}
    renewed(world, CertKind.AUTH)
    assert log_in(world, "mykey").account == ID


@pytest.mark.parametrize(("event", "outcome"), [(CertEvent.HOLD, "cert_on_hold"), (CertEvent.LEAK, "cert_revoked")])
def test_points_need_a_good_certificate_and_my_page_by_password_does_not(event: CertEvent, outcome: str) -> None:
    world = enrolled()
    happens(world, event, CertKind.AUTH)
    assert world.services.mykey.use_points(ID, 100).outcome == outcome
    assert world.services.mykey.log_in_with_password(ID, PASSWORD).done


def test_points_are_not_overdrawn_nor_paid_backwards() -> None:
    platform = enrolled().services.mykey
    assert platform.use_points(ID, 501).outcome == "not_enough_points"
    assert platform.use_points(ID, -1).outcome == "field_format"
    assert platform.grant_points(ID, 0).outcome == "field_format"
    assert platform.use_points("KEY99999", 1).outcome == "not_registered"
    assert platform.use_points(ID, 500).shown == {"points": "0"}


def test_what_is_refused_has_changed_nothing_but_the_log() -> None:
    world = enrolled()
    before = dict(world.services.ledger.records)
    assert not world.services.mykey.set_password("", "").done
    assert not world.services.mykey.change_id("KEY00002").done
    assert not world.services.mykey.create("KEY00002").done
    after = world.services.ledger.records
    new = {name for name in after if after[name] is not before.get(name)}
    assert len(new) == 3
    assert all(name.startswith("log/") for name in new)


def test_who_was_only_seen_creates_an_id_while_the_certificate_is_good() -> None:
    world = opened()
    log_in(world, "mykey")
    assert world.services.mykey.show().outcome == "not_registered"
    happens(world, CertEvent.HOLD)
    assert world.services.mykey.create(ID).outcome == "cert_not_valid"


def test_one_holder_has_one_id_whichever_browser_asks() -> None:
    world = opened()
    log_in(world, "mykey", browser="phone")
    log_in(world, "mykey", browser="pc")
    assert world.services.mykey.create(ID, browser="phone").done
    assert world.services.mykey.create("KEY00002", browser="pc").outcome == "already_registered"


def test_a_change_of_the_id_is_seen_in_every_browser_and_frees_the_old_one() -> None:
    world = enrolled()
    log_in(world, "mykey", browser="pc")
    platform = world.services.mykey
    assert platform.check_duplicate("KEY00002").done
    assert platform.change_id("KEY00002").done
    assert platform.show(browser="pc").account == "KEY00002"
    assert platform.check_duplicate(ID).done


def test_a_suspension_sends_out_whoever_is_logged_in() -> None:
    world = enrolled()
    assert world.services.mykey.suspend(ID).done
    assert world.services.mykey.show().outcome == "not_logged_in"
    assert world.services.mykey.suspend(ID).outcome == "id_suspended"
    assert world.services.mykey.lift(ID).done
    assert world.services.mykey.lift(ID).outcome == "wrong_state"


@pytest.mark.parametrize("mail", ["a", "a@b", "ａ@mihon.example", "a@mihon.example\n"])
def test_a_mail_address_is_an_address(mail: str) -> None:
    world = enrolled()
    assert world.services.mykey.set_mail(mail, mail).outcome == "field_format"


def test_a_mail_address_is_shown_before_it_is_confirmed_and_taken_away_again() -> None:
    world = enrolled()
    mail, platform = "a@mihon.example", world.services.mykey
    asked = platform.set_mail(mail, mail, confirm=False)
    assert (asked.outcome, asked.shown) == ("not_confirmed", {"mail": mail})
    assert "mail" not in platform.show().shown
    assert platform.set_mail(mail, mail).shown == {"id": ID, "points": "500", "mail": mail}
    snapshot = world.snapshot()
    assert Snapshot.from_json(snapshot.to_json(reveal=True)) == snapshot
    assert platform.set_mail("", "").shown == {"id": ID, "points": "500"}


def test_a_password_is_not_shown_while_it_is_confirmed() -> None:
    world = enrolled()
    for confirm in (False, True):
        assert world.services.mykey.set_password("pear", "pear", confirm=confirm).shown == {"password": "********"}


def test_a_password_is_nowhere_to_be_read() -> None:
    world = enrolled()
    world.services.mykey.log_in_with_password(ID, "wrong-9058")
    told = world.snapshot().to_json(reveal=True) + repr(world.services.ledger) + repr(world.services.log)
    assert PASSWORD not in told
    assert "wrong-9058" not in told
    record = world.services.ledger.find(MyKeyRecord, ID)
    assert record is not None
    assert record.password is not None
    assert record.password.digest not in world.snapshot().to_json()


def test_there_is_no_my_number_name_or_address_in_what_the_services_keep() -> None:
    world = enrolled()
    person = next(world.office.standing.all(Person))
    kept = json.dumps(json.loads(world.snapshot().to_json(reveal=True))["services"], ensure_ascii=False)
    assert person.my_number not in kept
    assert person.holder.name not in kept
    assert person.holder.address not in kept
    assert ID in kept


def test_a_snapshot_has_the_services_and_they_can_be_read_back() -> None:
    world = enrolled()
    snapshot = world.snapshot()
    assert Snapshot.from_json(snapshot.to_json(reveal=True)) == snapshot
    world.services.mykey.revoke()
    assert any(
        str(change) == "services: mykey KEY00001 state: active → revoked" for change in diff(snapshot, world.snapshot())
    )
    world.restore(snapshot)
    assert world.services.mykey.show().shown == {"id": ID, "points": "500"}
    fork = world.fork()
    fork.services.mykey.revoke()
    assert world.services.mykey.show().done


def test_a_snapshot_from_before_the_services_is_read() -> None:
    world = opened()
    document = json.loads(world.snapshot().to_json(reveal=True))
    del document["services"]
    assert Snapshot.from_json(json.dumps(document)) == world.snapshot()


def test_an_account_that_was_in_the_registry_once_is_a_mykey_id_now() -> None:
    world = opened()
    serial_number = load_der_x509_certificate(certificate(world.current)).serial_number
    account = {"name": "taro", "serial_number": serial_number}
    assert world.office.registry.entries
    document = json.loads(world.snapshot().to_json(reveal=True))
    document["registry"]["account/taro"] = account
    for known in ("null", "{}"):
        world.restore(Snapshot.from_json(json.dumps({**document, "services": json.loads(known)})))
        assert log_in(world, "mykey").shown == {"id": "taro", "points": "0"}
        renewed(world, CertKind.AUTH)
        assert log_in(world, "mykey").account == "taro"


@pytest.mark.parametrize("account", [{}, {"name": 1, "serial_number": 1}, {"name": "taro"}, []])
def test_an_account_of_once_that_is_damaged_is_not_read(account: object) -> None:
    document = json.loads(opened().snapshot().to_json(reveal=True))
    with pytest.raises(SnapshotError, match="damaged"):
        Snapshot.from_json(json.dumps({**document, "registry": {"account/taro": account}}))


def test_every_action_can_be_asked_for_by_its_name() -> None:
    services = World().services
    for service, actions in ACTIONS.items():
        assert all(callable(getattr(getattr(services, service), action)) for action in actions)
        public = {name for name in dir(getattr(services, service)) if not name.startswith("_")}
        assert public == set(actions)


def test_an_action_that_there_is_not_is_named_with_those_that_there_are() -> None:
    services = World().services
    with pytest.raises(ActionError, match=r"no action 'mykey\.fly'; there are mykey\.start, "):
        services.perform("mykey.fly")
    with pytest.raises(ActionError, match=r"mykey\.create: missing a required argument: 'name'"):
        services.perform("mykey.create")
    with pytest.raises(ActionError, match="nobody logs in by card at 'etax'; where they do: mykey"):
        services.challenge("etax")


def test_nobody_has_to_be_logged_in_to_leave() -> None:
    assert World().services.mykey.log_out() == Served()


@pytest.mark.parametrize(
    ("old", "new"), [('"mykey/KEY00001"', '"mykey/KEY00002"'), ('"mykey/KEY00001"', '"nothing/KEY00001"')]
)
def test_a_record_in_the_place_of_another_is_not_read(old: str, new: str) -> None:
    text = enrolled().snapshot().to_json(reveal=True)
    with pytest.raises(SnapshotError):
        Snapshot.from_json(text.replace(old, new))
