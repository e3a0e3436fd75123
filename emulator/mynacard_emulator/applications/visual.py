"""The visual application (券面事項確認AP): what is printed on the card, as pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from mynacard_emulator.card import After, Application, InternalEF, KeyEF, PinEF, Signer, TransparentEF

AID = bytes.fromhex("D3921000310001010402")

AGE_RECORD = 0x0001
CARD_FACE = 0x0002
BASIC_INFO = 0x0003
CV_CERTIFICATE = 0x0004
MY_NUMBER_IMAGE = 0x0005
UNKNOWN_0006 = 0x0006
BIRTH_DATE = 0x0011
NUMBER_B = 0x0012
NUMBER_A = 0x0013
INTERNAL_KEY = 0x001A
UNIDENTIFIED = (0x001C, 0x001E)

_EITHER_NUMBER = After(NUMBER_A, NUMBER_B)


@dataclass(frozen=True, slots=True)
class VisualContent:
    """What the issuer writes into the application: whole EF contents, reference data, and the card's own key.

    Attributes:
        age_record: EF 0001, 547 bytes: birth date and public key, signed; to prove an age and nothing else.
        card_face: EF 0002: the printed face as data and pictures, with an offset table.
        basic_info: EF 0003: version and municipality.
        cv_certificate: EF 0004, 568 bytes: the certificate of the key that signed.
        my_number_image: EF 0005: the My Number as a picture.
        internal_signer: The private half of the public key in EF 0001, 0002 and 0005.
        birth_date: Six digits: year of the era, month, day.
        number_a, number_b: 照合番号A and B, in other files than in the text application.

    """

    age_record: bytes
    card_face: bytes
    basic_info: bytes
    cv_certificate: bytes
    my_number_image: bytes
    internal_signer: Signer = field(repr=False, compare=False)
    birth_date: bytes = field(repr=False)
    number_a: bytes = field(repr=False)
    number_b: bytes = field(repr=False)


def visual(content: VisualContent) -> Application:
    """Arrange the content in files; each of the three values opens what its holder needs and no more."""
    return Application(
        "visual",
        AID,
        (
            TransparentEF(AGE_RECORD, content.age_record, read=After(BIRTH_DATE)),
            TransparentEF(CARD_FACE, content.card_face, read=_EITHER_NUMBER),
            TransparentEF(BASIC_INFO, content.basic_info),
            TransparentEF(CV_CERTIFICATE, content.cv_certificate),
            TransparentEF(MY_NUMBER_IMAGE, content.my_number_image, read=After(NUMBER_A)),
            TransparentEF(UNKNOWN_0006, b"\xff" * 16, read=_EITHER_NUMBER),
            PinEF(BIRTH_DATE, initial=content.birth_date, tries=10, lengths=range(6, 7)),
            PinEF(NUMBER_B, initial=content.number_b, tries=10, lengths=range(14, 15)),
            PinEF(NUMBER_A, initial=content.number_a, tries=10, lengths=range(12, 13)),
            KeyEF(INTERNAL_KEY, content.internal_signer),
            *(InternalEF(fid) for fid in UNIDENTIFIED),
        ),
        default_key=INTERNAL_KEY,
    )
