"""All that the harness asks of the world, as protocols: whoever has the shape may come in.

The client under test comes in by one door, a card under test by another, and a third party sets the stage. The truth
about the card is told by the stage, from the card in its own process; it is never asked over PC/SC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
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

    def perform(self, call: Call, *, last_try_ok: bool = False) -> Answer:
        """Do what the user asks, and say what came of it.

        `last_try_ok` says that the user was warned of the last try and confirmed; a client that did not announce the
        feature of this name never asks.
        """
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

    def verified(self, pin: str) -> bool | None:
        """Whether a PIN is verified on the card now, so that whoever comes next could use what it guards."""
        ...

    def pin(self, name: str) -> bytes | None:
        """The value of a PIN, for a tester who has to know it; None also for one that was never set."""
        ...

    def certificate(self, kind: str) -> bytes | None:
        """The certificate on the card (the names of `CertificateKind`), as DER; None also where there is none."""
        ...

    def my_number(self) -> str | None:
        """The My Number on the card."""
        ...

    def attributes(self) -> Mapping[str, str] | None:
        """The four attributes on the card, by the names of `Attributes`."""
        ...

    def ends(self) -> date | None:
        """The last day of the card itself."""
        ...

    def status(self, certificate: bytes) -> str:
        """What the issuer says of a certificate (DER) now: `good`, `unknown`, or why it is revoked (RFC 5280)."""
        ...

    def mishaps(self, since: int = 0) -> Sequence[str]:
        """The faults that have happened since the one of that number, each as a line `verify:1:tear-after`.

        Its kind is that of the command at which it happened, whatever was ordered; `any` for none that has a name.
        """
        ...

    def trace(self, since: int = 0) -> Sequence[Exchange] | None:
        """What the card has seen since the exchange of that number; None, always, where nobody sees it."""
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

    def set(self, at: datetime) -> None:
        """Let it be a later time."""
        ...


class Visited(Protocol):
    """What came of an errand at the office."""

    @property
    def outcome(self) -> str:
        """`ok`, `wrong_pin`, `locked`, or the name of a refusal."""
        ...

    @property
    def tries_left(self) -> int | None:
        """What the card said of a PIN that was typed there and was wrong."""
        ...

    @property
    def card(self) -> Any:  # noqa: ANN401 - what a card is is the stage's own affair
        """The card that was handed over, if one was."""
        ...

    @property
    def ready_on(self) -> date | None:
        """The day on which a card that was applied for can be collected."""
        ...


class Office(Protocol):
    """The authority: counters, telephones, kiosks."""

    def perform(self, errand: str, /, **details: object) -> Visited:
        """Have an errand carried out, such as `counter.reset_pin`, about the card that was inserted last."""
        ...


class Served(Protocol):
    """What a service on the internet said."""

    @property
    def outcome(self) -> str:
        """`ok`, the name of a refusal, or an outcome about the certificate."""
        ...

    @property
    def account(self) -> str | None:
        """Whose account it is."""
        ...

    @property
    def shown(self) -> Mapping[str, str]:
        """What the page or the app shows, by name."""
        ...


class Services(Protocol):
    """The services on the internet that rely on certificates.

    A holder logs in at `mykey`, `portal` and `eligibility` with an auth certificate, and hands in a signed document at
    `etax`.
    """

    def challenge(self, service: str) -> bytes:
        """Bytes to be signed for a login at a service, such as `mykey`."""
        ...

    def perform(self, action: str, /, **details: object) -> Served:
        """Ask for an action, such as `mykey.change_id`; `mykey.log_in` is shown certificate, challenge, signature."""
        ...

    def trust(self, *authorities: bytes) -> None:
        """Have every service trust the CAs with these certificates (DER) and no others."""
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

    @property
    def office(self) -> Office:
        """The authority of this world; it knows every card that is issued here."""
        ...

    @property
    def services(self) -> Services:
        """The services of this world, which ask its authority about certificates."""
        ...

    def begin(self, at: datetime | None = None, policy: Mapping[str, object] | None = None) -> None:
        """Begin anew: no cards, another time, the office's switches; the reader and who is connected stay."""
        ...

    def issue(self, profile: str, /, **state: Any) -> CardT:  # noqa: ANN401 - days, words and numbers
        """Personalise a card; `auth="locked"` or `sign=1` (tries left) set the state of its PINs.

        `born`, `made` and `stay_until` (dates) and `behaviour` (words by question) make it another than the profile's.
        """
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

    def fault(self, spec: str, reader: int = 0) -> object:
        """Order a fault at a command: `verify:1:tear-after` is KIND:NUMBER:EFFECT."""
        ...

    def call_off(self, reader: int = 0) -> None:
        """Call off the faults that are ordered and have not happened yet."""
        ...

    def accident(self, name: str, reader: int = 0) -> object:
        """Let something happen to the card or the reader, by its name: `upside-down`, `held-by-another`.

        Raises `OSError` where a client is in the way, such as one that keeps its connection to the card.
        """
        ...

    def put_right(self, reader: int = 0) -> None:
        """End every accident; the card lies in the reader as it should."""
        ...

    def noise(self, name: str, reader: int = 0) -> None:
        """Let a platform say its own to the card, as before a client's first word: `opensc`, `desktop`, `discovery`."""
        ...

    def keep_power(self, reader: int = 0) -> None:
        """Keep a connection to the card as another program would, so that nobody else's end cuts its power."""
        ...

    def let_go(self, reader: int = 0) -> None:
        """End that connection; harmless where there is none."""
        ...

    def is_free(self, reader: int = 0) -> bool | None:
        """Whether another program can exchange APDUs with the card now; None where nobody can forbid it."""
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

    def at_contacts(self, reader: int = 0) -> CardUnderTest:
        """The card in a reader as that reader has it: power, reset and bytes, past any PC/SC."""
        ...

    def close(self) -> None:
        """Take everything down."""
        ...


AnyStage: TypeAlias = Stage[Any, Any]

StageFactory: TypeAlias = Callable[..., AnyStage]
"""What an entry point of the group `mynacard.worlds` is: `transport="private"` or `"direct"` make a stage."""

StageAt: TypeAlias = Callable[[datetime], AnyStage]
"""Makes a stage on which it is that time, and on which APDUs go straight to the card."""
