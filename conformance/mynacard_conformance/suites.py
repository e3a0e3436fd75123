"""What can be chosen to be played: suites of stories and of random lives about the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from .concerns.machine import Life
from .concerns.table import (
    CONCERNS,
    OFFICE_CONCERNS,
    Accidents,
    Change,
    Closing,
    Content,
    Counter,
    Removal,
    Renewal,
    Reset,
    Sharing,
    Status,
)
from .scenarios.families import DEFAULT, FAMILIES, SCENARIOS
from .scenarios.faults import FAULT_04
from .scenarios.lock import LOCK_12, LOCK_15, LOCK_23
from .scenarios.reset import CHANGE
from .scenarios.story import Scenario


@dataclass(frozen=True, slots=True)
class Suite:
    """Stories, and concerns for random lives."""

    scenarios: Sequence[Scenario] = ()
    concerns: Sequence[type[Life]] = ()


_ALL_CONCERNS = tuple(CONCERNS.values())

DEFAULT_SUITE = Suite(DEFAULT, _ALL_CONCERNS)
"""What a client is judged by unless more, or less, is asked for."""

SMOKE_SUITE = Suite(
    tuple(story for story in DEFAULT if story.is_quick or story in (LOCK_12, LOCK_15, LOCK_23, FAULT_04)), _ALL_CONCERNS
)
"""Of these what moves no card in a reader, for which pcscd takes half a second each time; and what tells most."""

_LIVES: Mapping[str, Sequence[type[Life]]] = MappingProxyType(
    {
        "lock": (Counter, Status),
        "content": (Content,),
        "readers": (Removal, Closing, Sharing),
        "faults": (Accidents,),
        "reset": (Reset,),
        "renew": (Renewal,),
        "reissue": (Renewal,),
    }
)

SUITES: Mapping[str, Suite] = MappingProxyType(
    {
        **{life.concern: Suite((), (life,)) for life in (*_ALL_CONCERNS, *OFFICE_CONCERNS.values())},
        **{name: Suite(stories, _LIVES.get(name, ())) for name, stories in FAMILIES.items()},
        "change": Suite(CHANGE, (Change,)),
        "random": Suite((), _ALL_CONCERNS),
        "all": Suite(SCENARIOS, (*_ALL_CONCERNS, *OFFICE_CONCERNS.values())),
    }
)
"""Every suite by its name: families of stories with what belongs to them, and each concern alone."""


def chosen(names: Sequence[str]) -> Suite:
    """Put suites together; each story and each concern comes once."""
    suites = [SUITES[name] for name in names]
    return Suite(
        tuple({each.id: each for suite in suites for each in suite.scenarios}.values()),
        tuple(dict.fromkeys(each for suite in suites for each in suite.concerns)),
    )
