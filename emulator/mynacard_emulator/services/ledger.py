"""What the services know: accounts, sessions, challenges and the log of operations; one frozen mapping of records.

An action makes a new ledger from the old one, so that a refusal has changed nothing. The services have no way to the
persons of the office's registry: they know their users by the serial numbers of auth certificates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Self, TypeAlias, TypeVar

from mynacard_emulator.personalise import codec

from .states import AccountState, BarcodeState, CheckMode, DeviceState, MyKeyState, PasscodeState, PortalState


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """Bytes (as hex) that a service has given out to be signed; gone when they came back once."""

    TABLE: ClassVar[str] = "challenge"

    value: str
    service: str
    given: datetime

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStore:
    """The CAs that the services trust, by the fingerprints of their certificates; without it all that there are."""

    TABLE: ClassVar[str] = "trust-store"
    ID: ClassVar[str] = "all-services"

    authorities: tuple[str, ...]

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.ID


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """That an action was asked for, and what came of it (R-102, R-161)."""

    TABLE: ClassVar[str] = "log"

    number: int
    at: datetime
    action: str
    outcome: str
    account: str | None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return f"{self.number:08}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Password:
    """A password that can be compared with and not read: salt and digest, as hex."""

    salt: str = field(repr=False)
    digest: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MyKeyRecord:
    """A MyKey ID, and what belongs to it.

    Attributes:
        name: The ID: eight capital letters and digits (R-052).
        serial_number: Of its holder's auth certificate; it follows links (R-062, R-096).
        points: On the platform, never on the card (R-103).
        mail: Where its holder wants to be written to; empty for nowhere.

    """

    TABLE: ClassVar[str] = "mykey"

    name: str
    serial_number: int
    state: MyKeyState
    password: Password | None = None
    points: int = 0
    mail: str = field(default="", metadata=codec.ADDED_LATER)

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class MyKeySession:
    """Who is logged in from a browser.

    Attributes:
        serial_number: Of the certificate that was shown; None for a login by ID and password.
        account: The MyKey ID; None for a holder who has none yet.
        checked: The ID that was last found free.

    """

    TABLE: ClassVar[str] = "mykey-session"

    browser: str
    serial_number: int | None = None
    account: str | None = None
    checked: str | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a user of the portal tells of themselves.

    Attributes:
        nickname: One to twenty characters (R-166).
        mails: None, one or two addresses (R-167, R-168).
        notices: What the user wants to be told of (R-170).
        login_notice: Whether every login is told by mail (R-172).

    """

    nickname: str
    mails: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    login_notice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalAccount:
    """A user of the portal.

    Attributes:
        folder: The user folder, by which the portal knows them (R-165).
        serial_number: Of the auth certificate; it follows links (D-20).
        last_login: When they logged in last.

    """

    TABLE: ClassVar[str] = "portal"

    folder: str
    serial_number: int
    profile: Profile
    last_login: datetime

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.folder


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalSession:
    """Where a browser is in the portal, and who is logged in from there.

    Attributes:
        set_up: Whether the setup program has run to its end on this computer (R-141).
        serial_number: Of the certificate that was shown; None while nobody is logged in.
        expires: The last second of that certificate.
        folder: Whose account it is; None before one is registered.
        previous: When the user logged in the time before.
        draft: What was entered for registration, until it is completed.

    """

    TABLE: ClassVar[str] = "portal-session"

    browser: str
    state: PortalState = PortalState.TOP
    set_up: bool = False
    serial_number: int | None = None
    expires: datetime | None = None
    folder: str | None = None
    previous: datetime | None = None
    draft: Profile | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Barcode:
    """A barcode on a computer's screen, which a telephone may scan for five minutes.

    Attributes:
        browser: The computer's.
        phone: The telephone that has scanned it, and alone goes on with it.

    """

    TABLE: ClassVar[str] = "barcode"

    code: str
    browser: str
    shown: datetime
    state: BarcodeState = BarcodeState.SHOWN
    phone: str | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A notice that was sent."""

    TABLE: ClassVar[str] = "mail"

    number: int
    to: str
    at: datetime
    about: str

    @property
    def id(self) -> str:
        """Its name within its table."""
        return f"{self.number:08}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A document that was handed in with a signature, and received.

    Attributes:
        serial_number: Of the sign certificate; the name and the address in it are not kept.
        digest: Of the document: SHA-256, as hex.

    """

    TABLE: ClassVar[str] = "filing"

    number: int
    at: datetime
    serial_number: int
    digest: str

    @property
    def id(self) -> str:
        """Its name within its table."""
        return f"{self.number:08}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityAccount:
    """An account of the eligibility app.

    Attributes:
        failures: Wrong passwords in a row.
        locked_until: When a lock opens by itself (R-117).

    """

    TABLE: ClassVar[str] = "eligibility"

    name: str
    password: Password
    state: AccountState = AccountState.ISSUED
    failures: int = 0
    locked_until: datetime | None = None

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class AppDevice:
    """A device that is registered for an account of the eligibility app, and what the app remembers there.

    Attributes:
        free_from: When its registration is released for good.
        signed_in: Whether its user has opened the app.
        misses: Wrong passcodes in a row.

    """

    TABLE: ClassVar[str] = "device"

    name: str
    account: str
    state: DeviceState = DeviceState.REGISTERED
    free_from: datetime | None = None
    signed_in: bool = False
    passcode: Password | None = None
    passcode_state: PasscodeState = PasscodeState.UNSET
    misses: int = 0
    mode: CheckMode = CheckMode.VISUAL

    @property
    def id(self) -> str:
        """Its name within its table."""
        return self.name


Record: TypeAlias = (
    Challenge
    | TrustStore
    | LogLine
    | MyKeyRecord
    | MyKeySession
    | PortalAccount
    | PortalSession
    | Barcode
    | Mail
    | Filing
    | EligibilityAccount
    | AppDevice
)

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Ledger:
    """All records, by table and name, such as `mykey/KEY00001`."""

    records: Mapping[str, Record] = field(default_factory=lambda: MappingProxyType({}))

    def put(self, *records: Record) -> Self:
        """The same ledger with these records added, or in the place of those with their names."""
        return replace(self, records=MappingProxyType({**self.records, **{key(each): each for each in records}}))

    def without(self, record: Record) -> Self:
        """The same ledger without a record."""
        gone = key(record)
        return replace(self, records=MappingProxyType({k: r for k, r in self.records.items() if k != gone}))

    def find(self, table: type[R], name: str) -> R | None:
        """The record of this name in a table."""
        found = self.records.get(f"{table.TABLE}/{name}")
        return found if isinstance(found, table) else None

    def all(self, table: type[R]) -> Iterator[R]:
        """Every record of a table."""
        return (record for record in self.records.values() if isinstance(record, table))


def key(record: Record) -> str:
    """Where a record stands."""
    return f"{record.TABLE}/{record.id}"
