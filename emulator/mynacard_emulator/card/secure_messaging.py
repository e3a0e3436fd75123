"""Secure messaging (ISO 7816-4:2020, 10) in the form of this card: data is encrypted, headers and status words are not.

Each protected command has a number, counted from 1; its own data and the data of its answer are encrypted from the
initial vector that belongs to that number. There are no checksums.
"""

from __future__ import annotations

from mynacard_emulator.iso7816 import INS, CommandAPDU, ResponseAPDU, tlv
from mynacard_emulator.iso7816.apdu import EXTENDED_MAX_NE

from .profile import SessionCipher
from .state import SecureChannel

KEY_SIZE = 16
PROTECTED, PROTECTED_WITH_HEADER = 0x08, 0x0C
"""The class bytes of secure messaging; the second says that the header is protected too."""

_CRYPTOGRAM, _LE = 0x86, 0x96
_OBJECTS: dict[int, int] = {INS.SELECT: _CRYPTOGRAM, INS.VERIFY: _CRYPTOGRAM, INS.READ_BINARY: _LE}
_PADDED = b"\x01"
_PAD = b"\x80"
_BLOCK = 16
_LE_SIZE = 3


class IncorrectMessage(Exception):
    """The data objects of a protected command are not what secure messaging makes of one."""


def is_known(ins: int) -> bool:
    """Whether clients are known to protect this instruction."""
    return ins in _OBJECTS


def opened(cipher: SessionCipher, channel: SecureChannel, apdu: CommandAPDU) -> CommandAPDU:
    """The plain command inside a protected one; raise `IncorrectMessage` where there is none."""
    try:
        item, rest = tlv.decode(apdu.data)
    except tlv.MalformedTLV:
        raise IncorrectMessage from None
    if rest or item.tag != _OBJECTS.get(apdu.ins, item.tag):
        raise IncorrectMessage
    if item.tag == _CRYPTOGRAM:
        return CommandAPDU(0x00, apdu.ins, apdu.p1, apdu.p2, _decrypted(cipher, channel, item.value))
    if item.tag == _LE:
        return CommandAPDU(0x00, apdu.ins, apdu.p1, apdu.p2, ne=_ne(item.value), extended=True)
    raise IncorrectMessage


def closed(cipher: SessionCipher, channel: SecureChannel, response: ResponseAPDU) -> ResponseAPDU:
    """The protected answer around a plain one; its status word stays as it is."""
    padded = response.data + _PAD + bytes(-(len(response.data) + 1) % _BLOCK)
    cryptogram = cipher.encrypt(channel.key, _initial_vector(cipher, channel), padded)
    return ResponseAPDU(tlv.encode(_CRYPTOGRAM, _PADDED + cryptogram), response.sw)


def _decrypted(cipher: SessionCipher, channel: SecureChannel, value: bytes) -> bytes:
    indicator, cryptogram = value[:1], value[1:]
    if indicator != _PADDED or len(cryptogram) % _BLOCK:
        raise IncorrectMessage
    padded = cipher.decrypt(channel.key, _initial_vector(cipher, channel), cryptogram)
    data, mark, zeros = padded.rpartition(_PAD)
    if not mark or any(zeros) or len(zeros) >= _BLOCK:
        raise IncorrectMessage
    return data


def _initial_vector(cipher: SessionCipher, channel: SecureChannel) -> bytes:
    """The number of the command, encrypted as the one block it is."""
    return cipher.encrypt(channel.key, bytes(_BLOCK), channel.count.to_bytes(_BLOCK, "big"))


def _ne(value: bytes) -> int:
    if len(value) != _LE_SIZE or value[0]:
        raise IncorrectMessage
    return int.from_bytes(value, "big") or EXTENDED_MAX_NE
