"""The other end of secure messaging: a client that shares no line of code with the card."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256

from mynacard_emulator.card import Card

SEED = bytes(range(0xC0, 0xE0))
WHOLE_FILE = 0


def encrypt(key: bytes, initial_vector: bytes, blocks: bytes) -> bytes:
    made = Cipher(algorithms.AES128(key), modes.CBC(initial_vector)).encryptor()
    return made.update(blocks) + made.finalize()  # which raises `ValueError` for what is no whole block


def decrypt(key: bytes, initial_vector: bytes, blocks: bytes) -> bytes:
    made = Cipher(algorithms.AES128(key), modes.CBC(initial_vector)).decryptor()
    return made.update(blocks) + made.finalize()


def set_session_key(modulus: bytes, plain: bytes = b"\xa0\x22\x80\x20" + SEED) -> bytes:
    """SET SESSION KEY with what is encrypted to the key in EF 0006."""
    key = rsa.RSAPublicNumbers(0x010001, int.from_bytes(modulus, "big")).public_key()
    oaep = padding.OAEP(padding.MGF1(algorithm=SHA256()), SHA256(), None)
    return bytes.fromhex("80AE0000000100") + key.encrypt(plain, oaep)


class Client:
    """Protects commands and reads protected answers, counting both as one.

    Args:
        card: A card that has taken the session key.
        seed: The 32 bytes of which that is the first half.

    """

    def __init__(self, card: Card, seed: bytes = SEED) -> None:
        self.card = card
        self.key = seed[:16]
        self.number = 1

    def say(self, header: str, data_object: bytes) -> tuple[bytes, str]:
        """Send a protected command with this data field; return what was in the answer, and its status word."""
        length = b"\0" + len(data_object).to_bytes(2, "big")
        answer = self.card.transmit(bytes.fromhex(header) + length + data_object + b"\0\0")
        data = self._opened(answer[:-2]) if len(answer) > 2 else b""
        self.number += 1
        return data, answer[-2:].hex().upper()

    def send(self, header: str, data: bytes) -> tuple[bytes, str]:
        """Send a command whose data is encrypted."""
        return self.say(header, self.cryptogram(data))

    def read(self, header: str, length: int = WHOLE_FILE) -> tuple[bytes, str]:
        """Send a command that only says how many bytes it expects."""
        return self.say(header, b"\x96\x03\x00" + length.to_bytes(2, "big"))

    def cryptogram(self, data: bytes, tag: int = 0x86, indicator: int = 0x01) -> bytes:
        """The data object 86 of the next command; or one with another tag, or that says that it is padded otherwise."""
        padded = data + b"\x80"
        return self.encrypted(padded + bytes(-len(padded) % 16), tag, indicator)

    def encrypted(self, padded: bytes, tag: int = 0x86, indicator: int = 0x01) -> bytes:
        """The data object with these blocks, encrypted."""
        return bytes((tag, 1 + len(padded), indicator)) + encrypt(self.key, self._vector(), padded)

    def _opened(self, answer: bytes) -> bytes:
        assert answer[0] == 0x86
        start = 2 if answer[1] < 0x80 else 2 + (answer[1] & 0x7F)
        length = answer[1] if answer[1] < 0x80 else int.from_bytes(answer[2:start], "big")
        assert len(answer) == start + length
        assert answer[start] == 0x01
        padded = decrypt(self.key, self._vector(), answer[start + 1 :])
        data, mark, zeros = padded.rpartition(b"\x80")
        assert mark
        assert not any(zeros)
        assert len(padded) - len(data) <= 16
        return data

    def _vector(self) -> bytes:
        cipher = Cipher(algorithms.AES128(self.key), modes.ECB())  # noqa: S305 - one block, which is no message
        return cipher.encryptor().update(self.number.to_bytes(16, "big"))
