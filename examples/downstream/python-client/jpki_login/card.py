"""What a login needs of the card: the PIN for user authentication, its certificate, and a signature."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import ClassVar, Protocol

APPLICATION = bytes.fromhex("00A4040C0AD392F000260100000001")
CERTIFICATE_FILE, PIN_FILE, KEY_FILE, PRESENCE_FILE = 0x000A, 0x0018, 0x0017, 0x0008
SHA256_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


class Connection(Protocol):
    """The way to the card."""

    def transmit(self, command: bytes) -> bytes:
        """Exchange one APDU; raise `OSError` where there is no answer."""
        ...


class CardTrouble(Exception):
    """Something a user can be told in a sentence."""

    sentence: ClassVar[str] = "The card does not answer as expected. Please try again."

    def __str__(self) -> str:
        return self.sentence


class MalformedPin(CardTrouble):
    """What was typed cannot be a PIN, and has not been sent to the card."""

    sentence = "The PIN has four digits."


class WrongPin(CardTrouble):
    """The PIN was wrong.

    Attributes:
        tries_left: How many tries there still are, at least one.

    """

    def __init__(self, tries_left: int) -> None:
        super().__init__(tries_left)
        self.tries_left = tries_left

    def __str__(self) -> str:
        tries = "one try is" if self.tries_left == 1 else f"{self.tries_left} tries are"
        return f"The PIN is wrong; {tries} left."


class Locked(CardTrouble):
    """No tries are left."""

    sentence = "The PIN is locked. A counter of your municipality resets it."


class NoCertificate(CardTrouble):
    """The card has no certificate for user authentication, and so no PIN for it."""

    sentence = "This card has no certificate for user authentication."


class NotThisCard(CardTrouble):
    """The card in the reader is another."""

    sentence = "This is not a My Number Card."


class OutcomeUnknown(CardTrouble):
    """The card left while the PIN was on its way: nobody knows whether a try was spent."""

    sentence = "The card was taken away too early. Please put it back, and see how many tries are left."


class Card:
    """The card in a reader. It keeps nothing in mind: every action begins with SELECT.

    Every method raises `CardTrouble`, and `OSError` where the connection fails before a PIN was sent.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tries_left(self) -> int:
        """How many tries the PIN has left; to ask is free."""
        self._open()
        self._select(PIN_FILE)
        sw = self._send(b"\x00\x20\x00\x80")[1]
        if sw == 0x9000:  # so say some cards while the PIN is verified
            return 3
        if sw in (0x6983, 0x6984):
            return 0
        if sw & 0xFFF0 != 0x63C0:
            raise CardTrouble
        return sw & 0x0F

    def enter_pin(self, typed: str) -> None:
        """Put a PIN to the card, once."""
        digits = unicodedata.normalize("NFKC", typed)
        if len(digits) != 4 or not (digits.isascii() and digits.isdigit()):
            raise MalformedPin
        self._open()
        self._select(PIN_FILE)
        try:
            sw = self._send(b"\x00\x20\x00\x80\x04" + digits.encode())[1]
        except OSError:
            raise OutcomeUnknown from None
        if sw in (0x63C0, 0x6983, 0x6984):
            raise Locked
        if sw & 0xFFF0 == 0x63C0:
            raise WrongPin(sw & 0x0F)
        if sw != 0x9000:
            raise CardTrouble

    def certificate(self) -> bytes:
        """The certificate for user authentication, as DER."""
        self._open()
        self._select(CERTIFICATE_FILE)
        data = self._read(0)
        size = 4 + int.from_bytes(data[2:4], "big")
        while len(data) < size:
            data += self._read(len(data))
        return data[:size]

    def sign(self, pin: str, challenge: bytes) -> bytes:
        """Answer a login's challenge."""
        self.enter_pin(pin)
        self._select(KEY_FILE)
        info = SHA256_INFO + hashlib.sha256(challenge).digest()
        return self._demand(bytes((0x80, 0x2A, 0x00, 0x80, len(info))) + info + b"\x00")

    def leave(self) -> None:
        """Leave no verified PIN behind: another application is selected."""
        self._send(bytes.fromhex("00A4040C07A0000001510000"))

    def _open(self) -> None:
        """SELECT the application, and see whether this card has a certificate in it."""
        _, sw = self._send(APPLICATION)
        if sw == 0x6F00:  # one card says so to its first command
            _, sw = self._send(APPLICATION)
        if sw == 0x6A82:
            raise NotThisCard
        if sw != 0x9000:
            raise CardTrouble
        self._select(PRESENCE_FILE)
        if self._read(0, 3)[1:2] == b"\x00":
            raise NoCertificate

    def _select(self, file: int) -> None:
        self._demand(b"\x00\xa4\x02\x0c\x02" + file.to_bytes(2, "big"))

    def _read(self, offset: int, size: int = 0) -> bytes:
        return self._demand(b"\x00\xb0" + offset.to_bytes(2, "big") + bytes((size,)))

    def _demand(self, command: bytes) -> bytes:
        data, sw = self._send(command)
        if sw != 0x9000:
            raise CardTrouble
        return data

    def _send(self, command: bytes) -> tuple[bytes, int]:
        answer = self._connection.transmit(command)
        if len(answer) < 2:
            raise OSError("the card's answer is cut short")
        return answer[:-2], int.from_bytes(answer[-2:], "big")
