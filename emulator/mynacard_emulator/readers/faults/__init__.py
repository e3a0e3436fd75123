"""The accidents that a test can order: at a command, or to the reader."""

from .accidents import ACCIDENTS, Accident, Elsewhere, Metal, NoAccident, Placement, named
from .drawn import drawn
from .fault import LONGEST, Effect, Fault, Kind, Moment, NoFault
from .faulty import FaultyCard, Tearable
from .noise import LOOK_AT_ATR, NOISES, Noise, noise_named
from .plan import Faults, Happened

__all__ = [
    "ACCIDENTS",
    "LONGEST",
    "LOOK_AT_ATR",
    "NOISES",
    "Accident",
    "Effect",
    "Elsewhere",
    "Fault",
    "Faults",
    "FaultyCard",
    "Happened",
    "Kind",
    "Metal",
    "Moment",
    "NoAccident",
    "NoFault",
    "Noise",
    "Placement",
    "Tearable",
    "drawn",
    "named",
    "noise_named",
]
