"""How a connection to a card fails, and what its user is told of it."""

from __future__ import annotations

from typing import ClassVar

from mynacard_conformance.outcome import Outcome


class ConnectionLost(ConnectionError):
    """A command got no answer; the message is one line for people.

    A connection that knows nothing of this package raises any `OSError` instead, and says more, where it can, by an
    attribute `outcome` with the name of an outcome, as these classes do.
    """

    outcome: ClassVar[str] = Outcome.CARD_UNREADABLE.value


class CardUnreadable(ConnectionLost):
    """The card is there and cannot be understood: mute, or cut short."""


class CardReset(ConnectionLost):
    """Somebody reset the card; what was selected and verified may be gone."""


class CardRemoved(ConnectionLost):
    """The card has left the reader."""

    outcome = Outcome.CARD_REMOVED.value


class NoCard(ConnectionLost):
    """No card is in the reader."""

    outcome = Outcome.NO_CARD.value


class NoReader(ConnectionLost):
    """There is no such reader, or nobody serves it."""

    outcome = Outcome.NO_READER.value


class ReaderBusy(ConnectionLost):
    """Another program keeps the reader to itself."""

    outcome = Outcome.READER_BUSY.value


class PcscMissing(ConnectionLost):
    """The software for PC/SC is not installed."""

    outcome = Outcome.ENV_INCOMPLETE.value


def outcome_of(error: OSError) -> Outcome:
    """Name what a user is told of a connection's failure."""
    try:
        return Outcome(getattr(error, "outcome", None))
    except ValueError:
        return Outcome.CARD_UNREADABLE


def words_of(error: OSError) -> str:
    """What is said of it to people; a stranger's error might quote the command, and so a PIN."""
    return str(error) if isinstance(error, ConnectionLost) else type(error).__name__
