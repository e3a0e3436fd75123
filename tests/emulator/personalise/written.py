"""What the issuer wrote into an application, for tests that know that the card has it."""

from __future__ import annotations

from mynacard_emulator.personalise.issued import IssuedCard, IssuedCertificate, JpkiRecord, TextRecord


def jpki_of(card: IssuedCard) -> JpkiRecord:
    """What was written into the JPKI application."""
    assert card.jpki is not None
    return card.jpki


def text_of(card: IssuedCard) -> TextRecord:
    """What was written into the text application."""
    assert card.text is not None
    return card.text


def auth_of(card: IssuedCard) -> IssuedCertificate:
    """The auth certificate."""
    found = card.certificate("auth")
    assert found is not None
    return found


def sign_of(card: IssuedCard) -> IssuedCertificate:
    """The sign certificate."""
    found = card.certificate("sign")
    assert found is not None
    return found
