"""e-Tax: where a document is handed in with a signature of the sign key (R-007).

The sources name e-Tax as what the sign PIN is for, and say that the signature shows whether a document was altered.
That a document is handed in without a login, with a PKCS#1 v1.5 signature over SHA-256 of its bytes beside it, and that
a receipt has a number, is ours.
"""

from __future__ import annotations

import hashlib

from mynacard_emulator.office.reliance import standing_of
from mynacard_emulator.pki.names import CertKind

from .ledger import Filing
from .request import Request, Serve
from .served import OK, Served

NAME = "etax"


class ETax:
    """The service: it knows nobody, and looks at what is handed in."""

    def __init__(self, serve: Serve) -> None:
        self._serve = serve

    def submit(self, document: bytes, certificate: bytes, signature: bytes) -> Served:
        """Hand in a document with a sign certificate (DER) and its signature; the `receipt` has a number.

        What the certificate's key has not signed, or no trusted CA has issued for signing, is `cert_invalid`; where the
        certificate is not good now, the outcome says why.
        """

        def work(request: Request) -> Served:
            received = request.receive(CertKind.SIGN, certificate)
            if received is None or not received.has_signed(document, signature):
                return Served("cert_invalid")
            outcome = standing_of(request.office, received)
            if outcome != OK:
                return Served(outcome)
            digest = hashlib.sha256(document).hexdigest()
            number = sum(1 for _ in request.ledger.all(Filing)) + 1
            filing = Filing(number=number, at=request.at, serial_number=received.serial_number, digest=digest)
            request.put(filing)
            return Served(shown={"receipt": filing.id})

        return self._serve("etax.submit", "", work)
