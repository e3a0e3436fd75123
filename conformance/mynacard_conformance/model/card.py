"""The oracle of one card: its PINs, as the holder knows them, its certificates, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, unique

from mynacard_conformance.outcome import KeyKind, PinKind

from .certificate import Certificate, Reason
from .holder import MAX_TRIES


@unique
class Standing(Enum):
    """Where a card stands with the authority; the chip does not know."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXPIRED = "expired"
    ABOLISHED = "abolished"


@dataclass(slots=True, eq=False)
class Card:
    """A card.

    Attributes:
        end: Its last day (F-041).
        pins: The PINs that were set, and their values.
        left: The tries of each.
        certificates: The last of each kind that was issued to it, whatever became of it.
        replaced: Those before.
        standing: Where it stands.
        face_authentication: Whether it is a card without PINs now (F-069).
        moved: The day of a move, while its continued use is due (F-064).
        says: Name and address of the holder, as they stand on it.

    """

    end: date
    pins: dict[PinKind, str] = field(repr=False)
    left: dict[PinKind, int] = field(default_factory=dict)
    certificates: dict[KeyKind, Certificate] = field(default_factory=dict)
    replaced: list[Certificate] = field(default_factory=list)
    standing: Standing = Standing.ACTIVE
    face_authentication: bool = False
    moved: date | None = None
    says: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self.left = {pin: MAX_TRIES[pin] for pin in self.pins} | self.left

    def set_pin(self, pin: PinKind, value: str) -> None:
        """Set a PIN by authority: its value, and all its tries (F-026)."""
        self.pins[pin] = value
        self.left[pin] = MAX_TRIES[pin]

    def forget_pins(self) -> None:
        """Take all PINs away (F-069)."""
        self.pins.clear()
        self.left.clear()

    def issue(self, certificate: Certificate) -> None:
        """Put a new certificate in the place of the one before."""
        if (old := self.certificates.get(certificate.kind)) is not None:
            self.replaced.append(old)
        self.certificates[certificate.kind] = certificate

    def good(self, kind: KeyKind, at: datetime) -> bool:
        """Whether it has a good certificate of this kind."""
        return kind in self.certificates and self.certificates[kind].good(at)

    def revoke(self, at: datetime, reason: Reason, *kinds: KeyKind, since: datetime | None = None) -> None:
        """Revoke what is left of its certificates, or of those of some kinds."""
        for kind in kinds or tuple(KeyKind):
            if kind in self.certificates:
                self.certificates[kind].revoke(at, reason, since=since)

    def abolish(self, at: datetime) -> None:
        """End it, and its certificates, for good."""
        self.standing, self.moved = Standing.ABOLISHED, None
        self.revoke(at, Reason.CESSATION_OF_OPERATION)
