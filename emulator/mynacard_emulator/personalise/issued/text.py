"""What the issuer writes into the text application."""

from dataclasses import dataclass, field

from mynacard_emulator.applications.text import TextContent, text
from mynacard_emulator.card import Application
from mynacard_emulator.personalise.pins import PinKind, Pins

from .signing import session_cipher, signer


@dataclass(frozen=True, slots=True)
class TextRecord:
    """What was written into the text application: whole files, and two private keys (PKCS#8, PEM)."""

    my_number: bytes
    attributes: bytes
    integrity: bytes
    cv_certificate: bytes
    basic_info: bytes
    session_key: bytes
    internal_key: bytes
    session_private_key: str = field(repr=False)
    internal_private_key: str = field(repr=False)

    def application(self, pins: Pins, number_a: str, number_b: str) -> Application:
        """Arrange it in files, with these PINs and 照合番号."""
        return text(
            TextContent(
                my_number=self.my_number,
                attributes=self.attributes,
                integrity=self.integrity,
                cv_certificate=self.cv_certificate,
                basic_info=self.basic_info,
                session_key=self.session_key,
                internal_key=self.internal_key,
                internal_signer=signer(self.internal_private_key),
                session_cipher=session_cipher(self.session_private_key),
                pin=pins.value(PinKind.TEXT),
                number_a=number_a.encode("ascii"),
                number_b=number_b.encode("ascii"),
            )
        )
