"""The accidents that a test can order: at a command, or to the reader."""

from .drawn import drawn
from .fault import LONGEST, Effect, Fault, Kind, Moment, NoFault
from .faulty import FaultyCard, Tearable
from .plan import Faults, Happened

__all__ = [
    "LONGEST",
    "Effect",
    "Fault",
    "Faults",
    "FaultyCard",
    "Happened",
    "Kind",
    "Moment",
    "NoFault",
    "Tearable",
    "drawn",
]
