"""How a world is opened: what the entry point of the group `mynacard.worlds` is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from mynacard_emulator.clock import OPENING

from .world import World, prefixes_of
from .world_pcsc import PcscWorld

Transport: TypeAlias = Literal["private", "direct"]


def open_world(
    transport: Transport = "private",
    *,
    readers: int | Sequence[str] = 1,
    isolate: bool = False,
    at: datetime = OPENING,
    seed: int = 0,
) -> World:
    """Make a world: `private` with a PC/SC stack of its own, `direct` in this process alone.

    `readers` is how many there are, up to 16, or how the name of each begins: one that comes again is the second slot
    of its reader. With `isolate` a stack that cannot have namespaces of its own is an error. Raises `ReaderError`.
    """
    if transport == "direct":
        return World(readers=readers, at=at, seed=seed)
    from mynacard_emulator.readers.pcsc import leave_inherited_stack  # noqa: PLC0415 - needed only here
    from mynacard_emulator.readers.stack import (  # noqa: PLC0415 - needed only here
        Isolation,
        PrivateStack,
        StackLacking,
        lacking,
    )

    if lack := lacking():
        raise StackLacking(lack)
    leave_inherited_stack()
    isolation = Isolation.REQUIRED if isolate else Isolation.AUTO
    stack = PrivateStack(prefixes_of(readers), isolation=isolation)
    stack.start()
    try:
        return PcscWorld(stack, at=at, seed=seed)
    except BaseException:
        stack.stop()
        raise
