"""What a page may ask of the card, each answer in the words that HTTP carries."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from mynacard_conformance.adapters.connection import outcome_of
from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.outcome import (
    Answer,
    Call,
    CertificateKind,
    HashKind,
    KeyKind,
    Outcome,
    PinKind,
    ReadCertificate,
    Sign,
    TriesLeft,
    operation_of,
    states,
)
from mynacard_conformance.ports import Connection

from .turns import Wanted

Told: TypeAlias = dict[str, str | int]
"""An answer: `outcome`, and what else there is to tell."""

_LOCKED = states(0)

_log = logging.getLogger(__name__)


class Asker:
    """Asks the card through a client that is made anew for each request, and keeps nothing of it.

    Args:
        make: Makes the client from a connection.
        connect: Finds a reader, and gives a connection to it; raises an `OSError`, as a `Connection` does.

    """

    def __init__(self, make: Callable[[Connection], object], connect: Callable[[], Connection]) -> None:
        self._make = make
        self._connect = connect

    def card(self) -> Told:
        """Tell whether a login can begin; no PIN is entered."""
        return self._ask(_card)

    def certificate(self) -> Told:
        """Read the auth certificate; no PIN is entered."""
        return self._ask(_certificate)

    def proof(self, challenge: bytes, pin: str, wanted: Wanted) -> Told:
        """Sign a challenge with the auth key; the PIN is entered once, and not where nobody waits any more."""
        sign = Sign(KeyKind.AUTH, HashKind.SHA256, challenge, pin)
        return self._ask(lambda client: _proof(client, sign, wanted), enters=True)

    def _ask(self, steps: Callable[[InProcessClient], Told], *, enters: bool = False) -> Told:
        """Take these steps with a client, and let go of the card: where a PIN was entered, with its power cut."""
        try:
            connection = self._connect()
            client = InProcessClient(self._make, lambda: connection)
        except OSError as error:
            return told(Answer(outcome_of(error)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a stranger's factory may raise
            _log.error("the client cannot be made: %s", type(error).__name__)
            return told(Answer(Outcome.PROTOCOL_ERROR))
        try:
            return steps(client)
        finally:
            leave = getattr(connection, "leave", None)
            if leave is not None and not enters:
                leave()
            client.shutdown()


def told(answer: Answer) -> Told:
    """An answer in the words of the protocol; the client's own words stay here."""
    tries = _LOCKED if answer.outcome is Outcome.LOCKED else answer.tries
    said: Told = {"outcome": answer.outcome.value}
    return said | {"tries_left": tries[0]} if tries is not None and len(tries) == 1 else said


def _card(client: InProcessClient) -> Told:
    counted = _perform(client, TriesLeft(PinKind.AUTH))
    if counted.outcome is not Outcome.OK:
        return told(counted)
    if counted.tries == _LOCKED:
        return told(Answer(Outcome.LOCKED))
    return told(replace(_perform(client, ReadCertificate(CertificateKind.AUTH)), tries=counted.tries))


def _certificate(client: InProcessClient) -> Told:
    return _bringing("certificate", _perform(client, ReadCertificate(CertificateKind.AUTH)))


def _proof(client: InProcessClient, sign: Sign, wanted: Wanted) -> Told:
    """Read the certificate first: where that fails, no entry was made."""
    certificate = _certificate(client)
    if certificate["outcome"] != "ok":
        return certificate
    if not wanted():
        return told(Answer(Outcome.CANCELLED))
    signature = _bringing("signature", _perform(client, sign))
    return certificate | signature if signature["outcome"] == "ok" else signature


def _bringing(name: str, answer: Answer) -> Told:
    """An answer with the bytes that it brings; "ok" without them is none."""
    if answer.outcome is not Outcome.OK:
        return told(answer)
    if not isinstance(answer.value, bytes):
        return told(Answer(Outcome.PROTOCOL_ERROR))
    return {"outcome": "ok", name: b64encode(answer.value).decode()}


def _perform(client: InProcessClient, call: Call) -> Answer:
    """Have the client do one thing; where it breaks down in an entry, nobody knows what the card made of that."""
    operation = operation_of(call)
    if operation not in client.operations:
        _log.error("the client does not offer %s", operation.value)
        return Answer(Outcome.ENV_INCOMPLETE)
    answer = client.perform(call)
    if answer.breakdown is None:
        return answer
    _log.error("the client failed at %s: %s", operation.value, answer.message)
    return replace(answer, outcome=Outcome.UNKNOWN_OUTCOME) if isinstance(call, Sign) else answer
