"""Conversations written down: every APDU with its meaning, and no PIN in it.

A transcript is text, one line an exchange half: `> ` and a command, `< ` and its response, `* ` and an event of the
reader. The bytes of a PIN are written as dots, two for each byte, and never otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, assert_never

from .applications import common, jpki, juki, licence, text, visual
from .card.behaviour import Behaviour
from .card.commands import (
    AuthenticateTerminal,
    ChangeReferenceData,
    Command,
    ComputeSignature,
    GetChallenge,
    GetData,
    InternalAuthenticate,
    LastCommandIndicator,
    Query,
    ReadBinary,
    ReadRecord,
    ResetRetryCounter,
    SelectByName,
    SelectByPath,
    SelectEF,
    SelectMF,
    SetSessionKey,
    SignatureMode,
    Verify,
    parse,
)
from .card.secure_messaging import PROTECTED, PROTECTED_WITH_HEADER
from .card.state import CheckingError
from .iso7816 import INS, READER_CLASS, SW, CommandAPDU, MalformedAPDU

Event = Literal["command", "power_on", "power_off", "reset", "insert", "eject"]

_DOT = "•"
_SECRET = {0x20, 0x24, 0x2C, 0x32}
"""VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, CHANGE KEY: what follows their header is a PIN."""

_HEADER = 4
_ALL_COMMANDS = Behaviour(test_only_administration=True)
"""What a card is taken for that a conversation was with: also a refused command has a name."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One thing that a reader or the card in it saw: an event, or a command and its response."""

    event: Event
    command: bytes = field(default=b"", repr=False)
    response: bytes = b""

    @property
    def for_reader(self) -> bool:
        """Whether the reader answered itself, and the card saw nothing."""
        return self.command[:1] == READER_CLASS


class TranscriptError(ValueError):
    """A file that is no transcript; the message is one line."""


# ---------------------------------------------------------------- writing


def lines(exchange: Exchange, narrator: Narrator | None = None) -> Iterator[str]:
    """Write one exchange down, with its meaning where a narrator follows the conversation."""
    if exchange.event != "command":
        if narrator:
            narrator.forget(exchange.event)
        yield f"* {exchange.event.replace('_', ' ')}"
        return
    command, response = masked(exchange.command), exchange.response.hex().upper()
    if narrator is None:
        yield f"> {command}"
        yield f"< {response}"
    else:
        said, answered = narrator.explain(exchange.command, exchange.response)
        yield f"> {command}  ; {said}"
        yield f"< {response}  ; {answered}"


def masked(command: bytes) -> str:
    """The command in hex, with dots for the bytes of a PIN."""
    start, end = pin_bytes(command)
    return command[:start].hex().upper() + 2 * _DOT * (end - start) + command[end:].hex().upper()


def pin_bytes(command: bytes) -> tuple[int, int]:
    """Where in a command the bytes of a PIN begin and end; a malformed one is secret from behind its header on.

    So is the data of a protected one: many cards share a session key pair that everybody has.
    """
    if len(command) <= _HEADER or command[1] not in _SECRET:
        return len(command), len(command)
    try:
        apdu = CommandAPDU.decode(command)
    except MalformedAPDU:
        return _HEADER, len(command)
    start = _HEADER + (3 if apdu.extended else 1)
    return start, len(command) if apdu.data else start  # to the end: a PIN behind a wrong Lc looks like Le


# ---------------------------------------------------------------- reading


def read(source: Iterable[str]) -> Iterator[Exchange]:
    """Read a transcript; the bytes of a masked PIN come back as zeros. Raises `TranscriptError`."""
    command: bytes | None = None
    for number, raw in enumerate(source, 1):
        line = raw.partition(";")[0].strip()
        if not line or line.startswith("#"):
            continue
        mark, _, rest = line.partition(" ")
        if mark == "*":
            yield Exchange(_event(rest, number))
        elif mark == ">" and command is None:
            command = _bytes(rest, number)
        elif mark == "<" and command is not None:
            yield Exchange("command", command, _bytes(rest, number))
            command = None
        else:
            raise TranscriptError(f"line {number}: a transcript has '> command', '< response' and '* event' in turn")
    if command is not None:
        raise TranscriptError("the last command has no response; the recording was cut short")


def _event(words: str, number: int) -> Event:
    match words.strip():
        case "power on":
            return "power_on"
        case "power off":
            return "power_off"
        case "reset" | "insert" | "eject" as event:
            return event
        case _:
            raise TranscriptError(f"line {number}: no such event; there are power on, power off, reset, insert, eject")


