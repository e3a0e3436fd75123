"""What a holder does at services with what the client has read and signed; and that no service is shown too much.

None of it is held against the client: where it does not go as the story has it, that is a harness error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from mynacard_conformance.model.pin import Prospect
from mynacard_conformance.outcome import CertificateKind, HashKind, KeyKind, Outcome, ReadCertificate, Sign
from mynacard_conformance.verdict import Deed

from .trial import StoryFault, Trial

MESSAGE = "架空の文書".encode()
"""The document that holders sign."""


_ABOUT_PINS: Mapping[str, frozenset[Prospect]] = {
    "wrong_pin": frozenset({Prospect.WRONG}),
    "locked": frozenset({Prospect.USES_UP, Prospect.BLOCKED}),
    "absent": frozenset({Prospect.ABSENT}),
}


@dataclass(frozen=True, slots=True)
class FromPage:
    """A detail that nobody can know before a page has shown it, such as a barcode: by the name it has there."""

    name: str


@dataclass(frozen=True, slots=True)
class FromClient:
    """What the client said last, which its user hands on (R-154): of some mishaps it may say one thing or another."""


SAID = FromClient()


@dataclass(frozen=True, slots=True)
class Serves:
    """Somebody asks a service on the internet for something.

    Attributes:
        action: What for, such as `mykey.change_id`.
        details: What is said there.
        then: What comes of it: `ok`, a refusal, or an outcome about the certificate.
        shows: What the page must show, among other things; `""` for what it must not.

    """

    action: str
    details: Mapping[str, object] = field(default_factory=dict, repr=False)
    then: str | FromClient = "ok"
    shows: Mapping[str, str | FromClient] = field(default_factory=dict)


def agrees(trial: Trial, key: KeyKind, pin: str, then: str) -> bool:
    """Whether oracle and story agree on what the entry comes to."""
    return trial.foresee(Sign(key, HashKind.SHA256, b"", pin)) in _ABOUT_PINS.get(then, {Prospect.RIGHT})


def log_in(
    trial: Trial, serves: Serves, pin: str | None, *, seen: Mapping[str, str], kept: bytes | None
) -> tuple[Mapping[str, str], bytes] | None:
    """Have a holder known at the service that is asked, with the client; None where the client did not come so far.

    Without a PIN the certificate alone is shown. One that was `kept` is shown in place of the one that is on the card.
    Returns what the service shows, beside what was `seen`, and the certificate that it was shown.
    """
    proof: dict[str, bytes] = {}
    if pin is not None:
        proof["challenge"] = trial.stage.services.challenge(serves.action.partition(".")[0])
        signature = _sign(trial, KeyKind.AUTH, pin, proof["challenge"])
        if signature is None:
            return None
        proof["signature"] = signature
    certificate = kept or _read(trial, ReadCertificate(CertificateKind.AUTH))
    if certificate is None:
        return None
    asked = replace(serves, details={**serves.details, **proof, "certificate": certificate})
    _hold_private(trial, serves.action, *proof.values(), certificate)
    return serve(trial, asked, seen), certificate


def serve(trial: Trial, serves: Serves, seen: Mapping[str, str]) -> Mapping[str, str]:
    """Have a service asked for something, and hold it to the story; return what it shows, beside what was `seen`.

    Whatever is asked, no service shows the My Number (R-084).
    """
    details = {name: _told(trial, said, seen) for name, said in serves.details.items()}
    answer = trial.stage.services.perform(serves.action, **details)
    _hold(trial, serves.action, answer.outcome, _told(trial, serves.then, seen))
    for name, said in serves.shows.items():
        value = _told(trial, said, seen)
        if answer.shown.get(name, "") != value:
            raise StoryFault(f"{serves.action}: it shows {name} {answer.shown.get(name)!r}, the story has {value!r}")
    my_number = trial.stage.truth.my_number()
    if my_number is not None and any(my_number in value for value in answer.shown.values()):
        raise StoryFault(f"{serves.action}: it shows the My Number")
    return {**seen, **answer.shown}


def _told(trial: Trial, said: object, seen: Mapping[str, str]) -> object:
    """What a detail stands for that was not known when the story was written."""
    match said:
        case FromPage(name):
            return seen.get(name, "")
        case FromClient():
            return trial.said.value if trial.said else ""
        case _:
            return said


def hand_in(trial: Trial, pin: str, *, altered: bool, then: str) -> bool:
    """Have the holder sign a document with the client, and hand it in; whether the client came so far.

    One that is `altered` is not the one that was signed (R-007).
    """
    signature = _sign(trial, KeyKind.SIGN, pin, MESSAGE)
    certificate = None if signature is None else _read(trial, ReadCertificate(CertificateKind.SIGN, pin))
    if signature is None or certificate is None:
        return False
    document = MESSAGE + b"." if altered else MESSAGE
    proof = {"document": document, "certificate": certificate, "signature": signature}
    _hold_private(trial, "etax.submit", certificate, names=False)
    serve(trial, Serves("etax.submit", proof, then), {})
    return True


def trust(trial: Trial, cards: Sequence[str]) -> None:
    """Have the services trust the CAs of these cards of the story, which have been in the reader, and no others."""
    authorities = [trial.cast.authority(card) for card in cards]
    known = [authority for authority in authorities if authority is not None]
    if len(known) < len(cards):
        raise StoryFault("a card whose CA is to be trusted has not been in the reader, or has no CA certificate")
    trial.stage.services.trust(*known)
    trial.happened(Deed.SERVICE, f"trust → {', '.join(cards)}")


def _sign(trial: Trial, key: KeyKind, pin: str, message: bytes) -> bytes | None:
    answer = trial.call(Sign(key, HashKind.SHA256, message, pin)).answer
    return _bytes(trial, answer.outcome, answer.value)


def _read(trial: Trial, call: ReadCertificate) -> bytes | None:
    answer = trial.call(call).answer
    return _bytes(trial, answer.outcome, answer.value)


def _bytes(trial: Trial, outcome: Outcome, value: object) -> bytes | None:
    """What the client brought back; nothing of a client that has just been caught."""
    return cast("bytes", value) if outcome is Outcome.OK and not trial.broken else None


def _hold_private(trial: Trial, what: str, *shown: bytes, names: bool = True) -> None:
    """Raise `StoryFault` where a service is shown the My Number, or name and address at a login (R-083, K-19)."""
    attributes = (trial.stage.truth.attributes() or {}) if names else {}
    known = (trial.stage.truth.my_number(), attributes.get("name"), attributes.get("address"))
    if any(each.encode() in part for each in known if each for part in shown):
        raise StoryFault(f"{what}: it is shown more of the holder than it needs")


def _hold(trial: Trial, what: str, said: str, then: object) -> None:
    trial.happened(Deed.SERVICE, f"{what} → {said}")
    if said != then:
        raise StoryFault(f"{what}: the service said {said}, the story {then}")
