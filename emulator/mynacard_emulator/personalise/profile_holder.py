"""The tables of a profile about the holder and the town."""

from __future__ import annotations

import re

from .era import EARLIEST_BIRTH
from .holder import MAX_ADDRESS, MAX_NAME, Holder, Municipality, Sex
from .toml_table import Table

SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "not-applicable": Sex.NOT_APPLICABLE, "unknown": Sex.UNKNOWN}
_ROMANISED = re.compile(r"[A-Za-z][A-Za-z '-]{0,63}")


def holder(table: Table) -> Holder:
    """The person on the card."""
    born = table.day("born")
    if born is None:
        raise table.error("born", "missing; a date such as 1980-02-17")
    if born < EARLIEST_BIRTH:
        raise table.error("born", f"{born} is before the Meiji era, which began on {EARLIEST_BIRTH}")
    sex = table.text("sex")
    if sex not in SEXES:
        raise table.error("sex", f"{'missing' if sex is None else 'unknown word'}; one of: {', '.join(SEXES)}")
    name = _line(table, "name", MAX_NAME)
    address = _line(table, "address", MAX_ADDRESS)
    return Holder(
        name=name,
        sex=SEXES[sex],
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


def municipality(table: Table) -> Municipality:
    """Where the card is issued."""
    usual = Municipality()
    return Municipality(
        code=table.digits("code", 5) or usual.code,
        prefecture=_romanised(table, "prefecture") or usual.prefecture,
        city=_romanised(table, "city") or usual.city,
    )


def _romanised(table: Table, key: str) -> str | None:
    value = table.text(key)
    if value is not None and not _ROMANISED.fullmatch(value):
        raise table.error(key, 'must be romanised, such as "Tokyo-to"')
    return value
