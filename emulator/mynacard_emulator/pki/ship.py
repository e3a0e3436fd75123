"""Make the keys and CA certificates that the package ships: `python -m mynacard_emulator.pki.ship DIR`.

They are made once, not at every build: cards and traces out there were made with them. What is there already is left
as it is, so a key that is added later does not replace the others.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from .authority import self_signed
from .keys import fresh, load, to_pem
from .names import CertKind, foreign_name
from .shipped import CA_FILES, CA_FOREIGN, KEY_NAMES, certificate_file, key_file

NOT_BEFORE = {  # three months before a generation issues
    1: datetime(2025, 1, 1, tzinfo=UTC),
    2: datetime(2029, 9, 30, 15, tzinfo=UTC),
    3: datetime(2034, 9, 30, 15, tzinfo=UTC),
}
NOT_AFTER = datetime(2049, 12, 31, 14, 59, 59, tzinfo=UTC)  # the last day that UTCTime can say, in Japan
SERIAL_NUMBERS = {
    (CertKind.SIGN, 1): 1,
    (CertKind.AUTH, 1): 1,
    (CertKind.SIGN, 2): 0x0E200001,
    (CertKind.AUTH, 2): 0x0E200002,
    (CertKind.SIGN, 3): 0x0E300001,
    (CertKind.AUTH, 3): 0x0E300002,
}
"""One for the first generation, four bytes for the others, as the real ones have (K-03); lower than any holder's."""


def ship(directory: Path) -> list[str]:
    """Write what is missing in `directory`; return the names of the files written."""
    wanted = {key_file(name): to_pem(fresh()) for name in KEY_NAMES if not (directory / key_file(name)).exists()}
    for file, text in wanted.items():
        (directory / file).write_text(text, encoding="ascii")
    written = list(wanted)
    for name in (*CA_FILES.values(), CA_FOREIGN):
        path = directory / certificate_file(name)
        if path.exists() and key_file(name) not in wanted:
            continue
        path.write_bytes(_certificate(name, (directory / key_file(name)).read_bytes()))
        written.append(path.name)
    return written


def _certificate(name: str, key: bytes) -> bytes:
    """The certificate of one CA, PEM."""
    kind, generation = next((ca for ca, file in CA_FILES.items() if file == name), (CertKind.AUTH, 1))
    foreign: x509.Name | None = foreign_name() if name == CA_FOREIGN else None
    ca = self_signed(
        kind,
        load(key),
        serial_number=SERIAL_NUMBERS[kind, generation],
        not_before=NOT_BEFORE[generation],
        not_after=NOT_AFTER,
        name=foreign,
    )
    return ca.certificate.public_bytes(Encoding.PEM)


def main(arguments: list[str]) -> int:
    """Run as a command; 2 when it was called wrongly."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        sys.stderr.write("usage: python -m mynacard_emulator.pki.ship DIR (an existing directory)\n")
        return 2
    for file in ship(Path(arguments[0])):
        sys.stdout.write(f"made {file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
