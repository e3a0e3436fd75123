"""What a computer or a telephone needs before the portal lets its user near a card (R-134 to R-151, R-177)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

SETUP, JAVA, CLIENT, PORTAL_APP, JPKI_APP = "environment-setup", "java-8", "client-software", "portal-app", "jpki-app"
ADD_ON, NEW_WINDOW = "add-on", "new-window"

BROWSERS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "windows": frozenset({"chrome", "edge", "internet-explorer-11"}),
        "mac": frozenset({"chrome", "safari"}),
    }
)
"""Recommended systems, and the browsers recommended there; such lists change, and nothing else depends on them."""

SOFTWARE: Mapping[str, tuple[str, ...]] = MappingProxyType({"windows": (PORTAL_APP,), "mac": (JAVA, CLIENT)})
"""What has to be installed there for a login with a reader."""
IN_BROWSER: Mapping[str, tuple[str, ...]] = MappingProxyType({"internet-explorer-11": (ADD_ON, NEW_WINDOW)})
"""What has to be so in a browser: the portal's add-on is switched on, and the portal in a window of its own (R-135)."""
PHONE_APPS = (PORTAL_APP, JPKI_APP)
"""What has to be installed on a telephone for a login by barcode."""


@dataclass(frozen=True, slots=True)
class Computer:
    """A computer as its user has it."""

    system: str
    navigator: str
    software: Collection[str]
    set_up: bool

    @property
    def has_reader_software(self) -> bool:
        """Whether what a login with a reader needs is installed."""
        return set(SOFTWARE.get(self.system, ())) <= set(self.software)

    @property
    def goes_to_barcode(self) -> bool:
        """Whether the barcode comes at once: a Mac without Java and client software (R-179)."""
        return self.system == "mac" and not self.has_reader_software

    def lacks(self) -> Iterator[str]:
        """What is missing, by name; on a Mac also that the setup program has not run to its end (R-141)."""
        if self.system not in BROWSERS:
            yield "operating-system"
        elif self.navigator not in BROWSERS[self.system]:
            yield "browser"
        needed = (*SOFTWARE.get(self.system, ()), *IN_BROWSER.get(self.navigator, ()))
        yield from (each for each in needed if each not in self.software)
        if self.system == "mac" and not self.set_up:
            yield SETUP
