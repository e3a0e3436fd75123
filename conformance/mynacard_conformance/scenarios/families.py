"""All stories, by family."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .lock import LOCK
from .mobile import MOBILE
from .pki import PKI
from .reissue import REISSUE
from .renew import RENEW
from .reset import RESET
from .story import Scenario

FAMILIES: Mapping[str, tuple[Scenario, ...]] = MappingProxyType(
    {"lock": LOCK, "reset": RESET, "renew": RENEW, "reissue": REISSUE, "pki": PKI, "mobile": MOBILE}
)
"""The families by name, in the order in which they are played."""

SCENARIOS: tuple[Scenario, ...] = tuple(scenario for family in FAMILIES.values() for scenario in family)
"""Every scenario."""
