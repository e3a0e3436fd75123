"""Every check, in the order in which they are played: what is free first, what a card pays for last."""

from __future__ import annotations

from types import ModuleType

from mynacard_conformance.requirements import Price

from . import (
    access,
    changing,
    content,
    locking,
    objects,
    querying,
    readers,
    reading,
    refusing,
    selecting,
    signing,
    status,
    verifying,
)
from .check import Check

_ROOMS = (
    selecting,
    reading,
    querying,
    status,
    signing,
    content,
    access,
    objects,
    verifying,
    changing,
    locking,
    refusing,
    readers,
)
_ORDER = (Price.FREE, Price.TRY, Price.WRITE, Price.LOCK)
_LAST = ("card/answer/one-piece", "card/answer/shape")
"""These look back at all that was answered."""


def checks_of(*rooms: ModuleType) -> tuple[Check, ...]:
    """The checks of these modules, in the order in which they are written there."""
    return tuple(each for room in rooms for each in vars(room).values() if isinstance(each, Check))


CHECKS = tuple(sorted(checks_of(*_ROOMS), key=lambda check: (check.id in _LAST, _ORDER.index(check.requirement.price))))
