"""One client of many: talks to one reader through pyscard, and holds every answer to its own command.

    python load_client.py READER APDUS SEED CONTENT

CONTENT is the card's auth certificate, in hex. Prints a line when it is connected, and when standard input has ended
and all is done, as JSON: how many APDUs were answered, how many tries of the auth PIN are spent, how often it reset the
card, how many answers did not come, and which were wrong.
"""

from __future__ import annotations

import json
import random
import select
import sys
from typing import Any

from smartcard import scard

JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")
AUTH_PIN = bytes.fromhex("00A4020C020018")
CERTIFICATE = bytes.fromhex("00A4020C02000A")
EMPTY_VERIFY = bytes.fromhex("00200080")
WRONG = bytes.fromhex("002000800430303030")
RIGHT = bytes.fromhex("002000800431323334")
LIMIT = 3
STATUS_WORD = 2


class Gone(Exception):
    """The card left, or was reset by somebody else: connect again."""


class Client:
    """What one client knows of its card."""

    def __init__(self, reader: str, content: bytes, seed: int) -> None:
        self.reader = reader
        self.content = content
        self.random = random.Random(seed)  # noqa: S311 - a seed decides what it does
        self.context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
        self.card: Any = None
        self.spent = 0
        self.answered = self.resets = self.lost = 0
        self.wrong: list[str] = []

    def connect(self) -> None:
        """Wait until the card is there, and go to the application."""
        while True:
            _, seen = scard.SCardGetStatusChange(self.context, 0, [(self.reader, scard.SCARD_STATE_UNAWARE)])
            states = [(self.reader, seen[0][1])]
            if not seen[0][1] & scard.SCARD_STATE_PRESENT:
                scard.SCardGetStatusChange(self.context, 5000, states)
                continue
            protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            answer = scard.SCardConnect(self.context, self.reader, scard.SCARD_SHARE_SHARED, protocols)
            if answer[0] == 0:
                self.card = answer[1]
                return
            scard.SCardGetStatusChange(self.context, 50, states)

    def send(self, command: bytes) -> bytes:
        """Exchange one APDU."""
        code, answer = scard.SCardTransmit(self.card, scard.SCARD_PCI_T1, list(command))
        if code or len(answer) < STATUS_WORD:
            scard.SCardDisconnect(self.card, scard.SCARD_LEAVE_CARD)
            self.lost += 1
            raise Gone
        self.answered += 1
        return bytes(answer)

    def expect(self, command: bytes, wanted: bytes) -> None:
        """Send a command whose answer is known to the byte."""
        answer = self.send(command)
        if answer != wanted:
            self.wrong.append(f"{command.hex()}: {answer.hex()} in place of {wanted.hex()}")

    def act(self) -> None:
        """Do one thing at random, from power-on or a reset to its answer."""
        self.expect(JPKI, b"\x90\x00")
        for _ in range(self.random.randrange(1, 8)):
            self.random.choice((self.read, self.read, self.challenge, self.count, self.pin))()

    def read(self) -> None:
        """Read some bytes at some offset of the certificate."""
        offset, length = self.random.randrange(len(self.content) - 256), self.random.randrange(1, 257)
        self.expect(CERTIFICATE, b"\x90\x00")
        command = bytes((0x00, 0xB0)) + offset.to_bytes(2, "big") + bytes((length % 256,))
        self.expect(command, self.content[offset : offset + length] + b"\x90\x00")

    def challenge(self) -> None:
        """Ask for so many random bytes."""
        length = self.random.randrange(1, 129)
        answer = self.send(bytes((0x00, 0x84, 0x00, 0x00, length)))
        if len(answer) != length + 2:
            self.wrong.append(f"GET CHALLENGE of {length}: {len(answer) - 2} bytes")

    def count(self) -> None:
        """Ask how many tries are left; it costs none."""
        self.expect(AUTH_PIN, b"\x90\x00")
        self.expect(EMPTY_VERIFY, bytes((0x63, 0xC0 | (LIMIT - self.spent))))

    def pin(self) -> None:
        """Enter a wrong PIN while two tries are left, else the right one.

        The try is spent before the answer comes: should that be lost, the next count tells whether the card acted.
        """
        self.expect(AUTH_PIN, b"\x90\x00")
        try:
            if self.spent < LIMIT - 1 and self.random.random() < 0.5:
                self.expect(WRONG, bytes((0x63, 0xC0 | (LIMIT - self.spent - 1))))
                self.spent += 1
            else:
                self.expect(RIGHT, b"\x90\x00")
                self.spent = 0
        except Gone:
            self.spent = -1
            raise

    def find_out(self) -> None:
        """Learn the counter from the card, after an answer about it was lost."""
        self.expect(JPKI, b"\x90\x00")
        self.expect(AUTH_PIN, b"\x90\x00")
        self.spent = LIMIT - (self.send(EMPTY_VERIFY)[1] & 0x0F)

    def reset(self) -> None:
        """Reset the card, warm or cold, now and then."""
        if self.random.random() < 0.1:
            self.resets += 1
            how = self.random.choice((scard.SCARD_RESET_CARD, scard.SCARD_UNPOWER_CARD))
            protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            scard.SCardReconnect(self.card, scard.SCARD_SHARE_SHARED, protocols, how)

    def run(self, apdus: int) -> None:
        """Go on until at least so many APDUs were answered and standard input ends, and let go of the card."""
        self.connect()
        print("connected", flush=True)  # noqa: T201 - whoever started it waits for this
        while self.spent < 0 or self.answered < apdus or not select.select([sys.stdin], [], [], 0)[0]:
            try:
                if self.spent < 0:
                    self.find_out()
                self.act()
                self.reset()
            except Gone:
                self.connect()
        scard.SCardDisconnect(self.card, scard.SCARD_LEAVE_CARD)
        scard.SCardReleaseContext(self.context)


def main() -> None:
    """Run one client."""
    reader, apdus, seed, content = sys.argv[1:]
    client = Client(reader, bytes.fromhex(content), int(seed))
    client.run(int(apdus))
    told = {
        "answered": client.answered,
        "spent": client.spent,
        "resets": client.resets,
        "lost": client.lost,
        "wrong": client.wrong[:3],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
