"""The resident register application (住基AP): for the desk; where its 住民票コード lies is not public."""

from __future__ import annotations

from dataclasses import dataclass, field

from mynacard_emulator.card import NEVER, Application, PinEF, RecordEF

AID = bytes.fromhex("D3921000310001010401")

KEY_REFERENCE = 0x0002
PIN = 0x001C


@dataclass(frozen=True, slots=True)
class JukiContent:
    """What the issuer writes into the application.

    Attributes:
        key_reference: EF 0002, its one record of 16 bytes; the common application has the same.
        pin: Initial value: the other half of the register PIN, with a counter of its own (F-011).

    """

    key_reference: bytes
    pin: bytes | None = field(repr=False)


def juki(content: JukiContent) -> Application:
    """Arrange the content in files."""
    return Application(
        "juki",
        AID,
        (RecordEF(KEY_REFERENCE, (content.key_reference,)), PinEF(PIN, initial=content.pin, tries=3)),
        session_key=NEVER,
        change_key=True,
    )
