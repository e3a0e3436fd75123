"""The retry counter of a PIN (R-002, R-003, R-004; F-014, F-017)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryCounter:
    """How many consecutive misses a PIN still allows: `left` of `limit`, both 0 to 15."""

    limit: int
    left: int

    def __post_init__(self) -> None:
        if not 0 <= self.left <= self.limit <= 15:
            raise ValueError(f"{self.left} of {self.limit} tries is no counter")

    @classmethod
    def fresh(cls, limit: int) -> RetryCounter:
        """All tries left."""
        return cls(limit, limit)

    @property
    def blocked(self) -> bool:
        """Whether nothing but an authority can help."""
        return self.left == 0

    def spend(self) -> RetryCounter:
        """One try less; a blocked counter has none to spend and raises `ValueError`."""
        return RetryCounter(self.limit, self.left - 1)

    def restore(self) -> RetryCounter:
        """All tries again: what a success or an authority does."""
        return self if self.left == self.limit else RetryCounter(self.limit, self.limit)
