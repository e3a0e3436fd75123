"""The harness's own client: honest and careful, over any connection.

It keeps nothing in mind about the card: every action begins with SELECT of its application, so that a card that was
away, reset or exchanged is no special case. A VERIFY goes out once for each action, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from mynacard_conformance.outcome import Answer, CertificateKind, HashKind, KeyKind, Outcome, PinKind

from . import content
from .connection import outcome_of, words_of
from .content import ATTRIBUTES, CERTIFICATE_FILES, ISSUER_SECURITY_DOMAIN, JPKI, KEY_FILES, MY_NUMBER, TEXT
from .steps import Ended, Steps, command, ended

P = ParamSpec("P")
C = TypeVar("C", bound=Steps)

_CHANGEABLE = (PinKind.SIGN, PinKind.AUTH, PinKind.TEXT)
"""The register PIN is a pair of keys with a command of their own (F-011); the numbers A and B are not chosen."""


def action(steps: Callable[Concatenate[C, P], Answer]) -> Callable[Concatenate[C, P], Answer]:
    """Make one action of some steps: all its ends are answers, and no other program comes in between.

    The latter needs a connection that has `transaction()`, a context manager; others are taken to be ours alone.
    """

    @wraps(steps)
    def act(client: C, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        try:
            with getattr(client.connection, "transaction", nullcontext)():
                return steps(client, *args, **kwargs)
        except Ended as end:
            return end.answer
        except content.Unreadable as error:
            return Answer(Outcome.CARD_UNREADABLE, message=str(error))
        except OSError as error:
            return Answer(outcome_of(error), message=words_of(error))

    return act


class ReferenceClient(Steps):
    """A client that does everything right; its methods are the operations of the driver protocol."""

    @action
    def tries_left(self, pin: PinKind) -> Answer:
        """Tell how many tries a PIN has left."""
        self.go_to(pin)
        return self.tries_answer(pin, self.query(pin))

    @action
    def verify_pin(self, pin: PinKind, value: str) -> Answer:
        """Put an entry to the card."""
        entry = self.accept(pin, value)
        self.go_to(pin)
        return self.enter(pin, entry)

    @action
    def change_pin(self, pin: PinKind, current: str, new: str) -> Answer:
        """Change a PIN: VERIFY of the current value, then the new one."""
        if pin not in _CHANGEABLE:
            raise ended(Outcome.NOT_PERMITTED, "only the PINs sign, auth and text can be changed here")
        old_entry, new_entry = self.accept(pin, current), self.accept(pin, new)
        self.go_to(pin)
        self.unlock(pin, old_entry)
        return self.entry_answer(self.change(pin, new_entry))

    @action
    def read_certificate(self, certificate: CertificateKind, pin: str | None = None) -> Answer:
        """Read a certificate; only the sign certificate needs a PIN, and no other is presented one (K-22, K-33)."""
        self._open_jpki(certificate, pin if certificate is CertificateKind.SIGN else None, PinKind.SIGN)
        der = self.read_object(CERTIFICATE_FILES[certificate], content.CERTIFICATE_TAG, Outcome.CERT_ABSENT)
        return Answer(Outcome.OK, value=der)

    @action
    def sign(self, key: KeyKind, pin: str | None, hash: HashKind, message: bytes) -> Answer:  # noqa: A002 - its name in the driver protocol
        """Sign a message."""
        self._open_jpki(key.certificate, pin, key.pin)
        self.select_ef(KEY_FILES[key], Outcome.CERT_ABSENT)
        return Answer(Outcome.OK, value=self.compute_signature(self.digest_info(hash, message)))

    @action
    def read_my_number(self, pin: str | None = None) -> Answer:
        """Read the twelve digits."""
        self._open_text(pin)
        record = self.read_object(MY_NUMBER, content.MY_NUMBER_TAG, Outcome.CARD_UNREADABLE)
        return Answer(Outcome.OK, value=content.my_number(record))

    @action
    def read_attributes(self, pin: str | None = None) -> Answer:
        """Read name, address, birth date and sex."""
        self._open_text(pin)
        record = self.read_object(ATTRIBUTES, content.ATTRIBUTES_TAG, Outcome.CARD_UNREADABLE)
        return Answer(Outcome.OK, value=content.attributes(record))

    def close(self) -> Answer:
        """Leave the card without a verified PIN, so that nobody inherits one (F-029).

        A connection that has `disconnect()` cuts the card's power; through any other, the issuer's domain is selected.
        """
        disconnect = getattr(self.connection, "disconnect", None)
        with suppress(OSError):
            if disconnect is not None:
                disconnect()
            else:
                self.transmit(command(0x00, 0xA4, 0x040C, ISSUER_SECURITY_DOMAIN))
        return Answer(Outcome.OK)

    def _open_jpki(self, certificate: CertificateKind, value: str | None, pin: PinKind) -> None:
        entry = None if value is None else self.accept(pin, value)
        self.select_application(JPKI)
        self.demand_certificate(certificate, Outcome.CERT_ABSENT)
        if entry is not None:
            self.unlock(pin, entry)

    def _open_text(self, value: str | None) -> None:
        entry = None if value is None else self.accept(PinKind.TEXT, value)
        self.select_application(TEXT)
        if entry is not None:
            self.unlock(PinKind.TEXT, entry)
