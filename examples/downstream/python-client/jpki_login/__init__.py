"""Logs in with a My Number Card: the certificate, a signature, and sentences for whoever typed the PIN."""

from .card import Card, CardTrouble, Locked, MalformedPin, NoCertificate, NotThisCard, OutcomeUnknown, WrongPin

__all__ = [
    "Card",
    "CardTrouble",
    "Locked",
    "MalformedPin",
    "NoCertificate",
    "NotThisCard",
    "OutcomeUnknown",
    "WrongPin",
]
