"""Started by `exec --control` with a card: starts `mynacard helper`, asks it as a page does, and ends it with SIGINT.

The first argument is a story, the others are the helper's. Prints as JSON what it was told, how the helper ended and
what it wrote to standard error.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from mynacard_emulator.readers.pcsc import PcscError, ReaderConnection

READER = "Virtual PCD 00 00"
SITE = "http://127.0.0.1:8000"
CHALLENGE = b"a challenge of a portal"
JPKI, PIN, QUERY = (bytes.fromhex(apdu) for apdu in ("00A4040C0AD392F000260100000001", "00A4020C020018", "00200080"))
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the site, opened by the link that the helper printed."""

    helper: httpx.Client

    def ask(self, path: str, pin: str | None = None) -> Any:
        """An answer without certificate and signature, or the name of a refusal; a signature is verified."""
        if pin is None:
            answer = self.helper.get(path).json()
        else:
            body = {"challenge": b64encode(CHALLENGE).decode(), "pin": pin}
            answer = self.helper.post(path, json=body).json()
        if "signature" in answer:
            verify(answer)
        return answer.get("error", {name: answer[name] for name in ("outcome", "tries_left") if name in answer})


def verify(answer: dict[str, str]) -> None:
    key = x509.load_der_x509_certificate(b64decode(answer["certificate"])).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(b64decode(answer["signature"]), CHALLENGE, padding.PKCS1v15(), hashes.SHA256())


def opened(link: str, token_file: Path | None) -> Page:
    """Open the link; the token may be in a file instead."""
    address = urlsplit(link)
    told = {name: values[0] for name, values in parse_qs(address.fragment).items()}
    assert (f"{address.scheme}://{address.netloc}", address.path) == (SITE, "/portal/")
    assert ("token" in told) is (token_file is None)
    token = told["token"] if token_file is None else token_file.read_text(encoding="ascii").strip()
    headers = {"origin": SITE, "authorization": f"Bearer {token}"}
    return Page(httpx.Client(base_url=f"http://{told['helper']}", headers=headers, timeout=PATIENCE))


def card() -> Callable[[str, str, object], None]:
    """Whoever stands at the reader."""
    transport = httpx.HTTPTransport(uds=os.environ["MYNACARD_CONTROL"].removeprefix("unix:"))
    control = httpx.Client(transport=transport, base_url="http://localhost", timeout=PATIENCE)

    def steer(method: str, path: str, body: object = None) -> None:
        control.request(method, f"/readers/0/{path}", json=body).raise_for_status()

    return steer


def heard(*commands: bytes) -> str:
    """What the next program hears in the reader."""
    connection = ReaderConnection(READER)
    try:
        connection.connect()
        return [connection.transmit(command).hex() for command in commands][-1]
    except PcscError as error:
        return type(error).__name__
    finally:
        connection.close()


def login(page: Page) -> list[Any]:
    """A login: the card is looked at, the first PIN is wrong, and afterwards no PIN is verified."""
    told = [page.ask("/card"), page.ask("/certificate"), page.ask("/proof", "12"), page.ask("/proof", "0000")]
    return [*told, page.ask("/proof", "1234"), heard(JPKI, PIN, QUERY)]


def reader_story(page: Page) -> list[Any]:
    """Card and reader go and come, and others are there."""
    steer = card()
    steer("DELETE", "card", None)
    told = [page.ask("/card")]
    steer("POST", "card", None)
    told += [page.ask("/card")]
    for name in ("usb-hub", "held-by-another", "reader-restarted", "upside-down"):
        steer("POST", "accident", {"name": name})
        told += [name, page.ask("/card")["outcome"]]
        steer("DELETE", "accident", None)
    steer("POST", "faults", {"fault": "verify:1:eject"})
    told += [page.ask("/proof", "0000")]
    steer("POST", "card", None)
    return [*told, page.ask("/card"), page.ask("/proof", "1234")]


def kept(page: Page) -> list[Any]:
    """Another program keeps the card, so that the first request waits for it, and the next does not get its turn."""
    card()("POST", "accident", {"name": "transaction-stolen"})
    told: list[Any] = []
    first = threading.Thread(target=lambda: told.append(page.ask("/card")))
    first.start()
    told += [page.ask("/card")]
    first.join()
    return told


STORIES = {"login": login, "reader": reader_story, "kept": kept}


def main(story: str, *options: str) -> dict[str, Any]:
    command = ["mynacard", "helper", "--site", SITE, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        token_file = Path(options[options.index("--token-file") + 1]) if "--token-file" in options else None
        page = opened(process.stdout.readline(), token_file)
        try:
            told = STORIES[story](page)
        finally:
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=PATIENCE)
    return {"told": told, "status": process.returncode, "errors": errors}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
