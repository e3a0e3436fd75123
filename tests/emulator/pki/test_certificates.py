"""Both certificate profiles, read by another parser and verified by another library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import core
from asn1crypto import x509 as asn1

from mynacard_emulator.pki import keys, shipped
from mynacard_emulator.pki.authority import CertificationAuthority, self_signed
from mynacard_emulator.pki.certificates import Enrolment, FourAttributes, auth_certificate, sign_certificate
from mynacard_emulator.pki.names import CertKind
from tests.emulator.pki import openssl

ISSUED = datetime(2025, 10, 26, 15, tzinfo=UTC)
END = datetime(2030, 2, 17, 14, 59, 59, tzinfo=UTC)
KEY = shipped.key(shipped.CARD_AUTH)
ATTRIBUTES = FourAttributes(
    name="架空　太郎",
    name_substitutes="01000",
    sex="1",
    birth_date="319800217",
    address="東京都架空市１",
    address_substitutes="0000100",
)


def enrolment(**changes: Any) -> Enrolment:
    usual: dict[str, Any] = {
        "public_key": KEY.public_key(),
        "serial_number": 0x1E0391CA,
        "not_before": ISSUED,
        "not_after": END,
        "common_name": "AJH84YHVT45JEJ99001001A",
        "prefecture": "Tokyo-to",
        "city": "Kaku-shi",
    }
    return Enrolment(**usual | changes)


def auth(ca: CertificationAuthority | None = None, **changes: Any) -> bytes:
    return auth_certificate(ca or shipped.authority(CertKind.AUTH), enrolment(**changes))


def sign(ca: CertificationAuthority | None = None, **changes: Any) -> bytes:
    return sign_certificate(ca or shipped.authority(CertKind.SIGN), enrolment(**changes), ATTRIBUTES)


BOTH = pytest.mark.parametrize(("make", "kind"), [(auth, CertKind.AUTH), (sign, CertKind.SIGN)], ids=["auth", "sign"])
EITHER = pytest.mark.parametrize("make", [auth, sign])
Make = Callable[..., bytes]


def tbs(der: bytes) -> asn1.TbsCertificate:
    return asn1.Certificate.load(der, strict=True)["tbs_certificate"]


def extensions(der: bytes) -> dict[str, Any]:
    return {entry["extn_id"].native: entry["extn_value"].parsed for entry in tbs(der)["extensions"]}


@BOTH
def test_openssl_accepts_it_under_its_ca(make: Make, kind: CertKind, tmp_path: Path) -> None:
    verdict = openssl.verify(make(), shipped.authority(kind).der, tmp_path, ISSUED + timedelta(days=400))

    assert verdict == "leaf: OK\n"


@BOTH
def test_openssl_refuses_it_under_the_other_ca(make: Make, kind: CertKind, tmp_path: Path) -> None:
    (other,) = set(CertKind) - {kind}

    assert "error 20" in openssl.verify(make(), shipped.authority(other).der, tmp_path, ISSUED)


@BOTH
def test_a_second_generation_has_the_same_name_and_another_key(make: Make, kind: CertKind, tmp_path: Path) -> None:
    first = shipped.authority(kind)
    second = self_signed(
        kind, keys.fresh(), serial_number=2, not_before=ISSUED - timedelta(days=1), not_after=END + timedelta(days=1)
    )
    der = make(second)

    assert second.certificate.subject == first.certificate.subject
    assert openssl.verify(der, second.der, tmp_path, ISSUED) == "leaf: OK\n"
    assert "leaf: OK" not in openssl.verify(der, first.der, tmp_path, ISSUED)


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        (ISSUED - timedelta(seconds=1), "error 9"),
        (ISSUED, "OK"),
        (END - timedelta(seconds=1), "OK"),  # at the last second itself openssl already calls it expired
        (END + timedelta(seconds=1), "error 10"),
    ],
    ids=["before", "first second", "near the end", "after"],
)
@BOTH
def test_it_is_good_from_the_moment_of_issue_to_its_last_second(
    make: Make, kind: CertKind, moment: datetime, verdict: str, tmp_path: Path
) -> None:
    assert verdict in openssl.verify(make(), shipped.authority(kind).der, tmp_path, moment)


@BOTH
def test_version_algorithms_serial_and_times_are_as_on_a_card(make: Make, kind: CertKind) -> None:
    certificate = tbs(make())

    assert certificate["version"].native == "v3"
    assert certificate["signature"]["algorithm"].native == "sha256_rsa"
    assert certificate["serial_number"].contents == bytes.fromhex("1E0391CA")
    assert certificate["validity"]["not_before"].name == certificate["validity"]["not_after"].name == "utc_time"
    assert certificate["validity"]["not_after"].chosen.contents == b"300217145959Z"
    assert certificate["subject_public_key_info"]["public_key"].parsed["public_exponent"].native == 65537
    assert certificate["issuer"] == tbs(shipped.authority(kind).der)["subject"]


@BOTH
def test_the_organisation_is_the_emulator_and_never_the_real_one(make: Make, kind: CertKind) -> None:
    assert tbs(make())["issuer"].native["organization_name"] == "JPKI-EMU"
    assert shipped.authority(kind).certificate.subject.rfc4514_string().endswith(",O=JPKI-EMU,C=JP")


def test_the_two_kinds_have_these_extensions_and_no_other() -> None:
    common = [
        ("key_usage", True),
        ("issuer_alt_name", False),
        ("certificate_policies", True),
        ("crl_distribution_points", False),
        ("authority_key_identifier", False),
        ("key_identifier", False),
    ]

    def found(der: bytes) -> list[tuple[str, bool]]:
        return [(entry["extn_id"].native, entry["critical"].native) for entry in tbs(der)["extensions"]]

    assert found(auth()) == common
    assert found(sign()) == [*common, ("subject_alt_name", False)]


def test_an_auth_key_identifies_and_a_sign_key_also_commits() -> None:
    assert extensions(auth())["key_usage"].native == {"digital_signature"}
    assert extensions(sign())["key_usage"].native == {"digital_signature", "non_repudiation"}
    assert extensions(sign())["key_usage"].dump() == bytes.fromhex("030206C0")


@BOTH
def test_key_identifiers_are_sha_1_of_the_keys(make: Make, kind: CertKind) -> None:
    def identifier(der: bytes) -> bytes:
        return sha1(bytes(tbs(der)["subject_public_key_info"]["public_key"]), usedforsecurity=False).digest()

    found = extensions(make())
    assert found["key_identifier"].native == identifier(make())
    assert found["authority_key_identifier"]["key_identifier"].native == identifier(shipped.authority(kind).der)


@EITHER
def test_the_issuer_also_has_its_japanese_name(make: Make) -> None:
    assert extensions(make())["issuer_alt_name"].native == [
        {"country_name": "JP", "organization_name": "公的個人認証サービス（模擬）"}
    ]


@BOTH
def test_the_revocation_list_is_a_directory_entry_of_the_municipality(make: Make, kind: CertKind) -> None:
    unit = {CertKind.AUTH: "JPKI-EMU for user authentication", CertKind.SIGN: "JPKI-EMU for digital signature"}[kind]
    (point,) = extensions(make())["crl_distribution_points"]
    (name,) = point["distribution_point"].chosen

    assert [(rdn[0]["type"].native, rdn[0]["value"].native) for rdn in name.chosen.chosen] == [
        ("country_name", "JP"),
        ("organization_name", "JPKI-EMU"),
        ("organizational_unit_name", unit),
        ("organizational_unit_name", "CRL Distribution Points"),
        ("organizational_unit_name", "Tokyo-to"),
        ("common_name", "Kaku-shi CRLDP"),
    ]


@pytest.mark.parametrize(
    ("make", "real", "oid"),
    [
        (auth, False, "2.999.5.1.3.30"),
        (sign, False, "2.999.5.1.1.20"),
        (auth, True, "1.2.392.200149.8.5.1.3.30"),
        (sign, True, "1.2.392.200149.8.5.1.1.20"),
    ],
)
def test_the_policy_is_an_example_unless_the_real_one_is_asked_for(
    make: Make,
    real: bool,  # noqa: FBT001 - a column of the table
    oid: str,
) -> None:
    (policy,) = extensions(make(real_policy=real))["certificate_policies"]
    (qualifier,) = policy["policy_qualifiers"]

    assert policy["policy_identifier"].dotted == oid
    assert qualifier["policy_qualifier_id"].native == "certification_practice_statement"
    assert qualifier["qualifier"].native == "http://cps.jpki-emu.invalid/cps.html"


def test_the_auth_subject_is_country_and_pseudonym_only() -> None:
    subject = tbs(auth())["subject"].chosen

    assert [(rdn[0]["type"].native, type(rdn[0]["value"].chosen)) for rdn in subject] == [
        ("country_name", core.PrintableString),
        ("common_name", core.UTF8String),
    ]
    assert "subject_alt_name" not in extensions(auth())


def test_the_sign_subject_names_the_place_and_not_the_holder() -> None:
    subject = tbs(sign(common_name="2025102700000074790" + "99001001A"))["subject"].chosen

    assert [(rdn[0]["type"].native, rdn[0]["value"].native) for rdn in subject] == [
        ("country_name", "JP"),
        ("locality_name", "Tokyo-to"),
        ("locality_name", "Kaku-shi"),
        ("common_name", "202510270000007479099001001A"),
    ]


def test_the_four_attributes_come_in_the_order_seen_on_cards() -> None:
    arc = "1.2.392.200149.8.5.5"
    found = [
        (other.chosen["type_id"].dotted, type(other.chosen["value"].parsed), other.chosen["value"].parsed.native)
        for other in extensions(sign())["subject_alt_name"]
    ]

    assert found == [
        (f"{arc}.1", core.UTF8String, "架空　太郎"),
        (f"{arc}.4", core.UTF8String, "319800217"),
        (f"{arc}.3", core.UTF8String, "1"),
        (f"{arc}.5", core.UTF8String, "東京都架空市１"),
        (f"{arc}.2", core.UTF8String, "01000"),
        (f"{arc}.6", core.UTF8String, "0000100"),
    ]


@EITHER
def test_the_same_request_gives_the_same_bytes(make: Make) -> None:
    assert make() == make()
