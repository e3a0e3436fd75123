"""A card made by hand: two applications side by side, a file of each kind, and a key that signs without arithmetic."""

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
    TransparentEF,
)

ATR = bytes.fromhex("3BE000FF8131FE4514")
FIRST = bytes.fromhex("F00102030401")
SECOND = bytes.fromhex("F00102030402")

FREE, GUARDED, CLOSED, PIN, OTHER, UNSET, KEY, OPAQUE, LONG = range(0x01, 0x0A)
RECORDS, GUARDED_RECORDS, AUTHENTICATION = 0x0B, 0x0C, 0x0D
VALUE, OTHER_VALUE, SECOND_VALUE = b"1234", b"ABC123", b"9999"
CONTENT = bytes(range(0x40, 0x50))
RECORD_CONTENT = (b"\x01\x02AB", b"\x02\x01C", bytes(range(256)) + b"!")
OBJECTS = {0x0042: b"issuer", 0x00F8: bytes(257), 0x00F9: bytes(256), 0x5F51: ATR[1:]}
LONG_CONTENT = bytes(number % 251 for number in range(700))

PIN_PATH, OTHER_PATH, UNSET_PATH = PinPath(FIRST, PIN), PinPath(FIRST, OTHER), PinPath(FIRST, UNSET)
SECOND_PATH = PinPath(SECOND, PIN)

GIVEN = {"first": FIRST, "second": SECOND, "content": CONTENT, "value": VALUE, "other": OTHER_VALUE}
"""What conversations with this card call by name."""


def sign(data: bytes, padding: Padding = Padding.PKCS1_V1_5) -> bytes:
    """256 bytes that depend on the data and the padding."""
    return sha256(padding.value.encode() + data).digest() * 8


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
        KeyEF(KEY, sign, use=After(PIN)),
        InternalEF(OPAQUE),
        TransparentEF(LONG, LONG_CONTENT),
        RecordEF(RECORDS, RECORD_CONTENT),
        RecordEF(GUARDED_RECORDS, RECORD_CONTENT, read=After(PIN)),
        AuthenticationKeyEF(AUTHENTICATION, sign),
    )
    second = (TransparentEF(FREE, b"second"), PinEF(PIN, initial=SECOND_VALUE, tries=3), KeyEF(KEY, sign))
    applications = (
        Application("first", FIRST, first, session_key=After(PIN)),
        Application("second", SECOND, second, default_key=KEY, change_key=True),
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
