"""Certificates of a card, as a desk has them issued, revoked and linked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from mynacard_emulator.personalise.certify import CertificationRequest, certify, first_serial_number
from mynacard_emulator.personalise.dates import JST, age, cert_not_after, start_of_day
from mynacard_emulator.personalise.draw import Draw
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.names import CertKind

from .desk import Desk
from .enrolment import certificate_entry
from .policy import RevocationEffect
from .refusal import Refusal, Refused
from .registry import CertificateEntry, Link, Person, PhoneToken
from .states import CertEvent, CertState

SIGN_AGE = 15
LIVING = (CertState.VALID, CertState.ON_HOLD)


def require_eligible(person: Person, kind: CertKind, day: date) -> None:
    """Refuse a sign certificate to whoever may not have one (F-067)."""
    if kind is CertKind.SIGN and (age(day, person.holder.born) < SIGN_AGE or person.guardianship):
        raise Refused(Refusal.NOT_ELIGIBLE_FOR_SIGN)


def issue(desk: Desk, kind: CertKind, *, renewal: bool = False) -> CertificateEntry:
    """Issue a certificate with a new key onto the chip, in the place of the one that is there (F-047).

    With `renewal` it replaces one that is still good, and runs to the sixth birthday (F-038). Issue `AUTH` before
    `SIGN` where both are new: the sign certificate never outlives the other (F-039).
    """
    person, token = desk.person, desk.token
    require_eligible(person, kind, desk.day)
    last_day = cert_not_after(
        desk.day,
        person.holder.born,
        token.not_after,
        renewal_before_expiry=renewal,
        auth_end=_last_day(desk) if kind is CertKind.SIGN else None,
    )
    serial_number = next_serial_number(desk)
    authority = shipped.authority(kind, shipped.generation_on(desk.day))
    request = CertificationRequest(
        holder=person.holder,
        municipality=person.municipality,
        key=desk.new_key(),
        serial_number=serial_number,
        issued=desk.at,
        last_day=last_day,
        draw=Draw(serial_number, person.holder.name),
    )
    certificate = certify(authority, request)
    jpki = desk.jpki
    if kind is CertKind.SIGN:
        jpki = replace(jpki, sign=certificate, sign_ca=authority.der)
    else:
        jpki = replace(jpki, auth=certificate, auth_ca=authority.der)
    desk.issued = replace(desk.content, jpki=jpki)
    usable_from = desk.at + desk.policy.status_lag
    entry = certificate_entry(kind, certificate, token.serial, person.id, usable_from=usable_from)
    link(desk, entry)
    desk.put(entry)
    return entry


def revoke(desk: Desk, event: CertEvent, *kinds: CertKind) -> None:
    """Have what is left of these kinds of certificate on the card revoked, held or resumed."""
    for entry in living(desk, *kinds):
        desk.put(entry.after(event, effective(desk, event)))


def living(desk: Desk, *kinds: CertKind) -> Iterator[CertificateEntry]:
    """The certificates of the card that were handed over and neither revoked nor over by now."""
    for entry in desk.certificates():
        if entry.kind in (kinds or CertKind) and entry.state in LIVING and desk.at <= entry.not_after:
            yield entry


def current(desk: Desk, kind: CertKind) -> CertificateEntry | None:
    """The certificate of this kind that was issued to the card last, whatever became of it."""
    return max(
        (entry for entry in desk.certificates() if entry.kind is kind),
        key=lambda entry: entry.serial_number,
        default=None,
    )


def require_good(desk: Desk, *kinds: CertKind) -> None:
    """Refuse where one of these, or of both, certificates is not there, not good any more, or not yet (F-033)."""
    for kind in kinds or CertKind:
        entry = current(desk, kind)
        if entry is None or entry.state is not CertState.VALID or not entry.not_before <= desk.at <= entry.not_after:
            raise Refused(Refusal.CERT_NOT_VALID)


def effective(desk: Desk, event: CertEvent) -> datetime:
    """From when relying parties see what happens to a certificate now (D-11)."""
    if event is CertEvent.ATTRIBUTE_CHANGE and desk.policy.revocation_effective is RevocationEffect.NEXT_DAY:
        return start_of_day(desk.day + timedelta(days=1))
    return desk.at


def link(desk: Desk, new: CertificateEntry) -> None:
    """Note whose place it takes: that of the holder's last one of its kind, on this card or another (K-36).

    What is in a telephone and what is on a card go separate ways, and what was never handed over has none.
    """
    phones = {phone.serial for phone in desk.registry.all(PhoneToken)}
    others = [
        entry
        for entry in desk.registry.all(CertificateEntry)
        if (entry.person, entry.kind, entry.card in phones) == (new.person, new.kind, new.card in phones)
        and entry.usable_from is not None
    ]
    if others:
        old = max(others, key=lambda entry: entry.serial_number)
        desk.put(Link(old=old.serial_number, new=new.serial_number, known_from=desk.at + desk.policy.link_lag))


def next_serial_number(desk: Desk) -> int:
    """The number of the next certificate: ascending over both kinds, and over the days (K-11)."""
    highest = max((entry.serial_number for entry in desk.registry.all(CertificateEntry)), default=0)
    return max(highest + 1, first_serial_number(desk.day))


def _last_day(desk: Desk) -> date | None:
    """The last day of the auth certificate on the card; None where it has none, or one that has ended."""
    auth = desk.jpki.auth
    return None if auth is None or auth.not_after < desk.at else auth.not_after.astimezone(JST).date()
