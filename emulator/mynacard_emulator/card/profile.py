"""What a card *is*: applications, files, PINs, keys and access rules, as one frozen tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from functools import cached_property
from hashlib import shake_128
from types import MappingProxyType
from typing import NamedTuple, TypeAlias, assert_never

from .behaviour import MEASURED, Behaviour


@unique
class Padding(Enum):
    """How what is signed is made as long as the key (RFC 8017)."""

    PKCS1_V1_5 = "PKCS#1 v1.5"
    PSS = "PSS, with a salt as long as the digest"
    PSS_LONGEST_SALT = "PSS, with the longest salt that fits"


Signer: TypeAlias = Callable[[bytes, Padding], bytes]
"""Signs with an RSA-2048 key; 256 bytes back.

With `PKCS1_V1_5` 1 to 245 bytes are padded as given, with no DigestInfo added; with PSS the bytes are a SHA-256 digest,
the mask is made with SHA-256 too, and the salt is random.
"""


Verifier: TypeAlias = Callable[[bytes, bytes], bool]
"""Whether the second is an RSA-2048 signature over the first: PKCS#1 v1.5 with SHA-256."""


class PinPath(NamedTuple):
    """Where reference data lives: the application's AID and the PIN's file identifier in it."""

    aid: bytes
    fid: int


# ---------------------------------------------------------------- access rules


@dataclass(frozen=True, slots=True)
class Always:
    """Free to everybody."""


@dataclass(frozen=True, slots=True)
class Never:
    """No credential is known that opens it."""


@dataclass(frozen=True, slots=True)
class After:
    """Open while one of these (file identifiers in the same application) is satisfied.

    A PIN is while it is verified, the key of the terminals' CA while a terminal is authenticated.
    """

    pins: frozenset[int]

    def __init__(self, *pins: int) -> None:
        object.__setattr__(self, "pins", frozenset(pins))


AccessRule: TypeAlias = Always | Never | After
ALWAYS = Always()
NEVER = Never()


def grants(rule: AccessRule, verified: frozenset[int]) -> bool:
    """Whether `rule` is satisfied when what `verified` names is."""
    match rule:
        case Always():
            return True
        case Never():
            return False
        case After(pins):
            return not pins.isdisjoint(verified)
        case _:
            assert_never(rule)


# ---------------------------------------------------------------- files


@dataclass(frozen=True, slots=True)
class TransparentEF:
    """A working EF that READ BINARY reads; filler, where it has any, is part of the content.

    The content may be a secret too: the My Number is 照合番号A.
    """

    fid: int
    content: bytes = field(repr=False)
    read: AccessRule = ALWAYS


@dataclass(frozen=True, slots=True)
class RecordEF:
    """A working EF of numbered records, the first of which is 1; READ RECORD reads it."""

    fid: int
    records: tuple[bytes, ...] = field(repr=False)
    read: AccessRule = ALWAYS


@dataclass(frozen=True, slots=True)
class PinEF:
    """An internal EF that holds reference data: SELECT it, then VERIFY (on this card a PIN is a file).

    Attributes:
        fid: File identifier.
        initial: The value as personalised; None for a PIN that was never set (D-37).
        tries: The limit of its retry counter.
        lengths: The lengths, in bytes, that its values have; only the `strict_pin_length` behaviour asks for them.
        opt_in: Whether it exists only for holders who asked for it (R-014); the `absent_pin` behaviour asks for that.

    """

    fid: int
    initial: bytes | None = field(repr=False)
    tries: int
    lengths: range = range(4, 5)
    opt_in: bool = False


@dataclass(frozen=True, slots=True)
class KeyEF:
    """An internal EF that holds a private RSA-2048 key."""

    fid: int
    sign: Signer = field(repr=False)
    use: AccessRule = ALWAYS


@dataclass(frozen=True, slots=True)
class AuthenticationKeyEF:
    """An internal EF that holds a private RSA-2048 key to answer challenges with, for everybody, and nothing else."""

    fid: int
    sign: Signer = field(repr=False)


