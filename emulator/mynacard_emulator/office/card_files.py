"""Cards in files, as the office gets hold of them: opened for the visit, and put back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mynacard_emulator.cards import CardInHand
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.storage import CardFileError, CardFileExists


class CardFiles:
    """Whoever holds cards in files; what it calls a card is the path of its file.

    Args:
        new_file: Where a card goes that is handed over.

    """

    def __init__(self, new_file: Path | None = None) -> None:
        self._new_file = new_file

    def look(self, card: object) -> IssuedCard:
        """Tell what a card is, also while another process holds it; raise `CardFileError`."""
        return CardInHand.look(_path(card)).issued

    @contextmanager
    def take(self, card: object) -> Iterator[CardInHand]:
        """Bring a card to a desk; raise `CardFileError` where another process holds it."""
        with CardInHand.open(_path(card)) as in_hand:
            yield in_hand

    def receive(self, issued: IssuedCard, pins: Mapping[str, str | None]) -> Path:
        """Put a new card into its file; one that an interrupted errand left there is that card already."""
        del pins  # they are on the card already
        if self._new_file is None:
            raise TypeError("nobody said where a new card goes")
        try:
            CardInHand.create(self._new_file, issued).close()
        except CardFileExists:
            if not _is_there(self._new_file, issued):
                raise
        return self._new_file


def _is_there(path: Path, issued: IssuedCard) -> bool:
    try:
        return CardInHand.look(path).issued == issued
    except CardFileError:
        return False


def _path(card: object) -> Path:
    if not isinstance(card, Path):
        raise TypeError("here a card is the path of its file")
    return card
