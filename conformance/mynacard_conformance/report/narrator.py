"""What each exchange with the card means, in words: the harness's own reading, for people."""

from __future__ import annotations

from mynacard_conformance.verdict import SeenAPDU
from mynacard_conformance.wire import PIN_FILES, data_field, status

from .card_words import APPLICATIONS, COMMANDS, FILES, OTHERS, STATUS, Words
from .messages import Language

_READER, _PROTECTED = 0xFF, 0x0C
_SILENT = ("", "")


class Narrator:
    """Follows a conversation, so that the current file has its name.

    Args:
        language: In which it speaks.

    """

    def __init__(self, language: Language) -> None:
        self._index = 0 if language == "en" else 1
        self._application, self._file = b"", 0

    @property
    def pin(self) -> str:
        """Which PIN the current file is, by the name that drivers know; empty where it is none."""
        kind = PIN_FILES.get((self._application, self._file))
        return kind.value if kind else ""

    def explain(self, apdu: SeenAPDU) -> tuple[str, str]:
        """Say what was asked and what was answered; of an event, which has its name already, nothing."""
        if apdu.is_event:
            if apdu.command != "(reset)":
                self._application, self._file = b"", 0
            return _SILENT
        command = as_bytes(apdu.command)
        sw = status(as_bytes(apdu.response))
        asked = self._asked(command, done=sw == 0x9000) if len(command) >= 4 else self._say(COMMANDS["none"])
        return asked, self._answered(sw)

    def _asked(self, command: bytes, *, done: bool) -> str:
        if command[0] == _READER:
            return self._say(COMMANDS["reader"])
        if command[0] & _PROTECTED == _PROTECTED:
            return self._say(COMMANDS["protected"])
        key, gaps = self._meaning(command, done=done)
        return self._say(COMMANDS[key], *gaps)

    def _meaning(self, command: bytes, *, done: bool) -> tuple[str, tuple[object, ...]]:  # noqa: C901, PLR0911, PLR0912 - one arm an instruction
        match command[1], command[2]:
            case 0xA4, 0x04:
                return "select", (self._select_application(data_field(command), done=done),)
            case 0xA4, _:
                return "select", (self._select_file(data_field(command), done=done),)
            case 0x20, _:
                return "verify" if len(command) > 5 else "query", (self._at(command[3] & 0x1F),)
            case 0x24 | 0x32, _:
                return "change", (self._at(command[3] & 0x1F),)
            case 0x2C, _:
                return "unblock", (self._at(command[3] & 0x1F),)
            case 0xB0, p1 if p1 & 0x80:
                return "read", (self._at(p1 & 0x1F), command[3])
            case 0xB0, p1:
                return "read", (self._at(0), p1 << 8 | command[3])
            case 0xB2, number:
                return "record", (self._at(command[3] >> 3), number)
            case 0xCA | 0xCB, p1:
                return "data", (f"{p1:02X}{command[3]:02X}",)
            case 0x2A, _:
                return "sign", (self._at(0),)
            case 0x84, _:
                return "challenge", ()
            case 0x88, _:
                return "authenticate", (self._at(0),)
            case instruction, _:
                return "other", (f"{instruction:02X}",)

    def _select_application(self, name: bytes, *, done: bool) -> str:
        aid = next((aid for aid in APPLICATIONS if name and aid.startswith(name)), b"")
        if done:
            self._application, self._file = aid, 0
        return self._say(APPLICATIONS.get(aid, OTHERS["application"]))

    def _select_file(self, identifier: bytes, *, done: bool) -> str:
        fid = int.from_bytes(identifier[:2], "big")
        if done:
            self._file = fid
        return self._named(fid)

    def _at(self, short: int) -> str:
        """Name the file that a command is about; one that it names itself is the current one from then on."""
        self._file = short or self._file
        return self._named(self._file)

    def _named(self, fid: int) -> str:
        if not fid:
            return self._say(OTHERS["current"])
        known = FILES.get((self._application, fid))
        return self._say(known) if known else self._say(OTHERS["file"], f"{fid:04X}")

    def _answered(self, sw: int | None) -> str:
        match sw:
            case None:
                return self._say(OTHERS["unanswered"])
            case 0x63C0:
                return self._say(OTHERS["no-try"])
            case 0x63C1:
                return self._say(OTHERS["one-try"])
            case tries if tries & 0xFFF0 == 0x63C0:
                return self._say(OTHERS["tries"], tries & 0xF)
            case known if known in STATUS:
                return self._say(STATUS[known])
            case unknown:
                return self._say(OTHERS["status"], f"{unknown:04X}")

    def _say(self, words: Words, *gaps: object) -> str:
        return words[self._index].format(*gaps)


def as_bytes(shown: str) -> bytes:
    """The bytes of what is shown, with zeros for those of a PIN."""
    return bytes.fromhex(shown.replace("•", "0"))
