"""The common application (共通カードAP): the card's number, and a key that proves it to be a real one."""

from __future__ import annotations

from dataclasses import dataclass, field

from mynacard_emulator.card import Application, AuthenticationKeyEF, InternalEF, PinEF, RecordEF, Signer

AID = bytes.fromhex("D3921000310001010100")

CARD_RECORD = 0x0001
KEY_REFERENCE = 0x0002
AUTHENTICATION_KEY = 0x0019
PIN = 0x001C
UNIDENTIFIED = 0x001E


@dataclass(frozen=True, slots=True)
class CommonContent:
    """What the issuer writes into the application.

    Attributes:
        card_record: EF 0001, its one record: serial number, municipality and last day, as a simple TLV object.
        key_reference: EF 0002, its one record of 16 bytes; the resident register application has the same.
        signer: The key in EF 0019; its public half is not published.
        pin: Initial value: half of the register PIN (F-011).

    """

    card_record: bytes
    key_reference: bytes
    signer: Signer = field(repr=False, compare=False)
    pin: bytes | None = field(repr=False)


def common(content: CommonContent) -> Application:
    """Arrange the content in files."""
    return Application(
        "common",
        AID,
        (
            RecordEF(CARD_RECORD, (content.card_record,)),
            RecordEF(KEY_REFERENCE, (content.key_reference,)),
            AuthenticationKeyEF(AUTHENTICATION_KEY, content.signer),
            PinEF(PIN, initial=content.pin, tries=3),
            InternalEF(UNIDENTIFIED),
        ),
        change_key=True,
    )
