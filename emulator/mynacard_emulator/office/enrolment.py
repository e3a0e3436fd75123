"""How a card that was made elsewhere becomes known to the registry, as if it had been handed over there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from mynacard_emulator.personalise.dates import card_not_after, start_of_day
from mynacard_emulator.personalise.issued import IssuedCard, IssuedCertificate
from mynacard_emulator.personalise.issuer_records import serial_in
from mynacard_emulator.personalise.token_info import token_serial
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.names import CertKind

from .registry import CardEntry, CertificateEntry, Entry, Person, PhoneToken
from .states import CardMode, CardState, CertState


def card_serial(issued: IssuedCard) -> str | None:
    """The fifteen digits by which the registry knows a card, or a telephone's sixteen; None where there are none."""
    if issued.kind.is_phone and issued.jpki is not None:
        return token_serial(issued.jpki.token_info)
    return None if issued.common is None else serial_in(issued.common.card_record)


def entries_for(issued: IssuedCard, *, now: datetime) -> Iterator[Entry]:
    """What the registry says of a card that was handed over as its issuer wrote it; nothing for a card of no kind."""
    serial = card_serial(issued)
    if serial is None:
        return
    person = Person(
        my_number=issued.my_number,
        holder=issued.holder,
        municipality=issued.municipality,
        stay_until=_stay(issued),
    )
    yield person
    yield _token(issued, serial, person)
    usable_from = min(start_of_day(issued.handed_over), now)
    for kind in (CertKind.AUTH, CertKind.SIGN):
        if (certificate := issued.certificate(kind.value)) is not None:
            yield certificate_entry(kind, certificate, serial, person.id, usable_from=usable_from)


def _token(issued: IssuedCard, serial: str, person: Person) -> Entry:
    """The entry of the card, or of the telephone."""
    if issued.kind.is_phone:
        return PhoneToken(serial=serial, person=person.id, state=CardState.ACTIVE, not_after=issued.not_after)
    face_auth = issued.certificate("auth") is not None and issued.pins.auth is None
    return CardEntry(
        serial=serial,
        person=person.id,
        state=CardState.ACTIVE,
        mode=CardMode.FACE_AUTH if face_auth else CardMode.NORMAL,
        made=issued.made,
        not_after=issued.not_after,
        delivered=issued.handed_over,
    )


def _stay(issued: IssuedCard) -> date | None:
    """The end of a limited period of stay: what else ends a card before its birthday (F-042)."""
    if issued.kind.is_phone:
        return None  # it ends with a certificate
    return issued.not_after if issued.not_after < card_not_after(issued.made, issued.holder.born) else None


def certificate_entry(
    kind: CertKind, certificate: IssuedCertificate, card: str, person: str, *, usable_from: datetime | None
) -> CertificateEntry:
    """The entry of a certificate; one that was not handed over yet has no `usable_from`."""
    return CertificateEntry(
        serial_number=certificate.serial_number,
        kind=kind,
        card=card,
        person=person,
        generation=shipped.generation_on(certificate.not_before.date()),
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        state=CertState.ISSUED if usable_from is None else CertState.VALID,
        usable_from=usable_from,
    )
