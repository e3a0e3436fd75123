"""The four PINs that a holder chooses, and which values may be set (R-006 to R-012, F-001)."""

import re
from dataclasses import dataclass, field
from enum import Enum, unique

_FOUR_DIGITS = re.compile("[0-9]{4}")
_SIGN = re.compile("[A-Z0-9]{6,16}")


@unique
class PinKind(Enum):
    """A PIN as the application form knows it."""

    SIGN = "sign"
    AUTH = "auth"
    JUKI = "juki"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """The values set at the desk; None for a PIN that the card does not have (R-014)."""

    sign: str | None = field(default=None, repr=False)
    auth: str | None = field(default=None, repr=False)
    juki: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for kind, value in self._by_kind().items():
            problem = value is not None and format_problem(kind, value, require_mix=False)
            if problem:
                raise ValueError(f"the {kind.value} PIN {problem}")

    def value(self, kind: PinKind) -> bytes | None:
        """The bytes that go onto the chip."""
        value = self._by_kind()[kind]
        return None if value is None else value.encode("ascii")

    def _by_kind(self) -> dict[PinKind, str | None]:
        return {PinKind.SIGN: self.sign, PinKind.AUTH: self.auth, PinKind.JUKI: self.juki, PinKind.TEXT: self.text}


def format_problem(kind: PinKind, value: str, *, require_mix: bool = True) -> str | None:
    """Why this value may not be set, or None if it may; the answer never contains the value.

    The rules hold wherever a value is set; the chip itself only compares bytes (D-05). Weak values are allowed (F-004).
    With `require_mix` a sign PIN has a letter and a digit.
    """
    if kind is not PinKind.SIGN:
        return None if _FOUR_DIGITS.fullmatch(value) else "must be exactly four ASCII digits"
    if not _SIGN.fullmatch(value):
        return "must be 6 to 16 characters of A-Z and 0-9"
    if require_mix and (value.isalpha() or value.isdigit()):
        return "must have at least one letter and at least one digit"
    return None
