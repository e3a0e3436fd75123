"""My Numbers that belong to nobody."""

from __future__ import annotations

DIGITS = 12


def check_digit(first_eleven: str) -> int:
    """The twelfth digit that would make a valid My Number of these eleven."""
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    remainder = sum(int(digit) * weight for digit, weight in zip(first_eleven, weights, strict=True)) % 11
    return 0 if remainder <= 1 else 11 - remainder


def is_valid(number: str) -> bool:
    """Whether the last of twelve digits is the right check digit."""
    return int(number[-1]) == check_digit(number[:-1])


def complete(first_eleven: str, *, valid: bool) -> str:
    """Add a twelfth digit; a wrong one unless `valid`, so that the number can be nobody's."""
    right = check_digit(first_eleven)
    return f"{first_eleven}{right if valid else (right + 1) % 10}"
