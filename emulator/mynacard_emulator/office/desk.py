"""An errand under way: the working copy of the registry, and what is to be written into the chip.

Nothing of it counts before the errand is done; a desk that says no leaves registry and chip as they were. Only a PIN
that is typed in is typed into the real chip, whatever comes of the errand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import rsa

from mynacard_emulator.cards import CardInHand
from mynacard_emulator.personalise.issued import IssuedCard, JpkiRecord
from mynacard_emulator.pki import shipped

from . import chip
from .policy import Policy
from .refusal import Refusal, Refused
from .registry import CardEntry, CertificateEntry, Entry, Person, PhoneToken, Registry
from .states import CardState
from .visit import Visit


@dataclass(slots=True)
class Desk:
    """One errand.

    Attributes:
        registry: The registry as it will be; `put` changes it.
        at: When it takes place.
        policy: The switches that hold.
        serial: Which card it is about; None where that is not known yet.
        in_hand: The chip, where it was brought.
        seen: The card as whoever holds it tells of it, whether it was brought or not.
        issued: What the chip is to be; None where it stays what it is.
        new_card: Whether that chip is a new one, to be handed over when the errand is done.
        pins: PINs to be written: an empty value unblocks and keeps the old one, None takes the PIN away.

    """

    registry: Registry
    at: datetime
    policy: Policy
    serial: str | None
    in_hand: CardInHand | None
    seen: IssuedCard
    issued: IssuedCard | None = None
    new_card: bool = False
    pins: dict[str, str | None] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The day it is in Japan."""
        return self.at.date()

    @property
    def chip(self) -> CardInHand:
        """The chip; raise `Refused` where it was not brought."""
        if self.in_hand is None:
            raise Refused(Refusal.NO_CARD)
        return self.in_hand

    @property
    def content(self) -> IssuedCard:
        """What is on the chip, or will be when this errand is done."""
        return self.issued or self.chip.issued

    @property
    def jpki(self) -> JpkiRecord:
        """What is in the chip's JPKI application, or will be; raise `Refused` for a card without it."""
        if self.content.jpki is None:
            raise Refused(Refusal.NOT_REGISTERED)
        return self.content.jpki

    @property
    def card(self) -> CardEntry:
        """The card in the registry; raise `Refused` for one that it does not know."""
        found = self.registry.find(CardEntry, self.serial or "")
        if found is None:
            raise Refused(Refusal.NOT_REGISTERED)
        return found

    @property
    def token(self) -> CardEntry | PhoneToken:
        """The card, or the telephone, that has the certificates; raise `Refused` likewise."""
        return self.registry.find(PhoneToken, self.serial or "") or self.card

    @property
    def person(self) -> Person:
        """Whose it is."""
        found = self.registry.find(Person, self.token.person)
        if found is None:
            raise Refused(Refusal.NOT_REGISTERED)
        return found

    def living_card(self) -> CardEntry:
        """The card, which must be in use: not suspended, ended or abolished."""
        card = self.card
        match card.state:
            case CardState.ACTIVE:
                return card
            case CardState.SUSPENDED:
                raise Refused(Refusal.CARD_SUSPENDED)
            case CardState.EXPIRED | CardState.ABOLISHED:
                raise Refused(Refusal.CARD_ABOLISHED)
            case _:
                raise Refused(Refusal.WRONG_STATE)

    def certificates(self) -> tuple[CertificateEntry, ...]:
        """Every certificate that was ever issued to the card, or to the telephone."""
        return tuple(self.registry.certificates_of(self.token.serial))

    def new_key(self) -> rsa.RSAPrivateKey:
        """A key pair that no card of this registry has; enter its certificate before asking for another."""
        return shipped.spare_key(sum(1 for _ in self.registry.all(CertificateEntry)))

    def put(self, *entries: Entry) -> None:
        """Enter something into the registry."""
        self.registry = self.registry.put(*entries)

    def type_in(self, pin: str, value: str) -> None:
        """Have the visitor type a PIN; raise `WrongPin` or `Refused` as the chip has it."""
        chip.type_in(self.chip.card, pin, value)


class CarryOut(Protocol):
    """How a desk has an errand carried out: `Office.carry_out`."""

    def __call__(self, work: Callable[[Desk], Visit | None], card: object = None, *, brought: bool = True) -> Visit:
        """Carry it out, and say what came of it."""
        ...
