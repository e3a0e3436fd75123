"""Profiles as TOML: read strictly, and every problem said in one line that names file, key and cure.

A key that is spelled wrongly would otherwise leave a default in place, and the test with it would test something else.
PIN values never appear in a message.
"""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from mynacard_emulator.card.behaviour import Behaviour, questions
from mynacard_emulator.iso7816 import ATR, MalformedATR

from . import answers, my_number
from .era import EARLIEST_BIRTH
from .errors import ProfileError
from .holder import MAX_ADDRESS, MAX_NAME, Holder, Municipality, Sex
from .pins import PinKind, Pins, format_problem
from .spec import CONTACT_ATR, CardSpec, CertificateSpec, LicenceSpec, ProfileSpec
from .toml_table import Table, tables

_KNOWN: dict[str, tuple[str, ...]] = {
    "holder": tuple(entry.name for entry in fields(Holder)),
    "card": tuple(entry.name for entry in fields(CardSpec)),
    "certificates": tuple(entry.name for entry in fields(CertificateSpec)),
    "pins": tuple(kind.value for kind in PinKind),
    "municipality": tuple(entry.name for entry in fields(Municipality)),
    "licence": tuple(entry.name for entry in fields(LicenceSpec)),
    "behaviour": tuple(question.name for question in questions()),
}
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "not-applicable": Sex.NOT_APPLICABLE, "unknown": Sex.UNKNOWN}
_RESPONDER_URL = re.compile(r"http://[!-~]{1,200}")
_ROMANISED = re.compile(r"[A-Za-z][A-Za-z '-]{0,63}")


