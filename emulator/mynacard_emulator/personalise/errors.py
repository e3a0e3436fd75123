"""What a person hears whose profile or card file cannot be used."""

from mynacard_emulator.pki.errors import IssuerError


class ProfileError(IssuerError):
    """A profile that no card can be made from: file, key, cure."""


class IssuedDataError(IssuerError):
    """JSON that is not what an issuer wrote; the message names the place and never a value."""


class NoFaceError(IssuerError):
    """A picture was asked for of something that is no My Number Card."""
