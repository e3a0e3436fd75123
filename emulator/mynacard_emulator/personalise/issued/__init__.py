"""A card as its issuer knows it: a record for each application, with its arrangement in files, and all of them."""

from .card import IssuedCard
from .issuer import IssuerRecord
from .jpki import IssuedCertificate, JpkiRecord
from .licence import LicenceRecord
from .register import CommonRecord
from .text import TextRecord
from .visual import VisualRecord

__all__ = [
    "CommonRecord",
    "IssuedCard",
    "IssuedCertificate",
    "IssuerRecord",
    "JpkiRecord",
    "LicenceRecord",
    "TextRecord",
    "VisualRecord",
]
