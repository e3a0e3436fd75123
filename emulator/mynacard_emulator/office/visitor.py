"""Who comes to the counter, and what they bring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique


@unique
class Actor(StrEnum):
    """In whose name somebody acts (R-020, R-021, R-025, F-064)."""

    PRINCIPAL = "principal"
    LEGAL_REPRESENTATIVE = "legal_representative"
    VOLUNTARY_AGENT = "voluntary_agent"
    HOUSEHOLD_MEMBER = "household_member"


@unique
class DocumentKind(StrEnum):
    """Papers that are shown at a counter."""

    DRIVING_LICENCE = "driving_licence"
    PASSPORT = "passport"
    RESIDENCE_CARD = "residence_card"
    HEALTH_INSURANCE = "health_insurance"
    PENSION_BOOK = "pension_book"
    STUDENT_CARD = "student_card"
    FAMILY_REGISTER = "family_register"
    GUARDIANSHIP_REGISTER = "guardianship_register"

    @property
    def is_photo_id(self) -> bool:
        """Whether a government has put the bearer's photo on it (R-024, R-030)."""
        return self in (self.DRIVING_LICENCE, self.PASSPORT, self.RESIDENCE_CARD)

    @property
    def proves_representation(self) -> bool:
        """Whether it shows who represents whom (R-022)."""
        return self in (self.FAMILY_REGISTER, self.GUARDIANSHIP_REGISTER)


@dataclass(frozen=True, slots=True)
class Document:
    """One paper.

    Attributes:
        kind: What it is.
        expires: Its last day; None for one that does not expire (R-019).

    """

    kind: DocumentKind
    expires: date | None = None

    @classmethod
    def parse(cls, text: str) -> Document:
        """Read `driving_licence` or `driving_licence:2027-03-31`; raise `ValueError` for anything else."""
        kind, _, expires = text.partition(":")
        return cls(DocumentKind(kind.replace("-", "_")), date.fromisoformat(expires) if expires else None)

    def is_valid_on(self, day: date) -> bool:
        """Whether it is unexpired on that day, which its last day still is."""
        return self.expires is None or day <= self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody at the counter.

    Attributes:
        actor: In whose name.
        documents: The holder's papers beside the card.
        own: The papers of whoever acts for the holder.
        card: Whether the holder's card is brought.
        same_household: Whether a representative lives with the holder (R-023).
        register_in_city: Whether the family register is kept here and shows the relation (R-023).
        reply_form: Whether the completed 照会書兼回答書 is brought (R-028).

    """

    actor: Actor = Actor.PRINCIPAL
    documents: tuple[Document, ...] = (Document(DocumentKind.DRIVING_LICENCE),)
    own: tuple[Document, ...] = ()
    card: bool = True
    same_household: bool = False
    register_in_city: bool = False
    reply_form: bool = False


PRINCIPAL = Visitor()
"""The holder in person, with the card and a driving licence."""
