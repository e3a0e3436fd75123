"""A certificate for a holder: what the desk sends to the CA, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from cryptography.hazmat.primitives.asymmetric import rsa

from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.certificates import Enrolment, FourAttributes, auth_certificate, sign_certificate
from mynacard_emulator.pki.keys import to_pem
from mynacard_emulator.pki.names import CertKind

from .dates import end_of_day
from .draw import UPPERCASE_ALPHANUMERIC, Draw
from .era import certificate_birth_date
from .holder import Holder, Municipality
from .issued import IssuedCertificate

FIRST_SERIAL_NUMBER = 0x10000000
SERIAL_NUMBERS_A_DAY = 0x10000
_SERIALS_SINCE = date(2016, 1, 1)


@dataclass(frozen=True, slots=True)
class CertificationRequest:
    """What the desk sends to the CA.

    Attributes:
        issued: The moment of issue, which is also the start of validity.
        last_day: The last day of validity.
        draw: Where the meaningless parts of the subject come from.
        real_policy: Name the real certificate policy.
        aia: The URL of the responder that the certificate is to name; None for a certificate without one.

    """

    holder: Holder
    municipality: Municipality
    key: rsa.RSAPrivateKey
    serial_number: int
    issued: datetime
    last_day: date
    draw: Draw
    real_policy: bool = False
    aia: str | None = None


def first_serial_number(issued: date) -> int:
    """The lowest serial number of that day; higher than any of an earlier day (K-11)."""
    return FIRST_SERIAL_NUMBER + (issued - _SERIALS_SINCE).days * SERIAL_NUMBERS_A_DAY


def serial_numbers(issued: date, draw: Draw) -> tuple[int, int]:
    """Two serial numbers of that day, ascending: four bytes, positive (K-11)."""
    first = first_serial_number(issued) + 2 * draw.below("serial number", SERIAL_NUMBERS_A_DAY // 2)
    return first, first + 1


def certify(ca: CertificationAuthority, request: CertificationRequest) -> IssuedCertificate:
    """Have the CA issue a certificate of its kind."""
    if ca.kind is CertKind.AUTH:
        enrolment = _enrolment(request, _auth_common_name(request))
        der = auth_certificate(ca, enrolment)
    else:
        enrolment = _enrolment(request, _sign_common_name(request))
        der = sign_certificate(ca, enrolment, _four_attributes(request.holder))
    return IssuedCertificate(
        der=der,
        serial_number=enrolment.serial_number,
        common_name=enrolment.common_name,
        not_before=enrolment.not_before,
        not_after=enrolment.not_after,
        private_key=to_pem(request.key),
    )


def _auth_common_name(request: CertificationRequest) -> str:
    """23 characters: 14 without meaning, then the desk (K-18, D-27)."""
    return request.draw.text("auth common name", 14, UPPERCASE_ALPHANUMERIC) + request.municipality.desk


def _sign_common_name(request: CertificationRequest) -> str:
    """28 characters: moment of issue, a sequence number, then the desk (K-23)."""
    return f"{request.issued:%Y%m%d%H%M%S}{request.draw.text('sign sequence', 5)}{request.municipality.desk}"


def _enrolment(request: CertificationRequest, common_name: str) -> Enrolment:
    return Enrolment(
        public_key=request.key.public_key(),
        serial_number=request.serial_number,
        not_before=request.issued,
        not_after=end_of_day(request.last_day),
        common_name=common_name,
        prefecture=request.municipality.prefecture,
        city=request.municipality.city,
        real_policy=request.real_policy,
        aia=request.aia,
    )


def _four_attributes(holder: Holder) -> FourAttributes:
    return FourAttributes(
        name=holder.name,
        name_substitutes=holder.name_substitutes,
        sex=holder.sex.value,
        birth_date=certificate_birth_date(holder.born),
        address=holder.address,
        address_substitutes=holder.address_substitutes,
    )
