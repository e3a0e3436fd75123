"""Revocation lists, read by another parser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import crl as asn1
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.crl import revocation_list
from mynacard_emulator.pki.errors import StatusUnavailableError
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason, Revoked
from tests.emulator.pki.book import JST, MIDNIGHT, NOON, Book, Closed, Event, good, revoked

AUTHORITIES = [ca for kind in CertKind for ca in shipped.authorities(kind)]
EACH_CA = pytest.mark.parametrize("ca", AUTHORITIES, ids=lambda ca: f"{ca.kind.value}-{ca.generation}")
AUTH = shipped.authority(CertKind.AUTH)
SERIAL = 0x1E0391CA
REASONS = {
    "unspecified": "unspecified",
    "keyCompromise": "key_compromise",
    "cACompromise": "ca_compromise",
    "affiliationChanged": "affiliation_changed",
    "superseded": "superseded",
    "cessationOfOperation": "cessation_of_operation",
    "certificateHold": "certificate_hold",
}
BEFORE, SECOND = MIDNIGHT - timedelta(hours=1), timedelta(seconds=1)


def book(*events: Event, clock: datetime = NOON) -> Book:
    return Book({(CertKind.AUTH, 1, SERIAL): events}, clock)


def tbs(der: bytes) -> Any:
    return asn1.CertificateList.load(der, strict=True)["tbs_cert_list"]


def entries(source: Book, ca: CertificationAuthority = AUTH) -> list[tuple[int, datetime, str | None]]:
    """Serial number, date and reason of each."""
    return [
        (entry["user_certificate"].native, entry["revocation_date"].native, _reason(entry))
        for entry in tbs(revocation_list(ca, source))["revoked_certificates"]
    ]


def _reason(entry: Any) -> str | None:
    return None if entry.crl_reason_value is None else entry.crl_reason_value.native


@EACH_CA
def test_a_list_is_its_generations_own(ca: CertificationAuthority) -> None:
    der = revocation_list(ca, Book())
    found = x509.load_der_x509_crl(der)

    assert found.is_signature_valid(ca.key.public_key())
    assert not any(found.is_signature_valid(other.key.public_key()) for other in AUTHORITIES if other is not ca)
    assert found.issuer == ca.certificate.subject
    identifier = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    own = ca.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    assert identifier == own


def test_a_list_is_that_of_a_day_in_japan() -> None:
    content = tbs(revocation_list(AUTH, book(clock=NOON)))

    assert content["version"].native == "v2"
    assert content["this_update"].native == datetime(2026, 11, 19, 15, tzinfo=UTC)
    assert content["next_update"].native == datetime(2026, 11, 20, 15, tzinfo=UTC)
    extensions = {entry["extn_id"].native: entry for entry in content["crl_extensions"]}
    assert set(extensions) == {"authority_key_identifier", "crl_number"}
    assert extensions["crl_number"]["extn_value"].parsed.native == 20261120


@given(st.integers(0, 86_399), st.integers(0, 86_399))
def test_it_has_the_same_bytes_all_day_whatever_happens_meanwhile(asked: int, happened: int) -> None:
    held = revoked(BEFORE, RevocationReason.CERTIFICATE_HOLD)
    clock, moment = (MIDNIGHT + timedelta(seconds=seconds) for seconds in (asked, max(1, happened)))
    morning = revocation_list(AUTH, book(held, clock=MIDNIGHT))

    assert revocation_list(AUTH, book(held, good(moment), clock=clock)) == morning
    assert revocation_list(AUTH, book(held, revoked(moment), clock=clock)) == morning


def test_every_day_has_a_higher_number() -> None:
    days = (datetime(2029, 12, 30, 12, tzinfo=JST) + timedelta(days=count) for count in range(4))
    numbers = [
        next(
            entry["extn_value"].parsed.native
            for entry in tbs(revocation_list(AUTH, book(clock=day)))["crl_extensions"]
            if entry["extn_id"].native == "crl_number"
        )
        for day in days
    ]

    assert numbers == [20291230, 20291231, 20300101, 20300102]


@pytest.mark.parametrize("reason", RevocationReason)
def test_an_entry_has_number_date_and_reason(reason: RevocationReason) -> None:
    expected = None if reason is RevocationReason.UNSPECIFIED else REASONS[reason.word]

    assert entries(book(good(), revoked(BEFORE, reason))) == [(SERIAL, BEFORE, expected)]


@pytest.mark.parametrize("reason", RevocationReason)
def test_reasons_are_numbered_as_in_the_standard(reason: RevocationReason) -> None:
    assert asn1.CRLReason(reason.code).native == REASONS[reason.word]


@pytest.mark.parametrize(
    ("moment", "listed"), [(MIDNIGHT - SECOND, True), (MIDNIGHT, True), (MIDNIGHT + SECOND, False)]
)
def test_what_was_revoked_by_midnight_is_in_the_list_of_the_day(
    moment: datetime,
    listed: bool,  # noqa: FBT001 - a table
) -> None:
    assert bool(entries(book(revoked(moment)))) is listed
    assert entries(book(revoked(moment), clock=NOON + timedelta(days=1)))


def test_a_source_that_only_knows_the_present_lists_nothing_too_early() -> None:
    class Present(Book):
        def revoked(self, kind: CertKind, generation: int, at: datetime) -> Any:
            return super().revoked(kind, generation, max(at, self.clock))

    later = {(CertKind.AUTH, 1, SERIAL): (revoked(MIDNIGHT + SECOND),)}

    assert entries(Present(later)) == []


def test_a_hold_that_was_released_leaves_the_next_list() -> None:
    hold = revoked(BEFORE - timedelta(days=3), RevocationReason.CERTIFICATE_HOLD)

    assert entries(book(hold)) == [(SERIAL, hold[0], "certificate_hold")]
    assert entries(book(hold, good(BEFORE))) == []


def test_entries_are_of_this_ca_key_alone_and_sorted() -> None:
    events = {
        (kind, generation, serial): (revoked(BEFORE),)
        for kind in CertKind
        for generation in (1, 2, 3)
        for serial in (generation * 30, generation * 10)
    }

    assert [entry[0] for entry in entries(Book(events), shipped.authority(CertKind.SIGN, 2))] == [20, 60]


def test_a_registry_that_cannot_be_read_gives_no_list_instead_of_an_empty_one() -> None:
    with pytest.raises(StatusUnavailableError):
        revocation_list(AUTH, Closed())


def test_a_status_says_since_when_and_why() -> None:
    assert revoked(BEFORE)[1] == Revoked(BEFORE, RevocationReason.SUPERSEDED)
