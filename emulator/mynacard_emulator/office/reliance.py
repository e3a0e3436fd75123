"""What a service that relies on certificates hears of them: from their dates, the registry, and the links between them.

It asks the registry itself, and not over OCSP: what it hears is what the responder says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from mynacard_emulator.pki.received import ReceivedCertificate
from mynacard_emulator.pki.status import CertificateStatus, Good, RevocationReason, Revoked, Unknown

from .registry import CertificateEntry, Link
from .status import Authority, RegistryStatus, status_at


def standing_of(office: Authority, received: ReceivedCertificate) -> str:
    """What a certificate that one of our CAs has issued is worth now: `ok`, or an outcome such as `cert_revoked`."""
    status = RegistryStatus(office).status(received.kind, received.generation, received.serial_number)
    return _outcome(office.clock.now, received.not_before, received.not_after, status)


def standing_of_number(office: Authority, serial_number: int) -> str:
    """What the certificate is worth now that has taken the place of the one with this number, or is still that one."""
    entry = office.standing.find(CertificateEntry, f"{successor(office, serial_number):08X}")
    if entry is None:
        return "status_unknown"
    now = office.clock.now
    return _outcome(now, entry.not_before, entry.not_after, status_at(entry, now))


def lineage(office: Authority, serial_number: int, *, beyond_card: bool = True) -> Iterator[int]:
    """This number, and those whose place it took one after another, as far as is known by now (K-36).

    Where it does not go `beyond_card`, they are those on one card.
    """
    predecessors = {link.new: link.old for link in _links(office) if beyond_card or _stays_on_card(office, link)}
    current: int | None = serial_number
    while current is not None:
        yield current
        current = predecessors.pop(current, None)


def successor(office: Authority, serial_number: int) -> int:
    """The number that has taken the place of this one in the end, as far as is known by now (K-36)."""
    successors = {link.old: link.new for link in _links(office)}
    while serial_number in successors:
        serial_number = successors.pop(serial_number)
    return serial_number


def _stays_on_card(office: Authority, link: Link) -> bool:
    old, new = (office.standing.find(CertificateEntry, f"{number:08X}") for number in (link.old, link.new))
    return old is not None and new is not None and old.card == new.card


def _links(office: Authority) -> Iterator[Link]:
    return (link for link in office.standing.all(Link) if link.known_from <= office.clock.now)


def _outcome(now: datetime, not_before: datetime, not_after: datetime, status: CertificateStatus) -> str:
    if now < not_before:
        return "cert_not_yet_valid"
    if now > not_after:
        return "cert_expired"
    match status:
        case Good():
            return "ok"
        case Revoked(_, RevocationReason.CERTIFICATE_HOLD):
            return "cert_on_hold"
        case Revoked():
            return "cert_revoked"
        case Unknown():
            return "status_unknown"
        case _:
            assert_never(status)
