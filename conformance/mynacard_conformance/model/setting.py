"""How a story begins: which cards there are, what time it is, how the office decides what is open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from mynacard_conformance.outcome import PinKind

from .holder import N1, Holder


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInStory:
    """A card as it is when the story begins.

    Attributes:
        holder: Whose it is.
        tries: Tries left, where these are not all.
        born, made, stay_until: Days that differ from the profile's.
        behaviour: Answers to open questions about cards, by name.

    """

    holder: Holder = N1
    tries: Mapping[PinKind, int] = field(default_factory=dict)
    born: date | None = None
    made: date | None = None
    stay_until: date | None = None
    behaviour: Mapping[str, str] = field(default_factory=dict)

    @property
    def order(self) -> dict[str, Any]:
        """What a stage is told to issue."""
        days = {"born": self.born, "made": self.made, "stay_until": self.stay_until}
        asked = {name: said for name, said in {**days, "behaviour": dict(self.behaviour)}.items() if said}
        return {**asked, **{pin.value: tries for pin, tries in self.tries.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The world when a story begins.

    Attributes:
        card: The card in the reader.
        others: Further cards, by what the story calls them; the first is `card`.
        at: The time; None for the stage's own.
        policy: The office's switches, by name; the others are as the stage has them.

    """

    card: CardInStory = CardInStory()
    others: Mapping[str, CardInStory] = field(default_factory=dict)
    at: datetime | None = None
    policy: Mapping[str, object] = field(default_factory=dict)


ORDINARY = Setting()
"""N1 with all tries, in the stage's own time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """What an errand does to the card, and to nothing else on it.

    Attributes:
        sets: PINs that have a new value and all tries.
        restores: PINs that have all their tries again, since they were typed right or unblocked.
        spends: A PIN that was typed wrong.
        takes_away: PINs that the card no longer has.
        replaces: Certificates that are new.
        removes: Certificates that are gone from the card.
        hands_over: What the story calls the card that is handed over, and whose it is.

    """

    sets: Mapping[PinKind, str] = field(default_factory=dict, repr=False)
    restores: tuple[PinKind, ...] = ()
    spends: PinKind | None = None
    takes_away: tuple[PinKind, ...] = ()
    replaces: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    hands_over: tuple[str, Holder] | None = None


NO_EFFECT = Effects()
