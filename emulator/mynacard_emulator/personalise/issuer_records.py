"""The card as its issuer numbers it: the record of the common application, and what GET DATA tells."""

from __future__ import annotations

from datetime import date

from mynacard_emulator.iso7816.atr import is_contactless

from .issued import IssuerRecord
from .records import CV_CA_KEY_ID, Sign, cv_certificate_objects, issuer_key_id, key_id

SERIAL_DIGITS = 15
ISSUER_ID = b"MYNACARD".ljust(16, b"\x00")

_CARD_RECORD_TAG = 0x01
_IDENTIFICATION_SIZE = 32
_GROUP_AUTHENTICATION = "002"

# 66 { 73 { OID globalPlatform, 60 version 2.2.1, 63 identification scheme, 64 SCP02 option 55 } } (GPCS 2.2.1, H.2)
RECOGNITION_DATA = bytes.fromhex(
    "6631732F06072A864886FC6B01600C060A2A864886FC6B02020201630906072A864886FC6B03640B06092A864886FC6B040255"
)


def card_record(serial: str, municipality_code: str, last_day: date) -> bytes:
    """EF 0001 of the common application: 28 digits as a simple TLV object (ISO 7816-4, 6.2)."""
    digits = f"{serial}{municipality_code}{last_day:%Y%m%d}".encode("ascii")
    return bytes((_CARD_RECORD_TAG, len(digits))) + digits


def serial_in(card_record_ef: bytes) -> str:
    """The fifteen digits in EF 0001 by which the registry knows the card."""
    return card_record_ef[2 : 2 + SERIAL_DIGITS].decode("ascii")


def key_reference(municipality_code: str) -> bytes:
    """EF 0002 of the common and of the register application: a key identifier."""
    return key_id(f"9{municipality_code}1", _GROUP_AUTHENTICATION)


def issuer_record(  # noqa: PLR0913 - one argument a source
    *,
    serial: str,
    municipality_code: str,
    last_day: date,
    cv_ca_modulus: bytes,
    issuer_modulus: bytes,
    sign_as_ca: Sign,
    atr: bytes,
    contact_atr: bytes,
) -> IssuerRecord:
    """What GET DATA tells: numbers, and a chain of two card-verifiable certificates from the CA to the issuer.

    A card that is met without contacts tells the ATR of its contacts all the same: then it is `contact_atr`.
    """
    subject = issuer_key_id(municipality_code)
    contact = contact_atr if is_contactless(atr) else atr
    return IssuerRecord(
        issuer_id=ISSUER_ID,
        card_identification=serial.encode("ascii").ljust(_IDENTIFICATION_SIZE, b"\x00"),
        recognition_data=RECOGNITION_DATA,
        municipality=municipality_code.encode("ascii"),
        last_day=f"{last_day:%Y%m%d}".encode("ascii"),
        key_id=subject,
        upper_cv_certificate=cv_certificate_objects(CV_CA_KEY_ID, CV_CA_KEY_ID, cv_ca_modulus, sign_as_ca),
        lower_cv_certificate=cv_certificate_objects(CV_CA_KEY_ID, subject, issuer_modulus, sign_as_ca),
        contact_atr=contact[1:],
    )
