"""Everything the issuer wrote on one card, and how it becomes the card's applications."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from os import urandom
from types import MappingProxyType
from typing import Any, Self

from mynacard_emulator.card import Application, Profile
from mynacard_emulator.card.behaviour import Behaviour
from mynacard_emulator.personalise import codec
from mynacard_emulator.personalise.era import era, era_birth_date
from mynacard_emulator.personalise.holder import Holder, Municipality
from mynacard_emulator.personalise.kinds import CardKind
from mynacard_emulator.personalise.my_number import DIGITS
from mynacard_emulator.personalise.pins import Pins

from .issuer import IssuerRecord
from .jpki import IssuedCertificate, JpkiRecord
from .licence import LicenceRecord
from .register import CommonRecord
from .text import TextRecord
from .visual import VisualRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCard:
    """A personalised card as its issuer knows it; what the chip remembers later is kept elsewhere.

    Attributes:
        name: The profile it was made from.
        my_number: Twelve digits; also 照合番号A, on a card that has any.
        security_code: The four digits printed on the face, if it has one.
        made: The day it was made.
        handed_over: The day its PINs were set (F-013).
        not_after: The last day of the card.
        pins: The values as they were set at the desk; they may have been changed since.
        jpki: None on a card of somebody else's.
        text: None on everything but a My Number Card.
        visual: None likewise, and on a card that was made before there was this application.
        common: The common and the register application; None for a card made before these were known here.
        issuer: What GET DATA tells; None likewise.
        licence: None for a card that is no driving licence.
        kind: What sort of card it is.

    """

    name: str
    holder: Holder
    municipality: Municipality
    my_number: str = field(repr=False)
    security_code: str = field(repr=False)
    made: date
    handed_over: date
    not_after: date
    pins: Pins = field(repr=False)
    atr: bytes
    behaviour: Behaviour
    jpki: JpkiRecord | None = field(repr=False)
    text: TextRecord | None = field(repr=False)
    visual: VisualRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)
    common: CommonRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)
    issuer: IssuerRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)
    licence: LicenceRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)
    kind: CardKind = field(default=CardKind.MY_NUMBER_CARD, metadata=codec.ADDED_LATER)

    def __post_init__(self) -> None:
        if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", self.my_number) or not re.fullmatch("[0-9]{4}", self.security_code):
            raise ValueError("a My Number has twelve digits and a security code four")
        has_jpki, has_text = self.jpki is not None, self.text is not None
        if (has_jpki, has_text) != (self.kind is not CardKind.OTHER_CARD, self.kind is CardKind.MY_NUMBER_CARD):
            raise ValueError(f"a card of the kind {self.kind.value!r} has other applications")
        if self.licence is not None and self.licence.pin is not None and not re.fullmatch("[0-9]{4}", self.licence.pin):
            raise ValueError("the PIN of a licence has four digits")
        era(self.holder.born)  # refuses a birth date that has no 照合番号B

    @property
    def number_b(self) -> str:
        """照合番号B: birth date by era, the year in which the card ends, security code; 14 digits (F-023)."""
        return f"{era_birth_date(self.holder.born)}{self.not_after.year}{self.security_code}"

    def profile(self) -> Profile:
        """Arrange it into applications; raise `UnusableKeyError` if a private key is damaged."""
        objects = {} if self.issuer is None else self.issuer.data_objects()
        return Profile(
            name=self.name,
            atr=self.atr,
            applications=tuple(self._applications()),
            behaviour=self.behaviour,
            data_objects=MappingProxyType(objects),
            random=urandom,
            security_domain=self.kind is not CardKind.OTHER_CARD,
        )

    def certificate(self, kind: str) -> IssuedCertificate | None:
        """The holder's certificate, `sign` or `auth`, if the card has it."""
        return None if self.jpki is None else {"sign": self.jpki.sign, "auth": self.jpki.auth}.get(kind)

    def to_json(self) -> dict[str, Any]:
        """Everything, private keys and PINs too, as JSON values."""
        record: dict[str, Any] = codec.encode(self)
        return record

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote; raise `IssuedDataError` for anything else."""
        return codec.decode(cls, data, "card")

    def _applications(self) -> Iterator[Application]:
        """All that it has, in the order in which a partial AID finds them."""
        if self.jpki is not None:
            yield self.jpki.application(self.pins)
        if self.text is not None:
            yield self.text.application(self.pins, self.my_number, self.number_b)
        if self.visual is not None:
            yield self.visual.application(self.holder.born, self.my_number, self.number_b)
        if self.common is not None:
            yield from self.common.applications(self.pins)
        if self.licence is not None:
            yield self.licence.application()
