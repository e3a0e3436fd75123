"""A trial: one conversation between a user and a client, judged turn by turn.

What a turn should come to is foreseen by the oracle, what it did come to is read from the card's own trace and
counters; the client's word is only ever the thing that is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import assert_never

from mynacard_conformance.model.holder import Holder
from mynacard_conformance.model.pin import PinOracle, Prospect
from mynacard_conformance.outcome import Answer, Close, TriesLeft, VerifyPin, operation_of
from mynacard_conformance.ports import AnyStage, ClientUnderTest, Exchange
from mynacard_conformance.requirements import ANSWERS, IDLE_IS_SILENT, PIN_NOT_PRINTED, RECOVERS, RECOVERS_AT_ONCE
from mynacard_conformance.verdict import CallLine, Deed, DeedLine, Finding, Line, Phrase
from mynacard_conformance.wire import Observer, PinCommand

from .conduct import Ruling, judge_no_entry, ruling
from .docket import Docket
from .evidence import seen
from .secrets import find_leak
from .turn import Played, Turn, entered_in, entry_kind, rulings

_PATIENCE = 4
"""So many calls in a row without an answer are enough."""


class StageFault(Exception):
    """The stage, not the client, did something impossible: a harness error."""


class Trial:
    """Plays one client with one card on one stage; each `begin` opens a new conversation on the card as issued.

    Args:
        stage: Where it is played; a card for the holder is issued and inserted.
        client: Who is judged.
        holder: Whose card it is.
        docket: Where rulings go.

    """

    def __init__(self, stage: AnyStage, client: ClientUnderTest, holder: Holder, docket: Docket) -> None:
        self.client = client
        self.docket = docket
        self.oracle = PinOracle(holder)
        self.broken: set[str] = set()
        """The requirements that this conversation has broken."""
        self.over = False
        """Whether the client has lost the card for good, so that nothing more can be learned here."""
        self.hopeless = False
        """Whether the client has stopped answering at all: nothing more can be learned, and each try costs time."""
        self._breakdowns = 0
        self._stage = stage
        self._card = stage.issue(holder.profile)
        stage.insert(self._card)
        self._fresh = stage.snapshot()
        self._observer = Observer()
        self._mark = len(stage.truth.trace())
        self._told_by = ""
        self._disturbed = False
        self._lines: list[Line] = []

    def begin(self, told_by: str) -> None:
        """Close the client's session, put the card's memory back and cut its power: a new conversation."""
        if self.offers(Close()):
            self._note_breakdown(self.client.perform(Close()))
        self._stage.restore(self._fresh)
        self._stage.power_cycle()
        list(self._observer.pin_commands(self._take_exchanges()))
        self.oracle = PinOracle(self.oracle.holder)
        self.broken, self.over = set(), self.hopeless
        self._told_by, self._disturbed, self._lines = told_by, True, []

    def offers(self, call: Played) -> bool:
        """Whether the client offers what the call asks for."""
        known = not isinstance(call, TriesLeft | VerifyPin) or call.pin in self.client.pins
        return known and operation_of(call) in self.client.operations

    def foresee(self, call: Played) -> Prospect | None:
        """Say what the PIN entry in a call will come to, where it carries one."""
        entered = entered_in(call)
        return self.oracle.prospect(entered.pin, entered.value) if entered else None

    def call(self, call: Played) -> Turn:
        """Ask the client, and judge what it did and what it said."""
        self._pause()
        turn = self._perform(call)
        if self._disturbed and not isinstance(call, Close) and turn.answer.breakdown is None:
            turn = self._recover(turn)
            if turn.lost:
                return turn  # charged to recovery, and to nothing else
        self._charge_first(rulings(turn, self.oracle, self._stage.truth))
        self._hold_card_to_oracle()
        return turn

    def deed(self, deed: Deed, *, passes: timedelta = timedelta()) -> None:
        """Do something to the card, to the client's process or to the time."""
        self._pause()
        match deed:
            case Deed.EJECT_AND_INSERT:
                self._stage.eject()
                self._stage.insert(self._card)
            case Deed.POWER_CYCLE:
                self._stage.power_cycle()
            case Deed.WARM_RESET:
                self._stage.warm_reset()
            case Deed.RESTART:
                self.client.restart()
            case Deed.TIME_PASSES:
                self._stage.clock.advance(passes)
            case Deed.PAUSE:
                return
            case _:
                assert_never(deed)
        self._disturbed = self._disturbed or deed is not Deed.TIME_PASSES
        self._pause(deed)

    def charge_introduction(self) -> None:
        """Charge what the client got wrong outside of any call, such as announcing what does not exist."""
        if ANSWERS.id in self.docket.findings:
            return  # a call without an answer tells more
        self._lines = []
        for said in self.client.findings:
            self._charge(ruling(ANSWERS, False, Phrase("agreed-form"), Phrase("literally", (said,))))

    def end(self) -> None:
        """Judge what was left behind: APDUs after the last answer, and the client's own output."""
        self._pause()
        leak = find_leak(self.client.output(), self.oracle.holder.pins)
        self._charge(ruling(PIN_NOT_PRINTED, leak is None, Phrase("no-pin"), Phrase("pin-printed", (leak,))))

    def _perform(self, call: Played) -> Turn:
        entered, prospect = entered_in(call), self.foresee(call)
        entry = entry_kind(entered, self.oracle) if entered else None
        answer = self.client.perform(call)
        self._note_breakdown(answer)
        exchanges = self._take_exchanges()
        self._lines.append(CallLine(call, entry, answer, seen(exchanges)))
        return Turn(call, entered, prospect, answer, self._count(exchanges))

    def _note_breakdown(self, answer: Answer) -> None:
        self._breakdowns = self._breakdowns + 1 if answer.breakdown else 0
        self.hopeless = self.hopeless or self._breakdowns >= _PATIENCE
        self.over = self.over or self.hopeless

    def _recover(self, turn: Turn) -> Turn:
        """After a disturbance a client may need one more action; a third is too many."""
        self._disturbed = False
        if not turn.lost:
            self._charge(Ruling(RECOVERS_AT_ONCE))
            self._charge(Ruling(RECOVERS))
            return turn
        if len(self._lines) == 1:
            self._lines.insert(0, DeedLine(Deed.POWER_CYCLE, ()))  # which every conversation begins with
        again = self._perform(turn.call)
        self.over = again.lost
        late, said = (RECOVERS, again.said) if again.lost else (RECOVERS_AT_ONCE, turn.said)
        self._charge(ruling(late, False, Phrase("works"), said))
        return again

    def _pause(self, deed: Deed = Deed.PAUSE) -> None:
        """Judge what the card saw while nobody asked for anything."""
        exchanges = self._take_exchanges()
        commands = self._count(exchanges)
        if commands or deed is not Deed.PAUSE:
            self._lines.append(DeedLine(deed, seen(exchanges)))
        self._charge(judge_no_entry(IDLE_IS_SILENT, commands))

    def _count(self, exchanges: Sequence[Exchange]) -> tuple[PinCommand, ...]:
        commands = tuple(self._observer.pin_commands(exchanges))
        for command in commands:
            if command.pin in self.oracle.left and command.counts:
                self.oracle.count(command.pin, command.data.decode("latin-1"))
        return commands

    def _hold_card_to_oracle(self) -> None:
        for pin, left in self.oracle.left.items():
            truth = self._stage.truth.tries_left(pin.value)
            if truth is not None and truth != left:
                raise StageFault(f"the card has {truth} tries left at {pin.value}, the oracle counts {left}")

    def _take_exchanges(self) -> Sequence[Exchange]:
        exchanges = self._stage.truth.trace(self._mark)
        self._mark += len(exchanges)
        return exchanges

    def _charge_first(self, all_rulings: Iterator[Ruling]) -> None:
        """Charge the first violation of a turn only: what follows from it is not a second fault."""
        for each in all_rulings:
            self._charge(each)
            if each.violation:
                return

    def _charge(self, each: Ruling) -> None:
        self.docket.put_to_the_test(each.requirement)
        if each.violation:
            self.broken.add(each.requirement.id)
            self.docket.charge(Finding(each.violation, tuple(self._lines), self._told_by))
