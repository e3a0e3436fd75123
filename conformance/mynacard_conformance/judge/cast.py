"""The cards of a conversation: put on the stage as the setting has them, each with its oracle."""

from __future__ import annotations

from mynacard_conformance.model.holder import Holder
from mynacard_conformance.model.pin import PinOracle
from mynacard_conformance.model.setting import CardInStory, Setting
from mynacard_conformance.ports import AnyStage


class Cast:
    """Sets the stage for each conversation; one that begins like the last has only its memories put back.

    To issue, eject and insert cards takes long through a real reader.

    Attributes:
        inserted: Whether a card is in the reader.
        first_certificates: What the first card had on it when the story began.

    """

    def __init__(self, stage: AnyStage) -> None:
        self.inserted = False
        self.first_certificates: dict[str, bytes | None] = {}
        self._stage = stage
        self._setting: Setting | None = None
        self._fresh: object = None
        self._cards: dict[str, object] = {}
        self._oracles: dict[str, PinOracle] = {}
        self._first: dict[str, object] = {}
        self._current = "card"
        self._authorities: dict[str, bytes | None] = {}
        self._seen: set[bytes] = set()

    @property
    def oracle(self) -> PinOracle:
        """What is foreseen of the card that is in the reader, or was last."""
        return self._oracles[self._current]

    @property
    def card(self) -> object:
        """That card, as the stage calls it."""
        return self._cards[self._current]

    @property
    def certificates(self) -> dict[str, bytes | None]:
        """The holder's certificates that are on that card now."""
        return {kind: self._stage.truth.certificate(kind) for kind in ("auth", "sign")}

    def former_certificates(self) -> frozenset[bytes]:
        """Certificates that this card had before, or that other cards had which were ever in the reader."""
        now = set(self.certificates.values())
        return frozenset(der for der in self._seen if der not in now)

    def open(self, setting: Setting) -> None:
        """Begin a conversation: the cards as issued, the first in the reader with its power cut."""
        if setting == self._setting and self._stays_as_it_was():
            self._cards = dict(self._first)
            self._stage.restore(self._fresh)
            self._stage.power_cycle()
        else:
            self._issue(setting)
        self._current = "card"
        named = {"card": setting.card, **setting.others}
        self.first_certificates = self.certificates
        self._seen.update(der for der in self.first_certificates.values() if der is not None)
        self._oracles = {name: _oracle(card) for name, card in named.items()}

    def forget(self) -> None:
        """Have the next conversation begin with new cards, whatever became of these."""
        self._setting = None

    def swap(self, name: str) -> None:
        """Take the card out and put another in."""
        self.eject()
        self._current = name
        self.insert()

    def eject(self) -> None:
        """Take the card out, if it is in."""
        if self.inserted:
            self._stage.eject()
        self.inserted = False

    def insert(self) -> None:
        """Put the card in, if it is not."""
        if not self.inserted:
            self._stage.insert(self.card)
        self.inserted = True
        self._authorities[self._current] = self._stage.truth.certificate("auth_ca")
        self._seen.update(der for der in self.certificates.values() if der is not None)

    def named(self, name: str) -> object:
        """A card by what the story calls it."""
        return self._cards[name]

    def oracle_of(self, name: str) -> PinOracle:
        """What is foreseen of a card."""
        return self._oracles[name]

    def authority(self, name: str) -> bytes | None:
        """The certificate (DER) of the CA for auth certificates, from a card that has been in the reader."""
        return self._authorities.get(name)

    def receive(self, name: str, card: object, holder: Holder) -> None:
        """Learn of a card that was handed over."""
        self._cards[name], self._oracles[name] = card, PinOracle(holder)

    def _stays_as_it_was(self) -> bool:
        return self.inserted and self._current == "card"

    def _issue(self, setting: Setting) -> None:
        self._setting = None  # what fails in between leaves no stage to go back to
        self.eject()
        self._stage.begin(setting.at, setting.policy)
        named = {"card": setting.card, **setting.others}
        self._first = {name: self._stage.issue(card.holder.profile, **card.order) for name, card in named.items()}
        self._cards = dict(self._first)
        self._current = "card"
        self.insert()
        self._fresh, self._setting = self._stage.snapshot(), setting


def _oracle(card: CardInStory) -> PinOracle:
    return PinOracle(card.holder, dict(card.tries))