@dataclass(frozen=True, slots=True)
class TerminalKeyEF:
    """An internal EF that names the CA whose terminals need no PIN.

    Attributes:
        fid: File identifier.
        verify: Verifies what that CA has signed.
        instead_of: The PIN whose place a terminal takes (a file identifier).

    """

    fid: int
    verify: Verifier = field(repr=False)
    instead_of: int


@dataclass(frozen=True, slots=True)
class InternalEF:
    """An internal EF that exists and does nothing that is publicly known."""

    fid: int


File: TypeAlias = TransparentEF | RecordEF | PinEF | KeyEF | AuthenticationKeyEF | TerminalKeyEF | InternalEF


# ---------------------------------------------------------------- secure messaging


@dataclass(frozen=True, slots=True)
class SessionCipher:
    """What secure messaging calculates with.

    Attributes:
        modulus: Of the RSA-2048 key to which clients encrypt a session key; 256 bytes, big-endian.
        unwrap: Decrypts with that key, RSA-OAEP with SHA-256; None for what was not encrypted so.
        encrypt: AES-128-CBC of whole blocks, by key and initial vector.
        decrypt: Its inverse.

    """

    modulus: bytes
    unwrap: Callable[[bytes], bytes | None] = field(repr=False)
    encrypt: Callable[[bytes, bytes, bytes], bytes] = field(repr=False)
    decrypt: Callable[[bytes, bytes, bytes], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class SecureMessaging:
    """That an application hears SET SESSION KEY, and when."""

    access: AccessRule
    cipher: SessionCipher


# ---------------------------------------------------------------- the tree


def _no_entropy(length: int) -> bytes:
    return shake_128(b"challenge").digest(length)


@dataclass(frozen=True)
class Application:
    """A dedicated file: an AID and the EFs under it.

    Attributes:
        name: What card files call it.
        aid: Application identifier.
        files: The EFs.
        default_key: The key that signs where a command names none with P2 = 00.
        session_key: How SET SESSION KEY is heard; never, or None where there is no environment for secure messaging.
        change_key: Whether clients change its PINs by CHANGE KEY, and not by CHANGE REFERENCE DATA.

    """

    name: str
    aid: bytes
    files: tuple[File, ...]
    default_key: int | None = None
    session_key: SecureMessaging | Never | None = None
    change_key: bool = False

    @cached_property
    def by_fid(self) -> Mapping[int, File]:
        """The files by file identifier."""
        files = {file.fid: file for file in self.files}
        if len(files) != len(self.files):
            raise ValueError(f"{self.name}: a file identifier is declared twice")
        return MappingProxyType(files)


@dataclass(frozen=True)
class Profile:
    """A personalised card, a constant.

    Attributes:
        name: What people call it, such as `adult`.
        atr: The answer to reset.
        applications: In the order in which a partial AID finds them.
        behaviour: Where cards differ, or nobody knows.
        data_objects: What GET DATA finds above all applications, by tag.
        random: Gives so many random bytes; without it challenges are always the same, as suits a test.
        security_domain: Whether the level above all applications has an AID, and can be selected by it.

    """

    name: str
    atr: bytes
    applications: tuple[Application, ...]
    behaviour: Behaviour = MEASURED
    data_objects: Mapping[int, bytes] = field(default_factory=dict)
    random: Callable[[int], bytes] = field(default=_no_entropy, repr=False, compare=False)
    security_domain: bool = True

    @cached_property
    def by_aid(self) -> Mapping[bytes, Application]:
        """The applications by full AID."""
        return MappingProxyType({application.aid: application for application in self.applications})

    @cached_property
    def pins(self) -> Mapping[PinPath, PinEF]:
        """Every PIN of the card."""
        return MappingProxyType(
            {
                PinPath(application.aid, file.fid): file
                for application in self.applications
                for file in application.files
                if isinstance(file, PinEF)
            }
        )
