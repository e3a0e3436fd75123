"""Every concern."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import rules
from .machine import Life


class Counter(rules.Entries, rules.Slips, rules.Closes, rules.Resets):
    """How tries are counted and stated, up to the lock and behind it."""

    concern = "counter"


class Status(rules.Entries, rules.Uses, rules.UsesWithoutPin, rules.Closes, rules.Resets):
    """How long an entry is good for, and what a client does with a card that has forgotten."""

    concern = "status"


class Content(rules.Uses, rules.Texts):
    """What is read and signed."""

    concern = "content"


class Change(rules.Entries, rules.Changes, rules.Closes, rules.Resets):
    """What comes of changing a PIN."""

    concern = "change"


class Closing(rules.Entries, rules.UsesWithoutPin, rules.Closes, rules.KeepsPower):
    """What a client leaves behind when it is closed."""

    concern = "closing"


class Sharing(rules.Entries, rules.Uses, rules.Closes, rules.OtherPrograms):
    """Two programs at one card."""

    concern = "sharing"


class Accidents(rules.Entries, rules.Uses, rules.Texts, rules.Closes, rules.Faults):
    """What is said when something is lost on the way."""

    concern = "accidents"


class Removal(rules.Entries, rules.Uses, rules.Closes, rules.Resets, rules.Ejects):
    """What a client does when the card was away."""

    concern = "removal"


CONCERNS: Mapping[str, type[Life]] = MappingProxyType(
    {life.concern: life for life in (Counter, Status, Content, Change, Closing, Sharing, Removal, Accidents)}
)
"""Every concern by its name, in the order in which they are played."""