def _bytes(text_: str, number: int) -> bytes:
    digits = re.sub(r"\s", "", text_).replace(_DOT, "0")
    try:
        return bytes.fromhex(digits)
    except ValueError:
        raise TranscriptError(f"line {number}: not hexadecimal") from None


# ---------------------------------------------------------------- meaning

_APPLICATIONS = {
    jpki.AID: "the JPKI application",
    text.AID: "the text application",
    visual.AID: "the visual application",
    juki.AID: "the resident register application",
    common.AID: "the common application",
    licence.AID: "the driving-licence application",
}

_FILES = {
    (jpki.AID, jpki.SIGN_CERTIFICATE): "the sign certificate",
    (jpki.AID, jpki.SIGN_CA_CERTIFICATE): "the sign CA certificate",
    (jpki.AID, jpki.TOKEN_INFO): "token info",
    (jpki.AID, jpki.AVAILABILITY): "which certificates there are",
    (jpki.AID, jpki.AUTH_CERTIFICATE): "the auth certificate",
    (jpki.AID, jpki.AUTH_CA_CERTIFICATE): "the auth CA certificate",
    (jpki.AID, jpki.TERMINAL_CA_KEY): "the key of the terminals' CA",
    (jpki.AID, jpki.AUTH_KEY): "the auth key",
    (jpki.AID, jpki.AUTH_PIN): "the auth PIN",
    (jpki.AID, jpki.SIGN_KEY): "the sign key",
    (jpki.AID, jpki.SIGN_PIN): "the sign PIN",
    (text.AID, text.MY_NUMBER): "my number",
    (text.AID, text.ATTRIBUTES): "the four attributes",
    (text.AID, text.INTEGRITY): "the integrity record",
    (text.AID, text.CV_CERTIFICATE): "the card-verifiable certificate",
    (text.AID, text.BASIC_INFO): "basic information",
    (text.AID, text.SESSION_KEY): "the session key",
    (text.AID, text.INTERNAL_PUBLIC_KEY): "the card's public key",
    (text.AID, text.PIN): "the text PIN",
    (text.AID, text.INTERNAL_KEY): "the card's own key",
    (text.AID, text.NUMBER_A): "verification number A",
    (text.AID, text.NUMBER_B): "verification number B",
    (visual.AID, visual.AGE_RECORD): "the age record",
    (visual.AID, visual.CARD_FACE): "the card face",
    (visual.AID, visual.BASIC_INFO): "basic information",
    (visual.AID, visual.CV_CERTIFICATE): "the card-verifiable certificate",
    (visual.AID, visual.MY_NUMBER_IMAGE): "the My Number as a picture",
    (visual.AID, visual.BIRTH_DATE): "the birth date",
    (visual.AID, visual.NUMBER_B): "verification number B",
    (visual.AID, visual.NUMBER_A): "verification number A",
    (visual.AID, visual.INTERNAL_KEY): "the card's own key",
    (juki.AID, juki.KEY_REFERENCE): "a key identifier",
    (juki.AID, juki.PIN): "the register PIN",
    (common.AID, common.CARD_RECORD): "the card's number",
    (common.AID, common.KEY_REFERENCE): "a key identifier",
    (common.AID, common.AUTHENTICATION_KEY): "the card's authentication key",
    (common.AID, common.PIN): "the register PIN, in the common application",
    (licence.AID, licence.PIN): "the licence PIN",
    (licence.AID, licence.SETTINGS): "whether the licence has a PIN",
    (licence.AID, licence.DATA): "the licence",
    (licence.AID, licence.SIGNATURE): "the signature of the licence",
}

_OBJECTS = {
    0x0042: "who issued the card",
    0x0045: "the card's identification",
    0x0066: "card recognition data",
    0x00F0: "the municipality",
    0x00F2: "the last day of the card",
    0x00F7: "a key identifier",
    0x00F8: "the upper card-verifiable certificate",
    0x7F21: "the lower card-verifiable certificate",
    0x5F51: "the answer to reset of the contacts",
}

