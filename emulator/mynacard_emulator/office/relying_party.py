"""A service on the internet that knows its users by their certificates: the least that a relying party does."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.received import ReceivedCertificate, receive

from .registry import Account, Entry
from .reliance import lineage, standing_of
from .status import Authority

CHALLENGE_BYTES = 32


class Enter(Protocol):
    """How something gets into the registry: `Office.enter`."""

    def __call__(self, *entries: Entry) -> None:
        """Put it there."""
        ...


@dataclass(frozen=True, slots=True)
class LogIn:
    """What came of logging in, or of registering: `ok`, and whose account it is, or why not."""

    outcome: str
    account: str | None = None


class RelyingParty:
    """A service; `office.relying_party` trusts every generation of both CAs.

    Args:
        office: Whose registry says what became of a certificate, and whose clock it goes by.
        enter: Keeps its accounts, so that a world's snapshot has them.
        generations: The generations of each CA that it trusts.
        random: Where its challenges come from.

    """

    def __init__(
        self,
        office: Authority,
        enter: Enter,
        *,
        generations: tuple[int, ...] = tuple(shipped.FIRST_DAY_OF_ISSUE),
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._office = office
        self._enter = enter
        self._generations = generations
        self._random = random
        self._challenges: set[bytes] = set()

    def trusting(self, *generations: int) -> RelyingParty:
        """The same service with these generations of the CAs in its trust store and no others (PKI-01)."""
        return RelyingParty(self._office, self._enter, generations=generations, random=self._random)

    def challenge(self) -> bytes:
        """Bytes that a user signs with the auth key to log in; good once."""
        challenge = self._random(CHALLENGE_BYTES)
        self._challenges.add(challenge)
        return challenge

    def log_in(self, certificate: bytes, challenge: bytes, signature: bytes) -> LogIn:
        """Let a user in by an auth certificate (DER) and a signature of a challenge (PKCS#1 v1.5, SHA-256).

        A signature that the certificate's key did not make of a challenge that is still good is `cert_invalid`, and a
        client that has kept an old certificate has to read it again (RENEW-09).
        """
        known = challenge in self._challenges
        self._challenges.discard(challenge)
        received = self._received(CertKind.AUTH, certificate)
        if received is None or not known or not received.has_signed(challenge, signature):
            return LogIn("cert_invalid")
        outcome = standing_of(self._office, received)
        if outcome != "ok":
            return LogIn(outcome)
        account = self._account(received.serial_number)
        if account is None:
            return LogIn("not_registered")
        self._enter(Account(name=account.name, serial_number=received.serial_number))
        return LogIn("ok", account.name)

    def register(self, account: str, certificate: bytes) -> LogIn:
        """Give the holder of an auth certificate (DER) an account of this name; who has one keeps it."""
        received = self._received(CertKind.AUTH, certificate)
        outcome = "cert_invalid" if received is None else standing_of(self._office, received)
        if received is None or outcome != "ok":
            return LogIn(outcome)
        known = self._account(received.serial_number)
        name = account if known is None else known.name
        self._enter(Account(name=name, serial_number=received.serial_number))
        return LogIn("ok", name)

    def check_signature(self, certificate: bytes, message: bytes, signature: bytes) -> str:
        """Say what a signature under a document is worth now: of the holder of a sign certificate, PKCS#1 v1.5."""
        received = self._received(CertKind.SIGN, certificate)
        if received is None or not received.has_signed(message, signature):
            return "cert_invalid"
        return standing_of(self._office, received)

    def _received(self, kind: CertKind, certificate: bytes) -> ReceivedCertificate | None:
        return receive(certificate, (shipped.authority(kind, generation) for generation in self._generations))

    def _account(self, serial_number: int) -> Account | None:
        """Whose certificate it is, or took the place of, as far as is known by now (K-36)."""
        accounts = {account.serial_number: account for account in self._office.standing.all(Account)}
        return next((accounts[each] for each in lineage(self._office, serial_number) if each in accounts), None)
