"""Rules about answers: what a client says came of a call, held against what did."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.outcome import Answer, Attributes, HashKind, Outcome, Sign
from mynacard_conformance.requirements import (
    ABSENT_REPORTED,
    BLOCKED_IS_LOCK,
    CERTIFICATE_EXACT,
    MALFORMED_STOPPED,
    REACHES_THE_CARD,
    REFUSAL_REPORTED,
    RIGHT_ACCEPTED,
    SIGNATURE_VALID,
    TEXT_EXACT,
    TRIES_ARE_THE_CARDS,
    USING_UP_IS_LOCK,
    WRONG_REPORTED,
    Requirement,
)
from mynacard_conformance.verdict import Phrase, outcomes

from .conduct import Ruling, ruling

_HASHES: dict[HashKind, hashes.HashAlgorithm] = {
    HashKind.SHA256: hashes.SHA256(),
    HashKind.SHA384: hashes.SHA384(),
    HashKind.SHA512: hashes.SHA512(),
}

_ENTRY_RULES: dict[Prospect, tuple[Requirement, frozenset[Outcome]]] = {
    Prospect.RIGHT: (RIGHT_ACCEPTED, frozenset({Outcome.OK})),
    Prospect.WRONG: (WRONG_REPORTED, frozenset({Outcome.WRONG_PIN})),
    Prospect.USES_UP: (USING_UP_IS_LOCK, frozenset({Outcome.LOCKED})),
    Prospect.BLOCKED: (BLOCKED_IS_LOCK, frozenset({Outcome.LOCKED})),
    Prospect.MALFORMED: (MALFORMED_STOPPED, frozenset({Outcome.FORMAT_REJECTED})),
    Prospect.ABSENT: (BLOCKED_IS_LOCK, frozenset({Outcome.LOCKED, Outcome.PIN_ABSENT, Outcome.CERT_ABSENT})),
}

_ABSENT = frozenset({Outcome.PIN_ABSENT, Outcome.CERT_ABSENT})


def judge_entry_outcome(prospect: Prospect, answer: Answer, *, reached: bool) -> Iterator[Ruling]:
    """Judge what is said of an entry, which was put to the card (`reached`) or was not."""
    if prospect in (Prospect.RIGHT, Prospect.WRONG, Prospect.USES_UP) and not reached:
        asked = answer.outcome not in (Outcome.OK, Outcome.WRONG_PIN, Outcome.LOCKED)
        yield ruling(REACHES_THE_CARD, asked, Phrase("verifies", (1,)), Phrase("unasked", (answer.outcome,)))
    elif prospect in (Prospect.RIGHT, Prospect.WRONG, Prospect.USES_UP, Prospect.BLOCKED) and reached:
        yield Ruling(REACHES_THE_CARD)
    requirement, allowed = _ENTRY_RULES[prospect]
    yield judge_outcome(requirement, answer, allowed)


def judge_absence(answer: Answer, *, refused: bool = False) -> Ruling:
    """Judge what is said of a PIN or certificate that was never there; `refused` if the card may hide that."""
    return judge_outcome(ABSENT_REPORTED, answer, _ABSENT | ({Outcome.NOT_PERMITTED} if refused else set()))


def judge_text(answer: Answer, truth: str | Attributes) -> Ruling:
    """Judge the My Number, or the attributes."""
    if answer.outcome is not Outcome.OK:
        return judge_outcome(TEXT_EXACT, answer, {Outcome.OK})
    return ruling(TEXT_EXACT, answer.value == truth, Phrase("exact-text"), Phrase("other-text"))


def judge_outcome(requirement: Requirement, answer: Answer, allowed: AbstractSet[Outcome]) -> Ruling:
    """Judge an answer by its outcome alone."""
    said = Phrase("said", (answer.outcome, answer.message))
    return ruling(requirement, answer.outcome in allowed, outcomes(*sorted(allowed, key=lambda o: o.value)), said)


def judge_tries(answer: Answer, truth: int | None, *, asked: bool) -> Iterator[Ruling]:
    """Judge a number of tries, wherever one is stated; where it was asked for, there must be one."""
    if truth is None or not (asked or answer.tries is not None):
        return
    if answer.tries is None:
        locked = truth == 0 and answer.outcome in (Outcome.LOCKED, Outcome.PIN_ABSENT)
        said = Phrase("said", (answer.outcome, answer.message))
        yield ruling(TRIES_ARE_THE_CARDS, locked, Phrase("tries", (truth,)), said)
    else:
        stated = Phrase("tries-stated", (answer.tries.start, answer.tries.stop - 1))
        yield ruling(TRIES_ARE_THE_CARDS, truth in answer.tries, Phrase("tries", (truth,)), stated)


def judge_certificate(answer: Answer, truth: bytes) -> Ruling:
    """Judge the bytes of a certificate that could be read."""
    if answer.outcome is not Outcome.OK:
        return judge_outcome(CERTIFICATE_EXACT, answer, {Outcome.OK})
    length = len(answer.value) if isinstance(answer.value, bytes) else 0
    return ruling(
        CERTIFICATE_EXACT, answer.value == truth, Phrase("exact-bytes", (len(truth),)), Phrase("bytes", (length,))
    )


def judge_refusal(answer: Answer, *, blocked: bool) -> Ruling:
    """Judge what is said of something that the card refuses for want of a PIN."""
    allowed = {Outcome.NOT_PERMITTED, Outcome.LOCKED} if blocked else {Outcome.NOT_PERMITTED}
    return judge_outcome(REFUSAL_REPORTED, answer, allowed)


def judge_signature(call: Sign, answer: Answer, certificate: bytes) -> Ruling:
    """Judge a signature with the certificate that is on the card."""
    if answer.outcome is not Outcome.OK:
        return judge_outcome(SIGNATURE_VALID, answer, {Outcome.OK})
    valid = isinstance(answer.value, bytes) and _verifies(certificate, call, answer.value)
    return ruling(SIGNATURE_VALID, valid, Phrase("valid-signature"), Phrase("invalid-signature"))


def _verifies(certificate: bytes, call: Sign, signature: bytes) -> bool:
    key = x509.load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        return False
    try:
        key.verify(signature, call.message, padding.PKCS1v15(), _HASHES[call.hash])
    except InvalidSignature:
        return False
    return True
