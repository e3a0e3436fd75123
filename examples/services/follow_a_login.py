"""An end-to-end test of a login by card: from the reader to the service, through a lock, to the counter and back.

    mynacard exec --control 127.0.0.1:0 --services 127.0.0.1:0 -- python follow_a_login.py

`Client` stands for the program that you test: put your own in its place. It needs pyscard and nothing else.
"""

import json
import os
from base64 import b64decode, b64encode
from hashlib import sha256
from http.cookiejar import CookieJar
from urllib.request import HTTPCookieProcessor, Request, build_opener

from smartcard.System import readers

SELECT_JPKI = "00A4040C0AD392F000260100000001"
AUTH_PIN, AUTH_KEY, AUTH_CERTIFICATE = "0018", "0017", "000A"
SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")


class WrongPin(Exception):
    """The PIN was wrong; the argument is how many tries are left."""


class Client:
    """Reads the auth certificate and signs with its key."""

    def __init__(self) -> None:
        self.card = readers()[0].createConnection()
        self.card.connect()
        self.send(SELECT_JPKI)

    def send(self, command: str) -> bytes:
        """Send a command, in hex; whatever is not done is an error."""
        data, sw1, sw2 = self.card.transmit(list(bytes.fromhex(command)))
        if sw1 == 0x63:
            raise WrongPin(sw2 & 0xF)
        if (sw1, sw2) != (0x90, 0x00):
            raise RuntimeError(f"{command[:8]}: {sw1:02X}{sw2:02X}")
        return bytes(data)

    def certificate(self) -> bytes:
        """Read the auth certificate, which needs no PIN."""
        self.send(f"00A4020C02{AUTH_CERTIFICATE}")
        length = 4 + int.from_bytes(self.send("00B0000004")[2:], "big")
        return b"".join(self.send(f"00B0{at:04X}{min(length - at, 0x80):02X}") for at in range(0, length, 0x80))

    def sign(self, pin: str, message: bytes) -> bytes:
        """Sign with the auth key, SHA-256; raise `WrongPin`."""
        self.send(f"00A4020C02{AUTH_PIN}")
        self.send(f"00200080{len(pin):02X}{pin.encode().hex()}")
        self.send(f"00A4020C02{AUTH_KEY}")
        digest = SHA256_DIGEST_INFO + sha256(message).digest()
        return self.send(f"802A0080{len(digest):02X}{digest.hex()}00")


class Http:
    """One browser, or one program; its cookie tells it from others."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url, self.token = url, token
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))

    def post(self, path: str, **body: object) -> dict[str, str]:
        """Ask for something, in JSON."""
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = Request(f"{self.url}{path}", json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - loopback
        with self.opener.open(request) as answer:
            told: dict[str, str] = json.load(answer)
            return told


def log_in(service: Http, pin: str) -> str:
    """What comes of a login at the MyKey platform."""
    client = Client()
    challenge = service.post("/api/mykey/challenge")["challenge"]
    try:
        signature = client.sign(pin, b64decode(challenge))
    except WrongPin as wrong:
        return f"wrong PIN, {wrong} left"
    certificate = b64encode(client.certificate()).decode()
    proof = {"certificate": certificate, "challenge": challenge, "signature": b64encode(signature).decode()}
    return service.post("/api/mykey/log_in", **proof)["outcome"]


service = Http(os.environ["MYNACARD_SERVICES"])
office = Http(os.environ["MYNACARD_CONTROL"], os.environ["MYNACARD_CONTROL_TOKEN"])

print("a first login:", log_in(service, "1234"))
print("an ID:", service.post("/api/mykey/create", name="KEY00001")["outcome"])
print("a login:", log_in(service, "1234"))
for _ in range(3):
    print("a mistake:", log_in(service, "0000"))
office.post("/clock", opening=True)
print("at the counter:", office.post("/office/counter.reset_pin", pin="auth", new="4829")["outcome"])
print("a login:", log_in(service, "4829"))
office.post("/office/hotline.suspend")
print("a card that was reported lost:", log_in(service, "4829"))
