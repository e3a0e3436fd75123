"""What the issuer writes into the JPKI application."""

from dataclasses import dataclass, field
from datetime import datetime

from mynacard_emulator.applications.jpki import CertifiedKey, JpkiContent, jpki
from mynacard_emulator.card import Application
from mynacard_emulator.personalise import codec
from mynacard_emulator.personalise.pins import PinKind, Pins

from .signing import signer, verifier


@dataclass(frozen=True, slots=True)
class IssuedCertificate:
    """A certificate and its private key.

    Attributes:
        der: The certificate.
        serial_number: 発行の番号, by which services know the holder (K-11).
        not_before: The moment of issue.
        not_after: The last second of validity.
        private_key: PKCS#8, PEM.

    """

    der: bytes
    serial_number: int
    common_name: str
    not_before: datetime
    not_after: datetime
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class JpkiRecord:
    """What was written into the JPKI application; no certificate where the holder wanted none.

    Attributes:
        auth_guarded: Whether the auth certificate is read only after the auth PIN, as in a telephone (F-075).
        sign_only: Whether there are no files for an auth certificate at all, as on the predecessor card.
        terminal_ca: The modulus of the CA whose terminals need no PIN; None on a card that was made before terminals
            were known here.

    """

    token_info: bytes
    sign_ca: bytes
    auth_ca: bytes
    sign: IssuedCertificate | None
    auth: IssuedCertificate | None
    auth_guarded: bool = field(default=False, metadata=codec.ADDED_LATER)
    sign_only: bool = field(default=False, metadata=codec.ADDED_LATER)
    terminal_ca: bytes | None = field(default=None, metadata=codec.ADDED_LATER)

    def authorities(self) -> dict[str, bytes]:
        """The certificates of CAs that can be read from it, by `sign_ca` and `auth_ca`."""
        return {"sign_ca": self.sign_ca} if self.sign_only else {"sign_ca": self.sign_ca, "auth_ca": self.auth_ca}

    def application(self, pins: Pins) -> Application:
        """Arrange it in files, with these PINs."""
        return jpki(
            JpkiContent(
                token_info=self.token_info,
                sign_ca=self.sign_ca,
                auth_ca=self.auth_ca,
                sign=_certified(self.sign),
                auth=_certified(self.auth),
                sign_pin=pins.value(PinKind.SIGN),
                auth_pin=pins.value(PinKind.AUTH),
                auth_guarded=self.auth_guarded,
                sign_only=self.sign_only,
                terminal_ca=None if self.terminal_ca is None else verifier(self.terminal_ca),
            )
        )


def _certified(issued: IssuedCertificate | None) -> CertifiedKey | None:
    return None if issued is None else CertifiedKey(issued.der, signer(issued.private_key))
