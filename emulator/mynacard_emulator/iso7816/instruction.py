"""Instruction bytes of this card: ISO 7816-4 ones, and the JICSAP ones that travel with CLA 80."""

from __future__ import annotations

from enum import IntEnum, unique


@unique
class INS(IntEnum):
    """Interindustry instructions, CLA 00 (ISO 7816-4:2020, 5.4.2)."""

    VERIFY = 0x20
    CHANGE_REFERENCE_DATA = 0x24
    GET_CHALLENGE = 0x84
    INTERNAL_AUTHENTICATE = 0x88
    SELECT = 0xA4
    READ_BINARY = 0xB0
    READ_RECORD = 0xB2
    GET_DATA = 0xCA


@unique
class ProprietaryINS(IntEnum):
    """Instructions of the proprietary class, CLA 80."""

    COMPUTE_DIGITAL_SIGNATURE = 0x2A
    RESET_RETRY_COUNTER = 0x2C
    CHANGE_KEY = 0x32
    SET_PUBLIC_KEY = 0xA2
    SET_SESSION_KEY = 0xAE
    LAST_COMMAND_INDICATOR = 0xFC
