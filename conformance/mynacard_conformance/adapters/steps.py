"""The steps of the harness's own client, each small enough that a faulty twin can override just one.

A step that finds that the action is over raises `Ended`; one whose command got no answer lets the connection's
`OSError` through, unless the command may have cost a try.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from mynacard_conformance.outcome import Answer, CertificateKind, HashKind, Outcome, PinKind, states
from mynacard_conformance.ports import Connection

from . import content
from .connection import CardUnreadable, words_of
from .content import AVAILABILITY, LABEL_LENGTH, PINS, PREDECESSORS_LABEL, TOKEN_INFO

BLOCK: Final = 256
"""Bytes that one short APDU can bring."""

_END_OF_OFFSETS: Final = 0x8000
_FLAGS: Final = (CertificateKind.SIGN, CertificateKind.AUTH)
"""Whose presence the bytes of EF 0008 tell, in order."""


class Response(NamedTuple):
    """A response APDU."""

    data: bytes
    sw: int


class Ended(Exception):
    """An action is over before its last step."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.outcome.value)
        self.answer = answer


def ended(outcome: Outcome, message: str = "") -> Ended:
    """Say in an exception how an action ended."""
    return Ended(Answer(outcome, message=message))


def command(cla: int, ins: int, p1p2: int, data: bytes = b"", ne: int = 0) -> bytes:
    """Build a short command APDU; `ne` is how many bytes are wanted, up to 256."""
    lc = bytes((len(data),)) if data else b""
    le = bytes((ne & 0xFF,)) if ne else b""
    return bytes((cla, ins)) + p1p2.to_bytes(2, "big") + lc + data + le


