"""The shipped CAs and keys, and the command that made them."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1

from mynacard_emulator.personalise.certify import FIRST_SERIAL_NUMBER
from mynacard_emulator.pki import ship, shipped
from mynacard_emulator.pki.keys import modulus
from mynacard_emulator.pki.names import CertKind
from tests.emulator.pki import openssl

NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)
USAGE = "usage: python -m mynacard_emulator.pki.ship DIR (an existing directory)\n"
UNITS = {CertKind.SIGN: "JPKI-EMU for digital signature", CertKind.AUTH: "JPKI-EMU for user authentication"}


def parsed(kind: CertKind) -> asn1.Certificate:
    return asn1.Certificate.load(shipped.authority(kind).der, strict=True)


@pytest.mark.parametrize("kind", CertKind)
def test_a_ca_signs_itself_and_openssl_agrees(kind: CertKind, tmp_path: Path) -> None:
    der = shipped.authority(kind).der

    assert openssl.verify(der, der, tmp_path, NOON) == "leaf: OK\n"


@pytest.mark.parametrize("kind", CertKind)
def test_a_ca_is_named_after_the_emulator_and_lasts_to_2049(kind: CertKind) -> None:
    certificate = parsed(kind)["tbs_certificate"]

    for name in ("subject", "issuer"):
        assert [(rdn[0]["type"].native, rdn[0]["value"].native) for rdn in certificate[name].chosen] == [
            ("country_name", "JP"),
            ("organization_name", "JPKI-EMU"),
            ("organizational_unit_name", UNITS[kind]),
            ("organizational_unit_name", "Test"),
        ]
    assert certificate["serial_number"].native == 1
    assert certificate["validity"]["not_before"].chosen.contents == b"250101000000Z"
    assert certificate["validity"]["not_after"].chosen.contents == b"491231145959Z"


@pytest.mark.parametrize("kind", CertKind)
def test_a_ca_has_the_extensions_of_the_real_ones_and_no_other(kind: CertKind) -> None:
    extensions = parsed(kind)["tbs_certificate"]["extensions"]

    assert [(entry["extn_id"].native, entry["critical"].native) for entry in extensions] == [
        ("key_usage", True),
        ("subject_alt_name", False),
        ("basic_constraints", True),
        ("crl_distribution_points", False),
        ("key_identifier", False),
    ]
    values = {entry["extn_id"].native: entry["extn_value"].parsed.native for entry in extensions}
    assert values["key_usage"] == {"key_cert_sign", "crl_sign"}
    assert values["basic_constraints"] == {"ca": True, "path_len_constraint": None}
    assert values["subject_alt_name"][0]["organization_name"] == "公的個人認証サービス（模擬）"
    point = values["crl_distribution_points"][0]["distribution_point"][0]
    assert point == parsed(kind).subject.native


def test_every_shipped_key_is_another() -> None:
    assert len({modulus(shipped.key(name)) for name in shipped.KEY_NAMES}) == len(shipped.KEY_NAMES) == 45


@pytest.mark.parametrize("kind", CertKind)
@pytest.mark.parametrize("generation", [1, 2, 3])
def test_a_ca_certificate_belongs_to_its_key(kind: CertKind, generation: int) -> None:
    ca = shipped.authority(kind, generation)

    assert ca.certificate.public_key() == ca.key.public_key()
    assert (ca.kind, ca.generation) == (kind, generation)


def test_the_first_generation_stays_what_it_was() -> None:
    assert {kind.value: sha256(shipped.authority(kind).der).hexdigest()[:16] for kind in CertKind} == {
        "sign": "1e089c9843b8cd02",
        "auth": "880a139364b2faf2",
    }


@pytest.mark.parametrize("kind", CertKind)
def test_three_generations_share_a_name_and_nothing_else(kind: CertKind) -> None:
    found = [ca.certificate for ca in shipped.authorities(kind)]

    assert len({certificate.subject for certificate in found} | {certificate.issuer for certificate in found}) == 1
    assert len({certificate.public_key().public_numbers() for certificate in found}) == 3  # type: ignore[union-attr]
    assert [certificate.not_valid_before_utc + timedelta(hours=9) for certificate in found[1:]] == [
        datetime(2029, 10, 1, tzinfo=UTC),
        datetime(2034, 10, 1, tzinfo=UTC),
    ]
    assert {certificate.not_valid_after_utc for certificate in found} == {
        datetime(2049, 12, 31, 14, 59, 59, tzinfo=UTC)
    }
    assert [certificate.serial_number.bit_length() for certificate in found] == [1, 28, 28]
    assert max(certificate.serial_number for certificate in found) < FIRST_SERIAL_NUMBER


@pytest.mark.parametrize(
    ("day", "generation"),
    [
        (date(2016, 1, 1), 1),
        (date(2029, 12, 31), 1),
        (date(2030, 1, 1), 2),
        (date(2034, 12, 31), 2),
        (date(2035, 1, 1), 3),
        (date(2049, 12, 31), 3),
    ],
)
def test_each_generation_issues_from_its_first_day(day: date, generation: int) -> None:
    assert shipped.generation_on(day) == generation
    not_before = shipped.authority(CertKind.AUTH, generation).certificate.not_valid_before_utc
    assert day.year < 2025 or not_before.date() < day


def test_a_stranger_has_another_name_and_another_key(tmp_path: Path) -> None:
    stranger = shipped.foreign_authority(CertKind.AUTH)
    ours = [ca for kind in CertKind for ca in shipped.authorities(kind)]

    assert stranger.certificate.subject not in {ca.certificate.subject for ca in ours}
    assert modulus(stranger.key) not in {modulus(ca.key) for ca in ours}
    assert openssl.verify(stranger.der, stranger.der, tmp_path, NOON) == "leaf: OK\n"


def test_the_readme_names_every_shipped_file() -> None:
    directory = files("mynacard_fixtures") / "pki"
    readme = (directory / "README.md").read_text(encoding="utf-8")

    for entry in directory.iterdir():
        if entry.name.endswith(".pem"):
            assert f"`{entry.name}`" in readme


def test_the_command_makes_everything_once_and_leaves_it_alone_afterwards(tmp_path: Path) -> None:
    made = ship.ship(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    assert sorted(made) == sorted(before)
    assert len(made) == len(shipped.KEY_NAMES) + 7  # CAs
    assert ship.ship(tmp_path) == []
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_ca_that_gets_a_new_key_gets_a_new_certificate(tmp_path: Path) -> None:
    ship.ship(tmp_path)
    (tmp_path / "ca-auth.key.pem").unlink()

    assert ship.ship(tmp_path) == ["ca-auth.key.pem", "ca-auth.cert.pem"]


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["/nowhere/at/all"]])
def test_the_command_says_how_it_is_called(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert ship.main(arguments) == 2
    assert capsys.readouterr().err == USAGE


def test_the_command_runs_as_a_module_and_makes_no_directory(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    done = subprocess.run(
        [sys.executable, "-m", "mynacard_emulator.pki.ship", missing],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == USAGE
    assert not missing.exists()


def test_the_command_lists_what_it_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ship.ship(tmp_path)
    (tmp_path / "cv-ca.key.pem").unlink()

    assert ship.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out == "made cv-ca.key.pem\n"
