"""The counter's errands about certificates: issue, renew, and the card without PINs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.personalise.pins import PinKind, Pins
from mynacard_emulator.pki.names import CertKind

from . import certification
from .calendar import FACE_AUTHENTICATION_CARD_SINCE, renewal_opens
from .desk import CarryOut, Desk
from .evidence import admit
from .pin_values import advice, pin_kind, require_format
from .refusal import Refusal, Refused
from .registry import CardEntry, CertificateEntry
from .states import CardEvent, CardMode, CertEvent, CertState
from .visit import Visit
from .visitor import PRINCIPAL, Visitor

_BOTH = (CertKind.AUTH, CertKind.SIGN)
"""In the order in which they are issued: the sign certificate never outlives the other (F-039)."""


class CertificateErrands:
    """What can be done about certificates at the counter."""

    _carry_out: CarryOut

    def issue_certificates(
        self, auth: str | None = None, sign: str | None = None, *, visitor: Visitor = PRINCIPAL, card: object = None
    ) -> Visit:
        """Issue certificates that the card has not, or not any more (F-050): wanted later, ended or revoked.

        For each kind that is wanted its PIN to be set is given, `""` where the one that is set is kept; a card without
        PINs has no other. All its tries are left afterwards.
        """
        wanted = {kind: value for kind, value in ((CertKind.AUTH, auth), (CertKind.SIGN, sign)) if value is not None}

        def work(desk: Desk) -> Visit:
            admit(desk, visitor, errand="issue_certificates")
            entry = desk.living_card()
            if not wanted or any(certification.living(desk, *wanted)):
                raise Refused(Refusal.WRONG_STATE)
            if entry.mode is CardMode.FACE_AUTH:
                _require_no_pins(wanted)
            else:
                _set_pins(desk, {kind.value: value for kind, value in wanted.items()})
            for kind in wanted:
                certification.issue(desk, kind)
            return Visit(advice=advice(desk.person.holder, *wanted.values()))

        return self._carry_out(work, card, brought=visitor.card)

    def renew(  # noqa: PLR0913 - a PIN for each of three keypads, and who comes
        self,
        auth: str | None = None,
        sign: str | None = None,
        juki: str | None = None,
        resets: Mapping[str, str] = MappingProxyType({}),
        *,
        visitor: Visitor = PRINCIPAL,
        card: object = None,
    ) -> Visit:
        """Replace the card's certificates in the three months before they end; those that have ended already, too.

        The holder types the current PINs (F-045); a forgotten one is in `resets` instead, with its new value. A
        certificate that is still good is superseded by one that runs to the sixth birthday (F-038, F-047).
        """
        typed = {PinKind.AUTH: auth, PinKind.SIGN: sign, PinKind.JUKI: juki}

        def work(desk: Desk) -> Visit:
            admit(desk, visitor, errand="renew")
            entry = desk.living_card()
            due = tuple(_due(desk))
            _require_window(desk, due)
            _reset(desk, resets)
            if entry.mode is CardMode.NORMAL:
                _check_pins(desk, due, typed)
            for kind in (certificate.kind for certificate in due):
                renewal = any(certification.living(desk, kind))
                certification.revoke(desk, CertEvent.RENEW, kind)
                certification.issue(desk, kind, renewal=renewal)
            return Visit(advice=advice(desk.person.holder, *resets.values()))

        return self._carry_out(work, card, brought=visitor.card)

    def convert_to_face_auth(self, *, visitor: Visitor = PRINCIPAL, card: object = None) -> Visit:
        """Make the card one without PINs, and without a sign certificate (F-069)."""

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand="convert_to_face_auth")
            entry = desk.living_card()
            if desk.day < FACE_AUTHENTICATION_CARD_SINCE:
                raise Refused(Refusal.FEATURE_NOT_YET_AVAILABLE)
            _require_good_auth(desk)
            desk.put(_converted(entry, CardMode.FACE_AUTH))
            certification.revoke(desk, CertEvent.REQUEST, CertKind.SIGN)
            desk.issued = replace(desk.content, jpki=replace(desk.jpki, sign=None), pins=Pins())
            desk.pins.update(dict.fromkeys((kind.value for kind in PinKind), None))

        return self._carry_out(work, card, brought=visitor.card)

    def convert_to_normal(  # noqa: PLR0913 - the four PINs of a card, and who comes
        self,
        auth: str,
        juki: str,
        text: str,
        sign: str | None = None,
        *,
        visitor: Visitor = PRINCIPAL,
        card: object = None,
    ) -> Visit:
        """Set the PINs of a card that has none, and issue a sign certificate where its PIN is given (F-071)."""
        chosen = {"auth": auth, "juki": juki, "text": text, **({} if sign is None else {"sign": sign})}

        def work(desk: Desk) -> Visit:
            admit(desk, visitor, errand="convert_to_normal")
            desk.put(_converted(desk.living_card(), CardMode.NORMAL))
            for pin, value in chosen.items():
                require_format(desk, PinKind(pin), value)
            _set_pins(desk, chosen)
            if sign is not None:
                certification.issue(desk, CertKind.SIGN)
            return Visit(advice=advice(desk.person.holder, *chosen.values()))

        return self._carry_out(work, card, brought=visitor.card)


def _set_pins(desk: Desk, values: Mapping[str, str]) -> None:
    """Have PINs set, also on the form; an empty value keeps the one that is set."""
    for pin, value in values.items():
        if value:
            require_format(desk, PinKind(pin), value)
        else:
            pin_kind(desk, pin)
    desk.pins.update(values)
    chosen = {pin: value for pin, value in values.items() if value}
    desk.issued = replace(desk.content, pins=replace(desk.content.pins, **chosen))


def _require_no_pins(wanted: Mapping[CertKind, str]) -> None:
    """Let a card without PINs have its auth certificate replaced, and nothing else (F-069)."""
    if CertKind.SIGN in wanted:
        raise Refused(Refusal.NOT_ELIGIBLE_FOR_SIGN)
    if any(wanted.values()):
        raise Refused(Refusal.PIN_ABSENT)


def _due(desk: Desk) -> Iterator[CertificateEntry]:
    """The certificates that a renewal replaces: those that are good, or have ended by themselves."""
    for kind in _BOTH:
        entry = certification.current(desk, kind)
        if entry is not None and entry.state in (CertState.VALID, CertState.EXPIRED):
            yield entry


def _require_window(desk: Desk, due: tuple[CertificateEntry, ...]) -> None:
    """Refuse a renewal that comes too early, or has nothing to renew (F-044); what has ended has no window."""
    if not due:
        raise Refused(Refusal.CERT_ABSENT if not desk.certificates() else Refusal.CERT_NOT_VALID)
    ends = [entry.not_after.astimezone(JST).date() for entry in due if desk.at <= entry.not_after]
    if ends and desk.day < renewal_opens(min(ends)):
        raise Refused(Refusal.OUTSIDE_WINDOW)


def _reset(desk: Desk, resets: Mapping[str, str]) -> None:
    """Have forgotten PINs reset on the spot (F-045)."""
    for pin, new in resets.items():
        require_format(desk, pin_kind(desk, pin), new)
        desk.pins[pin] = new


def _check_pins(desk: Desk, due: tuple[CertificateEntry, ...], typed: Mapping[PinKind, str | None]) -> None:
    """Have the PINs typed in that were not reset; this comes last, when nothing else can stop the renewal.

    Where offices set the PINs of renewed certificates anew, the values are set instead (D-08).
    """
    of_certificates = [PinKind(entry.kind.value) for entry in due]
    asked = [kind for kind in (*of_certificates, PinKind.JUKI) if pin_kind(desk, kind.value).value not in desk.pins]
    values = {kind: typed[kind] or "" for kind in asked}
    anew = of_certificates if desk.policy.renewal_resets_pins else []
    for kind in (kind for kind in asked if kind in anew):
        require_format(desk, kind, values[kind])
        desk.pins[kind.value] = values[kind]
    for kind in (kind for kind in asked if kind not in anew):
        desk.type_in(kind.value, values[kind])


def _require_good_auth(desk: Desk) -> None:
    """Refuse a card whose auth certificate is not good: it is all that a card without PINs has (F-069)."""
    if certification.current(desk, CertKind.AUTH) is None:
        raise Refused(Refusal.CERT_ABSENT)
    if not any(certification.living(desk, CertKind.AUTH)):
        raise Refused(Refusal.CERT_NOT_VALID)


def _converted(entry: CardEntry, mode: CardMode) -> CardEntry:
    if entry.mode is mode:
        raise Refused(Refusal.WRONG_STATE)
    return replace(entry.after(CardEvent.CONVERT), mode=mode)
