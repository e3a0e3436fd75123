"""Reports about clients on trial, for the tests about what is made of them; each is made once."""

from __future__ import annotations

from mynacard_conformance.adapters.in_process import InProcessClient
from mynacard_conformance.adapters.reference import ReferenceClient, action
from mynacard_conformance.concerns.table import CONCERNS
from mynacard_conformance.outcome import Answer, PinKind
from mynacard_conformance.report.setup import Setup
from mynacard_conformance.run import Budget, Plan, Report, run
from mynacard_conformance.scenarios.families import DEFAULT
from mynacard_conformance.scenarios.story import Scenario
from mynacard_emulator.world import open_world

DIRECT = Setup("--reference", "direct", examples=5)
"""What these reports say of how they were asked for."""


class Repeats(ReferenceClient):
    """Says the PIN in its own words, and reports every entry as something else than it was."""

    @action
    def verify_pin(self, pin: PinKind, value: str) -> Answer:
        """Enter it, and tell everybody."""
        answer = super().verify_pin(pin, value)
        return Answer(
            answer.outcome, range(9, 10), message=f"<b>you typed {value!r}, in hex {value.encode().hex(' ')}</b>\x1b"
        )


LIVES = tuple(CONCERNS[name] for name in ("counter", "status", "content"))
_MADE: dict[tuple[type[ReferenceClient], bool, int], Report] = {}


def report(client: type[ReferenceClient], *, stories: bool = True, examples: int = 5) -> Report:
    """Judge a client by the usual stories and a few random lives."""
    asked = (client, stories, examples)
    if asked not in _MADE:
        scenarios: tuple[Scenario, ...] = DEFAULT if stories else ()
        with open_world("direct") as world:
            on_trial = InProcessClient(client, world.connect)
            _MADE[asked] = run(world, on_trial, Plan(Budget(examples=examples), scenarios, LIVES))
    return _MADE[asked]
