"""The office and the services of a world: opened when somebody first asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .hand import HandOfWorld

if TYPE_CHECKING:
    from mynacard_emulator.clock import WorldClock
    from mynacard_emulator.office.office import Office
    from mynacard_emulator.office.policy import Policy
    from mynacard_emulator.office.registry import Registry
    from mynacard_emulator.services.ledger import Ledger
    from mynacard_emulator.services.services import Services

    from .snapshot import Snapshot
    from .things import WorldCard
    from .world import World


class Institutions:
    """The authority's side of a world, and the relying parties, which ask it about certificates.

    Attributes:
        switches: The office's switches as they were named; the others are as they are by default.

    """

    def __init__(self, world: World, switches: Mapping[str, object] | None = None) -> None:
        self.switches = switches or {}
        self._world = world
        self._office: Office | None = None
        self._services: Services | None = None

    @property
    def office(self) -> Office:
        """The office; it knows the cards that were issued here."""
        if self._office is None:
            self._office = self._open_office()
            for card in self._world.cards:
                self._office.enrol(card)
        return self._office

    @property
    def services(self) -> Services:
        """The services."""
        if self._services is None:
            self._services = self._open_services()
        return self._services

    @property
    def registry(self) -> Registry | None:
        """What the office lists; None if it was never asked for."""
        return None if self._office is None else self._office.registry

    @property
    def ledger(self) -> Ledger | None:
        """What the services know; None if they were never asked."""
        return None if self._services is None else self._services.ledger

    @property
    def standing(self) -> Registry:
        """What the office lists, with what time alone has done to it by now."""
        return self.office.standing

    @property
    def policy(self) -> Policy:
        """The switches that hold."""
        return self.office.policy

    @property
    def clock(self) -> WorldClock:
        """The world's."""
        return self._world.clock

    def enrol(self, card: WorldCard) -> None:
        """Make a card known to the office; one that is opened later finds it by itself."""
        if self._office is not None:
            self._office.enrol(card)

    def status_of(self, certificate: bytes) -> str:
        """What the registry says of a certificate (DER) now: `good`, `unknown`, or why it is revoked (RFC 5280)."""
        from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415 - most worlds are not asked

        from mynacard_emulator.office.registry import CertificateEntry  # noqa: PLC0415 - likewise
        from mynacard_emulator.office.status import status_at  # noqa: PLC0415 - likewise
        from mynacard_emulator.pki.status import Good, Revoked, Unknown  # noqa: PLC0415 - likewise

        serial = load_der_x509_certificate(certificate).serial_number
        entry = self.standing.find(CertificateEntry, f"{serial:08X}")
        match Unknown() if entry is None else status_at(entry, self.clock.now):
            case Good():
                return "good"
            case Revoked(reason=reason):
                return reason.word
            case Unknown():
                return "unknown"

    def go_back(self, snapshot: Snapshot) -> None:
        """Be what they were then; whoever was never asked for is opened anew, and knows what is issued by then."""
        if snapshot.registry is None:
            self._office = None
        elif self._office is None or snapshot.policy != self.switches:
            self.switches = snapshot.policy
            self._office = self._open_office(snapshot.registry)
        else:
            self._office.registry = snapshot.registry
        self.switches = snapshot.policy
        self._services = None if snapshot.services is None else self._open_services(snapshot.services)

    def _open_office(self, registry: Registry | None = None) -> Office:
        from mynacard_emulator.office.office import Office  # noqa: PLC0415 - most worlds need no office
        from mynacard_emulator.office.policy import policy_of  # noqa: PLC0415 - likewise

        return Office(self.clock, HandOfWorld(self._world), registry=registry, policy=policy_of(self.switches))

    def _open_services(self, ledger: Ledger | None = None) -> Services:
        from mynacard_emulator.services.services import Services  # noqa: PLC0415 - most worlds need no services

        return Services(self, ledger=ledger)
