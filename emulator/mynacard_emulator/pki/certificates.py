"""The two certificates of a holder, as certificate profiles.

Both share version, algorithms, policy, distribution point and key identifiers. They differ in subject, key usage and in
the four attributes, which only the signature certificate tells. Extended key usage and authority information access are
left out: neither was confirmed on a card. Of the two, the latter is there on request (D-29).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID

from mynacard_emulator.iso7816 import tlv

from . import names
from .authority import CertificationAuthority, distribution_points, key_usage

_UTF8_STRING = 0x0C


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the issuing desk says about a certificate, whichever kind it is.

    Attributes:
        public_key: The holder's key on the card.
        serial_number: Positive, four bytes, ascending over both kinds (K-11).
        not_before: The moment of issue.
        not_after: The last second of validity (F-040).
        common_name: The subject's CN; never the holder's name (K-18, K-23).
        prefecture: Romanised, such as `Tokyo-to`.
        city: Romanised, such as `Kaku-shi`.
        real_policy: Name the real policy instead of the example one.
        aia: Where an OCSP responder answers for it, as a URL; None to leave it out.

    """

    public_key: rsa.RSAPublicKey
    serial_number: int
    not_before: datetime
    not_after: datetime
    common_name: str
    prefecture: str
    city: str
    real_policy: bool = False
    aia: str | None = None


@dataclass(frozen=True, slots=True)
class FourAttributes:
    """Name, birth date, sex and address as the signature certificate writes them (K-25 to K-30).

    Attributes:
        name: Family name, U+3000, given name.
        name_substitutes: A digit per character of the name; 1 where a substitute character stands.
        sex: 1 male, 2 female, 9 not applicable, 0 unknown.
        birth_date: Era digit and Gregorian date, `EYYYYMMDD`.
        address: With full-width digits.
        address_substitutes: A digit per character of the address.

    """

    name: str
    name_substitutes: str
    sex: str
    birth_date: str
    address: str
    address_substitutes: str


def auth_certificate(ca: CertificationAuthority, enrolment: Enrolment) -> bytes:
    """Issue a user-authentication certificate, DER: a pseudonym and nothing about the holder (K-19, K-20)."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.COMMON_NAME, enrolment.common_name),
        ]
    )
    return _issue(ca, enrolment, subject, key_usage("digital_signature"), None)


def sign_certificate(ca: CertificationAuthority, enrolment: Enrolment, attributes: FourAttributes) -> bytes:
    """Issue a signature certificate, DER: it tells the four attributes to everybody who gets it (K-24, K-31)."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.LOCALITY_NAME, enrolment.prefecture),
            x509.NameAttribute(NameOID.LOCALITY_NAME, enrolment.city),
            x509.NameAttribute(NameOID.COMMON_NAME, enrolment.common_name),
        ]
    )
    usage = key_usage("digital_signature", "content_commitment")
    return _issue(ca, enrolment, subject, usage, _alternative_name(attributes))


def _alternative_name(attributes: FourAttributes) -> x509.SubjectAlternativeName:
    in_order = (  # as read from cards: .1 .4 .3 .5 .2 .6 (K-24)
        (names.NAME, attributes.name),
        (names.BIRTH_DATE, attributes.birth_date),
        (names.SEX, attributes.sex),
        (names.ADDRESS, attributes.address),
        (names.NAME_SUBSTITUTES, attributes.name_substitutes),
        (names.ADDRESS_SUBSTITUTES, attributes.address_substitutes),
    )
    return x509.SubjectAlternativeName(
        [x509.OtherName(oid, tlv.encode(_UTF8_STRING, text.encode())) for oid, text in in_order]
    )


def _responder_at(url: str) -> x509.AuthorityInformationAccess:
    location = x509.UniformResourceIdentifier(url)
    return x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, location)])


def _issue(
    ca: CertificationAuthority,
    enrolment: Enrolment,
    subject: x509.Name,
    usage: x509.KeyUsage,
    alternative_name: x509.SubjectAlternativeName | None,
) -> bytes:
    """Sign what both kinds have in common, with what this kind adds."""
    policy = x509.PolicyInformation(names.policy(ca.kind, real=enrolment.real_policy), [names.CPS_URI])
    directory_entry = names.crl_distribution_point(ca.kind, enrolment.prefecture, enrolment.city)
    builder = (
        x509.CertificateBuilder(issuer_name=ca.certificate.subject, subject_name=subject)
        .public_key(enrolment.public_key)
        .serial_number(enrolment.serial_number)
        .not_valid_before(enrolment.not_before)
        .not_valid_after(enrolment.not_after)
        .add_extension(usage, critical=True)
        .add_extension(x509.IssuerAlternativeName([names.service_name()]), critical=False)
        .add_extension(x509.CertificatePolicies([policy]), critical=True)
        .add_extension(distribution_points(directory_entry), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca.key.public_key()), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(enrolment.public_key), critical=False)
    )
    if alternative_name is not None:
        builder = builder.add_extension(alternative_name, critical=False)
    if enrolment.aia is not None:
        builder = builder.add_extension(_responder_at(enrolment.aia), critical=False)
    return builder.sign(ca.key, SHA256()).public_bytes(Encoding.DER)
