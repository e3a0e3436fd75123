"""What must be so at a point of a story, whatever client is on trial: the card, and what the issuer says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, timezone

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mynacard_conformance.judge.trial import StoryFault, Trial
from mynacard_conformance.outcome import PinKind

_ARC = "1.2.392.200149.8.5.5"
_OTHER_NAMES = tuple(f"{_ARC}.{number}" for number in (1, 4, 3, 5, 2, 6))
_LONG_FORM = 0x80
JST = timezone(timedelta(hours=9))


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Facts about the card in the reader; what is left out is not looked at.

    Attributes:
        tries: Tries left, by PIN.
        status: What the issuer says of certificates on the card, by kind.
        first_status: The same of those that the card had when the story began.
        ends: The last days of certificates, in Japan, by kind.
        absent: Certificates that the card does not have.
        card_ends: The last day of the card.
        issued_by: Whether the auth certificate's issuer is the CA on a card of the story, by what that is called; a CA
            of another generation has the same name and another key (K-03).
        content: Whether the certificates have the fields of their kinds (K-20 to K-31).

    """

    tries: Mapping[PinKind, int] = field(default_factory=dict)
    status: Mapping[str, str] = field(default_factory=dict)
    first_status: Mapping[str, str] = field(default_factory=dict)
    ends: Mapping[str, date] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    card_ends: date | None = None
    issued_by: Mapping[str, bool] = field(default_factory=dict)
    content: bool = False


def hold(check: Check, trial: Trial) -> None:
    """Raise `StoryFault` where it is not so: that is not the client's doing."""
    trial.hold_card_to_oracle()
    if trial.is_blind:
        return  # nobody can tell
    truth = trial.stage.truth
    for pin, tries in check.tries.items():
        _expect(f"tries left at {pin.value}", truth.tries_left(pin.value), tries)
    for kind, word in check.status.items():
        _expect(f"status of the {kind} certificate", truth.status(_certificate(trial, kind)), word)
    for kind, word in check.first_status.items():
        _expect(
            f"status of the first {kind} certificate", truth.status(trial.cast.first_certificates[kind] or b""), word
        )
    for kind, last in check.ends.items():
        end = x509.load_der_x509_certificate(_certificate(trial, kind)).not_valid_after_utc.astimezone(JST)
        _expect(f"end of the {kind} certificate", f"{end:%Y-%m-%d %H:%M:%S}", f"{last} 23:59:59")
    for kind in check.absent:
        _expect(f"the {kind} certificate", truth.certificate(kind), None)
    if check.card_ends is not None:
        _expect("end of the card", truth.ends(), check.card_ends)
    for name, expected in check.issued_by.items():
        _expect(
            f"issued by the CA of {name}", _issued_by(_certificate(trial, "auth"), trial.cast.authority(name)), expected
        )
    if check.content:
        hold_content(_certificate(trial, "auth"), _certificate(trial, "sign"), truth.attributes())


def hold_content(auth: bytes, sign: bytes, attributes: Mapping[str, str] | None) -> None:
    """Raise `StoryFault` unless the two certificates have the fields of their kinds (K-20 to K-31)."""
    of_auth, of_sign = x509.load_der_x509_certificate(auth), x509.load_der_x509_certificate(sign)
    _expect("otherNames of the auth certificate", _other_names(of_auth), [])
    usage = of_auth.extensions.get_extension_for_class(x509.KeyUsage).value
    _expect("key usage of the auth certificate", (usage.digital_signature, usage.content_commitment), (True, False))
    names = _other_names(of_sign)
    _expect("otherNames of the sign certificate", [name.type_id.dotted_string for name in names], list(_OTHER_NAMES))
    _expect("UTF8String", {name.value[:1] for name in names}, {b"\x0c"})
    texts = [name.value[2 if name.value[1] < _LONG_FORM else 3 :].decode() for name in names]
    said = dict(zip(_OTHER_NAMES, texts, strict=True))
    name, name_flags, address, address_flags = (said[f"{_ARC}.{number}"] for number in (1, 2, 5, 6))
    _expect("flags of the name", len(name_flags), len(name))
    _expect("flags of the address", len(address_flags), len(address))
    if attributes is not None:
        _expect("name and address", (name, address), (attributes["name"], attributes["address"]))


def _other_names(certificate: x509.Certificate) -> list[x509.OtherName]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return list(names.get_values_for_type(x509.OtherName))


def _issued_by(certificate: bytes, authority: bytes | None) -> bool:
    if authority is None:
        raise StoryFault("that card has not been in the reader, or has no CA certificate")
    signed, ca = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(authority)
    key, algorithm = ca.public_key(), signed.signature_hash_algorithm
    if signed.issuer != ca.subject or not isinstance(key, rsa.RSAPublicKey) or algorithm is None:
        return False
    try:
        key.verify(signed.signature, signed.tbs_certificate_bytes, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def _certificate(trial: Trial, kind: str) -> bytes:
    certificate = trial.stage.truth.certificate(kind)
    if certificate is None:
        raise StoryFault(f"the card has no {kind} certificate")
    return certificate


def _expect(what: str, seen: object, expected: object) -> None:
    if seen != expected:
        raise StoryFault(f"{what}: {seen}, the story has {expected}")
