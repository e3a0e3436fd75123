"""Certificates in a telephone (スマホ用電子証明書), beside those on the card, with PINs of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from mynacard_emulator import profiles
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.personalise.issue import personalise
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.pins import PinKind, Pins
from mynacard_emulator.personalise.spec import CertificateSpec
from mynacard_emulator.pki.names import CertKind

from .calendar import ANDROID_CERTIFICATES_SINCE, IPHONE_CERTIFICATES_SINCE
from .certification import current, issue, living, require_good, revoke
from .chip import require_tries
from .desk import CarryOut, Desk
from .enrolment import card_serial
from .pin_values import require_format
from .refusal import Refusal, Refused
from .registry import CertificateEntry, PendingWrite, PhoneToken
from .states import CardEvent, CardState, CertEvent
from .visit import Visit

OFFERED_SINCE: Mapping[str, date] = MappingProxyType(
    {"android": ANDROID_CERTIFICATES_SINCE, "iphone": IPHONE_CERTIFICATES_SINCE}
)
"""Which telephones can have certificates, and since when (F-072); each is a built-in profile, too."""


class Phone:
    """The portal app on a telephone, and the hotline for it.

    A telephone is a card of another kind. Where none is named, the one that was enrolled last is meant, or else the
    current card.
    """

    def __init__(self, carry_out: CarryOut) -> None:
        self._carry_out = carry_out
        self._enrolled: object = None

    def enrol(self, sign_pin: str, auth: str, sign: str, *, platform: str = "android", card: object = None) -> Visit:
        """Have certificates issued into a telephone, which the visit hands over (F-072).

        Args:
            sign_pin: The card's sign PIN.
            auth: The auth PIN to set in the telephone.
            sign: The sign PIN to set in it.
            platform: `android` or `iphone`.
            card: The card; None for the current one.

        """

        def work(desk: Desk) -> None:
            since = OFFERED_SINCE.get(platform)
            if since is None:
                raise Refused(Refusal.SERVICE_NOT_OFFERED)
            if desk.day < since:
                raise Refused(Refusal.FEATURE_NOT_YET_AVAILABLE)
            _require_certificate(desk)
            desk.type_in("sign", sign_pin)
            require_format(desk, PinKind.AUTH, auth)
            require_format(desk, PinKind.SIGN, sign)
            _enrol(desk, platform, Pins(auth=auth, sign=sign))

        visit = self._carry_out(work, card)
        self._enrolled = visit.card or self._enrolled
        return visit

    def reset_pin(self, pin: str, new: str, card_sign_pin: str, *, phone: object = None, card: object = None) -> Visit:
        """Set a new value for a PIN of the telephone, with the card and its sign PIN, at no counter (F-073)."""
        phone = phone or self._enrolled
        found: list[PhoneToken] = []
        seen = self._carry_out(lambda desk: found.append(_living(desk)), phone, brought=False)

        def work(desk: Desk) -> None:
            if pin not in ("auth", "sign"):
                raise Refused(Refusal.SERVICE_NOT_OFFERED)
            if desk.card.person != found[0].person:
                raise Refused(Refusal.NOT_REGISTERED)
            _require_certificate(desk)
            require_tries(desk.chip.card, "sign")
            desk.type_in("sign", card_sign_pin)
            require_format(desk, PinKind(pin), new)
            desk.put(PendingWrite(card=found[0].serial, pins=((pin, new),)))

        visit = self._carry_out(work, card) if seen.done else seen
        if visit.done:
            self._carry_out(lambda _: None, phone)  # brought, it is written to
        return visit

    def suspend(self, *, phone: object = None) -> Visit:
        """Tell the hotline that it is lost: its certificates are put on hold, and those of the card are not (F-074)."""

        def work(desk: Desk) -> None:
            desk.put(replace(_living(desk).after(CardEvent.SUSPEND), suspended_at=desk.at))
            revoke(desk, CertEvent.HOLD)

        return self._carry_out(work, phone or self._enrolled, brought=False)

    def release(self, *, phone: object = None) -> Visit:
        """Release it in the app when it is found: auth resumes, and sign is issued anew (F-074)."""

        def work(desk: Desk) -> None:
            desk.put(replace(_phone(desk).after(CardEvent.RELEASE), suspended_at=None))
            renewed = tuple(living(desk, CertKind.SIGN))
            revoke(desk, CertEvent.RESUME, CertKind.AUTH)
            revoke(desk, CertEvent.REPLACE_AFTER_HOLD, CertKind.SIGN)
            if renewed:
                issue(desk, CertKind.SIGN)

        return self._carry_out(work, phone or self._enrolled)

    def revoke(self, auth_pin: str, *, phone: object = None) -> Visit:
        """Give the certificates up, before the telephone goes to somebody else: no reset deletes them (F-074)."""

        def work(desk: Desk) -> None:
            token = _living(desk)
            desk.type_in("auth", auth_pin)
            revoke(desk, CertEvent.REQUEST)
            desk.put(token.after(CardEvent.ABOLISH))

        return self._carry_out(work, phone or self._enrolled)


def _require_certificate(desk: Desk) -> None:
    """Refuse a card that is not in use, or has no sign certificate that is good."""
    desk.living_card()
    if desk.content.certificate("sign") is None:
        raise Refused(Refusal.CERT_ABSENT)
    require_good(desk, CertKind.SIGN)


def _phone(desk: Desk) -> PhoneToken:
    """The telephone, whose certificates must not have ended."""
    token = desk.token
    if not isinstance(token, PhoneToken):
        raise Refused(Refusal.NOT_REGISTERED)
    if desk.day > token.not_after:
        raise Refused(Refusal.CARD_ABOLISHED)
    return token


def _living(desk: Desk) -> PhoneToken:
    """The telephone, which must be in use."""
    token = _phone(desk)
    if token.state is CardState.SUSPENDED:
        raise Refused(Refusal.CARD_SUSPENDED)
    if token.state is not CardState.ACTIVE:
        raise Refused(Refusal.CARD_ABOLISHED)
    return token


def _enrol(desk: Desk, platform: str, pins: Pins) -> None:
    """Turn from the card to a new telephone, and issue its certificates."""
    certificate = current(desk, CertKind.SIGN)
    if certificate is None:
        raise Refused(Refusal.CERT_ABSENT)
    blank = _blank(desk, platform, pins, certificate.not_after.astimezone(JST).date())
    serial = card_serial(blank)
    if serial is None:
        raise Refused(Refusal.NOT_REGISTERED)
    desk.put(PhoneToken(serial=serial, person=desk.person.id, state=CardState.ACTIVE, not_after=blank.not_after))
    desk.serial, desk.issued, desk.new_card = serial, blank, True
    issue(desk, CertKind.AUTH)
    issue(desk, CertKind.SIGN)


def _blank(desk: Desk, platform: str, pins: Pins, last_day: date) -> IssuedCard:
    """A telephone of the holder's with PINs and without certificates, such as there was none before."""
    person, spec = desk.person, profiles.spec(platform)
    token = replace(
        spec.card, made=desk.day, handed_over=desk.day, stay_until=last_day, my_number=person.my_number, keep_dates=True
    )
    return personalise(
        replace(
            spec,
            holder=person.holder,
            municipality=person.municipality,
            card=token,
            pins=pins,
            certificates=CertificateSpec(sign=False, auth=False),
        ),
        today=desk.day,
        seed=sum(1 for _ in desk.registry.all(CertificateEntry)),
    )
