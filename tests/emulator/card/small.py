"""A card made by hand: three applications, a file of each kind, and keys that sign and decrypt without arithmetic."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from mynacard_emulator.card import (
    NEVER,
    After,
    Application,
    AuthenticationKeyEF,
    Behaviour,
    Card,
    CardState,
    InternalEF,
    KeyEF,
    Padding,
    PinEF,
    PinPath,
    Profile,
    RecordEF,
    SecureMessaging,
    SessionCipher,
    TerminalKeyEF,
    TransparentEF,
)

from . import protected

ATR = bytes.fromhex("3BE000FF8131FE4514")
FIRST = bytes.fromhex("F00102030401")
SECOND = bytes.fromhex("F00102030402")
THIRD = bytes.fromhex("E00102030403")

FREE, GUARDED, CLOSED, PIN, OTHER, UNSET, KEY, OPAQUE, LONG = range(0x01, 0x0A)
RECORDS, GUARDED_RECORDS, AUTHENTICATION, TERMINAL = 0x0B, 0x0C, 0x0D, 0x0E
VALUE, OTHER_VALUE, SECOND_VALUE = b"1234", b"ABC123", b"9999"
CONTENT = bytes(range(0x40, 0x50))
RECORD_CONTENT = (b"\x01\x02AB", b"\x02\x01C", bytes(range(256)) + b"!")
OBJECTS = {0x0042: b"issuer", 0x00F8: bytes(257), 0x00F9: bytes(256), 0x5F51: ATR[1:]}
LONG_CONTENT = bytes(number % 251 for number in range(700))

PIN_PATH, OTHER_PATH, UNSET_PATH = PinPath(FIRST, PIN), PinPath(FIRST, OTHER), PinPath(FIRST, UNSET)
SECOND_PATH = PinPath(SECOND, PIN)

SET_SESSION_KEY = bytes.fromhex("80AE0000000100") + bytes.fromhex("A0228020").rjust(224, b"\0") + protected.SEED
CERTIFICATE = bytes.fromhex("80A206C10001335F4E82012E") + bytes(range(256)) + bytes(46)
SIGNATURE = bytes.fromhex("80A200C10001055F37820100") + 8 * sha256(CERTIFICATE[12:]).digest()

GIVEN = {
    "first": FIRST,
    "second": SECOND,
    "third": THIRD,
    "content": CONTENT,
    "value": VALUE,
    "other": OTHER_VALUE,
    "set_session_key": SET_SESSION_KEY,
    "certificate": CERTIFICATE,
    "signature": SIGNATURE,
}
"""What conversations with this card call by name."""


def sign(data: bytes, padding: Padding = Padding.PKCS1_V1_5) -> bytes:
    """256 bytes that depend on the data and the padding."""
    return sha256(padding.value.encode() + data).digest() * 8


def verify(message: bytes, signature: bytes) -> bool:
    """Whether these 256 bytes are the signature of the terminals' CA over the message."""
    return signature == 8 * sha256(message).digest()


def unwrap(ciphertext: bytes) -> bytes | None:
    """What was encrypted: the bytes behind the zeros, the first of which stands for the padding."""
    return None if ciphertext[0] else ciphertext.lstrip(b"\0")


CIPHER = SessionCipher(b"\x80" + bytes(255), unwrap, protected.encrypt, protected.decrypt)


def profile(**answers: Any) -> Profile:
    """The profile, with the answers to open questions that differ from the default."""
    return behaving(Behaviour(**answers))


def behaving(behaviour: Behaviour) -> Profile:
    """The profile with this behaviour."""
    first = (
        TransparentEF(FREE, CONTENT),
        TransparentEF(GUARDED, CONTENT, read=After(PIN)),
        TransparentEF(CLOSED, CONTENT, read=NEVER),
        PinEF(PIN, initial=VALUE, tries=3),
        PinEF(OTHER, initial=OTHER_VALUE, tries=5, lengths=range(6, 17)),
        PinEF(UNSET, initial=None, tries=3, opt_in=True),
        KeyEF(KEY, sign, use=After(PIN, TERMINAL)),
        InternalEF(OPAQUE),
        TransparentEF(LONG, LONG_CONTENT),
        RecordEF(RECORDS, RECORD_CONTENT),
        RecordEF(GUARDED_RECORDS, RECORD_CONTENT, read=After(PIN)),
        AuthenticationKeyEF(AUTHENTICATION, sign),
        TerminalKeyEF(TERMINAL, verify, instead_of=PIN),
    )
    second = (TransparentEF(FREE, b"second"), PinEF(PIN, initial=SECOND_VALUE, tries=3), KeyEF(KEY, sign))
    applications = (
        Application("first", FIRST, first, session_key=SecureMessaging(After(PIN), CIPHER)),
        Application("second", SECOND, second, default_key=KEY, change_key=True),
        Application("third", THIRD, (InternalEF(OPAQUE),), session_key=NEVER),
    )
    return Profile("small", ATR, applications, behaviour, OBJECTS)


def card(**answers: Any) -> Card:
    """The card, just personalised and powered on."""
    return Card(profile(**answers))


def state_after(chosen: Profile, *commands: str) -> CardState:
    """The state of a card that has heard these commands, in hex."""
    fresh = Card(chosen)
    for command in commands:
        fresh.transmit(bytes.fromhex(command))
    return fresh.state