_STATUS = {
    SW.NO_ERROR: "done",
    SW.NO_SECURE_MESSAGING_ENVIRONMENT: "no environment for secure messaging",
    SW.WRONG_LENGTH: "wrong length",
    SW.LOGICAL_CHANNEL_NOT_SUPPORTED: "no logical channels",
    SW.SECURE_MESSAGING_NOT_SUPPORTED: "no secure messaging",
    SW.COMMAND_CHAINING_NOT_SUPPORTED: "no command chaining",
    SW.NO_INFORMATION_GIVEN: "wrong, with no limit of tries",
    SW.SECURE_MESSAGING_OBJECTS_MISSING: "secure messaging in another form",
    SW.SECURE_MESSAGING_OBJECTS_INCORRECT: "an incorrect message; secure messaging has ended",
    SW.SECURE_MESSAGING_NOT_ALLOWED: "no secure messaging here",
    SW.COMMAND_INCOMPATIBLE_WITH_FILE_STRUCTURE: "not for this kind of file",
    SW.SECURITY_STATUS_NOT_SATISFIED: "a PIN is needed first",
    SW.AUTHENTICATION_METHOD_BLOCKED: "blocked",
    SW.REFERENCE_DATA_NOT_USABLE: "blocked",
    SW.CONDITIONS_OF_USE_NOT_SATISFIED: "conditions of use not satisfied",
    SW.COMMAND_NOT_ALLOWED_NO_CURRENT_EF: "no file is selected",
    SW.INCORRECT_DATA: "incorrect data",
    SW.FUNCTION_NOT_SUPPORTED: "function not supported",
    SW.FILE_OR_APPLICATION_NOT_FOUND: "no such file or application",
    SW.RECORD_NOT_FOUND: "no such record",
    SW.INCORRECT_P1_P2: "wrong parameters",
    SW.REFERENCED_DATA_NOT_FOUND: "no such data",
    SW.WRONG_P1_P2: "beyond the end of the file",
    SW.INSTRUCTION_NOT_SUPPORTED: "no such instruction",
    SW.CLASS_NOT_SUPPORTED: "no such class",
    SW.NO_PRECISE_DIAGNOSIS: "no diagnosis",
}

_READER_COMMANDS = {
    bytes.fromhex("FFCA0000"): "UID",
    bytes.fromhex("FFCA0100"): "historical bytes",
    bytes.fromhex("FFCA"): "GET DATA",
    bytes.fromhex("FF0052"): "buzzer on or off",
    bytes.fromhex("FF00"): "a command of its maker's",
    bytes.fromhex("FF82"): "LOAD KEYS",
    bytes.fromhex("FF86"): "GENERAL AUTHENTICATE",
    bytes.fromhex("FFB0"): "READ BINARY",
    bytes.fromhex("FFD6"): "UPDATE BINARY",
}
"""Beginnings of what PC/SC part 3 and makers have readers do, the longer ones first."""

_MODES = {
    SignatureMode.AS_GIVEN: "",
    SignatureMode.BARE_DIGEST: ", hashed",
    SignatureMode.WRAPPED_DIGEST: ", a SHA-256 digest,",
    SignatureMode.HASHED_AND_WRAPPED: ", hashed and wrapped,",
    SignatureMode.PSS_DIGEST: ", a SHA-256 digest, with PSS",
    SignatureMode.HASHED_PSS: ", hashed, with PSS",
}


