"""The program: asks for the PIN, logs in at nothing in particular, and says what came of it."""

from __future__ import annotations

import getpass
import sys

from smartcard.Exceptions import SmartcardException
from smartcard.System import readers

from . import Card, CardTrouble


class ReaderConnection:
    """The way to the card in a PC/SC reader."""

    def __init__(self, name: str | None) -> None:
        found = [reader for reader in readers() if name in (None, str(reader))]
        if not found:
            raise OSError("there is no such reader")
        self._connection = found[0].createConnection()
        self._connected = False

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        try:
            if not self._connected:
                self._connection.connect()
                self._connected = True
            data, sw1, sw2 = self._connection.transmit(list(command))
        except SmartcardException:
            raise OSError("the card cannot be reached") from None
        return bytes((*data, sw1, sw2))


def main(name: str | None = None) -> int:
    """Log in with the card in the reader of this name, or else in the first."""
    try:
        card = Card(ReaderConnection(name))
        pin = getpass.getpass("PIN: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        card.sign(pin, b"a challenge")
        card.leave()
    except (CardTrouble, OSError) as trouble:
        print(trouble)
        return 1
    print("Welcome.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
