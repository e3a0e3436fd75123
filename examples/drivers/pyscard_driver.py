#!/usr/bin/env python3
"""A small client for the My Number Card, and the driver by which a conformance harness drives it.

Needs Python 3.9 and pyscard, and nothing else. Three parts, to be copied and replaced at will:

* `Link`, the way to the card through PC/SC;
* `Client`, what a user wants from a card: this is where your own client would be;
* `serve`, the driver: JSON-RPC on standard input and output (docs/drivers.md).

The PIN is sent to the card once for each action and is kept, logged and repeated nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple, TypeVar

from smartcard import scard

T = TypeVar("T")


class Failed(Exception):
    """An action did not succeed; `outcome` is a name of the driver protocol."""

    def __init__(self, outcome: str, message: str, tries_left: int | None = None) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.tries_left = tries_left


# ---------------------------------------------------------------- PC/SC


class LinkLost(Exception):
    """A command got no answer; `code` is what PC/SC said."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{scard.SCardGetErrorMessage(code).strip()} ({code & 0xFFFFFFFF:08X})")
        self.code = code


OUTCOMES = {
    scard.SCARD_E_NO_SERVICE: "no_reader",
    scard.SCARD_E_SERVICE_STOPPED: "no_reader",
    scard.SCARD_E_NO_READERS_AVAILABLE: "no_reader",
    scard.SCARD_E_READER_UNAVAILABLE: "no_reader",
    scard.SCARD_E_UNKNOWN_READER: "no_reader",
    scard.SCARD_E_NO_SMARTCARD: "no_card",
    scard.SCARD_E_SHARING_VIOLATION: "reader_busy",
    scard.SCARD_W_REMOVED_CARD: "card_removed",
}


class Link:
    """A shared connection to the card in one reader; after any failure the next `begin` opens a new one.

    Attributes:
        exchanged: How many commands of the current action the card has answered.

    """

    def __init__(self, reader: str) -> None:
        self.reader = reader
        self.exchanged = 0
        self._context = self._card = self._protocol = 0
        self._open = False
        self._used = False  # whether a PIN may have been verified since the card's power was last cut

    def begin(self) -> None:
        """Begin an action: until its end no other program gets between two of its commands."""
        self.exchanged = 0
        self._used = True
        if not self._open:
            self._connect()
        self._check(scard.SCardBeginTransaction(self._card))

    def end(self) -> None:
        """End an action, and let others have their turn."""
        if self._open:
            scard.SCardEndTransaction(self._card, scard.SCARD_LEAVE_CARD)

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """Exchange one APDU; return data and status word."""
        code, response = scard.SCardTransmit(self._card, self._protocol, list(command))
        self._check(code)
        if len(response) < 2:  # some reader drivers say this when the card has just left
            self._check(scard.SCARD_E_NOT_TRANSACTED)
        self.exchanged += 1
        return bytes(response[:-2]), response[-2] << 8 | response[-1]

    def close(self) -> None:
        """Let go of the card, with its power cut.

        A verified PIN stays verified after a disconnect, and on this card even after SCARD_RESET_CARD: the next program
        could sign with it. Only loss of power (or SELECT of another application) ends that. Where the connection was
        lost, the PIN may not have been: then it is opened once more.
        """
        if self._used and not self._open:
            with suppress(LinkLost):  # no card, or no reader: nothing is verified there
                self._connect()
        self._used = False
        self._disconnect(scard.SCARD_UNPOWER_CARD)

    def why(self, lost: LinkLost) -> Failed:
        """Say what became of the card when an answer was lost."""
        outcome = OUTCOMES.get(lost.code)
        if outcome is None:  # a transmission error of some kind: it may be that the card has left
            outcome = "card_unreadable" if self._card_is_present() else "card_removed"
        return Failed(outcome, str(lost))

    def _connect(self) -> None:
        code, self._context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        self._check(code)
        protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, self._card, protocol = scard.SCardConnect(self._context, self.reader, scard.SCARD_SHARE_SHARED, protocols)
        if code != scard.SCARD_S_SUCCESS:
            scard.SCardReleaseContext(self._context)
        self._check(code)
        self._protocol = scard.SCARD_PCI_T1 if protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
        self._open = True

    def _check(self, code: int) -> None:
        if code != scard.SCARD_S_SUCCESS:
            self._disconnect(scard.SCARD_LEAVE_CARD)
            raise LinkLost(code)

    def _disconnect(self, disposition: int) -> None:
        if self._open:
            self._open = False
            scard.SCardDisconnect(self._card, disposition)
            scard.SCardReleaseContext(self._context)

    def _card_is_present(self) -> bool:
        """Ask the reader, which may need half a second to notice that a card has left."""
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            return False
        code, states = scard.SCardGetStatusChange(context, 0, [(self.reader, scard.SCARD_STATE_UNAWARE)])
        if code == scard.SCARD_S_SUCCESS and states[0][1] & scard.SCARD_STATE_PRESENT:
            code, later = scard.SCardGetStatusChange(context, 600, [(self.reader, states[0][1])])
            states = later if code == scard.SCARD_S_SUCCESS else states  # a timeout says that nothing changed
        scard.SCardReleaseContext(context)
        return bool(states[0][1] & scard.SCARD_STATE_PRESENT)


