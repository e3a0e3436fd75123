"""The person on the card, and the town that issued it."""

from dataclasses import dataclass
from datetime import date
from enum import Enum, unique

MAX_NAME = 100
MAX_ADDRESS = 200


@unique
class Sex(Enum):
    """Sex as the card writes it (JIS X 0303)."""

    UNKNOWN = "0"
    MALE = "1"
    FEMALE = "2"
    NOT_APPLICABLE = "9"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody invented.

    Attributes:
        name: Family name, U+3000, given name; at most 100 characters (that limit is an assumption).
        address: With full-width digits; at most 200 characters (K-29).
        name_substitutes: A digit per character of the name: 1 where a substitute character stands (K-26).
        address_substitutes: The same for the address (K-30).

    """

    name: str
    sex: Sex
    born: date
    address: str
    name_substitutes: str
    address_substitutes: str


@dataclass(frozen=True, slots=True)
class Municipality:
    """Where the card is issued.

    Attributes:
        code: Five digits; 99001 can be no real one, prefectures end at 47.
        prefecture: Romanised, as certificates write it, such as `Tokyo-to`.
        city: Romanised, such as `Kaku-shi`.

    """

    code: str = "99001"
    prefecture: str = "Tokyo-to"
    city: str = "Kaku-shi"

    @property
    def desk(self) -> str:
        """The nine characters that name the issuing desk in a certificate subject (K-18, K-23)."""
        return f"{self.code}001A"
