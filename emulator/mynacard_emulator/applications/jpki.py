"""The JPKI application (公的個人認証AP): two certificates, two keys and two PINs."""

from __future__ import annotations

from dataclasses import dataclass, field

from mynacard_emulator.card import (
    ALWAYS,
    NEVER,
    After,
    Application,
    InternalEF,
    KeyEF,
    PinEF,
    Signer,
    TerminalKeyEF,
    TransparentEF,
    Verifier,
)
from mynacard_emulator.card.profile import File

AID = bytes.fromhex("D392F000260100000001")

SIGN_CERTIFICATE = 0x0001
SIGN_CA_CERTIFICATE = 0x0002
TOKEN_INFO = 0x0006
AVAILABILITY = 0x0008
UNKNOWN_0009 = 0x0009
AUTH_CERTIFICATE = 0x000A
AUTH_CA_CERTIFICATE = 0x000B
TERMINAL_CA_KEY = 0x0016
AUTH_KEY = 0x0017
AUTH_PIN = 0x0018
SIGN_KEY = 0x001A
SIGN_PIN = 0x001B
OF_AUTH = (AUTH_CERTIFICATE, AUTH_CA_CERTIFICATE, AUTH_KEY, AUTH_PIN)
UNIDENTIFIED = (0x0010, 0x0019, 0x001C, 0x001E)

CERTIFICATE_EF_SIZE = 3808
"""Bytes; the certificate, then FF (one card was measured)."""

_PRESENT, _ABSENT = b"\x8f", b"\x00"


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A certificate (DER) and the private key that it certifies."""

    certificate: bytes
    signer: Signer = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class JpkiContent:
    """What the issuer writes into the application.

    Attributes:
        token_info: 160 bytes, a serialised CK_TOKEN_INFO (K-40).
        sign_ca, auth_ca: CA certificates (DER).
        sign, auth: Certificate and key; None where the holder has none (R-014).
        sign_pin, auth_pin: Initial values; None for a PIN that was never set.
        auth_guarded: Whether the auth certificate is read only after the auth PIN, as in a telephone (F-075).
        sign_only: Whether there is nothing that has to do with the auth certificate.
        terminal_ca: Verifies what the CA of terminals has signed; None on a card that knows no such CA.

    """

    token_info: bytes
    sign_ca: bytes
    auth_ca: bytes
    sign: CertifiedKey | None
    auth: CertifiedKey | None
    sign_pin: bytes | None = field(repr=False)
    auth_pin: bytes | None = field(repr=False)
    auth_guarded: bool = False
    sign_only: bool = False
    terminal_ca: Verifier | None = field(default=None, repr=False, compare=False)


def jpki(content: JpkiContent) -> Application:
    """Arrange the content in files."""
    flags = [_ABSENT if certified is None else _PRESENT for certified in (content.sign, content.auth)]
    auth_read = After(AUTH_PIN) if content.auth_guarded else ALWAYS
    files: tuple[File, ...] = (
        TransparentEF(SIGN_CERTIFICATE, _certificate(content.sign), read=After(SIGN_PIN)),
        TransparentEF(SIGN_CA_CERTIFICATE, _padded(content.sign_ca)),
        TransparentEF(TOKEN_INFO, content.token_info),
        TransparentEF(AVAILABILITY, b"".join(flags) + b"\x00"),
        TransparentEF(UNKNOWN_0009, b"", read=NEVER),
        TransparentEF(AUTH_CERTIFICATE, _certificate(content.auth), read=auth_read),
        TransparentEF(AUTH_CA_CERTIFICATE, _padded(content.auth_ca)),
        _terminal_key(content.terminal_ca),
        _key(AUTH_KEY, content.auth, AUTH_PIN, TERMINAL_CA_KEY),
        PinEF(AUTH_PIN, initial=content.auth_pin, tries=3, opt_in=True),
        _key(SIGN_KEY, content.sign, SIGN_PIN),
        PinEF(SIGN_PIN, initial=content.sign_pin, tries=5, lengths=range(6, 17), opt_in=True),
        *(InternalEF(fid) for fid in UNIDENTIFIED),
    )
    if content.sign_only:
        files = tuple(file for file in files if file.fid not in OF_AUTH)
    return Application("JPKI", AID, files, session_key=NEVER)


def _terminal_key(verify: Verifier | None) -> File:
    return InternalEF(TERMINAL_CA_KEY) if verify is None else TerminalKeyEF(TERMINAL_CA_KEY, verify, AUTH_PIN)


def _key(fid: int, certified: CertifiedKey | None, *after: int) -> File:
    return InternalEF(fid) if certified is None else KeyEF(fid, certified.signer, use=After(*after))


def _certificate(certified: CertifiedKey | None) -> bytes:
    return _padded(b"" if certified is None else certified.certificate)


def _padded(certificate: bytes) -> bytes:
    return certificate.ljust(CERTIFICATE_EF_SIZE, b"\xff")
