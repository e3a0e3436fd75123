"""Everything the issuer wrote on one card, and how it becomes the card's applications."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from os import urandom
from types import MappingProxyType
from typing import Any, Self

from mynacard_emulator.applications.common import CommonContent, common
from mynacard_emulator.applications.jpki import CertifiedKey, JpkiContent, jpki
from mynacard_emulator.applications.juki import JukiContent, juki
from mynacard_emulator.applications.licence import LicenceContent, licence
from mynacard_emulator.applications.text import TextContent, text
from mynacard_emulator.applications.visual import VisualContent, visual
from mynacard_emulator.card import Application, Profile
from mynacard_emulator.card.behaviour import Behaviour

from . import codec
from .era import era, era_birth_date
from .holder import Holder, Municipality
from .my_number import DIGITS
from .pins import PinKind, Pins


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate and its private key.

    Attributes:
        der: The certificate.
        serial_number: 発行の番号, by which services know the holder (K-11).
        not_before: The moment of issue.
        not_after: The last second of validity.
        private_key: PKCS#8, PEM.

    """

    der: bytes
    serial_number: int
    common_name: str
    not_before: datetime
    not_after: datetime
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JpkiRecord:
    """What was written into the JPKI application; no certificate where the holder wanted none.

    Attributes:
        terminal_ca: The modulus of the CA whose terminals need no PIN; None on a card that was made before terminals
            were known here.

    """

    token_info: bytes
    sign_ca: bytes
    auth_ca: bytes
    sign: IssuedCertificate | None
    auth: IssuedCertificate | None
    terminal_ca: bytes | None = field(default=None, metadata=codec.ADDED_LATER)


@dataclass(frozen=True, slots=True)
class TextRecord:
    """What was written into the text application: whole files, and two private keys (PKCS#8, PEM)."""

    my_number: bytes
    attributes: bytes
    integrity: bytes
    cv_certificate: bytes
    basic_info: bytes
    session_key: bytes
    internal_key: bytes
    session_private_key: str = field(repr=False)
    internal_private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VisualRecord:
    """What was written into the visual application: whole files, and a private key (PKCS#8, PEM)."""

    age_record: bytes
    card_face: bytes
    basic_info: bytes
    cv_certificate: bytes
    my_number_image: bytes
    internal_private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CommonRecord:
    """What was written into the common and the resident register application, and a private key (PKCS#8, PEM)."""

    card_record: bytes
    key_reference: bytes
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IssuerRecord:
    """What GET DATA tells above all applications.

    Attributes:
        issuer_id: 0042, 16 bytes.
        card_identification: 0045, text with filler.
        recognition_data: 0066, as GlobalPlatform describes it.
        municipality: 00F0, five digits.
        last_day: 00F2, eight digits.
        key_id: 00F7, 16 bytes.
        upper_cv_certificate: 00F8, two objects without the 7F21 around them.
        lower_cv_certificate: 7F21, likewise; None on an older card.
        contact_atr: 5F51, without TS.

    """

    issuer_id: bytes
    card_identification: bytes
    recognition_data: bytes
    municipality: bytes
    last_day: bytes
    key_id: bytes
    upper_cv_certificate: bytes
    lower_cv_certificate: bytes | None
    contact_atr: bytes

    def data_objects(self) -> dict[int, bytes]:
        """The objects by tag."""
        objects = {
            0x0042: self.issuer_id,
            0x0045: self.card_identification,
            0x0066: self.recognition_data,
            0x00F0: self.municipality,
            0x00F2: self.last_day,
            0x00F7: self.key_id,
            0x00F8: self.upper_cv_certificate,
            0x7F21: self.lower_cv_certificate,
            0x5F51: self.contact_atr,
        }
        return {tag: value for tag, value in objects.items() if value is not None}


