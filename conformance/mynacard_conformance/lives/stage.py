"""All that a life needs of a world beyond a `Stage`: an office, by shape."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Protocol, TypeAlias

from mynacard_conformance.ports import Clock, Connection, Truth


class Visit(Protocol):
    """What came of an errand."""

    @property
    def outcome(self) -> str:
        """In one word: `ok`, `wrong_pin`, `locked`, or why it was refused."""
        ...

    @property
    def card(self) -> Any:  # noqa: ANN401 - what a card is is the world's own affair
        """The card that was handed over, if one was."""
        ...

    @property
    def ready_on(self) -> date | None:
        """The day on which a card that was applied for can be collected."""
        ...


class LogIn(Protocol):
    """What came of a log-in."""

    @property
    def outcome(self) -> str:
        """`ok`, or what is wrong with the certificate, in the words of clients."""
        ...

    @property
    def account(self) -> str | None:
        """Who it was."""
        ...


class RelyingParty(Protocol):
    """A service that knows its users by their certificates."""

    def challenge(self) -> bytes:
        """Say something to be signed."""
        ...

    def log_in(self, certificate: bytes, challenge: bytes, signature: bytes) -> LogIn:
        """Let somebody in, or not."""
        ...

    def register(self, account: str, certificate: bytes) -> object:
        """Open an account for the holder of a certificate."""
        ...

    def check_signature(self, certificate: bytes, message: bytes, signature: bytes) -> str:
        """Judge a signature under the certificate that came with it."""
        ...


class Office(Protocol):
    """The authority: its desks, each an attribute with its errands as methods, and `perform` for all by name."""

    @property
    def relying_party(self) -> RelyingParty:
        """A service that asks the authority for the status of certificates."""
        ...

    def perform(self, errand: str, /, **details: object) -> Visit:
        """Have an errand carried out by its name, such as `counter.reset_pin`."""
        ...


class World(Protocol):
    """A stage with an office, and without a client on trial: APDUs go straight to the card."""

    @property
    def truth(self) -> Truth:
        """What is so about the card in the reader."""
        ...

    @property
    def clock(self) -> Clock:
        """The one clock."""
        ...

    @property
    def office(self) -> Office:
        """The authority's side."""
        ...

    def issue(self, profile: str, /) -> Any:  # noqa: ANN401 - what a card is is the world's own affair
        """Personalise a card."""
        ...

    def insert(self, card: Any) -> None:  # noqa: ANN401 - the same
        """Put a card into the reader."""
        ...

    def eject(self) -> None:
        """Take the card out."""
        ...

    def snapshot(self) -> object:
        """All that the world is now, to be compared."""
        ...

    def connect(self) -> Connection:
        """Give a client its way to the card."""
        ...

    def close(self) -> None:
        """Take everything down."""
        ...


WorldFactory: TypeAlias = Callable[[datetime], World]
"""Opens a world at a time."""