class Steps:
    """Everything that the client does with a card, step by step."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    # ---------------------------------------------------------------- before the card

    def accept(self, pin: PinKind, value: str) -> bytes:
        """Turn what was typed into what goes to the card; what cannot be right ends here, at no cost (R-006, R-008)."""
        normalised = self.normalise(pin, value)
        if not self.well_formed(pin, normalised):
            raise ended(Outcome.FORMAT_REJECTED)
        return self.encode(pin, normalised)

    def normalise(self, pin: PinKind, value: str) -> str:
        """Make an entry half-width, and the sign PIN's upper case (F-002, F-003)."""
        narrow = unicodedata.normalize("NFKC", value)
        return narrow.upper() if pin is PinKind.SIGN else narrow

    def well_formed(self, pin: PinKind, value: str) -> bool:
        """Check length and characters; whether letters and digits are mixed is the issuer's rule (F-002)."""
        return re.fullmatch(PINS[pin].form, value) is not None

    def encode(self, _pin: PinKind, value: str) -> bytes:
        """Write an entry as the bytes of VERIFY."""
        return value.encode()

    # ---------------------------------------------------------------- on the way

    def transmit(self, apdu: bytes) -> Response:
        """Exchange one APDU; a response too short to have a status word is none."""
        response = self.connection.transmit(apdu)
        if len(response) < 2:
            raise CardUnreadable("the card's answer is cut short")
        return Response(response[:-2], int.from_bytes(response[-2:], "big"))

    def select_application(self, aid: bytes) -> None:
        """SELECT by AID; it costs nothing and comes first, so it is repeated where the card has just come back.

        One card is known to answer 6F00 to its first command after power-on.
        """
        select = command(0x00, 0xA4, 0x040C, aid)
        try:
            response = self.transmit(select)
        except OSError:
            response = self.transmit(select)
        if response.sw == 0x6F00:
            response = self.transmit(select)
        if response.sw == 0x6A82:
            raise ended(Outcome.WRONG_CARD)
        self.demand(response)

    def select_ef(self, fid: int, missing: Outcome) -> None:
        """SELECT an EF of the application; where there is none, the action ends with `missing`."""
        response = self.transmit(command(0x00, 0xA4, 0x020C, fid.to_bytes(2, "big")))
        if response.sw == 0x6A82:
            raise ended(missing)
        self.demand(response)

    def go_to(self, pin: PinKind) -> None:
        """SELECT a PIN's application; the action ends where the card says that the PIN was never set."""
        self.select_application(PINS[pin].aid)
        if pin in (PinKind.SIGN, PinKind.AUTH):
            self.demand_certificate(CertificateKind(pin.value), Outcome.PIN_ABSENT)

    def demand_certificate(self, certificate: CertificateKind, missing: Outcome) -> None:
        """End the action with `missing` where the card says that it has no such certificate.

        A card with nothing to log in with is another matter if it is the predecessor, which never can have (R-130).
        """
        if self.is_absent(certificate):
            wrong = certificate is CertificateKind.AUTH and self.is_predecessor()
            raise ended(Outcome.WRONG_CARD if wrong else missing)

    def is_absent(self, certificate: CertificateKind) -> bool:
        """Whether EF 0008 says that the card has no such certificate, and hence no PIN for it (R-014)."""
        if certificate not in _FLAGS:
            return False
        try:
            self.select_ef(AVAILABILITY, Outcome.PROTOCOL_ERROR)
            flags = self.read_binary(0, len(_FLAGS) + 1)
        except Ended:  # a card without EF 0008 has not said so
            return False
        place = _FLAGS.index(certificate)
        return flags[place : place + 1] == b"\x00"

    def is_predecessor(self) -> bool:
        """Whether the label in EF 0006 is that of the card that came before this one (F-075)."""
        try:
            self.select_ef(TOKEN_INFO, Outcome.PROTOCOL_ERROR)
            label = self.read_binary(0, LABEL_LENGTH)
        except Ended:  # a card without EF 0006 has not said so
            return False
        return label.rstrip(b" ") == PREDECESSORS_LABEL

    def read_binary(self, offset: int, ne: int) -> bytes:
        """READ BINARY of the current EF; behind its end there is nothing."""
        response = self.transmit(command(0x00, 0xB0, offset, ne=ne))
        return b"" if response.sw == 0x6B00 else self.demand(response)

    def read_object(self, fid: int, tag: bytes, otherwise: Outcome) -> bytes:
        """Read the data object at the start of an EF, and not the filler behind it.

        Where there is no such EF or object the action ends with `otherwise`.
        """
        self.select_ef(fid, otherwise)
        data = self.read_binary(0, BLOCK)
        if not data.startswith(tag):
            raise ended(otherwise)
        return self.read_on(data, self.object_size(data))

    def object_size(self, data: bytes) -> int:
        """The size of a data object, header included, by its header."""
        head = content.header(data)
        return head.size + head.length

    def read_on(self, data: bytes, size: int) -> bytes:
        """Read the current EF up to `size` bytes, of which the first are there already."""
        if size > _END_OF_OFFSETS:
            raise content.Unreadable("longer than a file can be")
        while len(data) < size:
            block = self.read_binary(len(data), min(size - len(data), BLOCK))
            if not block:
                raise content.Unreadable("the file ends before its content")
            data += block
        return data[:size]

    # ---------------------------------------------------------------- with a PIN or a key

    def query(self, pin: PinKind) -> int:
        """Send the empty VERIFY, which costs nothing, and return its status word (F-016)."""
        self.select_ef(PINS[pin].fid, Outcome.PIN_ABSENT)
        return self.transmit(command(0x00, 0x20, 0x0080)).sw

    def unlock(self, pin: PinKind, entry: bytes) -> None:
        """Enter a PIN on the way to something else; unless it is right, the action ends."""
        answer = self.enter(pin, entry)
        if answer.outcome is not Outcome.OK:
            raise Ended(answer)

    def enter(self, pin: PinKind, entry: bytes) -> Answer:
        """Put an entry to the card, and understand what it says."""
        return self.entry_answer(self.verify(pin, entry))

    def verify(self, pin: PinKind, entry: bytes) -> int:
        """Send the one VERIFY of an action, and return its status word."""
        self.select_ef(PINS[pin].fid, Outcome.PIN_ABSENT)
        return self.send_once(command(0x00, 0x20, 0x0080, entry))

    def change(self, pin: PinKind, entry: bytes) -> int:
        """Send CHANGE REFERENCE DATA with the new value, and return its status word (F-028)."""
        self.select_ef(PINS[pin].fid, Outcome.PIN_ABSENT)
        return self.send_once(command(0x00, 0x24, 0x0180, entry))

    def send_once(self, apdu: bytes) -> int:
        """Send what may cost a try; if the answer is lost, nobody knows whether it did, and it is not sent again."""
        try:
            return self.transmit(apdu).sw
        except OSError as error:
            raise ended(Outcome.UNKNOWN_OUTCOME, words_of(error)) from None

    def compute_signature(self, data: bytes) -> bytes:
        """Have the current key pad and sign."""
        return self.demand(self.transmit(command(0x80, 0x2A, 0x0080, data, ne=BLOCK)))

    def digest_info(self, kind: HashKind, message: bytes) -> bytes:
        """Make what is signed."""
        return content.digest_info(kind, message)

    # ---------------------------------------------------------------- understanding the card

    def demand(self, response: Response) -> bytes:
        """The data of a response to a command that must succeed."""
        if response.sw != 0x9000:
            raise Ended(self.refusal_answer(response.sw))
        return response.data

    def entry_answer(self, sw: int) -> Answer:
        """Understand the answer to an entry (F-017, F-018)."""
        match sw:
            case 0x9000:
                return Answer(Outcome.OK)
            case 0x63C0 | 0x6983 | 0x6984:
                return Answer(Outcome.LOCKED)
            case 0x6300:  # a PIN without a limit (F-022)
                return Answer(Outcome.WRONG_PIN)
            case _ if sw & 0xFFF0 == 0x63C0:
                return Answer(Outcome.WRONG_PIN, tries=states(sw & 0x0F))
            case _:
                return self.refusal_answer(sw)

    def tries_answer(self, pin: PinKind, sw: int) -> Answer:
        """Understand the answer to the empty VERIFY; some cards say 9000 while the PIN is verified (F-016, F-019)."""
        match sw:
            case 0x6983 | 0x6984:
                return Answer(Outcome.OK, tries=states(0))
            case 0x9000:
                return Answer(Outcome.OK, tries=range(1, PINS[pin].limit + 1))
            case _ if sw & 0xFFF0 == 0x63C0:
                return Answer(Outcome.OK, tries=states(sw & 0x0F))
            case _:
                return self.refusal_answer(sw)

    def refusal_answer(self, sw: int) -> Answer:
        """Understand any other refusal."""
        if sw == 0x6982:
            return Answer(Outcome.NOT_PERMITTED)
        return Answer(Outcome.PROTOCOL_ERROR, message=f"the card answered {sw:04X}")
