"""The world: cards, readers, office, clock and trace, as a test holds them in its hand.

It fulfils the harness's `Stage` by shape, and knows nothing of the harness.
"""

from .connections import DirectConnection, ReaderName
from .differences import Change, diff
from .opening import open_world, private_world
from .recent import Recent
from .snapshot import CardSnapshot, Snapshot, SnapshotError
from .things import (
    AnswerLostError,
    CardRemovedError,
    CardUnreadableError,
    EmptyReaderError,
    NoCardError,
    NoReaderError,
    ReaderBusyError,
    WorldCard,
)
from .truth import Truth
from .world import World
from .world_pcsc import PcscWorld

__all__ = [
    "AnswerLostError",
    "CardRemovedError",
    "CardSnapshot",
    "CardUnreadableError",
    "Change",
    "DirectConnection",
    "EmptyReaderError",
    "NoCardError",
    "NoReaderError",
    "PcscWorld",
    "ReaderBusyError",
    "ReaderName",
    "Recent",
    "Snapshot",
    "SnapshotError",
    "Truth",
    "World",
    "WorldCard",
    "diff",
    "open_world",
    "private_world",
]
