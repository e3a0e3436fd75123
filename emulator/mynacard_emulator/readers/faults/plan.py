"""What is ordered for one reader, and what has happened: it outlives the cards that come and go there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from mynacard_emulator.iso7816 import READER_CLASS

from .accidents import Placement
from .fault import Effect, Fault, Kind, NoFault, kind_of


@dataclass(frozen=True, slots=True)
class Happened:
    """A fault, and the number of the command at which it happened: the first that the reader ever had is 1.

    Attributes:
        kind: What kind of command that was; None where no fault waits for such a one but by its number.

    """

    command: int
    fault: Fault
    kind: Kind | None = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{self.fault} (at command {self.command})"


@dataclass(slots=True)
class _Pending:
    fault: Fault
    left: int


class Faults:
    """The faults of one reader, from the order until they have happened.

    Args:
        tell: Called with each that happens, when it does, in the thread that serves the card.
        pause: Waits so many seconds; without it the world's own time passes, and `hurry` cuts it short.
        seed: Decides which commands are lost on metal.

    Attributes:
        happened: What has happened, in order.
        placement: How the card lies.
        metal: Of a hundred commands, how many are lost on the way, or their answers.

    Thread-safe. At one command one fault happens; another that is due then waits for the next command of its kind.

    """

    def __init__(
        self,
        *,
        tell: Callable[[Happened], None] = lambda _happened: None,
        pause: Callable[[float], object] | None = None,
        seed: int = 0,
    ) -> None:
        self.happened: list[Happened] = []
        self.placement = Placement.RIGHT
        self.metal = 0
        self._losses = Random(f"metal {seed}")  # noqa: S311 - a seed decides them
        self._tell = tell
        self._hurried = threading.Event()
        self._pause = pause or self._hurried.wait
        self._hand = threading.Lock()  # guards what follows
        self._commands = 0
        self._pending: list[_Pending] = []

    @property
    def commands(self) -> int:
        """How many commands the reader has had for its cards."""
        return self._commands

    @property
    def ordered(self) -> tuple[Fault, ...]:
        """What is ordered and has not happened yet."""
        with self._hand:
            return tuple(pending.fault for pending in self._pending)

    def order(self, fault: Fault | str) -> Fault:
        """Order a fault, or the line that says it. Raises `NoFault`, also for a command that is over already."""
        if isinstance(fault, str):
            fault = Fault.parse(fault)
        with self._hand:
            left = fault.number - (self._commands if fault.kind is Kind.COMMAND else 0)
            if left < 1:
                raise NoFault(f"fault {fault}: that command is over; the next one is {self._commands + 1}")
            self._pending.append(_Pending(fault, left))
        return fault

    def call_off(self) -> None:
        """Call off what is ordered and has not happened yet."""
        with self._hand:
            self._pending.clear()

    def clear(self) -> None:
        """Call everything off; the card lies right, and on no metal."""
        self.placement, self.metal = Placement.RIGHT, 0
        self.call_off()

    def due(self, command: bytes) -> Fault | None:
        """Count this command, and return the fault that happens at it, if one does."""
        if command[:1] == READER_CLASS:
            return None
        with self._hand:
            self._commands += 1
            counted = [pending for pending in self._pending if pending.fault.waits_for(command)]
            for pending in counted:
                pending.left -= 1
            due = [pending for pending in counted if pending.left <= 0]
            if due:
                self._pending.remove(due[0])
            fault = due[0].fault if due else self._lost_on_metal()
            if fault is None:
                return None
            happened = Happened(self._commands, fault, kind_of(command))
            self.happened.append(happened)
        self._tell(happened)
        return fault

    def _lost_on_metal(self) -> Fault | None:
        if not self.metal or self._losses.randrange(100) >= self.metal:
            return None
        return Fault(Kind.COMMAND, self._commands, self._losses.choice([Effect.LOSE_COMMAND, Effect.LOSE_ANSWER]))

    def wait(self, seconds: float) -> None:
        """Let time pass, until `hurry`."""
        self._pause(seconds)

    def hurry(self) -> None:
        """End the pause that is under way, and let there be none until `take_time`."""
        self._hurried.set()

    def take_time(self) -> None:
        """Allow pauses again."""
        self._hurried.clear()

    def noise(self, fault: Fault, length: int) -> bytes:
        """Make so many bytes that mean nothing, the same at the same command of every run."""
        return Random(f"{fault} {self._commands}").randbytes(length)  # noqa: S311 - has to be the same each time
