"""The responder over HTTP: what it serves, and that no bytes bring it down."""

from __future__ import annotations

import asyncio
import base64
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest
from cryptography import x509
from cryptography.x509 import ocsp
from cryptography.x509.ocsp import OCSPCertStatus, OCSPResponseStatus
from hypothesis import given
from hypothesis import strategies as st

from mynacard_emulator.office.responder import LARGEST_REQUEST, responder
from mynacard_emulator.pki import shipped
from mynacard_emulator.pki.crl import revocation_list
from mynacard_emulator.pki.names import CertKind
from mynacard_emulator.pki.status import StatusSource
from mynacard_emulator.rest.listening import CannotListen, serving
from tests.emulator.pki.book import NOON, Book, Closed, good, request, revoked

SERIAL = 0x1E0391CA
AUTH = shipped.authority(CertKind.AUTH)
BOOK = Book({(CertKind.AUTH, 1, SERIAL): (good(),), (CertKind.AUTH, 1, SERIAL + 1): (revoked(NOON.replace(hour=0)),)})
POST = b"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Type: application/ocsp-request\r\n"
OCSP_REQUEST = {"content-type": "application/ocsp-request"}


def ask(method: str, path: str, source: StatusSource = BOOK, **more: object) -> httpx.Response:
    """One request to the application itself, without a socket; an exception in it comes out here."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=responder(source))
        async with httpx.AsyncClient(transport=transport, base_url="http://responder") as client:
            return await client.request(method, path, **more)  # type: ignore[arg-type]

    return asyncio.run(send())


def status(response: httpx.Response) -> OCSPResponseStatus:
    assert (response.status_code, response.headers["content-type"]) == (200, "application/ocsp-response")
    return ocsp.load_der_ocsp_response(response.content).response_status


def test_a_request_can_be_posted() -> None:
    response = ask("POST", "/ocsp", content=request(AUTH, SERIAL), headers=OCSP_REQUEST)

    assert status(response) is OCSPResponseStatus.SUCCESSFUL
    assert ocsp.load_der_ocsp_response(response.content).certificate_status is OCSPCertStatus.GOOD


@pytest.mark.parametrize("safe", ["", "/+="], ids=["escaped", "as it is"])
@pytest.mark.parametrize("serial", [SERIAL, 0x3FFFFF, 0x0F83E0, 0xFBEFBE], ids=hex)
def test_a_request_can_be_part_of_the_path(safe: str, serial: int) -> None:
    text = base64.b64encode(request(AUTH, serial)).decode()
    response = ask("GET", f"/ocsp/{quote(text, safe=safe)}")

    assert status(response) is OCSPResponseStatus.SUCCESSFUL
    assert ocsp.load_der_ocsp_response(response.content).serial_number == serial


@pytest.mark.parametrize("kind", CertKind)
@pytest.mark.parametrize("generation", [1, 2, 3])
def test_each_generation_has_its_list_and_its_certificate(kind: CertKind, generation: int) -> None:
    ca = shipped.authority(kind, generation)
    crl = ask("GET", f"/crl/{kind.value}-{generation}.crl")
    certificate = ask("GET", f"/ca/{kind.value}-{generation}.cer")

    assert (crl.status_code, crl.headers["content-type"]) == (200, "application/pkix-crl")
    assert crl.content == revocation_list(ca, BOOK)
    assert (certificate.status_code, certificate.headers["content-type"]) == (200, "application/pkix-cert")
    assert certificate.content == ca.der


def test_a_list_has_what_is_revoked() -> None:
    found = x509.load_der_x509_crl(ask("GET", "/crl/auth-1.crl").content)

    assert [entry.serial_number for entry in found] == [SERIAL + 1]


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "application/ocsp-response", "text/plain; charset=utf-8"]
)
def test_what_says_it_is_something_else_is_not_read(content_type: str) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = ask("POST", "/ocsp", content=request(AUTH, SERIAL), headers=headers)

    assert (response.status_code, response.text) == (415, "send application/ocsp-request\n")


def test_the_content_type_may_be_in_capitals_and_have_parameters() -> None:
    headers = {"content-type": "Application/OCSP-Request; charset=binary"}

    assert status(ask("POST", "/ocsp", content=request(AUTH, SERIAL), headers=headers)) is OCSPResponseStatus.SUCCESSFUL


def test_a_body_has_a_limit() -> None:
    longest, longer = (
        ask("POST", "/ocsp", content=bytes(LARGEST_REQUEST + more), headers=OCSP_REQUEST) for more in (0, 1)
    )

    assert status(longest) is OCSPResponseStatus.MALFORMED_REQUEST
    assert (longer.status_code, longer.text) == (413, "at most 4096 bytes\n")


def test_a_path_has_a_limit() -> None:
    assert status(ask("GET", "/ocsp/" + "A" * LARGEST_REQUEST)) is OCSPResponseStatus.MALFORMED_REQUEST
    assert ask("GET", "/ocsp/" + "A" * (LARGEST_REQUEST + 1)).status_code == 414


@pytest.mark.parametrize("text", ["%", "A", "%20", "架空", "AAA", "....", "%00", "/", "MEI="])
def test_a_path_without_a_request_is_answered_by_the_responder(text: str) -> None:
    assert status(ask("GET", f"/ocsp/{text}")) is OCSPResponseStatus.MALFORMED_REQUEST


@pytest.mark.parametrize(
    "path",
    ["/", "/crl", "/crl/auth-0.crl", "/crl/auth-4.crl", "/crl/text-1.crl", "/ca/auth-1.crl", "/crl/../ca/auth-9.cer"],
)
def test_what_is_not_there_is_not_found(path: str) -> None:
    assert ask("GET", path).status_code == 404


def test_methods_that_make_no_sense_are_refused() -> None:
    assert [
        ask("GET", "/ocsp").status_code,
        ask("PUT", "/ocsp").status_code,
        ask("POST", "/ca/auth-1.cer").status_code,
    ] == [
        405,
        405,
        405,
    ]


def test_while_the_registry_cannot_be_read_there_is_no_list_and_no_status() -> None:
    crl = ask("GET", "/crl/auth-1.crl", Closed())

    assert (crl.status_code, crl.text) == (503, "registry.json: cannot be read\n")
    posted = ask("POST", "/ocsp", Closed(), content=request(AUTH, SERIAL), headers=OCSP_REQUEST)
    assert status(posted) is OCSPResponseStatus.TRY_LATER


@pytest.mark.property
@given(st.binary(max_size=LARGEST_REQUEST))
def test_any_posted_bytes_are_answered_by_the_responder(body: bytes) -> None:
    assert status(ask("POST", "/ocsp", content=body, headers=OCSP_REQUEST)) is not OCSPResponseStatus.INTERNAL_ERROR


@pytest.mark.property
@given(st.text(max_size=60), st.binary(max_size=60), st.booleans())
def test_any_path_is_answered(text: str, data: bytes, encoded: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
    path = base64.b64encode(data).decode() if encoded else quote(text, safe="")

    response = ask("GET", f"/ocsp/{path}A")

    assert (response.status_code == 404) is ("%0A" in path)  # no path at all, for a router
    assert response.status_code == 404 or status(response) is not OCSPResponseStatus.INTERNAL_ERROR


@pytest.mark.property
@given(st.text(max_size=60))
def test_any_other_path_is_not_found(text: str) -> None:
    assert ask("GET", f"/x{quote(text, safe='/')}").status_code == 404


# ---------------------------------------------------------------- sockets


@pytest.fixture
def url() -> Iterator[str]:
    with serving(responder(BOOK)) as url:
        yield url


def address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return host, int(port)


def test_it_says_where_it_is_and_is_only_there(url: str) -> None:
    host, port = address(url)

    assert host == "127.0.0.1"
    assert port > 0
    assert httpx.get(f"{url}/ca/auth-1.cer").content == AUTH.der


def test_the_port_is_free_when_it_has_stopped() -> None:
    with serving(responder(BOOK)) as first:
        assert httpx.get(f"{first}/ca/auth-1.cer").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{first}/ca/auth-1.cer")
    with serving(responder(BOOK), *address(first)) as again:
        assert again == first


def test_it_can_be_stopped_before_it_was_ever_asked() -> None:
    with serving(responder(BOOK)):
        pass

    assert "mynacard-responder" not in {thread.name for thread in threading.enumerate()}


def test_a_connection_that_says_nothing_does_not_keep_it_from_stopping() -> None:
    with serving(responder(BOOK)) as url, socket.create_connection(address(url)) as idle:
        assert httpx.get(f"{url}/ca/auth-1.cer").status_code == 200
        idle.sendall(b"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsome")

    assert "mynacard-responder" not in {thread.name for thread in threading.enumerate()}


def test_a_signal_stops_a_process_that_serves() -> None:
    program = """
