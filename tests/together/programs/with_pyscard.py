"""A program of its own: read all certificates with pyscard and have both keys sign; argument: where to write them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from smartcard.System import readers

Transmit = Callable[[bytes], bytes]

SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
CERTIFICATES = {"auth": 0x0A, "auth_ca": 0x0B, "sign": 0x01, "sign_ca": 0x02}
PINS = {"auth": (0x18, b"1234"), "sign": (0x1B, b"ABC123")}
KEYS = {"auth": 0x17, "sign": 0x1A}
DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


def main(where: Path) -> None:
    connection = readers()[0].createConnection()
    connection.connect()

    def transmit(command: bytes) -> bytes:
        data, sw1, sw2 = connection.transmit(list(command))
        if (sw1, sw2) != (0x90, 0x00):
            raise SystemExit(f"the card answered {sw1:02X}{sw2:02X}")
        return bytes(data)

    transmit(SELECT)
    for pin, value in PINS.values():
        transmit(bytes((0x00, 0x20, 0x00, 0x80 | pin, len(value))) + value)
    for name, fid in CERTIFICATES.items():
        (where / f"{name}.der").write_bytes(certificate(transmit, fid))
    digest_info = DIGEST_INFO + sha256((where / "document").read_bytes()).digest()
    for name, key in KEYS.items():
        signature = transmit(bytes((0x80, 0x2A, 0x00, 0x80 | key, len(digest_info))) + digest_info + b"\0")
        (where / f"{name}.signature").write_bytes(signature)
    connection.disconnect()
    connection.release()


def certificate(transmit: Transmit, fid: int) -> bytes:
    data = transmit(bytes((0x00, 0xB0, 0x80 | fid, 0x00, 0x00)))
    whole = 4 + int.from_bytes(data[2:4], "big")
    while len(data) < whole:
        data += transmit(bytes((0x00, 0xB0)) + len(data).to_bytes(2, "big") + b"\0")
    return data[:whole]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
