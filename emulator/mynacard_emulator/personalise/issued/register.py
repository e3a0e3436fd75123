"""What the issuer writes into the two applications that municipal staff use."""

from dataclasses import dataclass, field

from mynacard_emulator.applications.common import CommonContent, common
from mynacard_emulator.applications.juki import JukiContent, juki
from mynacard_emulator.card import Application
from mynacard_emulator.personalise.pins import PinKind, Pins

from .signing import signer


@dataclass(frozen=True, slots=True)
class CommonRecord:
    """What was written into the common and the resident register application, and a private key (PKCS#8, PEM)."""

    card_record: bytes
    key_reference: bytes
    private_key: str = field(repr=False)

    def applications(self, pins: Pins) -> tuple[Application, Application]:
        """Arrange it in files: the register, then the common application, each with the register PIN."""
        pin = pins.value(PinKind.JUKI)
        return (
            juki(JukiContent(self.key_reference, pin)),
            common(CommonContent(self.card_record, self.key_reference, signer(self.private_key), pin)),
        )