# ---------------------------------------------------------------- the card

JPKI = bytes.fromhex("D392F000260100000001")
TEXT = bytes.fromhex("D3921000310001010408")
JUKI = bytes.fromhex("D3921000310001010401")


class Pin(NamedTuple):
    """Where a PIN is on the card, what it looks like, and how many tries it has."""

    application: bytes
    file: int
    form: str
    tries: int


PINS = {
    "sign": Pin(JPKI, 0x001B, "[A-Za-z0-9]{6,16}", 5),
    "auth": Pin(JPKI, 0x0018, "[0-9]{4}", 3),
    "text": Pin(TEXT, 0x0011, "[0-9]{4}", 3),
    "juki": Pin(JUKI, 0x001C, "[0-9]{4}", 3),
}
CERTIFICATES = {"sign": 0x0001, "sign_ca": 0x0002, "auth": 0x000A, "auth_ca": 0x000B}
KEYS = {"sign": 0x001A, "auth": 0x0017}
AVAILABLE = 0x0008  # three bytes: is there a sign certificate, is there an auth certificate (00: no)
FLAGS = ("sign", "auth")
MY_NUMBER, ATTRIBUTES = 0x0001, 0x0002
DIGEST_INFO = {  # what PKCS#1 puts before a digest
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
NAME, ADDRESS, BIRTH_DATE, SEX = b"\xdf\x22", b"\xdf\x23", b"\xdf\x24", b"\xdf\x25"


def well_formed(pin: str, typed: str) -> bytes:
    """What goes to the card for an entry; one that cannot be right ends here, and costs no try."""
    value = unicodedata.normalize("NFKC", typed)  # full-width digits and letters are typed easily in Japanese
    if not re.fullmatch(PINS[pin].form, value):
        raise Failed("format_rejected", f"no {pin} PIN looks like that; nothing was sent to the card")
    return value.upper().encode("ascii")  # the card knows only capital letters


def split_object(data: bytes, tag_size: int) -> tuple[bytes, int, int]:
    """Read the header of a BER data object: its tag, and where its value begins and ends."""
    header = data[tag_size : tag_size + 5]
    if not header or header[0] > 0x84:
        raise Failed("card_unreadable", "a file on the card does not begin with a data object")
    more = header[0] - 0x80 if header[0] > 0x80 else 0
    length = int.from_bytes(header[1 : 1 + more], "big") if more else header[0]
    start = tag_size + 1 + more
    return data[:tag_size], start, start + length


def objects(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Tag and value of every data object in a row."""
    while data:
        tag, start, end = split_object(data, 2)
        yield tag, data[start:end]
        data = data[end:]


def text_of(value: bytes) -> str:
    """Read text as the card writes it."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Failed("card_unreadable", "a text on the card is not UTF-8") from None


class Client:
    """What a user wants from a card; every method is one action, and raises `Failed` where it does not succeed."""

    def __init__(self, reader: str) -> None:
        self.link = Link(reader)

    def tries_left(self, pin: str) -> int:
        """Ask the card's own counter; that is free."""
        return self._action(lambda: self._query(pin))

    def verify_pin(self, pin: str, value: str) -> None:
        """Enter a PIN."""
        entry = well_formed(pin, value)
        self._action(lambda: self._verify_in_application(pin, entry))

    def change_pin(self, pin: str, current: str, new: str) -> None:
        """Change a PIN whose current value is known: VERIFY that, then CHANGE REFERENCE DATA to the new one."""
        if pin == "juki":
            raise Failed("not_permitted", "this PIN is a pair of keys that the municipal office changes")
        entry, new_entry = well_formed(pin, current), well_formed(pin, new)

        def change() -> None:
            self._verify_in_application(pin, entry)
            self._send_pin(pin, b"\x00\x24\x01\x80", new_entry)

        self._action(change)

    def read_certificate(self, certificate: str, pin: str | None) -> bytes:
        """Read a certificate; only the sign certificate needs a PIN, and no other is given one."""
        entry = well_formed("sign", pin) if certificate == "sign" and pin is not None else None

        def read() -> bytes:
            self._enter_jpki(certificate, "cert_absent")
            if entry is not None:
                self._verify("sign", entry)
            return self._read_object(CERTIFICATES[certificate], b"\x30", "cert_absent")

        return self._action(read)

    def sign(self, key: str, pin: str | None, hash_name: str, message: bytes) -> bytes:
        """Sign: PKCS#1 v1.5 over the digest, padded and computed by the card."""
        entry = None if pin is None else well_formed(key, pin)
        digest_info = DIGEST_INFO[hash_name] + hashlib.new(hash_name, message).digest()

        def compute() -> bytes:
            self._enter_jpki(key, "cert_absent")
            if entry is not None:
                self._verify(key, entry)
            self._select_file(KEYS[key], "cert_absent")
            return self._compute_signature(digest_info)

        return self._action(compute)

    def read_my_number(self, pin: str | None) -> str:
        """Read the twelve digits."""
        record = self._read_text(MY_NUMBER, b"\xff\x10", pin)
        _, start, end = split_object(record, 2)
        return text_of(record[start:end])

    def read_attributes(self, pin: str | None) -> dict[str, str]:
        """Read name, address, birth date and sex; the header of this file has one length byte or three."""
        record = self._read_text(ATTRIBUTES, b"\xff\x20", pin)
        _, start, end = split_object(record, 2)
        values = dict(objects(record[start:end]))
        name, address, born, sex = (text_of(values.get(tag, b"")) for tag in (NAME, ADDRESS, BIRTH_DATE, SEX))
        return {
            "name": name,
            "address": address,
            "birth_date": re.sub("(....)(..)(..)", r"\1-\2-\3", born),
            "sex": {"1": "male", "2": "female", "9": "not_applicable"}.get(sex, "unknown"),
        }

    def close(self) -> None:
        """End the session with the card."""
        self.link.close()

    # ------------------------------------------------------------ one action

    def _action(self, steps: Callable[[], T]) -> T:
        """Do the steps of one action, from its first SELECT on.

        Where not even that was answered, the session was over before the action began: the card had been exchanged, or
        another program had reset it. Nothing is lost then, and the action begins again on a new connection.
        """
        try:
            return self._once(steps)
        except LinkLost as lost:
            if self.link.exchanged:
                raise self.link.why(lost) from None
        try:
            return self._once(steps)
        except LinkLost as lost:
            raise self.link.why(lost) from None

    def _once(self, steps: Callable[[], T]) -> T:
        self.link.begin()
        try:
            return steps()
        finally:
            self.link.end()

    # ------------------------------------------------------------ steps

    def _query(self, pin: str) -> int:
        self._enter_application(pin)
        self._select_file(PINS[pin].file, "pin_absent")
        _, sw = self.link.transmit(b"\x00\x20\x00\x80")  # VERIFY without data; with an Le it would be refused
        if sw & 0xFFF0 == 0x63C0:
            return sw & 0x0F
        if sw in (0x6983, 0x6984):
            return 0
        if sw == 0x9000:  # some cards say so while the PIN is verified, and a success restores all tries
            return PINS[pin].tries
        raise self._refused(sw)

    def _verify_in_application(self, pin: str, entry: bytes) -> None:
        self._enter_application(pin)
        self._verify(pin, entry)

    def _verify(self, pin: str, entry: bytes) -> None:
        self._select_file(PINS[pin].file, "pin_absent")
        self._send_pin(pin, b"\x00\x20\x00\x80", entry)

    def _enter_application(self, pin: str) -> None:
        if pin in FLAGS:
            self._enter_jpki(pin, "pin_absent")
        else:
            self._select_application(PINS[pin].application)

    def _enter_jpki(self, certificate: str, absent: str) -> None:
        """SELECT the JPKI application, unless it says that there is no such certificate, and hence no PIN for it.

        Only this tells a PIN that was never set from a locked one: both have no tries.
        """
        self._select_application(JPKI)
        if certificate in FLAGS:
            self._select_file(AVAILABLE, "card_unreadable")
            if self._read(0, 3)[FLAGS.index(certificate) :][:1] == b"\x00":
                raise Failed(absent, f"the card has no {certificate} certificate")

    def _select_application(self, aid: bytes) -> None:
        command = b"\x00\xa4\x04\x0c" + bytes([len(aid)]) + aid
        _, sw = self.link.transmit(command)
        if sw == 0x6F00:  # one card says this to its first command after power-on, whatever that is
            _, sw = self.link.transmit(command)
        if sw == 0x6A82:
            raise Failed("wrong_card", "the card does not have this application")
        if sw != 0x9000:
            raise self._refused(sw)

    def _select_file(self, file: int, absent: str) -> None:
        _, sw = self.link.transmit(b"\x00\xa4\x02\x0c\x02" + file.to_bytes(2, "big"))
        if sw == 0x6A82:
            raise Failed(absent, f"the card has no file {file:04X}")
        if sw != 0x9000:
            raise self._refused(sw)

    def _send_pin(self, pin: str, command: bytes, entry: bytes) -> None:
        """Send what may cost a try: once. If its answer is lost, nobody knows whether it counted."""
        try:
            _, sw = self.link.transmit(command + bytes([len(entry)]) + entry)
        except LinkLost as lost:
            raise Failed("unknown_outcome", f"the card was lost while it had the PIN: {lost}") from None
        if sw in (0x63C0, 0x6983, 0x6984):
            raise Failed("locked", f"the {pin} PIN is locked; the municipal office can reset it")
        if sw & 0xFFF0 == 0x63C0:
            raise Failed("wrong_pin", f"wrong PIN, tries left: {sw & 0x0F}", sw & 0x0F)
        if sw != 0x9000:
            raise self._refused(sw)

    def _read_text(self, file: int, tag: bytes, pin: str | None) -> bytes:
        entry = None if pin is None else well_formed("text", pin)

        def read() -> bytes:
            self._select_application(TEXT)
            if entry is not None:
                self._verify("text", entry)
            return self._read_object(file, tag, "card_unreadable")

        return self._action(read)

    def _read_object(self, file: int, tag: bytes, absent: str) -> bytes:
        """Read the data object at the start of a file, and none of the filler behind it."""
        self._select_file(file, absent)
        data = self._read(0, 256)
        if not data.startswith(tag):
            raise Failed(absent, f"there is nothing in the file {file:04X}")
        _, _, size = split_object(data, len(tag))
        while len(data) < size:
            block = self._read(len(data), min(256, size - len(data)))
            if not block:
                raise Failed("card_unreadable", f"the file {file:04X} ends too early")
            data += block
        return data[:size]

    def _read(self, offset: int, count: int) -> bytes:
        if offset > 0x7FFF:
            raise Failed("card_unreadable", "a file on the card claims to be longer than files are")
        data, sw = self.link.transmit(b"\x00\xb0" + offset.to_bytes(2, "big") + bytes([count & 0xFF]))
        if sw not in (0x9000, 0x6B00):  # 6B00: the file ends before this offset
            raise self._refused(sw)
        return data

    def _compute_signature(self, digest_info: bytes) -> bytes:
        command = b"\x80\x2a\x00\x80" + bytes([len(digest_info)]) + digest_info + b"\x00"
        data, sw = self.link.transmit(command)
        if sw != 0x9000:
            raise self._refused(sw)
        return data

    def _refused(self, sw: int) -> Failed:
        if sw == 0x6982:
            return Failed("not_permitted", "the card wants a PIN for this")
        return Failed("protocol_error", f"the card answered {sw:04X}")


# ---------------------------------------------------------------- the driver


def encoded(data: bytes) -> str:
    """Write bytes as the protocol wants them."""
    return base64.b64encode(data).decode("ascii")


OPERATIONS: dict[str, Callable[[Client, dict[str, Any]], object]] = {
    "tries_left": lambda client, p: {"tries_left": client.tries_left(p["pin"])},
    "verify_pin": lambda client, p: client.verify_pin(p["pin"], p["value"]),
    "change_pin": lambda client, p: client.change_pin(p["pin"], p["current"], p["new"]),
    "read_certificate": lambda client, p: {"der": encoded(client.read_certificate(p["certificate"], p["pin"]))},
    "sign": lambda client, p: {
        "signature": encoded(client.sign(p["key"], p["pin"], p["hash"], base64.b64decode(p["message"])))
    },
    "read_my_number": lambda client, p: {"my_number": client.read_my_number(p["pin"])},
    "read_attributes": lambda client, p: client.read_attributes(p["pin"]),
    "close": lambda client, _: client.close(),
}


def serve() -> None:
    """Answer requests, one a line, until `shutdown` or the end of input."""
    client = Client("")
    for line in sys.stdin.buffer:
        request = json.loads(line)
        method, params = request["method"], request.get("params", {})
        response = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            if method == "initialize":
                client = Client(params["reader"])
                introduction = {"name": "pyscard example", "version": "1.0"}
                response["result"] = {"client": introduction, "operations": list(OPERATIONS), "pins": list(PINS)}
            elif method == "shutdown":
                response["result"] = {}
            elif method in OPERATIONS:
                response["result"] = OPERATIONS[method](client, params) or {}
            else:
                response["error"] = {"code": -32601, "message": f"this driver has no method {method}"}
        except Failed as failed:
            data: dict[str, object] = {"outcome": failed.outcome}
            if failed.tries_left is not None:
                data["tries_left"] = failed.tries_left
            response["error"] = {"code": -32000, "message": str(failed), "data": data}
        except Exception as bug:  # noqa: BLE001 - one request must not end the driver; a bug's own words might quote a PIN
            response["error"] = {"code": -32603, "message": f"the driver failed with {type(bug).__name__}"}
        print(json.dumps(response), flush=True)
        if method == "shutdown":
            break
    client.close()


if __name__ == "__main__":
    serve()
