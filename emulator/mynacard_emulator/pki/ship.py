"""Make the keys and CA certificates that the package ships: `python -m mynacard_emulator.pki.ship DIR`.

They are made once, not at every build: cards and traces out there were made with them. What is there already is left
as it is, so a key that is added later does not replace the others.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from .authority import self_signed
from .keys import fresh, load, to_pem
from .shipped import CA_FILES, KEY_NAMES, certificate_file, key_file

NOT_BEFORE = datetime(2025, 1, 1, tzinfo=UTC)
NOT_AFTER = datetime(2049, 12, 31, 14, 59, 59, tzinfo=UTC)  # the last day that UTCTime can say, in Japan
FIRST_GENERATION = 1


def ship(directory: Path) -> list[str]:
    """Write what is missing in `directory`; return the names of the files written."""
    wanted = {key_file(name): to_pem(fresh()) for name in KEY_NAMES if not (directory / key_file(name)).exists()}
    for file, text in wanted.items():
        (directory / file).write_text(text, encoding="ascii")
    written = list(wanted)
    for kind, name in CA_FILES.items():
        path = directory / certificate_file(name)
        if path.exists() and key_file(name) not in wanted:
            continue
        key = load((directory / key_file(name)).read_bytes())
        ca = self_signed(kind, key, serial_number=FIRST_GENERATION, not_before=NOT_BEFORE, not_after=NOT_AFTER)
        path.write_bytes(ca.certificate.public_bytes(Encoding.PEM))
        written.append(path.name)
    return written


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
