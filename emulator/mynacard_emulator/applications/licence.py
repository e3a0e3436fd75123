"""The driving-licence application (マイナ免許証), on cards whose holders asked for it since 2025-03-24."""

from __future__ import annotations

from dataclasses import dataclass, field

from mynacard_emulator.card import After, Application, PinEF, TransparentEF

AID = bytes.fromhex("A0000002310600000000000000000000")

PIN = 0x0006
SETTINGS = 0x001A
DATA = 0x001B
SIGNATURE = 0x001C

UNSET_PIN = b"****"
"""What opens the application while its holder has set no PIN."""


@dataclass(frozen=True, slots=True)
class LicenceContent:
    """What the police write into the application.

    Attributes:
        data: EF 001B: the licence, as data objects from C2 on.
        signature: EF 001C: an RSA-2048 signature over SHA-256 of these.
        pin: Initial value; None where none was set.

    """

    data: bytes
    signature: bytes
    pin: bytes | None = field(repr=False)


def licence(content: LicenceContent) -> Application:
    """Arrange the content in files; that the PIN opens both is assumed."""
    settings = bytes((0xC1, 0x01, content.pin is not None))
    return Application(
        "licence",
        AID,
        (
            PinEF(PIN, initial=content.pin or UNSET_PIN, tries=10),
            TransparentEF(SETTINGS, settings),
            TransparentEF(DATA, content.data, read=After(PIN)),
            TransparentEF(SIGNATURE, content.signature, read=After(PIN)),
        ),
    )
