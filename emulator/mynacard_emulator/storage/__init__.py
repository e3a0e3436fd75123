"""Card files: a card's memory on disk, written before the card's answer leaves."""

from .cardfile import CardFile
from .errors import (
    CardFileDamaged,
    CardFileError,
    CardFileExists,
    CardFileInUse,
    CardFileMissing,
    CardFileReadOnly,
    CardFileTooNew,
    NotACardFile,
)
from .layout import JSON

__all__ = [
    "JSON",
    "CardFile",
    "CardFileDamaged",
    "CardFileError",
    "CardFileExists",
    "CardFileInUse",
    "CardFileMissing",
    "CardFileReadOnly",
    "CardFileTooNew",
    "NotACardFile",
]
