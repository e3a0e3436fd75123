"""What the issuer writes into the visual application."""

from dataclasses import dataclass, field
from datetime import date

from mynacard_emulator.applications.visual import VisualContent, visual
from mynacard_emulator.card import Application
from mynacard_emulator.personalise.era import era_birth_date

from .signing import signer


@dataclass(frozen=True, slots=True)
class VisualRecord:
    """What was written into the visual application: whole files, and a private key (PKCS#8, PEM)."""

    age_record: bytes
    card_face: bytes
    basic_info: bytes
    cv_certificate: bytes
    my_number_image: bytes
    internal_private_key: str = field(repr=False)

    def application(self, born: date, number_a: str, number_b: str) -> Application:
        """Arrange it in files, with these 照合番号."""
        return visual(
            VisualContent(
                age_record=self.age_record,
                card_face=self.card_face,
                basic_info=self.basic_info,
                cv_certificate=self.cv_certificate,
                my_number_image=self.my_number_image,
                internal_signer=signer(self.internal_private_key),
                birth_date=era_birth_date(born).encode("ascii"),
                number_a=number_a.encode("ascii"),
                number_b=number_b.encode("ascii"),
            )
        )
