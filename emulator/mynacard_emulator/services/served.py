"""What a service says to somebody who wants something of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

OK = "ok"


@dataclass(frozen=True, slots=True)
class Served:
    """What came of an action.

    Attributes:
        outcome: `ok`; the name of a `Refusal`; or an outcome about the certificate, such as `cert_revoked`.
        account: Whose account it is.
        shown: What the page or the app shows, by name.

    """

    outcome: str = OK
    account: str | None = None
    shown: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def done(self) -> bool:
        """Whether it was granted."""
        return self.outcome == OK