@dataclass(frozen=True, slots=True)
class LicenceRecord:
    """What was written into the driving-licence application; no PIN where its holder set none."""

    data: bytes
    signature: bytes
    pin: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCard:
    """A personalised card as its issuer knows it; what the chip remembers later is kept elsewhere.

    Attributes:
        name: The profile it was made from.
        my_number: Twelve digits; also 照合番号A.
        security_code: The four digits printed on the face.
        made: The day it was made.
        handed_over: The day its PINs were set (F-013).
        not_after: The last day of the card.
        pins: The values as they were set at the desk; they may have been changed since.
        visual: None on a card that was made before there was this application.
        common: The common and the register application; None for a card made before these were known here.
        issuer: What GET DATA tells; None likewise.
        licence: None for a card that is no driving licence.

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
    jpki: JpkiRecord = field(repr=False)
    text: TextRecord = field(repr=False)
    visual: VisualRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)
    common: CommonRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)
    issuer: IssuerRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)
    licence: LicenceRecord | None = field(default=None, repr=False, metadata=codec.ADDED_LATER)

    def __post_init__(self) -> None:
        if not re.fullmatch(rf"[0-9]{{{DIGITS}}}", self.my_number) or not re.fullmatch("[0-9]{4}", self.security_code):
            raise ValueError("a My Number has twelve digits and a security code four")
        if self.licence is not None and self.licence.pin is not None and not re.fullmatch("[0-9]{4}", self.licence.pin):
            raise ValueError("the PIN of a licence has four digits")
        era(self.holder.born)  # refuses a birth date that has no 照合番号B

    @property
    def number_b(self) -> str:
        """照合番号B: birth date by era, the year in which the card ends, security code; 14 digits (F-023)."""
        return f"{era_birth_date(self.holder.born)}{self.not_after.year}{self.security_code}"

    def profile(self) -> Profile:
        """Arrange it into applications; raise `UnusableKeyError` if a private key is damaged."""
        applications = (self._jpki(), self._text(), *self._visual(), *self._register(), *self._licence())
        objects = {} if self.issuer is None else self.issuer.data_objects()
        return Profile(self.name, self.atr, applications, self.behaviour, MappingProxyType(objects), urandom)

    def to_json(self) -> dict[str, Any]:
        """Everything, private keys and PINs too, as JSON values."""
        record: dict[str, Any] = codec.encode(self)
        return record

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read what `to_json` wrote; raise `IssuedDataError` for anything else."""
        return codec.decode(cls, data, "card")

    def _jpki(self) -> Application:
        from mynacard_emulator.pki import messaging  # noqa: PLC0415 - reading a card file must not import cryptography

        written = self.jpki
        return jpki(
            JpkiContent(
                token_info=written.token_info,
                sign_ca=written.sign_ca,
                auth_ca=written.auth_ca,
                sign=_certified(written.sign),
                auth=_certified(written.auth),
                sign_pin=self.pins.value(PinKind.SIGN),
                auth_pin=self.pins.value(PinKind.AUTH),
                terminal_ca=None if written.terminal_ca is None else messaging.verifier(written.terminal_ca),
            )
        )

    def _text(self) -> Application:
        from mynacard_emulator.pki import keys, messaging  # noqa: PLC0415 - reading a card file must not import cryptography

        written = self.text
        return text(
            TextContent(
                my_number=written.my_number,
                attributes=written.attributes,
                integrity=written.integrity,
                cv_certificate=written.cv_certificate,
                basic_info=written.basic_info,
                session_key=written.session_key,
                internal_key=written.internal_key,
                internal_signer=keys.signer(keys.load(written.internal_private_key.encode())),
                session_cipher=messaging.session_cipher(keys.load(written.session_private_key.encode())),
                pin=self.pins.value(PinKind.TEXT),
                number_a=self.my_number.encode("ascii"),
                number_b=self.number_b.encode("ascii"),
            )
        )

    def _visual(self) -> Iterator[Application]:
        from mynacard_emulator.pki import keys  # noqa: PLC0415 - reading a card file must not import cryptography

        if (written := self.visual) is None:
            return
        yield visual(
            VisualContent(
                age_record=written.age_record,
                card_face=written.card_face,
                basic_info=written.basic_info,
                cv_certificate=written.cv_certificate,
                my_number_image=written.my_number_image,
                internal_signer=keys.signer(keys.load(written.internal_private_key.encode())),
                birth_date=era_birth_date(self.holder.born).encode("ascii"),
                number_a=self.my_number.encode("ascii"),
                number_b=self.number_b.encode("ascii"),
            )
        )

    def _register(self) -> tuple[Application, ...]:
        from mynacard_emulator.pki import keys  # noqa: PLC0415 - reading a card file must not import cryptography

        if self.common is None:
            return ()
        written, pin = self.common, self.pins.value(PinKind.JUKI)
        signer = keys.signer(keys.load(written.private_key.encode()))
        return (
            juki(JukiContent(written.key_reference, pin)),
            common(CommonContent(written.card_record, written.key_reference, signer, pin)),
        )

    def _licence(self) -> tuple[Application, ...]:
        if self.licence is None:
            return ()
        pin = None if self.licence.pin is None else self.licence.pin.encode("ascii")
        return (licence(LicenceContent(self.licence.data, self.licence.signature, pin)),)


def _certified(issued: IssuedCertificate | None) -> CertifiedKey | None:
    from mynacard_emulator.pki import keys  # noqa: PLC0415 - reading a card file must not import cryptography

    if issued is None:
        return None
    return CertifiedKey(issued.der, keys.signer(keys.load(issued.private_key.encode())))
