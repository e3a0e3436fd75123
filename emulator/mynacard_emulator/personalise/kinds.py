"""The kinds of card that people hold to a reader, wanted there or not, and the ATRs that were seen."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, unique
from types import MappingProxyType

from .pins import PinKind


@unique
class CardKind(Enum):
    """What sort of card it is; a telephone counts as one (F-072)."""

    MY_NUMBER_CARD = "my-number-card"
    ANDROID = "android"
    IPHONE = "iphone"
    JUKI_CARD = "juki-card"
    OTHER_CARD = "other-card"

    @property
    def atr(self) -> bytes:
        """The answer to reset where a profile names none."""
        match self:
            case CardKind.MY_NUMBER_CARD | CardKind.JUKI_CARD:
                return CONTACT_ATR
            case CardKind.ANDROID | CardKind.IPHONE:
                return ATRS["phone"]
            case CardKind.OTHER_CARD:
                return ATRS["other"]

    @property
    def token_label(self) -> str | None:
        """What EF 0006 of the JPKI application calls it (F-075); None where that application is not."""
        return _TOKEN_LABELS.get(self)

    @property
    def is_phone(self) -> bool:
        """Whether it is a telephone."""
        return self in (CardKind.ANDROID, CardKind.IPHONE)

    @property
    def certificates(self) -> frozenset[str]:
        """The certificates that it can have: `sign`, `auth`."""
        match self:
            case CardKind.MY_NUMBER_CARD | CardKind.ANDROID | CardKind.IPHONE:
                return frozenset({"sign", "auth"})
            case CardKind.JUKI_CARD:
                return frozenset({"sign"})
            case CardKind.OTHER_CARD:
                return frozenset()

    @property
    def pins(self) -> frozenset[PinKind]:
        """The PINs that it can have."""
        if self is CardKind.MY_NUMBER_CARD:
            return frozenset(PinKind)
        return frozenset(PinKind(certificate) for certificate in self.certificates)


ATRS: Mapping[str, bytes] = MappingProxyType(
    {
        "contact-1": bytes.fromhex("3BE000FF8131FE4514"),
        "contact-2": bytes.fromhex("3BDA13FF8131FB468012392F31C173C601C03B"),
        "contact-3": bytes.fromhex("3BC5FF8131FB458073C6010000"),
        "type-b-reader-1": bytes.fromhex("3BF59100FF918171FE400042000100D1D6"),
        "type-b-reader-2": bytes.fromhex("3BF59100FF918171FE4000420001B3A115"),
        "contactless-1": bytes.fromhex("3B888001000005E0B381A1007F"),
        "contactless-2": bytes.fromhex("3B888001000041E0B381A1003B"),
        "contactless-3": bytes.fromhex("3B888001004B51FF0081D100BC"),
        "contactless-4": bytes.fromhex("3B888001004B51FFB381D1000F"),
        "juki-contactless": bytes.fromhex("3B888001000014E0B38191005E"),
        "phone": bytes.fromhex("3B80800101"),
        "other": bytes.fromhex("3B8A014F544845522043415244FB"),
    }
)
"""What readers were seen to give, by the names that profiles call them by; docs/card.md says where each is met.

`phone` is a guess: what a reader makes up for a contactless card without historical bytes. `other` is no real card's.
"""

CONTACT_ATR = ATRS["contact-1"]

_TOKEN_LABELS = {
    CardKind.MY_NUMBER_CARD: "JPKIAPICCTOKEN2",
    CardKind.ANDROID: "JPKIAPGPSETOKEN",
    CardKind.IPHONE: "JPKIAPIOSTOKEN",
    CardKind.JUKI_CARD: "JPKIAPICCTOKEN",
}
