"""Card files and registry files: written before the card's, or the office's, answer leaves."""

from .errors import (
    CardFileDamaged,
    CardFileError,
    CardFileExists,
    CardFileInUse,
    CardFileMissing,
    CardFileReadOnly,
    CardFileTooNew,
    NotACardFile,
    NotARegistryFile,
    RegistryFileDamaged,
    RegistryFileError,
    RegistryFileExists,
    RegistryFileInUse,
    RegistryFileMissing,
    RegistryFileReadOnly,
    RegistryFileTooNew,
    StoredFileError,
)
from .kind import JSON
from .stored import CardFile, RegistryFile

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
    "NotARegistryFile",
    "RegistryFile",
    "RegistryFileDamaged",
    "RegistryFileError",
    "RegistryFileExists",
    "RegistryFileInUse",
    "RegistryFileMissing",
    "RegistryFileReadOnly",
    "RegistryFileTooNew",
    "StoredFileError",
]
