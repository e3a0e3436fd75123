"""The truth about a world's cards, which no client can bend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from mynacard_emulator.applications.pins import reference_data
from mynacard_emulator.transcript import Exchange

if TYPE_CHECKING:
    from .things import WorldCard
    from .world import World


@dataclass(frozen=True, slots=True)
class Truth:
    """What is so about a card, read from the card itself.

    Attributes:
        world: Where the card is.
        about: Which card; None for the one that was inserted last.
        reader: In place of `about`: the one that was inserted last into this reader.

    """

    world: World
    about: WorldCard | None = None
    reader: int | None = None

    @property
    def card(self) -> WorldCard:
        """The card that it is about; raise `NoCardError` where none was ever inserted."""
        if self.about is not None:
            return self.about
        return self.world.current if self.reader is None else self.world.last_in(self.reader)

    def tries_left(self, pin: str) -> int | None:
        """The card's own counter of a PIN."""
        return self.card.in_hand.tries_left(pin)

    def verified(self, pin: str) -> bool | None:
        """Whether a PIN is verified in the card's session; None for a PIN that it does not have."""
        return self.card.in_hand.verified(pin)

    def pin(self, name: str) -> bytes | None:
        """The value of a PIN; None for one that the card lacks, or that was never set."""
        found = reference_data(self.card.in_hand.card.state.memory, name)
        return None if found is None else found.value

    def certificate(self, kind: str) -> bytes | None:
        """The certificate on the card (`sign`, `auth`, `sign_ca`, `auth_ca`) as DER; None where there is none."""
        issued = self.card.in_hand.issued
        if certificate := issued.certificate(kind):
            return certificate.der
        return None if issued.jpki is None else issued.jpki.authorities().get(kind)

    def my_number(self) -> str | None:
        """The twelve digits of the card's holder."""
        issued = self.card.in_hand.issued
        return None if issued.text is None else issued.my_number

    def attributes(self) -> Mapping[str, str] | None:
        """The four attributes of the card's holder: `name`, `address`, `birth_date` (ISO 8601) and `sex`."""
        issued = self.card.in_hand.issued
        if issued.text is None:
            return None
        holder = issued.holder
        return {
            "name": holder.name,
            "address": holder.address,
            "birth_date": holder.born.isoformat(),
            "sex": holder.sex.name.lower(),
        }

    def ends(self) -> date | None:
        """The last day of the card itself."""
        return self.card.in_hand.issued.not_after

    def status(self, certificate: bytes) -> str:
        """What the registry says of a certificate (DER) now: `good`, `unknown`, or why it is revoked (RFC 5280)."""
        return self.world.status_of(certificate)

    def mishaps(self, since: int = 0) -> Sequence[str]:
        """The faults that have happened at the reader since the one of that number: kind of command, number, effect."""
        happened = self.world.faults_of(self.reader or 0).happened[since:]
        return [str(replace(each.fault, kind=each.kind or each.fault.kind)) for each in happened]

    def trace(self, since: int = 0) -> Sequence[Exchange]:
        """What was seen since the exchange of that number: by this card, in this reader, or in all of them."""
        exchanges = self.world.exchanges
        if self.about is not None:
            number = self.about.observed.number
            return [exchange for exchange in exchanges if exchange.card == number][since:]
        if self.reader is not None:
            return [exchange for exchange in exchanges if exchange.reader == self.reader][since:]
        return exchanges[since:]
