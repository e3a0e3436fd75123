"""The text application (券面事項入力補助AP): what is printed on the card, as text."""

from __future__ import annotations

from dataclasses import dataclass, field

from mynacard_emulator.card import (
    After,
    Application,
    InternalEF,
    KeyEF,
    PinEF,
    SecureMessaging,
    SessionCipher,
    Signer,
    TransparentEF,
)

AID = bytes.fromhex("D3921000310001010408")

MY_NUMBER = 0x0001
ATTRIBUTES = 0x0002
INTEGRITY = 0x0003
CV_CERTIFICATE = 0x0004
BASIC_INFO = 0x0005
SESSION_KEY = 0x0006
INTERNAL_PUBLIC_KEY = 0x0007
UNKNOWN_0008 = 0x0008
PIN = 0x0011
DELIVERED_BLOCKED = 0x0012
INTERNAL_KEY = 0x0013
NUMBER_A = 0x0014
NUMBER_B = 0x0015
UNIDENTIFIED = (0x0010, 0x001C, 0x001E)

_ANY = After(PIN, NUMBER_A, NUMBER_B)


@dataclass(frozen=True, slots=True)
class TextContent:
    """What the issuer writes into the application: whole EF contents, reference data, and the card's own keys.

    Attributes:
        my_number: EF 0001, 17 bytes.
        attributes: EF 0002: name, address, birth date, sex, with an offset table.
        integrity: EF 0003, 336 bytes: digests of the two and a signature over them.
        cv_certificate: EF 0004, 568 bytes: the certificate of the key that signed.
        basic_info: EF 0005, 256 bytes.
        session_key: EF 0006: a public key for secure messaging.
        internal_key: EF 0007: the signed public half of the key in EF 0013.
        session_cipher: What goes with the key in EF 0006.
        internal_signer: The private half.
        pin, number_a, number_b: Initial values; None for one that was never set.

    """

    my_number: bytes = field(repr=False)
    attributes: bytes = field(repr=False)
    integrity: bytes
    cv_certificate: bytes
    basic_info: bytes
    session_key: bytes
    internal_key: bytes
    internal_signer: Signer = field(repr=False, compare=False)
    session_cipher: SessionCipher = field(repr=False, compare=False)
    pin: bytes | None = field(repr=False)
    number_a: bytes | None = field(repr=False)
    number_b: bytes | None = field(repr=False)


def text(content: TextContent) -> Application:
    """Arrange the content in files; the access matrix is the one that was measured."""
    return Application(
        "text",
        AID,
        (
            TransparentEF(MY_NUMBER, content.my_number, read=After(PIN, NUMBER_A)),
            TransparentEF(ATTRIBUTES, content.attributes, read=After(PIN, NUMBER_B)),
            TransparentEF(INTEGRITY, content.integrity, read=_ANY),
            TransparentEF(CV_CERTIFICATE, content.cv_certificate),
            TransparentEF(BASIC_INFO, content.basic_info),
            TransparentEF(SESSION_KEY, content.session_key, read=_ANY),
            TransparentEF(INTERNAL_PUBLIC_KEY, content.internal_key, read=_ANY),
            TransparentEF(
                UNKNOWN_0008, b"\xff" * 16, read=_ANY
            ),  # read by a client that had verified; the rule is a guess
            PinEF(PIN, initial=content.pin, tries=3),
            PinEF(DELIVERED_BLOCKED, initial=None, tries=3),
            KeyEF(INTERNAL_KEY, content.internal_signer),
            PinEF(NUMBER_A, initial=content.number_a, tries=10, lengths=range(12, 13)),
            PinEF(NUMBER_B, initial=content.number_b, tries=10, lengths=range(14, 15)),
            *(InternalEF(fid) for fid in UNIDENTIFIED),
        ),
        default_key=INTERNAL_KEY,
        session_key=SecureMessaging(After(PIN), content.session_cipher),
    )
