"""What the registry tells relying parties about certificates, as a responder and the services ask it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Protocol

from mynacard_emulator.clock import WorldClock
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import CertificateStatus, Good, Revoked, Unknown

from .registry import CertificateEntry, Registry


class Authority(Protocol):
    """Who has a registry and a clock: an office."""

    @property
    def standing(self) -> Registry:
        """What is known now, with what time alone has done to it."""
        ...

    @property
    def clock(self) -> WorldClock:
        """The world's."""
        ...


@dataclass(frozen=True, slots=True)
class RegistryStatus:
    """The registry as a `StatusSource`: whatever it is asked, it looks at what the office knows at that moment."""

    office: Authority

    def now(self) -> datetime:
        """The world's time."""
        return self.office.clock.now

    def status(self, kind: CertKind, generation: int, serial_number: int) -> CertificateStatus:
        """The status now; unknown under another generation or CA than the one that issued it (K-03)."""
        entry = self.office.standing.find(CertificateEntry, f"{serial_number:08X}")
        if entry is None or (entry.kind, entry.generation) != (kind, generation):
            return Unknown()
        return status_at(entry, self.now())

    def revoked(self, kind: CertKind, generation: int, at: datetime) -> Iterator[tuple[int, Revoked]]:
        """Everything that was revoked or on hold at that moment."""
        for entry in self.office.standing.all(CertificateEntry):
            status = status_at(entry, at)
            if (entry.kind, entry.generation) == (kind, generation) and isinstance(status, Revoked):
                yield entry.serial_number, status


def status_at(entry: CertificateEntry, at: datetime) -> CertificateStatus:
    """What relying parties hear of a certificate at that moment.

    News that take effect later are not told yet (D-11), and one that is too new is unknown (F-049) unless it was
    revoked since. A hold that became final counts from the day of the hold, as X.509 has it.
    """
    told = [change for change in entry.changes if change.effective <= at]
    since_good = list(takewhile(lambda change: change.reason is not None, reversed(told)))
    if since_good and (reason := since_good[0].reason) is not None:
        return Revoked(since_good[-1].effective, reason)
    return Good() if entry.usable_from is not None and entry.usable_from <= at else Unknown()
