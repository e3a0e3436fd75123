"""Personalise a card: from a profile, a day and a seed to every byte the issuer writes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial

from cryptography.hazmat.primitives.asymmetric import rsa

from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.keys import KeySet, modulus, sign_sha256, signer, to_pem
from mynacard_emulator.pki.names import CertKind

from . import issuer_records, my_number, records, visual_records
from .certify import CertificationRequest, certify, serial_numbers
from .dates import start_of_day
from .days import Days, reckon
from .draw import Draw
from .holder import Holder, Municipality
from .images import digits_image, text_image
from .issued import (
    CommonRecord,
    IssuedCard,
    IssuedCertificate,
    IssuerRecord,
    JpkiRecord,
    LicenceRecord,
    TextRecord,
    VisualRecord,
)
from .kinds import CONTACT_ATR, CardKind
from .licence_records import licence_data
from .portrait import features, portrait
from .spec import ProfileSpec
from .token_info import token_info


@dataclass(frozen=True, slots=True)
class _Order:
    """One card on its way through the issuer's office."""

    spec: ProfileSpec
    days: Days
    keys: KeySet
    draw: Draw
    my_number: str
    serial_numbers: tuple[int, int]


def personalise(spec: ProfileSpec, *, today: date, seed: int = 0, keys: KeySet | None = None) -> IssuedCard:
    """Make a card; the same arguments give the same card, to the byte.

    Certificates are issued at midnight of the day the card was made, so that they are good the same day. Without `keys`
    the card has the shipped ones, which it shares with every other such card. Raises `ProfileError`.
    """
    days = reckon(spec, today)
    person = f"{spec.name}\n{spec.holder.name}"
    draw = Draw(seed, f"{person}\n{days.made}")  # a later card of the same holder differs, the My Number does not
    number = spec.card.my_number or my_number.complete(
        Draw(seed, person).text("my number", my_number.DIGITS - 1), valid=spec.card.valid_check_digit
    )
    return _make(_Order(spec, days, keys or shipped.card_keys(), draw, number, serial_numbers(days.made, draw)))


def another(spec: ProfileSpec, days: Days, *, number: int, serial_numbers: tuple[int, int], keys: KeySet) -> IssuedCard:
    """Make a later card of somebody, on days that are reckoned already; `spec` has to name the My Number.

    Args:
        spec: What was asked for.
        days: When it is made, handed over, and over.
        number: Which card of its office it is: two of one day and holder differ by it.
        serial_numbers: Of the auth and the sign certificate.
        keys: Its keys.

    """
    if spec.card.my_number is None:
        raise ValueError("a later card has the My Number of the first")
    draw = Draw(number, f"{spec.card.my_number}\n{days.made}")
    return _make(_Order(spec, days, keys, draw, spec.card.my_number, serial_numbers))


def _make(order: _Order) -> IssuedCard:
    spec, days, draw, number = order.spec, order.days, order.draw, order.my_number
    security_code = spec.card.security_code or draw.text("security code", 4)
    full = spec.card.kind is CardKind.MY_NUMBER_CARD
    return IssuedCard(
        name=spec.name,
        holder=spec.holder,
        municipality=spec.municipality,
        my_number=number,
        security_code=security_code,
        made=days.made,
        handed_over=days.handed_over,
        not_after=days.card_end,
        pins=spec.pins,
        atr=spec.card.atr,
        behaviour=spec.behaviour,
        jpki=_jpki(order),
        text=_text(order, number) if full else None,
        visual=_visual(order, number, security_code) if full else None,
        common=_common(order) if full else None,
        issuer=_issuer(order) if full else None,
        licence=_licence(order),
        kind=spec.card.kind,
    )


def _jpki(order: _Order) -> JpkiRecord | None:
    card = order.spec.card
    if card.kind.token_label is None:
        return None
    auth_serial, sign_serial = order.serial_numbers
    days, keys = order.days, order.keys
    return JpkiRecord(
        token_info=token_info(f"000000009{order.draw.text('token serial number', 7)}", label=card.kind.token_label),
        sign_ca=_authority(order, CertKind.SIGN).der,
        auth_ca=_authority(order, CertKind.AUTH).der,
        sign=_certificate(order, CertKind.SIGN, keys.sign, sign_serial, days.sign_end),
        auth=_certificate(order, CertKind.AUTH, keys.auth, auth_serial, days.auth_end),
        auth_guarded=card.auth_certificate_guarded,
        sign_only="auth" not in card.kind.certificates,
        terminal_ca=modulus(shipped.key(shipped.TERMINAL_CA)),
    )


def _certificate(
    order: _Order, kind: CertKind, key: rsa.RSAPrivateKey, serial_number: int, last_day: date | None
) -> IssuedCertificate | None:
    if last_day is None:
        return None
    request = CertificationRequest(
        holder=order.spec.holder,
        municipality=order.spec.municipality,
        key=key,
        serial_number=serial_number,
        issued=start_of_day(order.days.made),
        last_day=last_day,
        draw=order.draw,
        real_policy=order.spec.certificates.real_policy,
        aia=order.spec.certificates.aia,
    )
    return certify(_authority(order, kind), request)


