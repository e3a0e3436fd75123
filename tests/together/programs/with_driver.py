"""What no story has happen to a driver; it tells as JSON what the driver said. Arguments: the driver's command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

from mynacard_conformance.adapters.driver import DriverClient
from mynacard_conformance.outcome import Call, CertificateKind, Close, PinKind, ReadCertificate, TriesLeft, VerifyPin
from mynacard_emulator.readers.pcsc import ReaderConnection
from mynacard_emulator.world import PcscWorld, open_world

SPOILT = ("truncate=1", "garbage", "empty")
QUERY, CERTIFICATE = TriesLeft(PinKind.AUTH), ReadCertificate(CertificateKind.AUTH)
RIGHT = VerifyPin(PinKind.AUTH, "1234")
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
        self._reader = world.readers[0]
        self._driver = DriverClient(command, reader=self._reader, environment=world.environment)
        world.insert(world.issue("adult"))

    def all(self) -> dict[str, object]:
        """What the driver said in each trial, by its name; the end of the reader comes last."""
        trials = (self.held_by_another, self.left_behind, self.spoilt, self.without_reader)
        return {name: said for trial in trials for name, said in trial()}

    def held_by_another(self) -> Iterator[tuple[str, object]]:
        """Another program has the reader for itself, and then has not."""
        self._say(QUERY)
        self._say(Close())
        arguments, pipe = [sys.executable, "-c", HOLDER, self._reader], subprocess.PIPE
        with subprocess.Popen(arguments, env=dict(self._world.environment), stdin=pipe, stdout=pipe) as holder:
            assert holder.stdout
            assert holder.stdout.readline() == b"0\n"
            yield "held by another", [self._say(QUERY), self._say(RIGHT)]
            holder.communicate()
        yield "free again", self._say(QUERY)

    def left_behind(self) -> Iterator[tuple[str, object]]:
        """What the card answers to another program that signs before the client has closed, and after that."""
        with ReaderConnection(self._reader):  # somebody is connected, so that the card keeps its power
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

    def spoilt(self) -> Iterator[tuple[str, object]]:
        """Bytes that mean nothing, in the middle of a certificate."""
        for effect in SPOILT:
            self._world.fault(f"read:3:{effect}")
            yield f"{effect} in a certificate", self._say(CERTIFICATE) != "ok"

    def without_reader(self) -> Iterator[tuple[str, object]]:
        """The whole stack ends, under the driver and before it begins."""
        self._world.close()
        yield "reader gone", [self._say(QUERY), self._say(RIGHT)]
        self._driver.restart()
        yield "no service", [self._say(QUERY), self._say(Close())]
        self._driver.shutdown()
        yield "findings", list(self._driver.findings)

    def _say(self, call: Call) -> str:
        return self._driver.perform(call).outcome.value

    def _another_signs(self) -> str:
        """What the card answers to another program that asks for a signature, and enters no PIN."""
        with ReaderConnection(self._reader) as other:
            return [other.transmit(command)[-2:].hex() for command in SIGN][-1]


def main() -> None:
    """Play everything to one driver."""
    world = open_world()
    assert isinstance(world, PcscWorld)
    with world:
        told = Trials(world, sys.argv[1:]).all()
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
