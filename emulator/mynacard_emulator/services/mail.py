"""Mail addresses, wherever a service asks for one."""

from __future__ import annotations

import re

LONGEST = 254
"""What fits into an envelope of RFC 5321 (4.5.3.1.3)."""
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+", re.ASCII)


def is_mail(text: str) -> bool:
    """Whether it is an address: half-width letters and digits (R-167)."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None
