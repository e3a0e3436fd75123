"""A card in the hand: what its issuer wrote, and a `Card` that remembers, in this process or in a file."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self

from .applications.pins import PINS, is_verified, reference_data
from .card import Card, CardState, Memory, PinPath, Profile, ReferenceData, RetryCounter
from .personalise.issued import IssuedCard
from .pki.errors import IssuerError
from .storage import JSON, CardFile, CardFileDamaged

LOCKED = "locked"


class UnknownPinError(ValueError):
    """A PIN was named that this card does not have, or a state that a PIN cannot have; the message is one line."""


@dataclass(slots=True)
class CardInHand:
    """A personalised card that can be inserted, asked and put away.

    Attributes:
        issued: What the issuer wrote.
        card: The card itself.
        file: Where it lives, if it outlives the process.

    """

    issued: IssuedCard
    card: Card
    file: CardFile | None = None

    @classmethod
    def in_memory(cls, issued: IssuedCard, state: Mapping[str, object] | None = None) -> Self:
        """A card that lives and dies with this process; `state` as in `with_state`."""
        profile = issued.profile()
        memory = with_state(CardState.issued(profile).memory, state or {})
        return cls(issued, Card(profile, memory))

    @classmethod
    def create(
        cls, path: Path, issued: IssuedCard, state: Mapping[str, object] | None = None, *, force: bool = False
    ) -> Self:
        """A new card in a new file; raise `CardFileError` where that cannot be."""
        profile = issued.profile()
        memory = with_state(CardState.issued(profile).memory, state or {})
        file = CardFile.create(path, issued.to_json(), encode_memory(profile, memory), force=force)
        return cls(issued, _stored(profile, memory, file), file)

    @classmethod
    def open(cls, path: Path, *, sync: bool = False) -> Self:
        """Take the card out of its file and hold it; nobody else can until `close`.

        With `sync` it survives a power cut of the computer as well as its end. Raises `CardFileError`.
        """
        file = CardFile.open(path, sync=sync)
        try:
            issued, memory = _decode(path, file.card, file.memory)
        except BaseException:
            file.close()
            raise
        profile = issued.profile()
        return cls(issued, _stored(profile, memory, file), file)

    @classmethod
    def look(cls, path: Path) -> Self:
        """Look at the card in a file without holding it; what the copy does is not stored."""
        issued, memory = _decode(path, *CardFile.read(path))
        return cls(issued, Card(issued.profile(), memory))

    def rewrite(self, issued: IssuedCard, memory: Memory) -> None:
        """Write into the chip what only its issuer can: what it is, and what it remembers."""
        profile = issued.profile()
        if self.file is not None:
            self.file.rewrite(issued.to_json(), encode_memory(profile, memory))
        self.issued = issued
        self.card.rewrite(profile, memory)

    def close(self) -> None:
        """Put the card away."""
        if self.file is not None:
            self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def tries_left(self, pin: str) -> int | None:
        """The card's own counter of a PIN, the smaller of a pair (D-26); None for a PIN that it does not have."""
        data = reference_data(self.card.state.memory, pin)
        return None if data is None else data.counter.left

    def verified(self, pin: str) -> bool | None:
        """Whether a PIN, or one key of a pair, is verified in the session; None for a PIN that it does not have."""
        return None if self.tries_left(pin) is None else is_verified(self.card.state, pin)


def with_state(memory: Memory, state: Mapping[str, object]) -> Memory:
    """Set the tries left of PINs by name: a number, or `"locked"`."""
    for name, wanted in state.items():
        data = reference_data(memory, name)
        if data is None:
            known = ", ".join(pin for pin in PINS if reference_data(memory, pin) is not None)
            raise UnknownPinError(f"{name!r} is no PIN of this card; it has {known or 'none'}")
        if data.value is None:
            raise UnknownPinError(f"{name}: this PIN was never set, so it has no tries to set")
        left = 0 if wanted == LOCKED else None
        with suppress(TypeError, ValueError):
            left = int(str(wanted)) if left is None else left
        if left is None or not 0 <= left <= data.counter.limit:
            raise UnknownPinError(f"{name}: a state is {LOCKED!r} or a number of tries up to {data.counter.limit}")
        for path in PINS[name]:
            old = memory.reference_data[path]
            memory = memory.with_pin(path, replace(old, counter=RetryCounter(old.counter.limit, left)))
    return memory


def _stored(profile: Profile, memory: Memory, file: CardFile) -> Card:
    def store(old: Memory, new: Memory) -> None:
        changed = {path: data for path, data in new.reference_data.items() if old.reference_data.get(path) is not data}
        file.write({_name(card.profile, path): _encode_pin(data) for path, data in changed.items()})

    card = Card(profile, memory, on_memory=store)
    return card


def _name(profile: Profile, path: PinPath) -> str:
    return f"{profile.by_aid[path.aid].name}/{path.fid:04X}"


def encode_memory(profile: Profile, memory: Memory) -> dict[str, JSON]:
    """What a card remembers as JSON values, by application and file."""
    return {_name(profile, path): _encode_pin(data) for path, data in memory.reference_data.items()}


def _encode_pin(data: ReferenceData) -> JSON:
    value = None if data.value is None else data.value.hex()
    return {"value": value, "tries": data.counter.limit, "left": data.counter.left}


def _decode(path: Path, card: Mapping[str, JSON], memory: Mapping[str, JSON]) -> tuple[IssuedCard, Memory]:
    try:
        return decode_card(card, memory)
    except (IssuerError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise CardFileDamaged(path, f"in the card itself ({type(error).__name__})") from error


def decode_card(card: Mapping[str, JSON], memory: Mapping[str, JSON]) -> tuple[IssuedCard, Memory]:
    """Read a card and what it remembers; raise `IssuerError`, or whatever what is not there or not so raises."""
    issued = IssuedCard.from_json(dict(card))
    profile = issued.profile()
    return issued, Memory(MappingProxyType({pin: _decode_pin(memory[_name(profile, pin)]) for pin in profile.pins}))


def _decode_pin(data: JSON) -> ReferenceData:
    if not isinstance(data, dict):
        raise TypeError("reference data is an object")
    value, tries, left = data["value"], data["tries"], data["left"]
    if not isinstance(tries, int) or not isinstance(left, int) or not isinstance(value, str | None):
        raise TypeError("reference data has a value, tries and left")
    return ReferenceData(None if value is None else bytes.fromhex(value), RetryCounter(tries, left))
