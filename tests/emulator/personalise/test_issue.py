"""Personalising: one profile, day and seed decide every byte, and what comes out is a working card."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import AuthorityInformationAccessOID
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator import profiles
from mynacard_emulator.card import Card
from mynacard_emulator.personalise.certify import serial_numbers
from mynacard_emulator.personalise.draw import Draw
from mynacard_emulator.personalise.holder import MAX_ADDRESS, MAX_NAME
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.issued import IssuedCard, IssuedCertificate
from mynacard_emulator.personalise.my_number import is_valid
from mynacard_emulator.pki import keys, shipped
from mynacard_emulator.pki.names import CertKind
from tests.emulator.personalise.written import jpki_of, text_of
from tests.emulator.pki import openssl

DAY = date(2026, 11, 20)
ADULT, NO_CERTIFICATES = profiles.spec("adult"), profiles.spec("no-certificates")
CARD = personalise(ADULT, today=DAY)

SELECT_JPKI = "00A4040C0AD392F000260100000001"
SHA_256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
DIGEST_INFO_OF_NOTHING = "3031300d060960864801650304020105000420" + SHA_256_OF_NOTHING


def certificate(card: IssuedCard, kind: CertKind) -> IssuedCertificate:
    found = {CertKind.SIGN: jpki_of(card).sign, CertKind.AUTH: jpki_of(card).auth}[kind]
    assert found is not None
    return found


def text(card: IssuedCard) -> str:
    return json.dumps(card.to_json(), ensure_ascii=False)


# ---------------------------------------------------------------- determinism


@pytest.mark.parametrize("spec", [ADULT, NO_CERTIFICATES], ids=["adult", "no certificates"])
def test_the_same_profile_day_and_seed_give_the_same_bytes(spec: Any) -> None:
    assert text(personalise(spec, today=DAY, seed=7)) == text(personalise(spec, today=DAY, seed=7))


def test_while_the_days_of_a_profile_hold_it_gives_the_same_card_on_any_day() -> None:
    assert personalise(ADULT, today=date(2029, 1, 1)) == CARD


def test_another_seed_gives_another_my_number_serial_and_pseudonym() -> None:
    other = personalise(ADULT, today=DAY, seed=1)

    assert other.my_number != CARD.my_number
    assert jpki_of(other).token_info != jpki_of(CARD).token_info
    for kind in CertKind:
        mine, others = certificate(CARD, kind), certificate(other, kind)
        assert mine.serial_number != others.serial_number
        assert mine.common_name != others.common_name


def test_a_later_card_of_the_same_holder_keeps_the_my_number_and_nothing_else_that_is_drawn() -> None:
    later = personalise(ADULT, today=date(2031, 1, 1))

    assert later.my_number == CARD.my_number
    assert jpki_of(later).token_info != jpki_of(CARD).token_info
    for kind in CertKind:
        assert certificate(later, kind).serial_number > certificate(CARD, kind).serial_number
        assert certificate(later, kind).common_name != certificate(CARD, kind).common_name


def test_two_holders_share_nothing_that_is_drawn() -> None:
    neighbour = replace(ADULT, holder=replace(ADULT.holder, name="架空　次郎"))

    assert personalise(neighbour, today=DAY).my_number != CARD.my_number


def test_fresh_keys_reach_the_card_and_its_certificates() -> None:
    fresh = keys.fresh_set()
    card = personalise(ADULT, today=DAY, keys=fresh)

    assert keys.modulus(fresh.internal) in text_of(card).internal_key
    assert keys.modulus(fresh.session) in text_of(card).session_key
    for kind, key in ((CertKind.SIGN, fresh.sign), (CertKind.AUTH, fresh.auth)):
        issued = certificate(card, kind)
        assert x509.load_der_x509_certificate(issued.der).public_key() == key.public_key()
        assert keys.load(issued.private_key.encode()).private_numbers() == key.private_numbers()


# ---------------------------------------------------------------- certificates


@pytest.mark.parametrize("kind", CertKind)
@pytest.mark.parametrize("moment", [datetime(2025, 10, 26, 15, tzinfo=UTC), datetime(2030, 2, 17, 14, 59, tzinfo=UTC)])
def test_openssl_accepts_both_certificates_from_their_first_day_to_their_last(
    kind: CertKind, moment: datetime, tmp_path: Path
) -> None:
    ca = {CertKind.SIGN: jpki_of(CARD).sign_ca, CertKind.AUTH: jpki_of(CARD).auth_ca}[kind]

    assert openssl.verify(certificate(CARD, kind).der, ca, tmp_path, moment) == "leaf: OK\n"


@pytest.mark.parametrize("kind", CertKind)
def test_what_the_record_says_about_a_certificate_stands_in_it(kind: CertKind) -> None:
    issued = certificate(CARD, kind)
    parsed = asn1.Certificate.load(issued.der, strict=True)

    assert parsed.serial_number == issued.serial_number
    assert parsed.subject.native["common_name"] == issued.common_name
    assert parsed.not_valid_before == issued.not_before == datetime(2025, 10, 26, 15, tzinfo=UTC)
    assert parsed.not_valid_after == issued.not_after == datetime(2030, 2, 17, 14, 59, 59, tzinfo=UTC)
    assert parsed.issuer.native["organization_name"] == "JPKI-EMU"


def test_the_common_names_have_23_and_28_characters_and_end_with_the_desk() -> None:
    auth, sign = certificate(CARD, CertKind.AUTH).common_name, certificate(CARD, CertKind.SIGN).common_name

    assert (len(auth), len(sign)) == (23, 28)
    assert auth[14:] == sign[19:] == "99001001A"
    assert sign.startswith("20251027000000")
    assert sign[:19].isdigit()


def test_the_signature_certificate_tells_the_four_attributes() -> None:
    (names,) = [
        entry["extn_value"].parsed
        for entry in asn1.Certificate.load(certificate(CARD, CertKind.SIGN).der)["tbs_certificate"]["extensions"]
        if entry["extn_id"].native == "subject_alt_name"
    ]

    assert [name.chosen["value"].parsed.native for name in names] == [
        "架空　太郎",
        "319800217",
        "1",
        "東京都架空市見本町１－２－３",
        "00000",
        "00000000000000",
    ]


def test_no_certificate_holds_the_my_number() -> None:
    for kind in CertKind:
        assert CARD.my_number.encode() not in certificate(CARD, kind).der


@given(st.dates(date(2016, 1, 1), date(2049, 12, 30)), st.integers(0, 99), st.integers(0, 99))
def test_serial_numbers_are_positive_four_bytes_long_and_ascend(day: date, seed: int, other: int) -> None:
    auth, sign = serial_numbers(day, Draw(seed, "x"))
    next_day, _ = serial_numbers(date.fromordinal(day.toordinal() + 1), Draw(other, "y"))

    assert 0x01000000 <= auth < sign < next_day < 0x80000000


def test_the_longest_name_and_address_fit_every_file() -> None:
    holder = replace(
        ADULT.holder,
        name="龘" * MAX_NAME,
        name_substitutes="1" * MAX_NAME,
        address="龘" * MAX_ADDRESS,
        address_substitutes="1" * MAX_ADDRESS,
    )
    card = personalise(replace(ADULT, holder=holder), today=DAY)

    assert len(certificate(card, CertKind.SIGN).der) < 3808
    assert len(text_of(card).attributes) == 1024


# ---------------------------------------------------------------- the rest of the record


def test_the_adult_is_the_person_that_is_documented() -> None:
    assert (CARD.holder.name, CARD.holder.address) == ("架空　太郎", "東京都架空市見本町１－２－３")
    assert (CARD.made, CARD.handed_over, CARD.not_after) == (
        date(2025, 10, 27),
        date(2025, 11, 10),
        date(2035, 2, 17),
    )
    assert CARD.number_b == "55021720352285"
    assert CARD.atr == bytes.fromhex("3BE000FF8131FE4514")
    assert (CARD.pins.sign, CARD.pins.auth, CARD.pins.juki, CARD.pins.text) == ("ABC123", "1234", "2345", "3456")


def test_the_holder_without_certificates_has_none_and_no_pins_for_them() -> None:
    card = personalise(NO_CERTIFICATES, today=DAY)

    assert (card.holder.name, card.holder.born) == ("架空　花子", date(1985, 7, 7))
    assert (card.made, card.handed_over, card.not_after) == (
        date(2025, 10, 27),
        date(2025, 11, 10),
        date(2035, 7, 7),
    )
    assert card.number_b == "60070720351234"
    assert (jpki_of(card).sign, jpki_of(card).auth) == (None, None)
    assert (card.pins.sign, card.pins.auth, card.pins.juki, card.pins.text) == (None, None, "2345", "3456")


@pytest.mark.parametrize("seed", range(5))
def test_a_my_number_is_nobodys_unless_a_valid_one_is_asked_for(seed: int) -> None:
    valid = replace(ADULT, card=replace(ADULT.card, valid_check_digit=True))

    assert not is_valid(personalise(ADULT, today=DAY, seed=seed).my_number)
    assert is_valid(personalise(valid, today=DAY, seed=seed).my_number)


def test_a_my_number_and_a_security_code_can_be_given_or_drawn() -> None:
    given_number = replace(ADULT, card=replace(ADULT.card, my_number="123456789019"))
    drawn_code = replace(ADULT, card=replace(ADULT.card, security_code=None))

    assert personalise(given_number, today=DAY).my_number == "123456789019"
    assert len(personalise(drawn_code, today=DAY).security_code) == 4


def test_a_forced_long_header_reaches_the_card() -> None:
    forced = replace(ADULT, card=replace(ADULT.card, long_attribute_header=True))

    assert text_of(personalise(forced, today=DAY)).attributes.startswith(bytes.fromhex("FF20820059"))


def test_the_real_policy_reaches_the_certificates_on_request() -> None:
    real = replace(ADULT, certificates=replace(ADULT.certificates, real_policy=True))
    oid = bytes.fromhex("2A83088C9B550805")  # 1.2.392.200149.8.5, under which the policies are

    auth = certificate(personalise(real, today=DAY), CertKind.AUTH).der
    assert oid in auth
    assert oid not in certificate(CARD, CertKind.AUTH).der


def test_the_certificates_name_a_responder_on_request_only() -> None:
    url = "http://127.0.0.1:8080/ocsp"
    named = personalise(replace(ADULT, certificates=replace(ADULT.certificates, aia=url)), today=DAY)

    for kind in CertKind:
        found = x509.load_der_x509_certificate(certificate(named, kind).der).extensions
        access = found.get_extension_for_class(x509.AuthorityInformationAccess)
        (description,) = access.value
        assert (description.access_method, description.access_location) == (
            AuthorityInformationAccessOID.OCSP,
            x509.UniformResourceIdentifier(url),
        )
        assert not access.critical
        assert url.encode() not in certificate(CARD, kind).der


@pytest.mark.parametrize(
    ("day", "generation"),
    [(date(2029, 12, 31), 1), (date(2030, 1, 1), 2), (date(2034, 12, 31), 2), (date(2035, 1, 1), 3)],
)
def test_the_ca_of_the_day_issues_and_its_certificate_is_on_the_card(
    day: date, generation: int, tmp_path: Path
) -> None:
    unfixed = replace(ADULT, card=replace(ADULT.card, made=None, handed_over=None))
    card = personalise(unfixed, today=day)
    noon = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)

    for kind, on_card in ((CertKind.SIGN, jpki_of(card).sign_ca), (CertKind.AUTH, jpki_of(card).auth_ca)):
        assert on_card == shipped.authority(kind, generation).der
        assert openssl.verify(certificate(card, kind).der, on_card, tmp_path, noon) == "leaf: OK\n"


# ---------------------------------------------------------------- a card


def talk(card: Card, *commands: str) -> list[str]:
    return [card.transmit(bytes.fromhex(command)).hex().upper() for command in commands]


@pytest.mark.parametrize(
    ("kind", "pin_ef", "pin", "key_ef"),
    [(CertKind.AUTH, "0018", b"1234", "0017"), (CertKind.SIGN, "001B", b"ABC123", "001A")],
)
def test_the_card_signs_with_the_key_that_its_certificate_names(
    kind: CertKind, pin_ef: str, pin: bytes, key_ef: str
) -> None:
    verify = f"00200080{len(pin):02X}{pin.hex()}"
    sign = f"802A0080{len(DIGEST_INFO_OF_NOTHING) // 2:02X}{DIGEST_INFO_OF_NOTHING}00"
    *before, answer = talk(
        Card(CARD.profile()), SELECT_JPKI, f"00A4020C02{pin_ef}", verify, f"00A4020C02{key_ef}", sign
    )
    public_key = x509.load_der_x509_certificate(certificate(CARD, kind).der).public_key()

    assert before == ["9000"] * 4
    assert answer.endswith("9000")
    assert isinstance(public_key, rsa.RSAPublicKey)
    public_key.verify(bytes.fromhex(answer)[:-2], b"", padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize(("ef", "reference"), [("0011", "3456"), ("0014", CARD.my_number), ("0015", "55021720352285")])
def test_the_text_application_opens_with_its_pin_and_both_numbers(ef: str, reference: str) -> None:
    verify = f"00200080{len(reference):02X}{reference.encode().hex()}"

    assert talk(Card(CARD.profile()), "00A4040C0AD3921000310001010408", f"00A4020C02{ef}", verify) == ["9000"] * 3


def test_the_profile_has_the_cards_name_atr_and_behaviour() -> None:
    spec = replace(ADULT, behaviour=replace(ADULT.behaviour, strict_pin_length=True))
    profile = personalise(spec, today=DAY).profile()

    assert (profile.name, profile.atr) == ("adult", bytes.fromhex("3BE000FF8131FE4514"))
    assert profile.behaviour.strict_pin_length


def test_the_shipped_keys_are_on_every_card_that_asked_for_no_others() -> None:
    assert certificate(CARD, CertKind.AUTH).private_key == keys.to_pem(shipped.card_keys().auth)
