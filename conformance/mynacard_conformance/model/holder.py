"""Whom the harness plays: the holders of the cards it has issued, as far as it must know them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from mynacard_conformance.outcome import PinKind

MAX_TRIES: Mapping[PinKind, int] = MappingProxyType(
    {
        PinKind.SIGN: 5,
        PinKind.AUTH: 3,
        PinKind.JUKI: 3,
        PinKind.TEXT: 3,
        PinKind.NUMBER_A: 10,
        PinKind.NUMBER_B: 10,
    }
)
"""How many wrong entries in a row lock each PIN (R-002, R-003, F-023)."""

_FORMS: Mapping[PinKind, re.Pattern[str]] = MappingProxyType(
    {
        PinKind.SIGN: re.compile(r"[A-Z0-9]{6,16}"),
        PinKind.AUTH: re.compile(r"[0-9]{4}"),
        PinKind.JUKI: re.compile(r"[0-9]{4}"),
        PinKind.TEXT: re.compile(r"[0-9]{4}"),
        PinKind.NUMBER_A: re.compile(r"[0-9]{12}"),
        PinKind.NUMBER_B: re.compile(r"[0-9]{14}"),
    }
)
"""What a value of each kind looks like (R-006, R-008, R-010, R-012)."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder who knows their PINs; a PIN that was never set is missing."""

    profile: str
    pins: Mapping[PinKind, str] = field(repr=False)


N1 = Holder(
    "adult",
    MappingProxyType({PinKind.SIGN: "ABC123", PinKind.AUTH: "1234", PinKind.JUKI: "2345", PinKind.TEXT: "3456"}),
)
"""The normal adult card: all PINs set, both certificates valid."""

N1_NUMBER_B = Holder("adult", MappingProxyType({**N1.pins, PinKind.NUMBER_B: "55021720352285"}))
"""The same, who also types what is printed on the face: birth date, year of its end, security code (F-023)."""
N2 = Holder("no-certificates", MappingProxyType({PinKind.JUKI: "2345", PinKind.TEXT: "3456"}))
"""An adult who wanted no certificates (R-014)."""
CHILD = Holder("child", MappingProxyType({pin: value for pin, value in N1.pins.items() if pin is not PinKind.SIGN}))
"""Somebody under 15: no sign certificate (F-067)."""
SHARED = Holder(
    "shared-pin",
    MappingProxyType({PinKind.SIGN: "ABC123", PinKind.AUTH: "1234", PinKind.JUKI: "1234", PinKind.TEXT: "1234"}),
)
"""One value for all PINs of four digits (R-016)."""
EXPIRED = Holder("expired", N1.pins)
"""Somebody whose card and certificates have run out."""
LONG_TEXT = Holder("long-text", MappingProxyType({**N1.pins, PinKind.SIGN: "ABCDEFGH12345678"}))
"""Somebody with the longest name, address and sign PIN."""
FOREIGNER = Holder("foreigner", N1.pins)
"""A woman with a name in Latin letters."""
SEX_UNKNOWN = Holder("contactless", N1.pins)
"""Somebody whose sex is not known, with a card without contacts."""
PREDECESSOR = Holder("juki-card", MappingProxyType({PinKind.SIGN: "ABC123"}))
"""Somebody with the card from before this one, which has a sign certificate alone (R-130)."""
OTHER_CARD = Holder("other-card", MappingProxyType({}))
"""Somebody who took another card out of the purse."""
FACE_AUTH = Holder("face-auth", MappingProxyType({}))
"""A card without PINs, with an auth certificate (F-069)."""

WRONG: Mapping[PinKind, str] = MappingProxyType(
    {
        PinKind.SIGN: "XXX999",
        PinKind.AUTH: "0000",
        PinKind.JUKI: "0000",
        PinKind.TEXT: "0000",
        PinKind.NUMBER_B: "00000000000000",
    }
)
"""Well-formed values that are wrong on every card of the harness."""


def well_formed(pin: PinKind, value: str) -> bool:
    """Whether a value could be right, once it is half-width and (for the sign PIN) upper case."""
    return any(in_form(pin, form) for form in spellings(pin, value))


def in_form(pin: PinKind, value: str) -> bool:
    """Whether a value could be right as it is."""
    return _FORMS[pin].fullmatch(value) is not None


def spellings(pin: PinKind, value: str) -> frozenset[str]:
    """What a client may make of an entry: as it is, half-width, and for the sign PIN in upper case (F-002, F-003)."""
    narrow = unicodedata.normalize("NFKC", value)
    forms = {value, narrow}
    return frozenset(forms | {form.upper() for form in forms} if pin is PinKind.SIGN else forms)
