"""Where the harness finds its world: in the entry-point group `mynacard.worlds`."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from .ports import StageFactory

GROUP = "mynacard.worlds"


class NoWorldError(Exception):
    """No world is installed; one line says what registers one."""


def world_factory(name: str = "emulated") -> StageFactory:
    """Find what opens the world of this name; raise `NoWorldError`."""
    entry = next(iter(entry_points(group=GROUP, name=name)), None)
    if entry is None:
        raise NoWorldError(f"no world is installed; the package registers one in the group {GROUP}")
    return cast("StageFactory", entry.load())
