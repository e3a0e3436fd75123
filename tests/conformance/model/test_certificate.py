"""What a certificate's own story says of it at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from mynacard_conformance.model.certificate import Certificate, Reason
from mynacard_conformance.model.dates import JST
from mynacard_conformance.outcome import KeyKind

ISSUED = datetime(2026, 11, 20, 10, tzinfo=JST)
END = datetime(2031, 2, 17, 23, 59, 59, tzinfo=JST)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def certificate() -> Certificate:
    return Certificate(KeyKind.SIGN, ISSUED, END, known_from=ISSUED)


def test_it_is_good_from_its_first_second_to_its_last(certificate: Certificate) -> None:
    answers = [certificate.answer(at) for at in (ISSUED - SECOND, ISSUED, END, END + SECOND)]
    assert answers == ["cert_not_yet_valid", "ok", "ok", "cert_expired"]


def test_nobody_knows_it_before_it_was_handed_over_and_told() -> None:
    waiting = Certificate(KeyKind.AUTH, ISSUED, END)
    assert waiting.answer(ISSUED + DAY) == "status_unknown"
    waiting.known_from = ISSUED + DAY
    assert [waiting.answer(ISSUED + DAY - SECOND), waiting.answer(ISSUED + DAY)] == ["status_unknown", "ok"]


def test_a_hold_ends_with_a_release(certificate: Certificate) -> None:
    certificate.hold(ISSUED + DAY)
    assert certificate.answer(ISSUED + DAY) == "cert_on_hold"
    assert not certificate.good(ISSUED + DAY)
    certificate.resume(ISSUED + 2 * DAY)
    assert certificate.answer(ISSUED + 2 * DAY) == "ok"
    assert certificate.good(ISSUED + 2 * DAY)


def test_a_changed_attribute_closes_the_kiosk_at_once_and_is_told_the_next_day(certificate: Certificate) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=JST)
    certificate.revoke(ISSUED, Reason.AFFILIATION_CHANGED, since=midnight)
    assert not certificate.good(ISSUED)
    assert [certificate.answer(midnight - SECOND), certificate.answer(midnight)] == ["ok", "cert_revoked"]


def test_what_was_revoked_stays_so(certificate: Certificate) -> None:
    certificate.revoke(ISSUED, Reason.KEY_COMPROMISE)
    certificate.hold(ISSUED + DAY)
    certificate.resume(ISSUED + DAY)
    certificate.revoke(ISSUED + DAY, Reason.SUPERSEDED)
    assert [notice.reason for notice in certificate.notices] == [Reason.KEY_COMPROMISE]
    assert not certificate.renewable(END + SECOND)


def test_a_renewal_replaces_what_is_good_or_has_ended_by_time(certificate: Certificate) -> None:
    assert certificate.renewable(ISSUED)
    certificate.hold(ISSUED)
    assert [certificate.renewable(ISSUED), certificate.renewable(END + SECOND)] == [False, True]