from threading import Event
from mynacard_emulator.cli.serving import stop_on_signals
from mynacard_emulator.office.responder import responder
from mynacard_emulator.rest.listening import serving
stop = Event()
stop_on_signals(stop)
with serving(responder(None)) as url:
    print(url, flush=True)
    stop.wait()
print("stopped")
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = process.stdout.readline().decode().strip()
        assert httpx.get(f"{url}/ca/auth-1.cer").status_code == 200
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=30)

    assert (process.returncode, output, errors) == (0, b"stopped\n", b"")


@pytest.mark.parametrize(("missing", "user"), [("starlette", "office.responder"), ("uvicorn", "rest.listening")])
def test_without_its_extra_it_says_what_to_install(missing: str, user: str) -> None:
    program = f"""
import sys
sys.modules[{missing!r}] = None
from mynacard_emulator.pki.errors import IssuerError
try:
    import mynacard_emulator.{user}
except IssuerError as error:
    print(error)
"""
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.startswith("starlette and uvicorn cannot be used (")
    assert done.stdout.endswith("; install them: pip install mynacard[services]\n")


def test_a_port_that_is_taken_is_said_in_one_line(url: str) -> None:
    host, port = address(url)
    with pytest.raises(CannotListen) as refused, serving(responder(BOOK), host, port):
        pass

    problem = "cannot listen there: Address already in use; choose another address or port"
    assert str(refused.value) == f"127.0.0.1:{port}: {problem}"


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1", "a\0b", "." * 80])
def test_an_address_that_cannot_be_is_said_in_one_line(host: str) -> None:
    with pytest.raises(CannotListen, match=r"cannot listen there: .*; choose another"), serving(responder(BOOK), host):
        pass


@pytest.mark.parametrize("port", [-1, 65536, 1 << 40])
def test_a_port_that_cannot_be_is_said_in_one_line(port: int) -> None:
    with pytest.raises(CannotListen) as refused, serving(responder(BOOK), "127.0.0.1", port):
        pass

    cure = "no such port; choose one up to 65535, or 0 for any that is free"
    assert str(refused.value) == f"127.0.0.1:{port}: {cure}"


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 64,
        b"GET\r\n\r\n",
        b"POST /ocsp HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        POST + b"Content-Length: 9\r\n\r\nhalf",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["zeros", "half a line", "negative length", "no chunk", "hangs up", "endless line"],
)
def test_what_is_no_http_does_not_disturb_the_next_one(
    url: str, garbage: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(address(url)) as rude:
        rude.sendall(garbage)
        rude.shutdown(socket.SHUT_WR)
    response = httpx.post(f"{url}/ocsp", content=request(AUTH, SERIAL), headers=OCSP_REQUEST)

    assert status(response) is OCSPResponseStatus.SUCCESSFUL
    assert "Traceback" not in capfd.readouterr().err
