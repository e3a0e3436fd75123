"""All stories, by family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .content import CONTENT
from .eligibility import ELIGIBILITY
from .faults import FAULTS
from .lock import LOCK, LOCK_21_QUERY
from .mobile import MOBILE
from .mykey import MYKEY
from .pki import PKI
from .portal import PORTAL
from .readers import READERS
from .reissue import REISSUE
from .renew import RENEW
from .reset import CHANGE, RESET
from .story import Scenario

FAMILIES: Mapping[str, tuple[Scenario, ...]] = MappingProxyType(
    {
        "lock": LOCK,
        "content": CONTENT,
        "readers": READERS,
        "faults": FAULTS,
        "reset": RESET,
        "renew": RENEW,
        "reissue": REISSUE,
        "pki": PKI,
        "mobile": MOBILE,
        "mykey": MYKEY,
        "portal": PORTAL,
        "eligibility": ELIGIBILITY,
    }
)
"""The families by name, in the order in which they are played."""

SCENARIOS: tuple[Scenario, ...] = tuple(scenario for family in FAMILIES.values() for scenario in family)
"""Every scenario."""

DEFAULT: tuple[Scenario, ...] = (
    *(each for each in LOCK if each is not LOCK_21_QUERY),
    *CHANGE,
    *CONTENT,
    *READERS,
    *FAULTS,
)
"""What a client is judged by unless more is asked for.

The others go to the office and take their time, or play a card that nobody is known to have seen.
"""
