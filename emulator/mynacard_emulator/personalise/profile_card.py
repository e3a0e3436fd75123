"""The tables of a profile about the card, its certificates and its PINs; its kind decides what may be in them."""

from __future__ import annotations

import re

from mynacard_emulator.iso7816 import ATR, MalformedATR

from . import my_number
from .kinds import ATRS, CardKind
from .pins import PinKind, Pins, format_problem
from .spec import CardSpec, CertificateSpec, LicenceSpec
from .toml_table import Table

_KINDS = {kind.value: kind for kind in CardKind}
_RESPONDER_URL = re.compile(r"http://[!-~]{1,200}")
_OF_MY_NUMBER_CARDS = (
    "my_number",
    "valid_check_digit",
    "security_code",
    "long_attribute_header",
    "face_authentication",
    "lower_cv_certificate",
)


def card(table: Table) -> CardSpec:
    """The card itself."""
    kind = _kind(table)
    valid_check_digit = table.flag("valid_check_digit", default=False)
    return CardSpec(
        made=table.day("made"),
        handed_over=table.day("handed_over"),
        stay_until=table.day("stay_until"),
        keep_dates=table.flag("keep_dates", default=False),
        my_number=_my_number(table, valid=valid_check_digit),
        valid_check_digit=valid_check_digit,
        security_code=table.digits("security_code", 4),
        long_attribute_header=table.flag("long_attribute_header", default=False),
        face_authentication=table.flag("face_authentication", default=False),
        atr=_atr(table, kind),
        kind=kind,
        auth_certificate_guarded=table.flag("auth_certificate_guarded", default=kind.is_phone),
        lower_cv_certificate=table.flag("lower_cv_certificate", default=True),
    )


def _kind(table: Table) -> CardKind:
    kind = table.choice("kind", _KINDS, CardKind.MY_NUMBER_CARD)
    if kind is not CardKind.MY_NUMBER_CARD:
        for key in _OF_MY_NUMBER_CARDS:
            table.refuse(key, f"only a {CardKind.MY_NUMBER_CARD.value} has that; remove it")
    if "auth" not in kind.certificates:
        table.refuse("auth_certificate_guarded", f"{_a_card_of(kind)} has no auth certificate; remove it")
    return kind


def _a_card_of(kind: CardKind) -> str:
    return f"a card of the kind {kind.value!r}"


def _my_number(table: Table, *, valid: bool) -> str | None:
    number = table.digits("my_number", my_number.DIGITS)
    if number is not None and my_number.is_valid(number) is not valid:
        found, cure = ("wrong", "false") if valid else ("right", "true")
        raise table.error("my_number", f"has a {found} check digit; set valid_check_digit = {cure} if it is meant")
    return number


def _atr(table: Table, kind: CardKind) -> bytes:
    value = table.text("atr")
    if value is None:
        return kind.atr
    if value in ATRS:
        return ATRS[value]
    try:
        return ATR.parse(bytes.fromhex(value)).raw
    except MalformedATR as error:
        raise table.error("atr", str(error)) from None
    except ValueError:
        problem = f'must be hex digits in quotes, such as "3BE000FF8131FE4514", or one of: {", ".join(ATRS)}'
        raise table.error("atr", problem) from None


def certificates(table: Table, card: CardSpec) -> CertificateSpec:
    """Which certificates there are; a kind of card that cannot have one lacks it without being told."""
    possible = card.kind.certificates
    asked_for = CertificateSpec(
        sign=table.flag("sign", default="sign" in possible),
        auth=table.flag("auth", default="auth" in possible),
        real_policy=table.flag("real_policy", default=False),
        aia=_aia(table),
    )
    for key, wanted in (("sign", asked_for.sign), ("auth", asked_for.auth)):
        if wanted and key not in possible:
            raise table.error(key, f"{_a_card_of(card.kind)} has no such certificate; remove it")
    if card.face_authentication and (asked_for.sign or not asked_for.auth):
        wrong, cure = ("sign", "false") if asked_for.sign else ("auth", "true")
        problem = f"a face-authentication card has the auth certificate and no other; set it to {cure}"
        raise table.error(wrong, problem)
    return asked_for


def _aia(table: Table) -> str | None:
    value = table.text("aia")
    if value is not None and not _RESPONDER_URL.fullmatch(value):
        raise table.error("aia", 'must be the URL of a responder, such as "http://127.0.0.1:8080/ocsp"')
    return value


def pins(table: Table, card: CardSpec, certificates: CertificateSpec) -> Pins:
    """The PINs: one for each certificate, and two more on a My Number Card."""
    if card.face_authentication:
        for key in table.content:
            raise table.error(key, "a face-authentication card has no PINs; remove it")
        return Pins()
    possible = card.kind.pins
    for kind in PinKind:
        if kind not in possible:
            table.refuse(kind.value, f"{_a_card_of(card.kind)} has no such PIN; remove it")
    values = {kind: _pin(table, kind) for kind in PinKind}
    for kind, has_certificate in ((PinKind.SIGN, certificates.sign), (PinKind.AUTH, certificates.auth)):
        if has_certificate and values[kind] is None:
            raise table.error(kind.value, f"missing; or set certificates.{kind.value} = false")
        if not has_certificate and values[kind] is not None:
            cure = f"remove it, or set certificates.{kind.value} = true"
            raise table.error(kind.value, f"a PIN without its certificate; {cure}")
    for kind in (PinKind.JUKI, PinKind.TEXT):
        if values[kind] is None and kind in possible:
            raise table.error(kind.value, "missing; every My Number Card has this PIN, four digits in quotes")
    return Pins(**{kind.value: value for kind, value in values.items()})


def _pin(table: Table, kind: PinKind) -> str | None:
    value = table.text(kind.value)
    problem = value is not None and format_problem(kind, value)
    if problem:
        raise table.error(kind.value, problem)
    return value


def licence(table: Table, card: CardSpec) -> LicenceSpec:
    """The driving licence that the card may be too."""
    installed, pin = table.flag("installed", default=False), table.text("pin")
    if installed and card.kind is not CardKind.MY_NUMBER_CARD:
        raise table.error("installed", f"only a {CardKind.MY_NUMBER_CARD.value} can be a licence; remove it")
    if pin is not None and not installed:
        raise table.error("pin", "a PIN without its licence; remove it, or set licence.installed = true")
    problem = pin is not None and format_problem(PinKind.TEXT, pin)  # four digits, as for that one
    if problem:
        raise table.error("pin", problem)
    return LicenceSpec(installed=installed, pin=pin)
