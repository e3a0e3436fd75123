"""Where things are on the card: applications, files, PINs and what each opens (docs/card.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SECURITY_DOMAIN: Final = bytes.fromhex("A0000001510000")
"""The level above all applications."""


@dataclass(frozen=True, slots=True)
class Application:
    """An application: what people call it, and its AID."""

    name: str
    aid: bytes


JPKI: Final = Application("JPKI", bytes.fromhex("D392F000260100000001"))
TEXT: Final = Application("text", bytes.fromhex("D3921000310001010408"))
VISUAL: Final = Application("visual", bytes.fromhex("D3921000310001010402"))
JUKI: Final = Application("juki", bytes.fromhex("D3921000310001010401"))
COMMON: Final = Application("common", bytes.fromhex("D3921000310001010100"))
LICENCE: Final = Application("licence", bytes.fromhex("A0000002310600000000000000000000"))

APPLICATIONS: Final = (JPKI, TEXT, VISUAL, JUKI, COMMON, LICENCE)


@dataclass(frozen=True, slots=True)
class File:
    """An EF; its low byte is its short identifier too."""

    application: Application
    fid: int

    @property
    def sfi(self) -> int:
        """Its short identifier."""
        return self.fid & 0x1F

    def __str__(self) -> str:
        return f"{self.application.name} {self.fid:04X}"


@dataclass(frozen=True, slots=True)
class Pin(File):
    """A PIN, which on this card is a file.

    Attributes:
        name: What people call it.
        limit: Wrong entries in a row that lock it (R-002, R-003, F-023).
        form: A value of the form that its values have.

    """

    name: str
    limit: int
    form: bytes

    def __str__(self) -> str:
        return self.name


SIGN_PIN: Final = Pin(JPKI, 0x001B, "sign", 5, b"XXX999")
AUTH_PIN: Final = Pin(JPKI, 0x0018, "auth", 3, b"0000")
TEXT_PIN: Final = Pin(TEXT, 0x0011, "text", 3, b"0000")
NUMBER_A: Final = Pin(TEXT, 0x0014, "number_a", 10, b"0" * 12)
NUMBER_B: Final = Pin(TEXT, 0x0015, "number_b", 10, b"0" * 14)
VISUAL_A: Final = Pin(VISUAL, 0x0013, "visual_number_a", 10, b"0" * 12)
VISUAL_B: Final = Pin(VISUAL, 0x0012, "visual_number_b", 10, b"0" * 14)
BIRTH_DATE: Final = Pin(VISUAL, 0x0011, "birth_date", 10, b"0" * 6)
JUKI_PIN: Final = Pin(JUKI, 0x001C, "juki", 3, b"0000")
COMMON_PIN: Final = Pin(COMMON, 0x001C, "common", 3, b"0000")
LICENCE_PIN: Final = Pin(LICENCE, 0x0006, "licence", 10, b"0000")

PINS: Final = (
    SIGN_PIN,
    AUTH_PIN,
    TEXT_PIN,
    NUMBER_A,
    NUMBER_B,
    VISUAL_A,
    VISUAL_B,
    BIRTH_DATE,
    JUKI_PIN,
    COMMON_PIN,
    LICENCE_PIN,
)

SIGN_CERTIFICATE: Final = File(JPKI, 0x0001)
SIGN_CA: Final = File(JPKI, 0x0002)
TOKEN_INFO: Final = File(JPKI, 0x0006)
AVAILABILITY: Final = File(JPKI, 0x0008)
NEVER_OPEN: Final = File(JPKI, 0x0009)
AUTH_CERTIFICATE: Final = File(JPKI, 0x000A)
AUTH_CA: Final = File(JPKI, 0x000B)
AUTH_KEY: Final = File(JPKI, 0x0017)
SIGN_KEY: Final = File(JPKI, 0x001A)

MY_NUMBER: Final = File(TEXT, 0x0001)
ATTRIBUTES: Final = File(TEXT, 0x0002)
INTEGRITY: Final = File(TEXT, 0x0003)
CV_CERTIFICATE: Final = File(TEXT, 0x0004)
BASIC_INFO: Final = File(TEXT, 0x0005)
SESSION_KEY: Final = File(TEXT, 0x0006)
INTERNAL_PUBLIC_KEY: Final = File(TEXT, 0x0007)
DELIVERED_BLOCKED: Final = File(TEXT, 0x0012)
INTERNAL_KEY: Final = File(TEXT, 0x0013)

AGE_RECORD: Final = File(VISUAL, 0x0001)
FACE: Final = File(VISUAL, 0x0002)
NUMBER_IMAGE: Final = File(VISUAL, 0x0005)

CARD_RECORD: Final = File(COMMON, 0x0001)
AUTHENTICATION_KEY: Final = File(COMMON, 0x0019)
