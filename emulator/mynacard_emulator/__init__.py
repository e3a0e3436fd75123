"""A software My Number Card and the world it lives in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .card import Card
    from .world import World, open_world

__all__ = ["Card", "World", "open_world"]

_HOMES = {"Card": "card", "World": "world", "open_world": "world"}


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: `mynacard apdu` and others' test runs must not wait for all of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - nothing is imported before it is needed

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
