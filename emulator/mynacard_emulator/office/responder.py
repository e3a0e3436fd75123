"""Revocation lists, CA certificates and OCSP over HTTP, as relying parties fetch them.

Needs the extra `services`. Nobody has to say who he is: the real responder answers accredited verifiers only (K-35).
"""

from __future__ import annotations

import base64
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from mynacard_emulator.pki import ocsp, shipped
from mynacard_emulator.pki.authority import CertificationAuthority
from mynacard_emulator.pki.crl import revocation_list
from mynacard_emulator.pki.errors import IssuerError, StatusUnavailableError
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import StatusSource

try:
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import ClientDisconnect, Request
    from starlette.responses import PlainTextResponse, Response
    from starlette.routing import Route
except ImportError as error:
    raise IssuerError(
        f"starlette and uvicorn cannot be used ({error}); install them: pip install mynacard[services]"
    ) from None

if TYPE_CHECKING:
    from starlette.types import ASGIApp

LARGEST_REQUEST = 4096
"""In bytes; an ordinary request has 70 to 120."""
MOST_CONNECTIONS = 100
"""At a time; the next ones are sent away with 503."""
LOOPBACK = "127.0.0.1"
_REQUEST_TYPE, _RESPONSE_TYPE = "application/ocsp-request", "application/ocsp-response"


class CannotListen(IssuerError):
    """There is no listening at that address."""


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


def serve(
    app: ASGIApp, host: str = LOOPBACK, port: int = 0, *, stop: threading.Event, on_listening: Callable[[str], None]
) -> None:
    """Serve until `stop` is set, by another thread or by whoever waits for signals; return when the port is free.

    `on_listening` is called with the URL as soon as it can be connected to. Raises `CannotListen`.
    """
    with serving(app, host, port) as url:
        on_listening(url)
        stop.wait()


@contextmanager
def serving(app: ASGIApp, host: str = LOOPBACK, port: int = 0) -> Iterator[str]:
    """Serve from a thread of its own, inside the `with`, and give the URL; port 0 is any free one.

    Raises `CannotListen`.
    """
    with listening(host, port) as listener, running(app, listener):
        yield url_of(listener)


@contextmanager
def running(app: ASGIApp, listener: socket.socket, name: str = "mynacard-responder") -> Iterator[None]:
    """Serve at a socket that listens already, from a thread of that name, inside the `with`."""
    # The log's configuration is the caller's; a connection that is kept open does not keep us.
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        timeout_graceful_shutdown=1,
        limit_concurrency=MOST_CONNECTIONS,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name=name)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def listening(host: str, port: int) -> socket.socket:
    """Listen at a port of TCP, 0 being any free one; raise `CannotListen`."""
    if not 0 <= port < 1 << 16:
        raise CannotListen(f"{host}:{port}: no such port; choose one up to 65535, or 0 for any that is free")
    try:
        family, *_, address = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0]
        return socket.create_server((str(address[0]), port), family=family)
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None) or 0
        reason = os.strerror(number) if number > 0 else error.args[-1]
        raise CannotListen(f"{host}:{port}: cannot listen there: {reason}; choose another address or port") from None


def url_of(listener: socket.socket) -> str:
    """Where a socket listens."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


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
