"""What happens outside of the client: errands and other programs; and what must be so afterwards.

None of it is held against the client: where it does not go as the story has it, that is a harness error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

from mynacard_conformance.adapters.pcsc_connection import PcscConnection
from mynacard_conformance.model.pin import PinOracle
from mynacard_conformance.model.setting import NO_EFFECT, Effects
from mynacard_conformance.outcome import PinKind
from mynacard_conformance.ports import Connection
from mynacard_conformance.verdict import Deed
from mynacard_conformance.wire import PIN_FILES, status

from .trial import StageFault, StoryFault, Trial


@dataclass(frozen=True, slots=True)
class Visits:
    """Somebody goes to the office, calls it, or stands before a kiosk.

    Attributes:
        errand: What for, such as `counter.reset_pin`.
        details: What is said there.
        then: What comes of it: `ok`, `wrong_pin`, `locked`, or a refusal.
        tries: What the card says of a wrong PIN.
        effects: What it does to the card in the reader, or to the one that it `affects`.
        affects: A card by what the story calls it.

    """

    errand: str
    details: Mapping[str, object] = field(default_factory=dict, repr=False)
    then: str = "ok"
    tries: int | None = None
    effects: Effects = NO_EFFECT
    affects: str = ""


def visit(trial: Trial, visits: Visits) -> None:
    """Have an errand carried out, and hold the card to what it should have done and to nothing else (F-026)."""
    trial.happened(Deed.PAUSE)
    before = trial.cast.certificates
    visited = trial.stage.office.perform(visits.errand, **visits.details)
    said, told = (visited.outcome, visited.tries_left), (visits.then, visits.tries)
    trial.happened(Deed.VISIT, f"{visits.errand} → {visited.outcome}", disturbs=True)
    if said[0] != told[0] or told[1] not in (None, said[1]):
        raise StoryFault(f"{visits.errand}: the office said {said}, the story {told}")
    _foresee(visits.effects, trial.cast.oracle_of(visits.affects) if visits.affects else trial.oracle)
    if visits.effects.hands_over is not None:
        name, holder = visits.effects.hands_over
        trial.cast.receive(name, visited.card, holder)
    trial.hold_card_to_oracle()
    if not visits.affects:
        _hold_certificates(visits.errand, before, trial.cast.certificates, visits.effects)


def _foresee(effects: Effects, oracle: PinOracle) -> None:
    oracle.set(effects.sets)
    oracle.take_away(*effects.takes_away)
    for pin in effects.restores:
        oracle.restore(pin)
    if effects.spends is not None:
        oracle.spend(effects.spends)


def _hold_certificates(
    errand: str, before: Mapping[str, bytes | None], after: Mapping[str, bytes | None], effects: Effects
) -> None:
    for kind, old in before.items():
        new = after[kind]
        if kind in effects.removes:
            as_told = new is None
        elif kind in effects.replaces:
            as_told = new is not None and new != old
        else:
            as_told = new == old
        if not as_told:
            raise StoryFault(f"{errand}: the {kind} certificate is not what the story has it to be")


def present(trial: Trial, pin: PinKind, value: str) -> None:
    """Have another program enter a PIN, whatever comes of it."""
    (aid, fid), data = next(place for place, kind in PIN_FILES.items() if kind is pin), value.encode()
    select = bytes((0x00, 0xA4, 0x04, 0x0C, len(aid))) + aid
    verify = bytes((0x00, 0x20, 0x00, 0x80 | fid, len(data))) + data
    transmit(trial, ((select, None), (verify, None)))


def transmit(trial: Trial, commands: Sequence[tuple[bytes, int | None]]) -> None:
    """Have another program send commands, and hold the card to its status words; None for any."""
    trial.happened(Deed.PAUSE)
    trial.stage.call_off()  # what was ordered is for the client
    trial.make_way()
    reader = trial.stage.reader
    connection = trial.stage.connect() if reader is None else PcscConnection(reader)
    try:
        with getattr(connection, "transaction", nullcontext)():
            for number, (command, expected) in enumerate(commands):
                said = status(_send(connection, command, again=number == 0))
                if expected not in (None, said):
                    raise StoryFault(f"the card said {said or 0:04X} to another program, the story has {expected:04X}")
    except OSError as error:
        raise StageFault(f"another program did not reach the card: {error}") from None
    finally:
        trial.look_away()
        getattr(connection, "leave", lambda: None)()
        trial.stage.power_cycle()  # what it has verified is nobody else's
    trial.happened(Deed.OTHER_PROGRAM, disturbs=True)
    trial.hold_card_to_oracle()


def _send(connection: Connection, command: bytes, *, again: bool) -> bytes:
    """Send a command; the first is sent `again` where the client has just cut the card's power or reset it."""
    try:
        return connection.transmit(command)
    except OSError:
        if not again:
            raise
        return connection.transmit(command)
