"""How a world is opened: what the entry point of the group `mynacard.worlds` is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from mynacard_emulator.clock import OPENING
from mynacard_emulator.readers.reader import Reader
from mynacard_emulator.transcript import Exchange

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
    return private_world(prefixes_of(readers), isolate=isolate, at=at, seed=seed)


def private_world(  # noqa: PLR0913 - as for any world
    prefixes: Sequence[str],
    *,
    isolate: bool = False,
    at: datetime = OPENING,
    seed: int = 0,
    exchanges: list[Exchange] | None = None,
    hardware: Reader | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> PcscWorld:
    """Make a world with a PC/SC stack of its own, for somebody who watches it; as for `World`. Raises `ReaderError`."""
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
    stack = PrivateStack(prefixes, isolation=isolation)
    stack.start()
    try:
        return PcscWorld(stack, at=at, seed=seed, exchanges=exchanges, hardware=hardware, tell=tell)
    except BaseException:
        stack.stop()
        raise
