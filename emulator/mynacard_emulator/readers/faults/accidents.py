"""What goes wrong on a desk, by name: how a card lies, what stands under the reader, and who else is at work.

Each is what the source documents have a holder do something about, with the way in which it is brought about here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Final, TypeAlias

from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.readers.reader import Interface


class NoAccident(ReaderError):
    """No accident has this name, or it cannot be brought about here; the message says what can."""


@unique
class Placement(Enum):
    """How a card lies in its reader."""

    RIGHT = "right"
    MUTE = "mute"  # there is a card, and no sensible answer to reset
    UNSEEN = "unseen"  # there seems to be no card


@dataclass(frozen=True, slots=True)
class Metal:
    """Something that disturbs the field: of so many commands in a hundred, the command or its answer is lost."""

    percent: int


@unique
class Elsewhere(Enum):
    """What becomes of the reader itself, or what another program does; the value says it in words."""

    AWAY = "there is no such reader"
    RESTARTED = "pcscd starts anew"
    EXCLUSIVE = "another program has the card for itself"
    VERIFY = "another program enters a wrong auth PIN"
    TRANSACTION = "another program holds a transaction"


Orders: TypeAlias = tuple[str, ...]
How: TypeAlias = Orders | Placement | Metal | Elsewhere | None
"""Faults at commands, a placement, metal, a deed from elsewhere; None where there is no such reader."""


@dataclass(frozen=True, slots=True)
class Accident:
    """One accident.

    Attributes:
        name: What it is ordered by.
        holder: What the holder sees or does, in a sentence.
        sources: The ids of what is required about it.
        contact, contactless: How it is brought about with either kind of reader.
        ends: What puts it right.

    """

    name: str
    holder: str
    sources: tuple[str, ...]
    contact: How
    contactless: How
    ends: str

    def through(self, interface: Interface) -> How:
        """How it is brought about with this kind of reader."""
        return self.contact if interface is Interface.CONTACT else self.contactless


_TURN, _AGAIN, _REPLUG = "the card is inserted the right way", "the card is inserted again", "the reader is plugged in"

ACCIDENTS: Final = (
    Accident(
        "upside-down",
        "the chip looks downward in a contact reader; a contactless one does not mind",
        ("R-112", "R-146", "R-154", "R-155"),
        Placement.MUTE,
        None,
        _TURN,
    ),
    Accident(
        "back-to-front",
        "the chip is at the outer end in a contact reader; a contactless one does not mind",
        ("R-112", "R-146", "R-154", "R-155"),
        Placement.MUTE,
        None,
        _TURN,
    ),
    Accident(
        "beside",
        "the card lies beside the contactless reader, or does not reach the contacts",
        ("R-147", "R-154"),
        Placement.UNSEEN,
        Placement.UNSEEN,
        "the card is laid on the reader",
    ),
    Accident(
        "in-its-case",
        "the card is still in its case: it does not go into a slot, and is hardly felt through the air",
        ("R-111",),
        Placement.UNSEEN,
        Placement.MUTE,
        "the card is taken out of its case",
    ),
    Accident(
        "metal-desk",
        "a contactless reader stands on metal, and some of what is said is lost",
        ("R-156",),
        None,
        Metal(40),
        "a thick book lies under the reader",
    ),
    Accident(
        "moved",
        "the card was moved while it was read, and nobody knows whether it has acted",
        ("R-113", "R-183"),
        ("any:1:tear-after",),
        ("any:1:tear-after",),
        _AGAIN,
    ),
    Accident("taken-out", "the card was taken out", ("R-113",), ("any:1:eject",), ("any:1:eject",), _AGAIN),
    Accident(
        "usb-hub",
        "the reader disappears behind its hub",
        ("R-114", "R-157"),
        Elsewhere.AWAY,
        Elsewhere.AWAY,
        _REPLUG,
    ),
    Accident(
        "reader-restarted",
        "the reader, or its service, was started anew",
        ("R-109", "R-110"),
        Elsewhere.RESTARTED,
        Elsewhere.RESTARTED,
        "the client looks for readers anew",
    ),
    Accident(
        "bluetooth-lost",
        "the wireless reader is out of reach",
        ("R-109",),
        None,
        Elsewhere.AWAY,
        "Bluetooth is switched off and on",
    ),
    Accident(
        "no-driver",
        "the reader has no driver, so that there is none",
        ("R-132",),
        Elsewhere.AWAY,
        Elsewhere.AWAY,
        "the driver is installed",
    ),
    Accident(
        "held-by-another",
        "another program has the card for itself",
        ("R-154",),
        Elsewhere.EXCLUSIVE,
        Elsewhere.EXCLUSIVE,
        "the other program ends",
    ),
    Accident(
        "verified-by-another",
        "another program enters a PIN in between",
        ("R-154",),
        Elsewhere.VERIFY,
        Elsewhere.VERIFY,
        "the client asks for the tries again",
    ),
    Accident(
        "reset-by-another",
        "another program resets the card in between",
        ("R-154",),
        ("any:1:power-cycle",),
        ("any:1:power-cycle",),
        "the client begins its session anew",
    ),
    Accident(
        "transaction-stolen",
        "another program has a transaction, and the client waits",
        ("R-154",),
        Elsewhere.TRANSACTION,
        Elsewhere.TRANSACTION,
        "the other program ends its transaction",
    ),
)
"""Every accident that has a name."""


def named(name: str) -> Accident:
    """Find an accident. Raises `NoAccident`."""
    for accident in ACCIDENTS:
        if accident.name == name:
            return accident
    raise NoAccident(f"no accident is called {name!r}; there are {', '.join(accident.name for accident in ACCIDENTS)}")