def _authority(order: _Order, kind: CertKind) -> CertificationAuthority:
    """The CA that issues on the day the card is made; its certificate goes on the card even where it issues none."""
    return shipped.authority(kind, shipped.generation_on(order.days.made))


def _card_serial(order: _Order) -> str:
    """Fifteen digits of which the first is one that no real card's is known to be."""
    return "9" + order.draw.text("card serial number", issuer_records.SERIAL_DIGITS - 1)


def _common(order: _Order) -> CommonRecord:
    code = order.spec.municipality.code
    return CommonRecord(
        card_record=issuer_records.card_record(_card_serial(order), code, order.days.card_end),
        key_reference=issuer_records.key_reference(code),
        private_key=to_pem(order.keys.common),
    )


def _issuer(order: _Order) -> IssuerRecord:
    record = issuer_record(_card_serial(order), order.spec.municipality, order.days.card_end, order.spec.card.atr)
    return record if order.spec.card.lower_cv_certificate else replace(record, lower_cv_certificate=None)


def issuer_record(serial: str, municipality: Municipality, last_day: date, atr: bytes) -> IssuerRecord:
    """What GET DATA tells of a card."""
    cv_ca = shipped.key(shipped.CV_CA)
    return issuer_records.issuer_record(
        serial=serial,
        municipality_code=municipality.code,
        last_day=last_day,
        cv_ca_modulus=modulus(cv_ca),
        issuer_modulus=modulus(shipped.key(shipped.TEXT_ISSUER)),
        sign_as_ca=partial(sign_sha256, cv_ca),
        atr=atr,
        contact_atr=CONTACT_ATR,
    )


def _licence(order: _Order) -> LicenceRecord | None:
    if not order.spec.licence.installed:
        return None
    data = licence_data(order.days.handed_over)
    return LicenceRecord(data, sign_sha256(shipped.key(shipped.LICENCE_ISSUER), data), order.spec.licence.pin)


def _text(order: _Order, number: str) -> TextRecord:
    sign = partial(sign_sha256, shipped.key(shipped.TEXT_ISSUER))
    my_number_ef = records.my_number(number)
    objects = records.attribute_objects(order.spec.holder)
    return TextRecord(
        my_number=my_number_ef,
        attributes=records.attributes(objects, long_header=order.spec.card.long_attribute_header),
        integrity=records.integrity(my_number_ef, objects, sign),
        cv_certificate=text_cv_certificate(order.spec.municipality.code),
        basic_info=records.basic_info(order.draw.octets("text basic info", 32)),
        session_key=records.session_key(modulus(order.keys.session)),
        internal_key=records.internal_key(modulus(order.keys.internal), sign),
        session_private_key=to_pem(order.keys.session),
        internal_private_key=to_pem(order.keys.internal),
    )


def _visual(order: _Order, number: str, security_code: str) -> VisualRecord:
    issuer = shipped.key(shipped.VISUAL_ISSUER)
    sign = partial(sign_sha256, issuer)
    holder, municipality = order.spec.holder, order.spec.municipality
    own = modulus(order.keys.visual)
    front = face(holder, order.days.card_end, portrait(features(order.draw)), security_code)
    return VisualRecord(
        age_record=visual_records.age_record(holder.born, own, sign),
        card_face=visual_records.card_face(front, own, signer(issuer)),
        basic_info=visual_records.basic_info(municipality.code, sign),
        cv_certificate=visual_cv_certificate(municipality.code),
        my_number_image=visual_records.my_number_image(digits_image(number), own, sign),
        internal_private_key=to_pem(order.keys.visual),
    )


def face(holder: Holder, last_day: date, picture: bytes, security_code: str) -> visual_records.Face:
    """What is printed on the front of a card, with this portrait."""
    return visual_records.Face(
        born=holder.born,
        sex=holder.sex,
        not_after=last_day,
        name=text_image(holder.name),
        address=text_image(holder.address),
        portrait=picture,
        security_code=digits_image(security_code),
    )


@cache  # a municipality's is the same on all its cards
def text_cv_certificate(municipality_code: str) -> bytes:
    """EF 0004 of the text application."""
    issuer, cv_ca = shipped.key(shipped.TEXT_ISSUER), shipped.key(shipped.CV_CA)
    subject = records.issuer_key_id(municipality_code)
    return records.cv_certificate(records.CV_CA_KEY_ID, subject, modulus(issuer), partial(sign_sha256, cv_ca))


@cache  # likewise
def visual_cv_certificate(municipality_code: str) -> bytes:
    """EF 0004 of the visual application."""
    issuer, cv_ca = shipped.key(shipped.VISUAL_ISSUER), shipped.key(shipped.VISUAL_CV_CA)
    subject = visual_records.issuer_key_id(municipality_code)
    return records.cv_certificate(visual_records.CV_CA_KEY_ID, subject, modulus(issuer), partial(sign_sha256, cv_ca))
