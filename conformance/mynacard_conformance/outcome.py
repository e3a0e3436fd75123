"""The vocabulary: what a user asks of a client, and what the client may say that came of it.

Clients are judged on these names and never on status words: whether a blocked PIN showed as 6984 or as CKR_PIN_LOCKED
is the client's affair, that the user learns "locked" is not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, unique
from typing import TypeAlias


@unique
class PinKind(Enum):
    """The PINs that drivers know by name."""

    SIGN = "sign"
    AUTH = "auth"
    JUKI = "juki"
    TEXT = "text"
    NUMBER_A = "number_a"
    NUMBER_B = "number_b"


@unique
class CertificateKind(Enum):
    """The certificates on a card."""

    SIGN = "sign"
    AUTH = "auth"
    SIGN_CA = "sign_ca"
    AUTH_CA = "auth_ca"


@unique
class KeyKind(Enum):
    """The private keys that a holder uses; each is opened by the PIN of the same name."""

    SIGN = "sign"
    AUTH = "auth"

    @property
    def pin(self) -> PinKind:
        """The PIN that opens the key."""
        return PinKind(self.value)

    @property
    def certificate(self) -> CertificateKind:
        """The certificate of the key."""
        return CertificateKind(self.value)


@unique
class HashKind(Enum):
    """The digests that a signature is asked for with."""

    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"


@unique
class Outcome(Enum):
    """What became of one user action."""

    OK = "ok"
    WRONG_PIN = "wrong_pin"
    LOCKED = "locked"
    PIN_ABSENT = "pin_absent"
    FORMAT_REJECTED = "format_rejected"
    CANCELLED = "cancelled"
    NO_READER = "no_reader"
    READER_BUSY = "reader_busy"
    NO_CARD = "no_card"
    CARD_REMOVED = "card_removed"
    CARD_UNREADABLE = "card_unreadable"
    WRONG_CARD = "wrong_card"
    NOT_PERMITTED = "not_permitted"
    CERT_ABSENT = "cert_absent"
    CERT_NOT_YET_VALID = "cert_not_yet_valid"
    CERT_EXPIRED = "cert_expired"
    CERT_REVOKED = "cert_revoked"
    CERT_ON_HOLD = "cert_on_hold"
    CERT_INVALID = "cert_invalid"
    STATUS_UNKNOWN = "status_unknown"
    ENV_INCOMPLETE = "env_incomplete"
    UNKNOWN_OUTCOME = "unknown_outcome"
    PROTOCOL_ERROR = "protocol_error"


@unique
class Breakdown(Enum):
    """How a client failed to answer at all; such an answer always has `Outcome.PROTOCOL_ERROR`."""

    DIED = "died"
    HUNG = "hung"
    RUBBISH = "rubbish"


# ---------------------------------------------------------------- calls


@unique
class Operation(Enum):
    """What a client may offer; the values are the method names of the driver protocol."""

    TRIES_LEFT = "tries_left"
    VERIFY_PIN = "verify_pin"
    CHANGE_PIN = "change_pin"
    READ_CERTIFICATE = "read_certificate"
    SIGN = "sign"
    READ_MY_NUMBER = "read_my_number"
    READ_ATTRIBUTES = "read_attributes"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class TriesLeft:
    """Ask how many tries a PIN has left."""

    pin: PinKind


@dataclass(frozen=True, slots=True)
class VerifyPin:
    """Enter a PIN, exactly as a user typed it."""

    pin: PinKind
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ChangePin:
    """Change a PIN whose current value is known."""

    pin: PinKind
    current: str = field(repr=False)
    new: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReadCertificate:
    """Read a certificate; `pin` is what to present if one is needed."""

    certificate: CertificateKind
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sign:
    """Sign a message: PKCS#1 v1.5 over its digest."""

    key: KeyKind
    hash: HashKind
    message: bytes
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ReadMyNumber:
    """Read the twelve digits; `pin` is the input-assistance PIN."""

    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ReadAttributes:
    """Read name, address, birth date and sex; `pin` is the input-assistance PIN."""

    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Close:
    """End the client's session with the card, as when its user closes it."""


Call: TypeAlias = TriesLeft | VerifyPin | ChangePin | ReadCertificate | Sign | ReadMyNumber | ReadAttributes | Close

_OPERATIONS: dict[type[Call], Operation] = {
    TriesLeft: Operation.TRIES_LEFT,
    VerifyPin: Operation.VERIFY_PIN,
    ChangePin: Operation.CHANGE_PIN,
    ReadCertificate: Operation.READ_CERTIFICATE,
    Sign: Operation.SIGN,
    ReadMyNumber: Operation.READ_MY_NUMBER,
    ReadAttributes: Operation.READ_ATTRIBUTES,
    Close: Operation.CLOSE,
}


def operation_of(call: Call) -> Operation:
    """Name the operation that a call asks for."""
    return _OPERATIONS[type(call)]


# ---------------------------------------------------------------- answers


@dataclass(frozen=True, slots=True)
class Attributes:
    """The four attributes as text."""

    name: str
    address: str
    birth_date: str
    sex: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client said came of a call.

    Attributes:
        outcome: The name of it.
        tries: The numbers of tries that its words allow: `range(2, 3)` for "2", a wider range where the client only
            says something like "low", None where it says nothing.
        value: What was read: a certificate or signature (bytes), the My Number (str), or the attributes.
        message: The client's own words, for people.
        breakdown: Set where there was no answer at all.

    """

    outcome: Outcome
    tries: range | None = None
    value: bytes | str | Attributes | None = field(default=None, repr=False)
    message: str = ""
    breakdown: Breakdown | None = None


def states(tries: int) -> range:
    """The claim that exactly this many tries are left."""
    return range(tries, tries + 1)


def broke_down(breakdown: Breakdown, message: str) -> Answer:
    """The answer that stands for none."""
    return Answer(Outcome.PROTOCOL_ERROR, message=message, breakdown=breakdown)
