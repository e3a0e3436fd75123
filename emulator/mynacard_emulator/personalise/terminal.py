"""A test terminal that needs no PIN: what it says to a card, line by line.

`python -m mynacard_emulator.personalise.terminal` prints the APDUs, for `mynacard apdu -`. The certificate has the
shape of the card's own card-verifiable ones and five bytes more, which fill the length that is known.
"""

from __future__ import annotations

import sys

from mynacard_emulator.applications import jpki
from mynacard_emulator.card.commands import TerminalBlock
from mynacard_emulator.iso7816 import INS, CommandAPDU, ProprietaryINS
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.keys import modulus, sign_sha256

from .records import data_object, key_id, public_key

CA_KEY_ID = key_id("9000035", "001")
KEY_ID = key_id("9990012", "000")

_UNKNOWN = bytes(5)


def certificate() -> tuple[bytes, bytes]:
    """The test terminal's certificate in two blocks: its body (307 bytes), and its CA's signature over that (261)."""
    body = CA_KEY_ID + KEY_ID + public_key(modulus(shipped.key(shipped.TERMINAL))) + _UNKNOWN
    signature = sign_sha256(shipped.key(shipped.TERMINAL_CA), body)
    return data_object(0x5F4E, body), data_object(0x5F37, signature)


def commands() -> tuple[CommandAPDU, ...]:
    """What the terminal sends: the JPKI application, the body, EF 0016, the signature."""
    body, signature = certificate()
    return (
        CommandAPDU(0x00, INS.SELECT, 0x04, 0x0C, jpki.AID),
        _present(TerminalBlock.CERTIFICATE, body),
        CommandAPDU(0x00, INS.SELECT, 0x02, 0x0C, jpki.TERMINAL_CA_KEY.to_bytes(2, "big")),
        _present(TerminalBlock.SIGNATURE, signature),
    )


def _present(block: TerminalBlock, data: bytes) -> CommandAPDU:
    return CommandAPDU(0x80, ProprietaryINS.SET_PUBLIC_KEY, block >> 8, block & 0xFF, data)


def main() -> None:
    """Print the commands."""
    for command in commands():
        sys.stdout.write(f"{command.encode().hex().upper()}\n")


if __name__ == "__main__":
    main()
