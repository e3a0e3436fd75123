"""Values that look random and are the same each time."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import shake_128

DIGITS = "0123456789"
UPPERCASE_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + DIGITS


@dataclass(frozen=True, slots=True)
class Draw:
    """A source that a seed and a subject decide; each value is asked for by what it is for.

    Adding a new purpose later changes no value that was drawn before. Nothing secret comes from here.
    """

    seed: int
    subject: str

    def octets(self, purpose: str, length: int) -> bytes:
        """`length` bytes."""
        return shake_128(f"{self.seed}\n{self.subject}\n{purpose}".encode()).digest(length)

    def text(self, purpose: str, length: int, alphabet: str = DIGITS) -> str:
        """`length` characters of `alphabet`."""
        octets = self.octets(purpose, 2 * length)
        pairs = (int.from_bytes(octets[at : at + 2], "big") for at in range(0, len(octets), 2))
        return "".join(alphabet[pair % len(alphabet)] for pair in pairs)

    def below(self, purpose: str, limit: int) -> int:
        """A number from 0 to `limit` - 1."""
        return int.from_bytes(self.octets(purpose, 8), "big") % limit
