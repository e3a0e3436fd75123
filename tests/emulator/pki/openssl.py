"""The openssl command: somebody else's opinion about what was made here."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


def verify(certificate: bytes, ca: bytes, directory: Path, at: datetime) -> str:
    """What `openssl verify` says about a certificate (DER) under one CA (DER) at a time."""
    leaf, root = directory / "leaf.pem", directory / "root.pem"
    for path, der in ((leaf, certificate), (root, ca)):
        path.write_bytes(x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM))
    moment = str(int(at.timestamp()))
    command = ["openssl", "verify", "-x509_strict", "-attime", moment, "-CAfile", str(root), str(leaf)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return (done.stdout + done.stderr).replace(str(leaf), "leaf")
