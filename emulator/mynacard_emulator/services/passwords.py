"""Passwords as a service keeps them: so that they can be compared with and not read."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from typing import TypeAlias

from .ledger import Password

RandomBytes: TypeAlias = Callable[[int], bytes]

_SALT_BYTES, _ROUNDS = 16, 1000


def keep(password: str, random: RandomBytes) -> Password:
    """Keep a password."""
    salt = random(_SALT_BYTES)
    return Password(salt=salt.hex(), digest=_digest(password, salt).hex())


def is_right(kept: Password | None, attempt: str) -> bool:
    """Whether this is the password that is kept; nothing is, where none is kept."""
    return kept is not None and hmac.compare_digest(
        bytes.fromhex(kept.digest), _digest(attempt, bytes.fromhex(kept.salt))
    )


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode("utf-8", "surrogatepass"), salt, _ROUNDS)
