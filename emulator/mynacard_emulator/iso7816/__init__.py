"""The standard's words: APDUs, status words, TLV, ATR; it has never heard of a card."""

from .apdu import READER_CLASS, CommandAPDU, MalformedAPDU, ResponseAPDU
from .atr import ATR, MalformedATR, is_contactless
from .instruction import INS, ProprietaryINS
from .status import SW, StatusWord, retries_left
from .tlv import TLV, MalformedTLV

__all__ = [
    "ATR",
    "INS",
    "READER_CLASS",
    "SW",
    "TLV",
    "CommandAPDU",
    "MalformedAPDU",
    "MalformedATR",
    "MalformedTLV",
    "ProprietaryINS",
    "ResponseAPDU",
    "StatusWord",
    "is_contactless",
    "retries_left",
]
