"""What a platform says to every card before the client's first word; none of it is meant for this card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mynacard_emulator.iso7816 import INS, CommandAPDU

from .accidents import NoAccident


@dataclass(frozen=True, slots=True)
class Noise:
    """A sequence of commands, by name.

    Attributes:
        name: What it is called.
        meaning: Whose it is, in a sentence.
        commands: The commands, in order; an empty one is a look at the ATR.

    """

    name: str
    meaning: str
    commands: tuple[bytes, ...]


LOOK_AT_ATR = b""


def _select(aid: str, p2: int = 0x00, *, le: bool = False) -> bytes:
    return CommandAPDU(0x00, INS.SELECT, 0x04, p2, bytes.fromhex(aid), ne=256 if le else 0).encode()


_OPENSC = (
    _select("627601FF000000"),  # CoolKey
    _select("A00000000101"),  # MuscleApplet
    _select("E82B0601040181C31F0201", le=True),  # SmartCard-HSM
    _select("D23300000045737445494420763335", 0x0C),  # EstEID
    bytes.fromhex("00CADF3005"),  # GET DATA, SetCOS
    bytes.fromhex("00CB3FFF035C017E08"),  # GET DATA with a tag list
    *2 * (_select("A00000030800001000", le=True),),  # PIV, asked for twice
    _select("A000000116DB00", 0x0C, le=True),  # CAC
    _select("A0000000791000", 0x0C, le=True),
    *(_select(f"A00000007901{number:02X}", 0x0C, le=True) for number in range(0x10)),
    _select("F276A288BCFBA69D34F31001"),  # IsoApplet
    _select("A00000039742544659", le=True),  # GIDS
    _select("D27600012401", le=True),  # OpenPGP
)

NOISES: Final = (
    Noise("opensc", "OpenSC 0.23 asks whether it is any of the cards that come before this one in its list", _OPENSC),
    Noise(
        "desktop", "a desktop's services look at the ATR of whatever card is in, again and again", 5 * (LOOK_AT_ATR,)
    ),
    Noise(
        "discovery",
        "a platform looks for applications of its own: the UID, the PIV, GIDS and NFC Forum ones, the level above all",
        (
            LOOK_AT_ATR,
            bytes.fromhex("FFCA000000"),
            _select("A00000030800001000", le=True),
            _select("A00000039742544659", le=True),
            _select("D2760000850101", le=True),
            bytes.fromhex("00A40400"),
            bytes.fromhex("00A4000C023F00"),
        ),
    ),
)
"""Every noise that has a name."""


def noise_named(name: str) -> Noise:
    """Find a noise. Raises `NoAccident`."""
    for noise in NOISES:
        if noise.name == name:
            return noise
    raise NoAccident(f"no noise is called {name!r}; there are {', '.join(noise.name for noise in NOISES)}")
