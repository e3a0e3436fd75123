"""What each exchange means, in words."""

from __future__ import annotations

from typing import assert_never

from mynacard_emulator.card.behaviour import Behaviour
from mynacard_emulator.card.commands import (
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
    Verify,
    parse,
)
from mynacard_emulator.card.secure_messaging import PROTECTED, PROTECTED_WITH_HEADER
from mynacard_emulator.card.state import CheckingError
from mynacard_emulator.iso7816 import INS, READER_CLASS, SW, CommandAPDU, MalformedAPDU

from .exchange import Event
from .words import APPLICATIONS, FILES, MODES, OBJECTS, READER_COMMANDS, STATUS

_ALL_COMMANDS = Behaviour(test_only_administration=True)
"""What a card is taken for that a conversation was with: also a refused command has a name."""


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
                aid = next((aid for aid in APPLICATIONS if name and aid.startswith(name)), b"")
                if done:
                    self._aid, self._fid = aid, None
                return f"SELECT {APPLICATIONS.get(aid, 'an application by name' if name else 'by an empty name')}"
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
                return f"GET DATA: {OBJECTS.get(tag, f'object {tag:04X}')}"
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
                return f"sign {len(data)} bytes{MODES[mode]} with {key}"
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
        return FILES.get((self._aid or b"", fid), f"EF {fid:04X}")


def _of_reader(command: bytes) -> str:
    """Say what a reader was asked."""
    return next((meaning for start, meaning in READER_COMMANDS.items() if command.startswith(start)), "no such command")


def _status(response: bytes) -> str:
    if not response:
        return "no answer: the power was lost"
    sw = int.from_bytes(response[-2:], "big")
    count = f"{len(response) - 2} bytes, " if len(response) > 2 else ""
    if sw & 0xFFF0 == 0x63C0:
        left = sw & 0xF
        return ("no try left: locked", "1 try left")[left] if left < 2 else f"{left} tries left"
    if sw >> 8 == 0x6C:
        return f"wrong length; there are {sw & 0xFF} bytes"
    if sw == 0x6282:
        return f"{count}which is all there is"
    return count + STATUS.get(SW(sw) if sw in _KNOWN else SW.NO_PRECISE_DIAGNOSIS, "")


_KNOWN = frozenset(int(sw) for sw in SW)
