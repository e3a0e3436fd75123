"""Who signs, under which names and object identifiers.

The shapes are those of the real hierarchy; the names are not, so that nothing made here can be mistaken for it. Policy
identifiers are under 2.999, the arc that ITU-T X.660 sets aside for examples; a client that insists on the real ones is
served by a switch. The identifiers of the holder's four attributes are always the real ones: clients look for them.
"""

from __future__ import annotations

from enum import Enum, unique

from cryptography import x509
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import NameOID

ORGANISATION = "JPKI-EMU"
CPS_URI = "http://cps.jpki-emu.invalid/cps.html"


@unique
class CertKind(Enum):
    """What a certificate is for: the holder's signature, or proving who is there."""

    SIGN = "sign"
    AUTH = "auth"


_CA_UNIT = {
    CertKind.SIGN: f"{ORGANISATION} for digital signature",
    CertKind.AUTH: f"{ORGANISATION} for user authentication",
}
_EXAMPLE_POLICY = {CertKind.SIGN: ObjectIdentifier("2.999.5.1.1.20"), CertKind.AUTH: ObjectIdentifier("2.999.5.1.3.30")}
_REAL_POLICY = {
    CertKind.SIGN: ObjectIdentifier("1.2.392.200149.8.5.1.1.20"),  # K-32
    CertKind.AUTH: ObjectIdentifier("1.2.392.200149.8.5.1.3.30"),  # K-21
}

_ATTRIBUTE_ARC = "1.2.392.200149.8.5.5"
NAME = ObjectIdentifier(f"{_ATTRIBUTE_ARC}.1")
NAME_SUBSTITUTES = ObjectIdentifier(f"{_ATTRIBUTE_ARC}.2")
SEX = ObjectIdentifier(f"{_ATTRIBUTE_ARC}.3")
BIRTH_DATE = ObjectIdentifier(f"{_ATTRIBUTE_ARC}.4")
ADDRESS = ObjectIdentifier(f"{_ATTRIBUTE_ARC}.5")
ADDRESS_SUBSTITUTES = ObjectIdentifier(f"{_ATTRIBUTE_ARC}.6")


def ca_name(kind: CertKind) -> x509.Name:
    """Subject and issuer of the CA; every generation of its key has the same one (K-03)."""
    return _name((NameOID.ORGANIZATIONAL_UNIT_NAME, _CA_UNIT[kind]), (NameOID.ORGANIZATIONAL_UNIT_NAME, "Test"))


def foreign_name() -> x509.Name:
    """A CA that is none of ours, and whose certificates are therefore good for nothing."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "STRANGER-EMU"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Test"),
        ]
    )


def service_name() -> x509.GeneralName:
    """The service's Japanese name, which both kinds carry as issuer alternative name (K-12)."""
    return x509.DirectoryName(
        x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "公的個人認証サービス（模擬）"),
            ]
        )
    )


def crl_distribution_point(kind: CertKind, prefecture: str, city: str) -> x509.Name:
    """The directory entry of a municipality's revocation list (K-14)."""
    return _name(
        (NameOID.ORGANIZATIONAL_UNIT_NAME, _CA_UNIT[kind]),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "CRL Distribution Points"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, prefecture),
        (NameOID.COMMON_NAME, f"{city} CRLDP"),
    )


def responder_name(kind: CertKind, generation: int) -> x509.Name:
    """Who signs OCSP responses about certificates of one generation."""
    return _name(
        (NameOID.ORGANIZATIONAL_UNIT_NAME, _CA_UNIT[kind]), (NameOID.COMMON_NAME, f"OCSP responder {generation}")
    )


def policy(kind: CertKind, *, real: bool) -> ObjectIdentifier:
    """The certificate policy: ours, or the real one on request."""
    return (_REAL_POLICY if real else _EXAMPLE_POLICY)[kind]


def _name(*rest: tuple[ObjectIdentifier, str]) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "JP"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            *(x509.NameAttribute(oid, value) for oid, value in rest),
        ]
    )
