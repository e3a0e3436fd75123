"""The files of the driving-licence application; the parts of it that are public are few, the rest is assumed."""

from __future__ import annotations

from datetime import date

from mynacard_emulator.iso7816 import tlv

from .era import era, era_birth_date


def licence_data(granted: date) -> bytes:
    """EF 001B: two empty objects, C2 and C3, and in C5 a day as era digit, year, month and day."""
    day = f"{era(granted).digit}{era_birth_date(granted)}".encode("ascii")
    return tlv.encode(0xC2, b"") + tlv.encode(0xC3, b"") + tlv.encode(0xC5, day)
