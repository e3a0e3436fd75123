"""EF 0006 of the JPKI application: what kind of token this is (K-40)."""

from __future__ import annotations

import struct

MODEL = "E16R01NJ"
MANUFACTURER = f"{1:032}"

_RNG, _LOGIN_REQUIRED, _USER_PIN_INITIALIZED, _TOKEN_INITIALIZED = 0x1, 0x4, 0x8, 0x400
_FLAGS = _RNG | _LOGIN_REQUIRED | _USER_PIN_INITIALIZED | _TOKEN_INITIALIZED
_MAX_SESSIONS, _SESSIONS, _MAX_RW_SESSIONS, _RW_SESSIONS = 1, 0, 1, 0
_MAX_PIN_LENGTH, _MIN_PIN_LENGTH = 16, 6
_UNAVAILABLE = 0xFFFFFFFF
_SERIAL_NUMBER = slice(80, 96)
_LAYOUT = struct.Struct(">32s32s16s16s11I2s2s16s")


def token_info(serial_number: str, *, label: str) -> bytes:
    """A serialised CK_TOKEN_INFO in 160 bytes, numbers big-endian, versions as digits.

    It belongs to the chip: a card without certificates has the same flags.
    """
    return _LAYOUT.pack(
        *(text.ljust(width).encode("ascii") for text, width in ((label, 32), (MANUFACTURER, 32), (MODEL, 16))),
        serial_number.ljust(16).encode("ascii"),
        _FLAGS,
        *(_MAX_SESSIONS, _SESSIONS, _MAX_RW_SESSIONS, _RW_SESSIONS),
        *(_MAX_PIN_LENGTH, _MIN_PIN_LENGTH),
        *(_UNAVAILABLE,) * 4,
        b"03",
        b"01",
        b"9" * 16,
    )


def token_serial(info: bytes) -> str:
    """The serial number in such a record."""
    return info[_SERIAL_NUMBER].decode("ascii").rstrip()