def read(path: Path) -> ProfileSpec:
    """Read a profile from a file; raise `ProfileError`."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{path}: is not UTF-8 text; a profile is a TOML file") from None
    except ValueError:
        raise ProfileError(f"{str(path)!r}: is no path of a file") from None
    return parse(text, source=str(path), name=path.stem)


def parse(text: str, *, source: str, name: str) -> ProfileSpec:
    """Read a profile from its text; raise `ProfileError` for the first problem."""
    found = tables(text, source, _KNOWN)
    certificates = CertificateSpec(
        sign=found["certificates"].flag("sign", default=True),
        auth=found["certificates"].flag("auth", default=True),
        real_policy=found["certificates"].flag("real_policy", default=False),
        aia=_aia(found["certificates"]),
    )
    card = _card(found["card"])
    if card.face_authentication and (certificates.sign or not certificates.auth):
        wrong, cure = ("sign", "false") if certificates.sign else ("auth", "true")
        problem = f"a face-authentication card has the auth certificate and no other; set it to {cure}"
        raise found["certificates"].error(wrong, problem)
    return ProfileSpec(
        name=name,
        source=source,
        holder=_holder(found["holder"]),
        card=card,
        certificates=certificates,
        pins=_no_pins(found["pins"]) if card.face_authentication else _pins(found["pins"], certificates),
        municipality=_municipality(found["municipality"]),
        licence=_licence(found["licence"]),
        behaviour=_behaviour(found["behaviour"]),
    )


def _holder(table: Table) -> Holder:
    born = table.day("born")
    if born is None:
        raise table.error("born", "missing; a date such as 1980-02-17")
    if born < EARLIEST_BIRTH:
        raise table.error("born", f"{born} is before the Meiji era, which began on {EARLIEST_BIRTH}")
    sex = table.text("sex")
    if sex not in _SEXES:
        raise table.error("sex", f"{'missing' if sex is None else 'unknown word'}; one of: {', '.join(_SEXES)}")
    name = _line(table, "name", MAX_NAME)
    address = _line(table, "address", MAX_ADDRESS)
    return Holder(
        name=name,
        sex=_SEXES[sex],
        born=born,
        address=address,
        name_substitutes=_substitutes(table, "name_substitutes", name),
        address_substitutes=_substitutes(table, "address_substitutes", address),
    )


def _line(table: Table, key: str, longest: int) -> str:
    value = table.text(key)
    if value is None:
        raise table.error(key, "missing; text in quotes")
    if not value.strip() or not value.replace("\u3000", " ").isprintable():
        raise table.error(key, "must be one line of text")
    if len(value) > longest:
        raise table.error(key, f"has {len(value)} characters; at most {longest} fit")
    return value


def _substitutes(table: Table, key: str, subject: str) -> str:
    value = table.text(key)
    if value is None:
        return "0" * len(subject)
    if len(value) != len(subject) or not set(value) <= {"0", "1"}:
        raise table.error(key, f"must be {len(subject)} digits, 0 or 1, one for each character")
    return value


def _card(table: Table) -> CardSpec:
    valid_check_digit = table.flag("valid_check_digit", default=False)
    return CardSpec(
        made=table.day("made"),
        handed_over=table.day("handed_over"),
        stay_until=table.day("stay_until"),
        keep_dates=table.flag("keep_dates", default=False),
        my_number=_my_number(table, valid=valid_check_digit),
        valid_check_digit=valid_check_digit,
        security_code=_digits(table, "security_code", 4),
        long_attribute_header=table.flag("long_attribute_header", default=False),
        face_authentication=table.flag("face_authentication", default=False),
        atr=_atr(table),
    )


def _my_number(table: Table, *, valid: bool) -> str | None:
    number = _digits(table, "my_number", my_number.DIGITS)
    if number is not None and my_number.is_valid(number) is not valid:
        found, cure = ("wrong", "false") if valid else ("right", "true")
        raise table.error("my_number", f"has a {found} check digit; set valid_check_digit = {cure} if it is meant")
    return number


def _digits(table: Table, key: str, length: int) -> str | None:
    value = table.text(key)
    if value is not None and not re.fullmatch(f"[0-9]{{{length}}}", value):
        raise table.error(key, f"must be {length} digits in quotes")
    return value


def _atr(table: Table) -> bytes:
    value = table.text("atr")
    if value is None:
        return CONTACT_ATR
    try:
        return ATR.parse(bytes.fromhex(value)).raw
    except MalformedATR as error:
        raise table.error("atr", str(error)) from None
    except ValueError:
        raise table.error("atr", 'must be hex digits in quotes, such as "3BE000FF8131FE4514"') from None


def _aia(table: Table) -> str | None:
    value = table.text("aia")
    if value is not None and not _RESPONDER_URL.fullmatch(value):
        raise table.error("aia", 'must be the URL of a responder, such as "http://127.0.0.1:8080/ocsp"')
    return value


def _pins(table: Table, certificates: CertificateSpec) -> Pins:
    values = {kind: _pin(table, kind) for kind in PinKind}
    for kind, has_certificate in ((PinKind.SIGN, certificates.sign), (PinKind.AUTH, certificates.auth)):
        if has_certificate and values[kind] is None:
            raise table.error(kind.value, f"missing; or set certificates.{kind.value} = false")
        if not has_certificate and values[kind] is not None:
            raise table.error(
                kind.value, f"a PIN without its certificate; remove it, or set certificates.{kind.value} = true"
            )
    for kind in (PinKind.JUKI, PinKind.TEXT):
        if values[kind] is None:
            raise table.error(kind.value, "missing; every card has this PIN, four digits in quotes")
    return Pins(**{kind.value: value for kind, value in values.items()})


def _no_pins(table: Table) -> Pins:
    for key in table.content:
        raise table.error(key, "a face-authentication card has no PINs; remove it")
    return Pins()


def _pin(table: Table, kind: PinKind) -> str | None:
    value = table.text(kind.value)
    problem = value is not None and format_problem(kind, value)
    if problem:
        raise table.error(kind.value, problem)
    return value


def _municipality(table: Table) -> Municipality:
    usual = Municipality()
    return Municipality(
        code=_digits(table, "code", 5) or usual.code,
        prefecture=_romanised(table, "prefecture") or usual.prefecture,
        city=_romanised(table, "city") or usual.city,
    )


def _licence(table: Table) -> LicenceSpec:
    installed, pin = table.flag("installed", default=False), table.text("pin")
    if pin is not None and not installed:
        raise table.error("pin", "a PIN without its licence; remove it, or set licence.installed = true")
    problem = pin is not None and format_problem(PinKind.TEXT, pin)  # four digits, as for that one
    if problem:
        raise table.error("pin", problem)
    return LicenceSpec(installed=installed, pin=pin)


def _romanised(table: Table, key: str) -> str | None:
    value = table.text(key)
    if value is not None and not _ROMANISED.fullmatch(value):
        raise table.error(key, 'must be romanised, such as "Tokyo-to"')
    return value


def _behaviour(table: Table) -> Behaviour:
    words: dict[str, str] = {}
    for key, value in table.content.items():
        if not isinstance(value, str | bool):
            raise table.error(key, "must be text in quotes, or true or false")
        words[key] = answers.as_word(value) if isinstance(value, bool) else value
    try:
        return answers.behaviour(words)
    except answers.UnknownAnswerError as error:
        raise table.error(error.question, str(error)) from None
