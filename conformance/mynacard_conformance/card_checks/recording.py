"""A conversation that costs a card nothing, written down with nothing personal in it.

The script knows five commands, and none of them can carry a PIN. Of answers only their length and status are kept, but
for what is the same on every card of a generation.
"""

from __future__ import annotations

from collections.abc import Iterator

from mynacard_conformance.ports import CardUnderTest

from . import apdu
from .apdu import Answer
from .places import APPLICATIONS, PINS, SECURITY_DOMAIN, Application

_OBJECTS = (0x0042, 0x0045, 0x0066, 0x00F0, 0x00F2, 0x00F7, 0x00F8, 0x7F21, 0x5F51)
_CONTACT_ATR = 0x5F51
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
        self._card.power_on()
        self._lines.append("* power on")
        self._send(apdu.select(SECURITY_DOMAIN))
        for tag in _OBJECTS:
            for extended in (False, True):
                le = 0x10000 if extended else 256
                self._send(apdu.get_data(tag, le, extended=extended), shown=tag == _CONTACT_ATR)
        yield from self._said()
        for application in APPLICATIONS:
            self._look_into(application)
            yield from self._said()
        self._card.power_on()
        self._lines.append("* power on")
        yield from self._said()

    def _look_into(self, application: Application) -> None:
        if not self._send(apdu.select(application.aid)).done:
            return
        self._send(apdu.select(application.aid, p2=0x00, le=0), shown=True)
        pins = {pin.fid for pin in PINS if pin.application == application}
        for fid in _FILES:
            if self._send(apdu.select_file(fid)).done:
                if fid in pins:
                    self._ask()
                else:
                    self._send(apdu.read(0, 256))
                    self._send(apdu.read_record(1))

    def _ask(self) -> None:
        """Ask for the tries left; the first PIN that has some twice, and no more if that was not free."""
        if not self._asking_is_free:
            return
        first = self._send(apdu.query())
        if not self._asked and first.tries:
            self._asked = True
            self._asking_is_free = self._send(apdu.query()).sw == first.sw

    def _send(self, command: bytes, *, shown: bool = False) -> Answer:
        response = self._card.transmit(command)
        data = response[:-2].hex().upper() if shown else _HIDDEN * (len(response) - 2)
        self._lines += [f"> {command.hex().upper()}", f"< {data}{response[-2:].hex().upper()}"]
        return Answer.of(response)

    def _said(self) -> list[str]:
        said, self._lines = self._lines, []
        return said
