"""Revocation lists, CA certificates and OCSP over HTTP, as relying parties fetch them.

Needs the extra `services`. Nobody has to say who he is: the real responder answers accredited verifiers only (K-35).
"""

from __future__ import annotations

import base64
from functools import partial

from mynacard_emulator.pki import ocsp, shipped
from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.crl import revocation_list
from mynacard_emulator.pki.errors import IssuerError, StatusUnavailableError
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import StatusSource

try:
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route
except ImportError as error:
    raise IssuerError(
        f"starlette and uvicorn cannot be used ({error}); install them: pip install mynacard[services]"
    ) from None

LARGEST_REQUEST = 4096
"""In bytes; an ordinary request has 70 to 120."""
_REQUEST_TYPE, _RESPONSE_TYPE = "application/ocsp-request", "application/ocsp-response"


def responder(source: StatusSource) -> Starlette:
    """What a relying party can fetch: `/ocsp`, and for each kind and generation `/crl/auth-1.crl`, `/ca/auth-1.cer`.

    All in DER. A body that is no OCSP request is answered by the responder and not by HTTP (RFC 6960, A.2). The source
    is asked from one thread, whichever that is.
    """
    routes = [
        Route("/ocsp", partial(_post_ocsp, source), methods=["POST"]),
        Route("/ocsp/{request:path}", partial(_get_ocsp, source), methods=["GET"]),
    ]
    for ca in (ca for kind in CertKind for ca in shipped.authorities(kind)):
        name = f"{ca.kind.value}-{ca.generation}"
        routes.append(Route(f"/crl/{name}.crl", partial(_crl, source, ca), methods=["GET"]))
        routes.append(Route(f"/ca/{name}.cer", partial(_ca, ca), methods=["GET"]))
    return Starlette(routes=routes)


async def _post_ocsp(source: StatusSource, request: Request) -> Response:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _REQUEST_TYPE:
        return PlainTextResponse(f"send {_REQUEST_TYPE}\n", status_code=415)
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST_REQUEST:
                return PlainTextResponse(f"at most {LARGEST_REQUEST} bytes\n", status_code=413)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody will read it
    return _answer(source, bytes(body))


async def _get_ocsp(source: StatusSource, request: Request) -> Response:
    text: str = request.path_params["request"]
    if len(text) > LARGEST_REQUEST:
        return PlainTextResponse(f"at most {LARGEST_REQUEST} characters; longer requests by POST\n", status_code=414)
    try:
        body = base64.b64decode(text, validate=True)
    except ValueError:
        body = b""  # as malformed as anything
    return _answer(source, body)


def _answer(source: StatusSource, body: bytes) -> Response:
    return Response(ocsp.respond(body, source), media_type=_RESPONSE_TYPE)


async def _crl(source: StatusSource, ca: CertificationAuthority, _request: Request) -> Response:
    try:
        return Response(revocation_list(ca, source), media_type="application/pkix-crl")
    except StatusUnavailableError as error:
        return PlainTextResponse(f"{error}\n", status_code=503)


async def _ca(ca: CertificationAuthority, _request: Request) -> Response:
    return Response(ca.der, media_type="application/pkix-cert")
