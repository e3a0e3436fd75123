"""What the issuer writes above all applications."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IssuerRecord:
    """What GET DATA tells above all applications.

    Attributes:
        issuer_id: 0042, 16 bytes.
        card_identification: 0045, text with filler.
        recognition_data: 0066, as GlobalPlatform describes it.
        municipality: 00F0, five digits.
        last_day: 00F2, eight digits.
        key_id: 00F7, 16 bytes.
        upper_cv_certificate: 00F8, two objects without the 7F21 around them.
        lower_cv_certificate: 7F21, likewise; None on an older card.
        contact_atr: 5F51, without TS.

    """

    issuer_id: bytes
    card_identification: bytes
    recognition_data: bytes
    municipality: bytes
    last_day: bytes
    key_id: bytes
    upper_cv_certificate: bytes
    lower_cv_certificate: bytes | None
    contact_atr: bytes

    def data_objects(self) -> dict[int, bytes]:
        """The objects by tag."""
        objects = {
            0x0042: self.issuer_id,
            0x0045: self.card_identification,
            0x0066: self.recognition_data,
            0x00F0: self.municipality,
            0x00F2: self.last_day,
            0x00F7: self.key_id,
            0x00F8: self.upper_cv_certificate,
            0x7F21: self.lower_cv_certificate,
            0x5F51: self.contact_atr,
        }
        return {tag: value for tag, value in objects.items() if value is not None}
