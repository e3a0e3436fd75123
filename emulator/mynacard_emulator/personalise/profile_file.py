"""Profiles as TOML: read strictly, and every problem said in one line that names file, key and cure.

A key that is spelled wrongly would otherwise leave a default in place, and the test with it would test something else.
PIN values never appear in a message.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from mynacard_emulator.card.behaviour import Behaviour, questions

from . import answers
from .holder import Holder, Municipality
from .pins import PinKind
from .profile_card import card, certificates, licence, pins
from .profile_holder import holder, municipality
from .spec import CardSpec, CertificateSpec, LicenceSpec, ProfileSpec
from .toml_table import Table, tables, text_of

_KNOWN: dict[str, tuple[str, ...]] = {
    "holder": tuple(entry.name for entry in fields(Holder)),
    "card": tuple(entry.name for entry in fields(CardSpec)),
    "certificates": tuple(entry.name for entry in fields(CertificateSpec)),
    "pins": tuple(kind.value for kind in PinKind),
    "municipality": tuple(entry.name for entry in fields(Municipality)),
    "licence": tuple(entry.name for entry in fields(LicenceSpec)),
    "behaviour": tuple(question.name for question in questions()),
}


def read(path: Path) -> ProfileSpec:
    """Read a profile from a file; raise `ProfileError`."""
    return parse(text_of(path, "profile"), source=str(path), name=path.stem)


def parse(text: str, *, source: str, name: str) -> ProfileSpec:
    """Read a profile from its text; raise `ProfileError` for the first problem."""
    found = tables(text, source, _KNOWN)
    the_card = card(found["card"])
    wanted = certificates(found["certificates"], the_card)
    return ProfileSpec(
        name=name,
        source=source,
        holder=holder(found["holder"]),
        card=the_card,
        certificates=wanted,
        pins=pins(found["pins"], the_card, wanted),
        municipality=municipality(found["municipality"]),
        licence=licence(found["licence"], the_card),
        behaviour=_behaviour(found["behaviour"]),
    )


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
