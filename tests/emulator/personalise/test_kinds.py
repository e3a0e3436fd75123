"""Kinds of card: what each says of itself in hex, what it refuses, and what it has nothing of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from mynacard_emulator import profiles
from mynacard_emulator.applications import common, jpki, juki, licence, text, visual
from mynacard_emulator.card import Card
from mynacard_emulator.cards import CardInHand, UnknownPinError
from mynacard_emulator.iso7816.atr import is_contactless
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.personalise.errors import NoFaceError
from mynacard_emulator.personalise.face import face
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.kinds import ATRS, CardKind
from mynacard_emulator.world import World
from tests.emulator.card.conversation import ask, hold
from tests.emulator.personalise.written import auth_of, jpki_of, sign_of
from tests.emulator.pki import openssl

DAY = date(2026, 11, 20)
SELECT = "> 00 A4 04 0C 0A D392F000260100000001 -> 9000\n"
OTHERS = {"text": text.AID, "visual": visual.AID, "juki": juki.AID, "common": common.AID, "licence": licence.AID}
NOT_CARDS = ["android", "iphone", "juki-card", "other-card"]


def issued(name: str) -> IssuedCard:
    return profiles.load(name, today=DAY)


def card(name: str) -> Card:
    return Card(issued(name).profile())


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("adult", b"JPKIAPICCTOKEN2"),
        ("android", b"JPKIAPGPSETOKEN"),
        ("iphone", b"JPKIAPIOSTOKEN"),
        ("juki-card", b"JPKIAPICCTOKEN"),
    ],
)
def test_the_token_info_tells_the_kind_to_everybody(name: str, label: bytes) -> None:
    hold(card(name), SELECT + "> 00 B0 86 00 20 -> [label] 9000", label=label.ljust(32))


@pytest.mark.parametrize("name", NOT_CARDS)
@pytest.mark.parametrize("application", OTHERS)
def test_only_a_my_number_card_has_the_other_applications(name: str, application: str) -> None:
    aid = OTHERS[application]

    assert ask(card(name), f"00 A4 04 0C {len(aid):02X} {aid.hex()}") == "6A82"


@pytest.mark.parametrize("name", NOT_CARDS)
@pytest.mark.parametrize("tag", ["0042", "0045", "0066", "00F0", "00F2", "00F7", "00F8", "7F21", "5F51"])
def test_only_a_my_number_card_tells_who_issued_it(name: str, tag: str) -> None:
    assert ask(card(name), f"00 CA {tag} 00 00 00") == "6A88"


# ---------------------------------------------------------------- telephones

PHONES = pytest.mark.parametrize("name", ["android", "iphone"])


@PHONES
def test_a_telephone_reads_out_its_auth_certificate_only_after_the_auth_pin(name: str) -> None:
    hold(
        card(name),
        SELECT
        + """
        > 00 B0 8A 00 04             -> 6982
        > 00 B0 8B 00 02             -> 30 82 9000
        > 00 20 00 9B 08 [sign]      -> 9000
        > 00 B0 8A 00 04             -> 6982
        > 00 20 00 98                -> 63C3
        > 00 20 00 98 04 30303030    -> 63C2
        > 00 B0 8A 00 04             -> 6982
        > 00 20 00 98 04 [auth]      -> 9000
        > 00 B0 8A 00 04             -> [begins] 9000
        > 80 2A 00 97 01 AA 00       -> {256} 9000
        * power off
        > 00 A4 04 0C 01 D3          -> 9000
        > 00 B0 8A 00 04             -> 6982
        """,
        sign=b"PHONE123",
        auth=b"6789",
        begins=auth_of(issued(name)).der[:4],
    )


def test_whether_the_auth_certificate_is_guarded_is_for_the_profile_to_say() -> None:
    spec = profiles.spec("iphone")
    open_to_all = personalise(replace(spec, card=replace(spec.card, auth_certificate_guarded=False)), today=DAY)

    hold(Card(open_to_all.profile()), SELECT + "> 00 B0 8A 00 02 -> 30 82 9000")


@PHONES
def test_a_telephone_has_certificates_and_pins_of_its_own(name: str, tmp_path: Path) -> None:
    phone, own_card = issued(name), issued("adult")
    certificate = auth_of(phone)

    assert phone.holder == own_card.holder
    assert certificate.serial_number != auth_of(own_card).serial_number
    assert sign_of(phone).serial_number != sign_of(own_card).serial_number
    assert phone.pins.sign != own_card.pins.sign
    assert phone.pins.auth != own_card.pins.auth
    when = datetime(2026, 11, 20, tzinfo=JST)
    assert openssl.verify(certificate.der, jpki_of(phone).auth_ca, tmp_path, when) == "leaf: OK\n"


@pytest.mark.parametrize(("name", "answer"), [("adult", "6700"), ("android", "6700"), ("iphone", "9000")])
def test_only_an_iphone_answers_the_last_command_indicator(name: str, answer: str) -> None:
    spoken_to = card(name)
    hold(spoken_to, SELECT)

    assert ask(spoken_to, "80 FC 00 00") == answer


@PHONES
def test_a_telephone_is_met_without_contacts(name: str) -> None:
    assert is_contactless(card(name).atr)


# ---------------------------------------------------------------- the predecessor, and somebody else's card


def test_the_predecessor_looks_like_a_my_number_card_and_has_the_signature_certificate_only() -> None:
    assert card("juki-card").atr == card("adult").atr
    hold(
        card("juki-card"),
        SELECT
        + """
        > 00 B0 88 00 00          -> 8F 00 00 9000
        > 00 A4 02 0C 02 00 0A    -> 6A82
        > 00 A4 02 0C 02 00 0B    -> 6A82
        > 00 A4 02 0C 02 00 17    -> 6A82
        > 00 A4 02 0C 02 00 18    -> 6A82
        > 00 20 00 98             -> 6A82
        > 00 B0 81 00 02          -> 6982
        > 00 20 00 9B 06 [sign]   -> 9000
        > 00 B0 81 00 02          -> 30 82 9000
        > 80 2A 00 9A 01 AA 00    -> {256} 9000
        """,
        sign=b"ABC123",
    )


@pytest.mark.parametrize("p2", ["00", "02", "0C", "0E"])
@pytest.mark.parametrize(
    "aid", ["D392F000260100000001", "D3", "A0000001510000", "A0", "F0", "A000000063504B43532D3135"]
)
def test_another_card_has_no_application_of_any_name(aid: str, p2: str) -> None:
    assert ask(card("other-card"), f"00 A4 04 {p2} {len(aid) // 2:02X} {aid}") == "6A82"


def test_another_card_has_neither_files_nor_pins() -> None:
    hold(card("other-card"), "> 00 A4 02 0C 02 00 01 -> 6A82\n> 00 B0 81 00 00 -> 6A82\n> 00 20 00 98 -> 6A82")
    assert not issued("other-card").profile().pins


def test_the_atr_of_another_card_says_that_it_is_one() -> None:
    assert b"OTHER CARD" in card("other-card").atr


# ---------------------------------------------------------------- all of them


@pytest.mark.parametrize("name", profiles.names())
def test_every_card_comes_out_of_its_file_as_it_went_in(name: str, tmp_path: Path) -> None:
    path = tmp_path / "card.json"
    CardInHand.create(path, issued(name)).close()

    assert CardInHand.look(path).issued == issued(name)


@pytest.mark.parametrize("name", NOT_CARDS)
def test_what_is_no_my_number_card_has_no_face(name: str) -> None:
    with pytest.raises(NoFaceError, match=f"a card of the kind '{name}' has no face to draw"):
        face(issued(name))


@pytest.mark.parametrize(
    ("name", "tries"),
    [
        ("android", {"sign": 5, "auth": 3}),
        ("juki-card", {"sign": 5}),
        ("other-card", {}),
        ("licence", {"sign": 5, "auth": 3, "juki": 3, "text": 3, "licence": 10}),
    ],
)
def test_the_world_knows_which_pins_a_card_has(name: str, tries: dict[str, int]) -> None:
    with World() as world:
        world.insert(world.issue(name))
        told = {pin: world.truth.tries_left(pin) for pin in ("sign", "auth", "juki", "text", "licence")}

    assert {pin: left for pin, left in told.items() if left is not None} == tries


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("android", {"sign", "auth", "sign_ca", "auth_ca"}),
        ("juki-card", {"sign", "sign_ca"}),
        ("other-card", set()),
    ],
)
def test_the_world_knows_which_certificates_a_card_has(name: str, there: set[str]) -> None:
    with World() as world:
        world.insert(world.issue(name))
        told = {kind for kind in ("sign", "auth", "sign_ca", "auth_ca") if world.truth.certificate(kind) is not None}

    assert told == there


def test_a_state_is_refused_for_a_card_without_pins() -> None:
    with pytest.raises(UnknownPinError, match="'auth' is no PIN of this card; it has none"):
        CardInHand.in_memory(issued("other-card"), {"auth": 1})


def test_an_older_card_does_not_tell_the_lower_certificate() -> None:
    spec = profiles.spec("adult")
    older = personalise(replace(spec, card=replace(spec.card, lower_cv_certificate=False)), today=DAY)

    hold(Card(older.profile()), "> 00 CA 7F 21 00 00 00 -> 6A88")
    assert ask(Card(older.profile()), "00 CA 00 F8 00 00 00").endswith("9000")


@pytest.mark.parametrize("name", [name for name in ATRS if not name.startswith("contact-")])
def test_a_card_tells_the_atr_of_its_contacts_whatever_a_reader_makes_up(name: str) -> None:
    spec = profiles.spec("adult")
    seen = personalise(replace(spec, card=replace(spec.card, atr=ATRS[name])), today=DAY)
    told = ATRS["contact-1"] if is_contactless(ATRS[name]) else ATRS[name]

    hold(Card(seen.profile()), "> 00 CA 5F 51 00 -> [atr] 9000", atr=told[1:])


def test_the_documentation_names_each_kind_and_each_atr() -> None:
    written = (Path(__file__).parents[3] / "docs" / "card.md").read_text(encoding="utf-8")

    for name, atr in ATRS.items():
        assert f"| `{name}` | `{atr.hex().upper()}` |" in written
    for kind in CardKind:
        assert f"| `{kind.value}` | {f'`{kind.token_label}`' if kind.token_label else '—'} |" in written


def test_only_the_kinds_that_have_the_application_have_a_label() -> None:
    labels = {kind.token_label for kind in CardKind}

    assert len(labels) == len(CardKind)
    assert jpki.AID not in issued("other-card").profile().by_aid
