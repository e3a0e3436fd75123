"""Write a card anew that is in use: what it says of its holder and of the town, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.keys import load, modulus, sign_sha256, signer

from . import issuer_records, records, visual_records
from .holder import Holder, Municipality
from .issue import face, issuer_record, text_cv_certificate, visual_cv_certificate
from .issued import CommonRecord, IssuedCard, IssuerRecord, TextRecord, VisualRecord


def rewritten(issued: IssuedCard, *, holder: Holder, municipality: Municipality) -> IssuedCard:
    """The same card with what it says of its holder and of the town written anew.

    Keys, numbers, days, portrait and certificates stay.
    """
    new = replace(issued, holder=holder, municipality=municipality)
    return replace(
        new,
        text=None if issued.text is None else _text_anew(issued.text, new),
        visual=None if issued.visual is None else _visual_anew(issued.visual, new),
        common=None if issued.common is None else _common_anew(issued.common, new),
        issuer=None if issued.issuer is None else _issuer_anew(issued.issuer, new),
    )


def _text_anew(old: TextRecord, card: IssuedCard) -> TextRecord:
    objects = records.attribute_objects(card.holder)
    return replace(
        old,
        attributes=records.attributes(objects, long_header=records.has_long_header(old.attributes)),
        integrity=records.integrity(old.my_number, objects, partial(sign_sha256, shipped.key(shipped.TEXT_ISSUER))),
        cv_certificate=text_cv_certificate(card.municipality.code),
    )


def _visual_anew(old: VisualRecord, card: IssuedCard) -> VisualRecord:
    issuer = shipped.key(shipped.VISUAL_ISSUER)
    sign = partial(sign_sha256, issuer)
    own = modulus(load(old.internal_private_key.encode()))
    front = face(card.holder, card.not_after, visual_records.portrait_in(old.card_face), card.security_code)
    return replace(
        old,
        age_record=visual_records.age_record(card.holder.born, own, sign),
        card_face=visual_records.card_face(front, own, signer(issuer)),
        basic_info=visual_records.basic_info(card.municipality.code, sign),
        cv_certificate=visual_cv_certificate(card.municipality.code),
    )


def _common_anew(old: CommonRecord, card: IssuedCard) -> CommonRecord:
    code = card.municipality.code
    return replace(
        old,
        card_record=issuer_records.card_record(issuer_records.serial_in(old.card_record), code, card.not_after),
        key_reference=issuer_records.key_reference(code),
    )


def _issuer_anew(old: IssuerRecord, card: IssuedCard) -> IssuerRecord:
    serial = old.card_identification[: issuer_records.SERIAL_DIGITS].decode("ascii")
    record = issuer_record(serial, card.municipality, card.not_after, card.atr)
    return replace(record, lower_cv_certificate=old.lower_cv_certificate and record.lower_cv_certificate)
