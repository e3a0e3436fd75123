"""A profile as it was read: everything that was asked for, nothing that is drawn or signed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from mynacard_emulator.card.behaviour import MEASURED, Behaviour

from .holder import Holder, Municipality
from .kinds import CONTACT_ATR, CardKind
from .pins import Pins


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSpec:
    """The card itself.

    Attributes:
        made: The day it was made, from which its validity counts; None for the day of personalisation.
        handed_over: The day it was given to the holder; None for the day it was made.
        stay_until: The last day of a limited period of stay; card and certificates end with it (F-042).
        keep_dates: Make it with just these dates, even if something on it has run out or has not begun.
        my_number: Twelve digits; None to draw them.
        valid_check_digit: Whether the My Number has the check digit that a real one would have.
        security_code: The four digits printed on the face, the end of 照合番号B; None to draw them.
        long_attribute_header: Write EF 0002 of the text application with the five-byte header, however short it is.
        face_authentication: A card without any PIN, of which the face is the proof (F-069).
        atr: The answer to reset.
        kind: What sort of card it is; only a My Number Card has more than the JPKI application.
        auth_certificate_guarded: Whether the auth certificate is read only after the auth PIN (F-075).
        lower_cv_certificate: Whether GET DATA tells 7F21, which older cards do not have.

    """

    made: date | None = None
    handed_over: date | None = None
    stay_until: date | None = None
    keep_dates: bool = False
    my_number: str | None = field(default=None, repr=False)
    valid_check_digit: bool = False
    security_code: str | None = field(default=None, repr=False)
    long_attribute_header: bool = False
    face_authentication: bool = False
    atr: bytes = CONTACT_ATR
    kind: CardKind = CardKind.MY_NUMBER_CARD
    auth_certificate_guarded: bool = False
    lower_cv_certificate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateSpec:
    """Which certificates the holder asked for (R-014), and what is not the same in everybody's.

    Attributes:
        real_policy: They are issued under the real policy.
        aia: The URL of an OCSP responder that they name; None for none (D-29).

    """

    sign: bool
    auth: bool
    real_policy: bool = False
    aia: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenceSpec:
    """Whether the card is a driving licence too, and the PIN of that; None for a PIN that its holder never set."""

    installed: bool = False
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileSpec:
    """A whole profile.

    Attributes:
        name: What cards made from it are called.
        source: What messages call the file it was read from.

    """

    name: str
    source: str
    holder: Holder
    card: CardSpec
    certificates: CertificateSpec
    pins: Pins
    municipality: Municipality = field(default_factory=Municipality)
    licence: LicenceSpec = LicenceSpec()
    behaviour: Behaviour = MEASURED
