"""The whole suite of mynacard over this client, in this process."""

from __future__ import annotations

from collections.abc import Callable

from jpki_login import Card, CardTrouble, Locked, MalformedPin, NoCertificate, NotThisCard, OutcomeUnknown, WrongPin

from mynacard_conformance import ClientSuite
from mynacard_conformance.outcome import Answer, Outcome, PinKind, states
from mynacard_conformance.ports import Connection

OUTCOMES = {
    Locked: Outcome.LOCKED,
    MalformedPin: Outcome.FORMAT_REJECTED,
    NoCertificate: Outcome.PIN_ABSENT,
    NotThisCard: Outcome.WRONG_CARD,
    OutcomeUnknown: Outcome.UNKNOWN_OUTCOME,
}


def told(action: Callable[[], int | None]) -> Answer:
    """Say in the suite's words how an action ended; what it returns is a number of tries."""
    try:
        tries = action()
    except WrongPin as wrong:
        return Answer(Outcome.WRONG_PIN, tries=states(wrong.tries_left), message=str(wrong))
    except CardTrouble as trouble:
        return Answer(OUTCOMES.get(type(trouble), Outcome.PROTOCOL_ERROR), message=str(trouble))
    except OSError as error:
        return Answer(Outcome(getattr(error, "outcome", "card_unreadable")))
    return Answer(Outcome.OK, tries=None if tries is None else states(tries))


class Adapter:
    """What the suite asks, said in the words of this client; it offers what it has methods for."""

    pins = frozenset({PinKind.AUTH})

    def __init__(self, connection: Connection) -> None:
        self.card = Card(connection)

    def tries_left(self, _pin: PinKind) -> Answer:
        return told(self.card.tries_left)

    def verify_pin(self, _pin: PinKind, value: str) -> Answer:
        return told(lambda: self.card.enter_pin(value))

    def close(self) -> Answer:
        return told(self.card.leave)


class TestJpkiLogin(ClientSuite):
    """Everything that a client of this kind is required to do."""

    def make_client(self, connection: Connection) -> Adapter:
        """Make the client, wherever a user would start the program anew."""
        return Adapter(connection)
