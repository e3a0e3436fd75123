"""Where a holder goes with a card whose PIN was locked."""

from __future__ import annotations

import pytest

from mynacard_conformance.outcome import PinKind
from mynacard_conformance.report.remedy import Remedy, remedies
from mynacard_conformance.requirements import REQUIREMENTS
from mynacard_conformance.verdict import Finding, Phrase, Violation

SIGN, AUTH, TEXT, JUKI, NUMBER_B = PinKind.SIGN, PinKind.AUTH, PinKind.TEXT, PinKind.JUKI, PinKind.NUMBER_B
BROKEN = Violation(next(iter(REQUIREMENTS.values())), Phrase("works"), Phrase("works"))


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ({SIGN: 5, AUTH: 1, TEXT: 3}, {}),
        ({}, {}),
        ({SIGN: 0, AUTH: 3}, {SIGN: Remedy.KIOSK_OR_COUNTER}),
        ({SIGN: 1, AUTH: 0}, {AUTH: Remedy.SOME_KIOSK_OR_COUNTER}),
        ({SIGN: 0, AUTH: 0}, {SIGN: Remedy.COUNTER, AUTH: Remedy.COUNTER}),
        ({AUTH: 0}, {AUTH: Remedy.COUNTER}),
        (
            {SIGN: 5, AUTH: 3, TEXT: 0, JUKI: 0, NUMBER_B: 0},
            {TEXT: Remedy.COUNTER, JUKI: Remedy.COUNTER, NUMBER_B: Remedy.COUNTER},
        ),
    ],
    ids=["none", "no PINs", "sign", "auth", "both", "a child's", "the others"],
)
def test_each_lock_has_its_remedy(left: dict[PinKind, int], expected: dict[PinKind, Remedy]) -> None:
    assert dict(remedies(Finding(BROKEN, (), "LOCK-01", tries_left=left))) == expected
