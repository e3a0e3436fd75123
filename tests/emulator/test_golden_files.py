"""A card file or registry file of every released format opens for ever, to what it was."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import get_args

import pytest

import mynacard_fixtures
from mynacard_emulator.cards import CardInHand
from mynacard_emulator.office.policy import Policy
from mynacard_emulator.office.registry import CardEntry, Entry, PendingWrite
from mynacard_emulator.office.registry_file import StoredRegistry
from mynacard_emulator.office.states import CardState
from mynacard_emulator.office.status import RegistryStatus
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.personalise.kinds import CardKind
from mynacard_emulator.personalise.pins import PinKind
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason, Revoked
from mynacard_emulator.storage.layout import VERSION
from tests.emulator.card.protected import Client, set_session_key
from tests.emulator.personalise.written import auth_of, jpki_of, text_of

RECORDED = Path(mynacard_fixtures.__file__).parent / "snapshots"
SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")


def test_the_current_format_is_recorded() -> None:
    assert list((RECORDED / f"v{VERSION}").glob("*.json")), "record a card file of this format before it is released"
    assert list((RECORDED / f"v{VERSION}").glob("registry/*.json")), "record a registry file before it is released"


@pytest.mark.parametrize("path", sorted(RECORDED.glob("v*/*.json")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_recorded_card_opens_to_the_card_it_was(path: Path) -> None:
    card = CardInHand.look(path)

    assert (card.tries_left("sign"), card.tries_left("auth")) == (1, 2)
    assert card.card.transmit(SELECT) == b"\x90\x00"
    if jpki_of(card.issued).auth_guarded:
        assert card.card.transmit(bytes.fromhex("00B08A0004")) == b"\x69\x82"
    else:
        assert card.card.transmit(bytes.fromhex("00B08A0004")) == auth_of(card.issued).der[:4] + b"\x90\x00"


def test_a_card_made_before_the_register_was_known_here_still_has_no_register_pin() -> None:
    card = CardInHand.look(RECORDED / "v1" / "adult.json")

    assert card.issued.common is None
    assert card.tries_left("juki") is None
    assert card.card.transmit(bytes.fromhex("00A4040C0AD3921000310001010401")) == b"\x6a\x82"
    assert card.card.transmit(bytes.fromhex("00CA5F5100")) == b"\x6a\x88"


def test_a_card_of_before_the_visual_application_has_none_and_stays_so() -> None:
    card = CardInHand.look(RECORDED / "v1" / "adult.json")

    assert card.issued.visual is None
    assert card.tries_left("birth_date") is None
    assert card.card.transmit(bytes.fromhex("00A4040C0AD3921000310001010402")) == b"\x6a\x82"


def test_a_card_of_before_secure_messaging_has_the_key_for_it_and_of_before_terminals_knows_none() -> None:
    card = CardInHand.look(RECORDED / "v1" / "adult.json")
    pin = card.issued.pins.value(PinKind.TEXT)
    assert pin is not None
    assert card.card.transmit(bytes.fromhex("00A4040C0AD3921000310001010408")) == b"\x90\x00"
    assert card.card.transmit(bytes.fromhex("0020009104") + pin) == b"\x90\x00"
    assert card.card.transmit(set_session_key(text_of(card.issued).session_key[-256:])) == b"\x90\x00"

    assert Client(card.card).read("08B08100") == (text_of(card.issued).my_number, "9000")
    assert jpki_of(card.issued).terminal_ca is None


def test_a_card_with_the_visual_application_keeps_its_pictures_as_they_were_drawn() -> None:
    card = CardInHand.look(RECORDED / "v1" / "visual.json")
    verify = bytes.fromhex("002000930C") + card.issued.my_number.encode()
    written = card.issued.visual
    assert written is not None

    assert card.card.transmit(bytes.fromhex("00A4040C0AD3921000310001010402")) == b"\x90\x00"
    assert card.card.transmit(verify) == b"\x90\x00"
    assert card.card.transmit(bytes.fromhex("00B08200000000")) == written.card_face + b"\x90\x00"
    assert sha256(written.card_face).hexdigest() == "5e4a3e7dc164623b382bc2a4980f8ef84e892ec02bee0ddd655fd9d1153bb80f"


def test_a_card_with_all_applications_still_has_them() -> None:
    card = CardInHand.look(RECORDED / "v1" / "full.json")
    names = ("jpki", "text", "visual", "juki", "common")

    assert tuple(application.name.lower() for application in card.issued.profile().applications) == names
    assert card.tries_left("juki") == 2
    assert card.card.transmit(bytes.fromhex("00CA5F5100")) == card.issued.atr[1:] + b"\x90\x00"


def test_a_telephone_is_still_one() -> None:
    card = CardInHand.look(RECORDED / "v1" / "iphone.json")

    assert card.issued.kind is CardKind.IPHONE
    assert [application.name for application in card.issued.profile().applications] == ["JPKI"]
    assert card.card.transmit(SELECT) == b"\x90\x00"
    assert card.card.transmit(bytes.fromhex("00B0860010")) == b"JPKIAPIOSTOKEN  \x90\x00"
    assert card.card.transmit(bytes.fromhex("80FC0000")) == b"\x90\x00"


def test_a_recorded_registry_opens_to_the_registry_it_was() -> None:
    stored = StoredRegistry.look(RECORDED / "v1" / "registry" / "office.json")
    cards = {card.serial: card.state for card in stored.registry.all(CardEntry)}
    (order,) = stored.registry.all(PendingWrite)

    assert stored.clock.now == datetime(2029, 12, 4, 10, tzinfo=JST)
    assert stored.policy == Policy(require_mix=False)
    assert cards == {
        "944457725672655": CardState.ABOLISHED,
        "925263180620604": CardState.ACTIVE,
        "938627230054732": CardState.APPLIED,
    }
    assert order.card == "938627230054732"
    assert order.issued is not None
    assert order.issued.profile().name == "adult"
    assert RegistryStatus(stored).status(CertKind.AUTH, 1, 0x1E0391CA) == Revoked(
        datetime(2029, 12, 3, 10, tzinfo=JST), RevocationReason.SUPERSEDED
    )


def test_a_registry_with_a_user_of_a_service_opens_without_them() -> None:
    path = RECORDED / "v1" / "registry" / "office.json"

    assert '"account/' in path.read_text(encoding="utf-8")
    assert not [name for name in StoredRegistry.look(path).registry.entries if name.startswith("account/")]


def test_every_table_of_a_registry_is_recorded() -> None:
    recorded = StoredRegistry.look(RECORDED / "v1" / "registry" / "office.json").registry.entries

    assert {name.partition("/")[0] for name in recorded} == {table.TABLE for table in get_args(Entry)}
