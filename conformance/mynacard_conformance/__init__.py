"""A conformance harness for every program that talks to a My Number Card."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .client_suite import ClientSuite

__all__ = ["ClientSuite"]


def __getattr__(name: str) -> object:
    """Import the suite when it is asked for: whoever imports a part of the harness needs nothing of pytest."""
    if name != "ClientSuite":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from .client_suite import ClientSuite  # noqa: PLC0415 - see above

    return ClientSuite
