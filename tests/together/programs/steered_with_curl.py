"""Watches a reader through pyscard while curl takes its card out and puts it back; tells what it saw."""

import json
import subprocess
import sys

from mynacard_emulator.readers.pcsc import ReaderConnection

READER, PATIENCE = "Virtual PCD 00 00", 10.0
SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")


def ask(method: str, path: str) -> str:
    """Ask with curl, and return the answer as it is."""
    command = ["curl", "-sS", "--unix-socket", sys.argv[1], "-X", method, f"http://localhost{path}"]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=PATIENCE).stdout


watched = ReaderConnection(READER)
seen: list[object] = [
    watched.wait_present(PATIENCE),
    json.loads(ask("DELETE", "/readers/0/card")),
    watched.wait_absent(PATIENCE),
    json.loads(ask("POST", "/readers/0/card")),
    watched.wait_present(PATIENCE),
]
watched.connect()
seen.append(watched.transmit(SELECT).hex())
watched.close()
json.dump(seen, sys.stdout)
