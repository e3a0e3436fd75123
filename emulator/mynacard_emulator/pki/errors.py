"""What the issuer's side says when it cannot go on."""


class IssuerError(Exception):
    """One line for a person: what is wrong, where, and what to do; nothing was made or changed."""


class UnusableKeyError(IssuerError):
    """Bytes that are no private key this card can work with."""


class StatusUnavailableError(IssuerError):
    """The registry cannot say now which certificates are revoked."""
