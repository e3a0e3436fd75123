"""A conversation that costs a card nothing, written down with nothing personal in it.

The script knows five commands, and none of them can carry a PIN: SELECT in all its forms, READ BINARY and READ RECORD
at their borders, GET DATA, and VERIFY of nothing. Of answers only their length and status are kept, but for what is the
same on every card of a generation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mynacard_conformance.ports import CardUnderTest

from . import apdu
from .apdu import Answer
from .places import APPLICATIONS, DELIVERED_BLOCKED, PINS, SECURITY_DOMAIN, Application

_OBJECTS = (0x0042, 0x0045, 0x0066, 0x00F0, 0x00F2, 0x00F7, 0x00F8, 0x7F21, 0x5F51)
_ISSUER, _CONTACT_ATR = 0x0042, 0x5F51
_FILES = range(0x0001, 0x001F)
_HIDDEN = "••"


class Recorder:
    """Asks a card what everybody may ask it, and writes the conversation down, line by line."""

    def __init__(self, card: CardUnderTest) -> None:
        self._card = card
        self._lines: list[str] = []
        self._asking_is_free = True
        self._asked = False

    def lines(self) -> Iterator[str]:
        """Play the whole script; each line is masked before it is given away."""
        self._power_on()
        self._send(apdu.select(SECURITY_DOMAIN))
        for tag in _OBJECTS:
            for extended in (False, True):
                le = 0x10000 if extended else 256
                self._send(apdu.get_data(tag, le, extended=extended), shown=tag == _CONTACT_ATR)
        self._send(apdu.get_data(_ISSUER, 1))
        yield from self._said()
        for application in APPLICATIONS:
            self._look_into(application)
            yield from self._said()
        self._ways_to_select()
        self._power_on()
        yield from self._said()

    def _look_into(self, application: Application) -> None:
        if not self._send(apdu.select(application.aid)).done:
            return
        self._send(apdu.select(application.aid, p2=0x00, le=0), shown=True)
        pins = {pin.fid for pin in (*PINS, DELIVERED_BLOCKED) if pin.application == application}
        free, missing, asked = 0, 0, 0
        for fid in _FILES:
            if not self._send(apdu.select_file(fid)).done:
                missing = fid
            elif fid in pins:
                asked = fid
                self._ask()
            elif self._read() and not free:
                free = fid
        if free:
            self._what_becomes_of(free, (free, missing, asked))
        self._send(apdu.get_data(_ISSUER, 256))
        self._send(apdu.get_data(_CONTACT_ATR, 256), shown=True)

    def _read(self) -> bool:
        """Read in the current file, at its borders too; return whether everybody may read its bytes."""
        beginning = self._send(apdu.read(0, 256))
        if beginning.done and len(beginning.data) < 256:
            self._send(apdu.read(len(beginning.data), 1))
        self._send(apdu.read(0x7FFF, 1))
        if self._send(apdu.read_record(1)).done:
            for number in (0, 0xFF):
                self._send(apdu.read_record(number))
            for p2, le in ((0x04, 1), (0x05, 0)):
                self._send(apdu.command(0x00, 0xB2, 0x01, p2, le=le))
        return beginning.done

    def _what_becomes_of(self, free: int, asked: Iterable[int]) -> None:
        """Do what could make another file the current one than this, which everybody may read, and read what is."""
        self._send(apdu.select_file(free))
        self._send(apdu.read_by_name(0, 0, 1))
        self._send(apdu.command(0x00, 0xA4, 0x00, 0x00))
        self._send(apdu.read(0, 1))
        self._send(apdu.select_file(free))
        if self._asked and self._asking_is_free:
            for sfi in filter(None, asked):
                self._send(apdu.query(sfi))
        self._send(apdu.read(0, 1))
        for p1 in (0x00, 0x08, 0x09):
            self._send(apdu.command(0x00, 0xA4, p1, 0x0C, free.to_bytes(2, "big")))
        self._card.reset()
        self._lines.append("* reset")
        self._send(apdu.read(0, 1))

    def _ways_to_select(self) -> None:
        """Select by no name, by one that many have in common, and ask for control information in other ways."""
        self._send(apdu.command(0x00, 0xA4, 0x04, 0x00, le=0))
        self._send(apdu.select(APPLICATIONS[0].aid[:1], p2=0x00, le=0), shown=True)
        self._send(apdu.select(APPLICATIONS[0].aid, p2=0x00), shown=True)
        self._send(apdu.select(APPLICATIONS[0].aid, p2=0x00, le=2), shown=True)

    def _ask(self) -> None:
        """Ask for the tries left; the first PIN that has some twice, and no more if that was not free."""
        if not self._asking_is_free:
            return
        first = self._send(apdu.query())
        if not self._asked and first.tries:
            self._asked = True
            self._asking_is_free = self._send(apdu.query()).sw == first.sw

    def _power_on(self) -> None:
        self._card.power_on()
        self._lines.append("* power on")

    def _send(self, command: bytes, *, shown: bool = False) -> Answer:
        response = self._card.transmit(command)
        data = response[:-2].hex().upper() if shown else _HIDDEN * (len(response) - 2)
        self._lines += [f"> {command.hex().upper()}", f"< {data}{response[-2:].hex().upper()}"]
        return Answer.of(response)

    def _said(self) -> list[str]:
        said, self._lines = self._lines, []
        return said
