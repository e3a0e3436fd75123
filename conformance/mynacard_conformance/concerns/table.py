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


class Removal(rules.Entries, rules.Uses, rules.Closes, rules.Resets, rules.Ejects):
    """What a client does when the card was away."""

    concern = "removal"


CONCERNS: Mapping[str, type[Life]] = MappingProxyType(
    {life.concern: life for life in (Counter, Status, Content, Removal)}
)
"""Every concern by its name, in the order in which they are played."""
