"""A world in which everything happens to one driver; it tells as JSON what the driver said. Arguments: its command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from mynacard_conformance.adapters.driver import DriverClient
from mynacard_conformance.outcome import (
    Attributes,
    Call,
    CertificateKind,
    Close,
    Outcome,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    TriesLeft,
    VerifyPin,
)
from mynacard_emulator.readers.pcsc import ReaderConnection
from mynacard_emulator.world import PcscWorld, WorldCard, open_world

TORN, LOST = ("eject", "tear-after"), ("lose-answer", "empty")
SPOILT = ("truncate=1", "garbage")
QUERY, CERTIFICATE = TriesLeft(PinKind.AUTH), ReadCertificate(CertificateKind.AUTH)
RIGHT, WRONG = VerifyPin(PinKind.AUTH, "1234"), VerifyPin(PinKind.AUTH, "0000")
SIGN = tuple(map(bytes.fromhex, ("00A4040C0AD392F000260100000001", "00A4020C020017", "802A00800568656C6C6F00")))
HOLDER = """
import sys
from smartcard import scard
context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)[1]
code, card, _ = scard.SCardConnect(context, sys.argv[1], scard.SCARD_SHARE_EXCLUSIVE, 3)
print(code, flush=True)
sys.stdin.read()
scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
"""


class Trials:
    """One world and one driver in it."""

    def __init__(self, world: PcscWorld, command: list[str]) -> None:
        self._world = world
        self._driver = DriverClient(command, reader=world.reader, environment=world.environment)

    def all(self) -> dict[str, object]:
        """What the driver said in each trial, by its name; the end of the reader comes last."""
        told: dict[str, object] = {}
        for trial in (self.others, self.left_behind, self.losses, self.spoilt, self.cards):
            told.update(trial())
        return told | {"usb-hub": self.usb_hub()}

    def losses(self) -> Iterator[tuple[str, object]]:
        """Each loss at a VERIFY: what is said, how many the card saw, and whether the next number is the card's."""
        card = self._put_in("adult")
        for effect in (*TORN, *LOST):
            self._say(RIGHT)
            before = self._entries(card)
            self._world.fault(f"verify:1:{effect}")
            said = self._say(WRONG)
            if effect in TORN:
                self._world.swap(card)
            true = self._say_when_back(QUERY) == f"ok {self._world.truth.tries_left('auth')}"
            yield effect, [said, self._entries(card) - before, true]

    def spoilt(self) -> Iterator[tuple[str, object]]:
        """Bytes that mean nothing, in the middle of a certificate; and the card taken out there."""
        for effect in SPOILT:
            self._world.fault(f"read:3:{effect}")
            yield effect, self._say(CERTIFICATE) == "ok the certificate"
        self._world.fault("read:3:eject-after")
        yield "taken out", [self._say(CERTIFICATE), self._say(QUERY)]

    def cards(self) -> Iterator[tuple[str, object]]:
        """Somebody else's card, one with a long record of four bytes of header, and one that lies there wrong."""
        self._put_in("other-card")
        yield "other-card", self._say(QUERY)
        self._put_in("long-text")
        yield "long-text", self._reads_the_truth()
        for accident in ("upside-down", "beside"):
            self._world.accident(accident)
            yield accident, self._say(QUERY)
            self._world.put_right()

    def others(self) -> Iterator[tuple[str, object]]:
        """Another program has the reader for itself."""
        self._put_in("adult")
        yield "alone", self._say(QUERY)
        self._say(Close())
        arguments = [sys.executable, "-c", HOLDER, self._world.reader]
        pipe = subprocess.PIPE
        with subprocess.Popen(arguments, env=dict(self._world.environment), stdin=pipe, stdout=pipe) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == b"0\n"
            yield "held-by-another", self._say(QUERY)
            holder.communicate()
        yield "and free again", self._say(QUERY)

    def left_behind(self) -> Iterator[tuple[str, object]]:
        """What the card answers to another program that signs before the client has closed, and after that."""
        with ReaderConnection(self._world.reader):  # somebody is connected, so that the card keeps its power
            for between in ("nothing", "warm reset", "lost answer"):
                self._say(RIGHT)
                if between == "warm reset":
                    self._world.warm_reset()
                if between == "lost answer":
                    self._world.fault("read:1:lose-answer")
                    self._say(CERTIFICATE)
                before = self._another_signs()
                self._say(Close())
                yield f"closed after {between}", [before, self._another_signs()]

    def usb_hub(self) -> str:
        """What is said when the whole stack has ended."""
        self._world.close()
        return self._say(QUERY)

    def end(self) -> None:
        """End the driver."""
        self._driver.shutdown()

    def _put_in(self, profile: str) -> WorldCard:
        card = self._world.issue(profile)
        self._world.swap(card)
        return card

    def _entries(self, card: WorldCard) -> int:
        """How many PINs the card saw."""
        trace = self._world.truth_of(card).trace()
        return sum(exchange.command[:3] == b"\x00\x20\x00" and len(exchange.command) > 5 for exchange in trace)

    def _say(self, call: Call) -> str:
        """What the driver says: the outcome, and the tries where it states them."""
        answer = self._driver.perform(call)
        if answer.outcome is Outcome.OK and isinstance(call, ReadCertificate):
            return "ok the certificate" if answer.value == self._world.truth.certificate("auth") else "ok"
        return answer.outcome.value if answer.tries is None else f"{answer.outcome.value} {answer.tries.start}"

    def _say_when_back(self, call: Call) -> str:
        """The same, once pcscd has noticed that the card came back."""
        for _ in range(20):
            said = self._say(call)
            if said not in {"card_removed", "no_card", "card_unreadable"}:
                break
        return said

    def _reads_the_truth(self) -> bool:
        """Whether the My Number and the attributes are those of the card."""
        digits, holder = (self._driver.perform(call).value for call in (ReadMyNumber("3456"), ReadAttributes("3456")))
        truth = self._world.truth
        return digits == truth.my_number() and holder == Attributes(**truth.attributes() or {})

    def _another_signs(self) -> str:
        """What the card answers to another program that asks for a signature, and enters no PIN."""
        with ReaderConnection(self._world.reader) as other:
            return [other.transmit(command)[-2:].hex() for command in SIGN][-1]


def main() -> None:
    """Play everything to one driver."""
    world = open_world()
    assert isinstance(world, PcscWorld)
    trials = Trials(world, sys.argv[1:])
    with world:
        told = trials.all()
    trials.end()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
