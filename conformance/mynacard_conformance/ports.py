"""All that the harness asks of the world, as protocols: whoever has the shape may come in.

The client under test comes in by one door, a card under test by another, and a third party sets the stage. The truth
about the card is told by the stage, from the card in its own process; it is never asked over PC/SC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias, TypeVar

from .outcome import Answer, Call, Operation, PinKind

CardT = TypeVar("CardT")
SnapshotT = TypeVar("SnapshotT")


class CardUnderTest(Protocol):
    """A card, seen by a reader: bytes."""

    def power_on(self) -> bytes:
        """Cold reset, with the power cut before if it was on; return the ATR."""
        ...

    def reset(self) -> bytes:
        """Warm reset; return the ATR."""
        ...

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        ...


class ClientUnderTest(Protocol):
    """A program, seen by its user: deeds and outcomes.

    Nothing that a client does may come out of `perform` as an exception: a client that dies, hangs or talks rubbish
    gives an `Answer` whose `breakdown` says so, and is alive again for the next call.
    """

    @property
    def name(self) -> str:
        """Name and version, for the report."""
        ...

    @property
    def operations(self) -> frozenset[Operation]:
        """What it offers."""
        ...

    @property
    def pins(self) -> frozenset[PinKind]:
        """The PINs it knows."""
        ...

    @property
    def features(self) -> frozenset[str]:
        """What else it announced, such as `last_try_ok`."""
        ...

    @property
    def findings(self) -> tuple[str, ...]:
        """What it got wrong outside of any call, a sentence each."""
        ...

    def perform(self, call: Call) -> Answer:
        """Do what the user asks, and say what came of it."""
        ...

    def restart(self) -> None:
        """Begin anew in a fresh process, as after the user's machine was switched on."""
        ...

    def output(self) -> str:
        """Everything it has printed so far beside its answers: logs, warnings."""
        ...

    def shutdown(self) -> None:
        """End it, and whatever was started for it."""
        ...


class Connection(Protocol):
    """How a Python client reaches the card: through a PC/SC reader, or in the harness's process."""

    @property
    def reader(self) -> str | None:
        """The PC/SC reader's name; None where APDUs go straight to the card."""
        ...

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        ...


class Exchange(Protocol):
    """One thing that the card saw, or its reader: an event, or a command and its response.

    A command of class FF is the reader's, and nothing that a client did to the card.
    """

    @property
    def event(self) -> str:
        """`command`, `power_on`, `power_off`, `reset`, `insert` or `eject`."""
        ...

    @property
    def command(self) -> bytes:
        """The command APDU; empty for the other events."""
        ...

    @property
    def response(self) -> bytes:
        """The response APDU; empty for the other events."""
        ...


class Truth(Protocol):
    """What is so, told by the card itself; None wherever the stage cannot know."""

    def tries_left(self, pin: str) -> int | None:
        """The card's own counter of a PIN (the names of `PinKind`)."""
        ...

    def certificate(self, kind: str) -> bytes | None:
        """The certificate on the card (the names of `CertificateKind`), as DER; None also where there is none."""
        ...

    def trace(self, since: int = 0) -> Sequence[Exchange]:
        """What the card has seen since the exchange of that number."""
        ...


class Clock(Protocol):
    """The world's one clock; the card has none, its relying parties do."""

    @property
    def now(self) -> datetime:
        """The time in the world."""
        ...

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        ...


class Stage(Protocol[CardT, SnapshotT]):
    """What a scenario needs: cards, a reader, time, and the truth about them.

    What a card and a snapshot are is the stage's own affair: the harness only hands them back.
    """

    @property
    def reader(self) -> str | None:
        """The PC/SC name of the reader; None without PC/SC."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client's process needs in its environment to find that reader."""
        ...

    @property
    def warning(self) -> str | None:
        """What its user should know about how it was set up; one line."""
        ...

    @property
    def truth(self) -> Truth:
        """What is so."""
        ...

    @property
    def clock(self) -> Clock:
        """The time in the world."""
        ...

    def issue(self, profile: str, /, **state: object) -> CardT:
        """Personalise a card; `auth="locked"` or `sign=1` (tries left) set the state of its PINs."""
        ...

    def insert(self, card: CardT, reader: int = 0) -> None:
        """Put a card into a reader, and return when the reader has noticed."""
        ...

    def eject(self, reader: int = 0) -> None:
        """Take the card out, and return when the reader has noticed."""
        ...

    def power_cycle(self, reader: int = 0) -> None:
        """Cut the card's power for a moment, through the reader."""
        ...

    def warm_reset(self, reader: int = 0) -> None:
        """Reset the card with its power on, through the reader."""
        ...

    def snapshot(self) -> SnapshotT:
        """Remember the cards' memories."""
        ...

    def restore(self, snapshot: SnapshotT, /) -> None:
        """Put the cards' memories back."""
        ...

    def connect(self) -> Connection:
        """Give a Python client its way to the card."""
        ...

    def close(self) -> None:
        """Take everything down."""
        ...


AnyStage: TypeAlias = Stage[Any, Any]

StageFactory: TypeAlias = Callable[..., AnyStage]
"""What an entry point of the group `mynacard.worlds` is: `transport="private"` or `"direct"` make a stage."""
