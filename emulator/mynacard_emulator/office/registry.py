"""What the authority knows: persons, cards, certificates, and the cases that are open; one frozen mapping of entries.

An errand at a desk makes a new registry from the old one, so that a refusal has changed nothing, and two registries can
be compared entry by entry.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import ClassVar, Self, TypeAlias, TypeVar

from mynacard_emulator.personalise.holder import Holder, Municipality
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import RevocationReason

from .states import (
    CERT_REASONS,
    CardEvent,
    CardMode,
    CardState,
    CertEvent,
    CertState,
    next_card_state,
    next_cert_state,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody invented, as the resident register has them.

    Attributes:
        my_number: Twelve digits, by which the office knows them.
        stay_until: The last day of a limited period of stay (F-042).
        abroad: Whether they live abroad (F-065).
        guardianship: Whether they are an adult under guardianship (R-021, F-067).
        died: The day of death.

    """

    TABLE: ClassVar[str] = "person"

    my_number: str = field(repr=False)
    holder: Holder
    municipality: Municipality
    stay_until: date | None = None
    abroad: bool = False
    guardianship: bool = False
    died: date | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.my_number


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEntry:
    """A card.

    Attributes:
        serial: The fifteen digits of the common application.
        person: Whose it is.
        not_after: Its last day, fixed when it was made (F-041).
        moved: The day of a move to another municipality, while its continued use is due (F-064).
        suspended_at: When it was suspended by telephone.
        replaces: The serial of the card in whose place it was issued.

    """

    TABLE: ClassVar[str] = "card"

    serial: str
    person: str = field(repr=False)
    state: CardState
    mode: CardMode = CardMode.NORMAL
    made: date
    not_after: date
    delivered: date | None = None
    moved: date | None = None
    suspended_at: datetime | None = None
    replaces: str | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.serial

    def after(self, event: CardEvent) -> Self:
        """The same card after an event; raise `Refused` where its state does not have it."""
        return replace(self, state=next_card_state(self.state, event))


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneToken:
    """The certificates in a telephone, which has PINs of its own (F-072).

    Attributes:
        serial: The sixteen digits of its token information.
        person: Whose it is.
        not_after: Its last day: that of the card's sign certificate with which it was enrolled.
        suspended_at: When it was suspended by telephone.

    """

    TABLE: ClassVar[str] = "phone"

    serial: str
    person: str = field(repr=False)
    state: CardState
    not_after: date
    suspended_at: datetime | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.serial

    def after(self, event: CardEvent) -> Self:
        """The same token after an event, as for a card; raise `Refused` where its state does not have it."""
        return replace(self, state=next_card_state(self.state, event))


@dataclass(frozen=True, slots=True)
class StatusChange:
    """What relying parties see of a certificate from a moment on: revoked for a reason, or (None) good again."""

    effective: datetime
    reason: RevocationReason | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateEntry:
    """A certificate.

    Attributes:
        serial_number: 発行の番号 (K-11).
        card: The serial of the card, or of the telephone, that it was issued to.
        generation: Which generation of its CA signed it.
        usable_from: From when relying parties know it; None before it was handed over.
        changes: What they learned since, oldest first.

    """

    TABLE: ClassVar[str] = "certificate"

    serial_number: int
    kind: CertKind
    card: str
    person: str = field(repr=False)
    generation: int
    not_before: datetime
    not_after: datetime
    state: CertState
    usable_from: datetime | None = None
    changes: tuple[StatusChange, ...] = ()

    @property
    def id(self) -> str:
        """Its name within its table."""
        return f"{self.serial_number:08X}"

    def after(self, event: CertEvent, effective: datetime) -> Self:
        """The same certificate after an event that relying parties see from `effective` on; raise `Refused`."""
        following = next_cert_state(self.state, event)
        told = (StatusChange(effective, CERT_REASONS[event]),) if event in CERT_REASONS else ()
        return replace(self, state=following, changes=(*self.changes, *told))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """That one certificate took the place of another, for services that know their users by serial number (K-36)."""

    TABLE: ClassVar[str] = "link"

    old: int
    new: int
    known_from: datetime

    @property
    def id(self) -> str:
        """Its name within its table."""
        return f"{self.old:08X}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """That a PIN of a card may be reset at a store within 24 hours (R-039 to R-044)."""

    TABLE: ClassVar[str] = "reservation"

    card: str
    pin: str
    made: datetime
    used: bool = False

    @property
    def id(self) -> str:
        """Its name within its table: one for each PIN of a card."""
        return f"{self.card}.{self.pin}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentCase:
    """That an agent has been to the counter once, and the reply form was posted to the holder (R-025 to R-028)."""

    TABLE: ClassVar[str] = "case"

    card: str
    errand: str
    opened: datetime
    done: bool = False

    @property
    def id(self) -> str:
        """Its name within its table: one for each errand and card."""
        return f"{self.card}.{self.errand}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LossReport:
    """That a card was reported lost, with the receipt number of the police where there is one (R-098 to R-100)."""

    TABLE: ClassVar[str] = "loss"

    card: str
    reported: datetime
    police_number: str | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.card


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingWrite:
    """What the office has decided to write into a chip; it is done when this entry is gone.

    Attributes:
        issued: The card as it is to be; None where only PINs change.
        pins: Names of PINs and the values to set; an empty value unblocks and keeps the old one, None takes it away.
        new: Whether it is a card that was ordered and not handed over yet; its PINs are among `issued` (D-21).

    """

    TABLE: ClassVar[str] = "chip"

    card: str
    issued: IssuedCard | None = field(default=None, repr=False)
    pins: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)
    new: bool = False

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.card


Entry: TypeAlias = (
    Person | CardEntry | PhoneToken | CertificateEntry | Link | Reservation | AgentCase | LossReport | PendingWrite
)

E = TypeVar("E", bound=Entry)


@dataclass(frozen=True, slots=True)
class Registry:
    """All entries, by table and name, such as `card/912345678901234`."""

    entries: Mapping[str, Entry] = field(default_factory=lambda: MappingProxyType({}))

    def put(self, *entries: Entry) -> Self:
        """The same registry with these entries added, or in the place of those with their names."""
        return replace(self, entries=MappingProxyType({**self.entries, **{key(entry): entry for entry in entries}}))

    def without(self, entry: Entry) -> Self:
        """The same registry without an entry."""
        gone = key(entry)
        return replace(self, entries=MappingProxyType({k: e for k, e in self.entries.items() if k != gone}))

    def find(self, table: type[E], name: str) -> E | None:
        """The entry of this name in a table."""
        found = self.entries.get(f"{table.TABLE}/{name}")
        return found if isinstance(found, table) else None

    def all(self, table: type[E]) -> Iterator[E]:
        """Every entry of a table."""
        return (entry for entry in self.entries.values() if isinstance(entry, table))

    def certificates_of(self, card: str) -> Iterator[CertificateEntry]:
        """Every certificate that was ever issued to a card, or to a telephone."""
        return (entry for entry in self.all(CertificateEntry) if entry.card == card)


def key(entry: Entry) -> str:
    """Where an entry stands, for a registry file as well."""
    return f"{entry.TABLE}/{entry.id}"