class Narrator:
    """Follows a conversation, so that "the current file" gets its name."""

    def __init__(self) -> None:
        self._aid: bytes | None = None
        self._fid: int | None = None

    def forget(self, event: Event) -> None:
        """Nothing is selected after the power was off."""
        if event != "reset":
            self._aid = self._fid = None

    def explain(self, command: bytes, response: bytes) -> tuple[str, str]:
        """Say in words what was asked and what was answered."""
        if command[:1] == READER_CLASS:
            return f"reader: {_of_reader(command)}", _status(response)
        done = response[-2:] == b"\x90\x00"
        try:
            apdu = CommandAPDU.decode(command)
            if apdu.cla in (PROTECTED, PROTECTED_WITH_HEADER):
                return self._say_protected(apdu, done=done), _status(response)
            parsed = parse(apdu, _ALL_COMMANDS)
        except MalformedAPDU:
            return "no command APDU", _status(response)
        except CheckingError:
            return "nothing this card knows", _status(response)
        said = self._say(parsed, done=done)
        return said, _status(response)

    def _say(self, command: Command, *, done: bool) -> str:  # noqa: C901, PLR0911, PLR0912 - one arm each
        match command:
            case SelectByName(name):
                aid = next((aid for aid in _APPLICATIONS if aid.startswith(name)), b"")
                if done:
                    self._aid, self._fid = aid, None
                return f"SELECT {_APPLICATIONS.get(aid, 'an application by name')}"
            case SelectEF(fid):
                if done:
                    self._fid = fid
                return f"SELECT {self._file(fid)}"
            case SelectMF():
                return "SELECT with no name"
            case SelectByPath():
                return "SELECT by path"
            case ReadBinary(sfi, offset, ne):
                where = self._file(sfi)
                self._fid = sfi if sfi and done else self._fid
                return f"READ BINARY: {ne} bytes of {where} from {offset}"
            case ReadRecord(sfi, number, onward, _):
                where = self._file(sfi)
                self._fid = sfi if sfi and done else self._fid
                return f"READ RECORD {number}{' and all after it' if onward else ''} of {where}"
            case GetData(tag):
                return f"GET DATA: {_OBJECTS.get(tag, f'object {tag:04X}')}"
            case Query(sfi):
                return f"VERIFY, empty: how many tries are left for {self._file(sfi)}?"
            case Verify(sfi):
                where = self._file(sfi)
                self._fid = sfi or self._fid
                return f"VERIFY {where}"
            case ChangeReferenceData(change_key=change_key):
                return f"CHANGE {'KEY' if change_key else 'REFERENCE DATA'}: a new value for {self._file(None)}"
            case ResetRetryCounter(sfi, new):
                where = self._file(sfi)
                self._fid = sfi if sfi and done else self._fid
                return f"RESET RETRY COUNTER, for tests: {'all tries' if new is None else 'a new value'} for {where}"
            case GetChallenge(_, ne):
                return f"GET CHALLENGE: {ne} bytes"
            case InternalAuthenticate(sfi, challenge):
                return f"INTERNAL AUTHENTICATE: {len(challenge)} bytes, by {self._file(sfi)}"
            case SetSessionKey():
                return "SET SESSION KEY"
            case AuthenticateTerminal(block):
                return f"terminal authentication: the {block.name.lower()}"
            case LastCommandIndicator():
                return "last-command indicator"
            case ComputeSignature(mode, sfi, data, default_key):
                key = "the application's own key" if default_key else self._file(sfi)
                self._fid = sfi if sfi and done else self._fid
                return f"sign {len(data)} bytes{_MODES[mode]} with {key}"
            case _:
                assert_never(command)

    def _say_protected(self, apdu: CommandAPDU, *, done: bool) -> str:
        """What its header tells of a protected command; what it selects is encrypted."""
        match apdu.ins:
            case INS.SELECT:
                if done:
                    self._aid, self._fid = (None if apdu.p1 == 0x04 else self._aid), None
                return "protected SELECT"
            case INS.READ_BINARY:
                sfi = apdu.p1 & 0x1F if apdu.p1 & 0x80 else None
                where = self._file(sfi)
                self._fid = sfi if sfi and done else self._fid
                return f"protected READ BINARY of {where} from {apdu.p1p2 if sfi is None else apdu.p2}"
            case INS.VERIFY:
                sfi = apdu.p2 & 0x1F or None
                where = self._file(sfi)
                self._fid = sfi or self._fid
                return f"protected VERIFY {where}"
            case _:
                return "another protected command"

    def _file(self, fid: int | None) -> str:
        fid = self._fid if fid is None else fid
        if fid is None:
            return "the current file"
        return _FILES.get((self._aid or b"", fid), f"EF {fid:04X}")


def _of_reader(command: bytes) -> str:
    """Say what a reader was asked."""
    return next(
        (meaning for start, meaning in _READER_COMMANDS.items() if command.startswith(start)), "no such command"
    )


def _status(response: bytes) -> str:
    sw = int.from_bytes(response[-2:], "big")
    count = f"{len(response) - 2} bytes, " if len(response) > 2 else ""
    if sw & 0xFFF0 == 0x63C0:
        left = sw & 0xF
        return ("no try left: locked", "1 try left")[left] if left < 2 else f"{left} tries left"
    if sw >> 8 == 0x6C:
        return f"wrong length; there are {sw & 0xFF} bytes"
    if sw == 0x6282:
        return f"{count}which is all there is"
    return count + _STATUS.get(SW(sw) if sw in _KNOWN else SW.NO_PRECISE_DIAGNOSIS, "")


_KNOWN = frozenset(int(sw) for sw in SW)
