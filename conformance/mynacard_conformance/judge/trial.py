"""A trial: one conversation between a user and a client, judged turn by turn.

What a turn should come to is foreseen by the oracle, what it did come to is read from the card's own trace and
counters; the client's word is only ever the thing that is judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from mynacard_conformance.model.holder import Holder
from mynacard_conformance.model.pin import PinOracle, Prospect
from mynacard_conformance.model.setting import ORDINARY, Setting
from mynacard_conformance.outcome import Answer, ChangePin, Close, Outcome, PinKind, TriesLeft, VerifyPin, operation_of
from mynacard_conformance.ports import AnyStage, ClientUnderTest, Exchange
from mynacard_conformance.requirements import (
    ANSWERS,
    CLOSE_FORGETS,
    IDLE_IS_SILENT,
    NO_HOLD,
    PIN_NOT_PRINTED,
    RECOVERS,
    RECOVERS_AT_ONCE,
    TRIES_ARE_THE_CARDS,
)
from mynacard_conformance.verdict import Act, CallLine, Deed, DeedLine, Finding, Line, Phrase
from mynacard_conformance.wire import Observer, PinCommand, asked_last, was_refused

from .blind import NEEDS_TRACE, presumed
from .cast import Cast
from .conduct import Ruling, judge_no_entry, ruling
from .docket import Docket
from .evidence import seen
from .mishap import Mishap, judge_mishap
from .secrets import find_leak
from .turn import PREDECESSOR, Played, Scene, Turn, entered_in, entry_kind, foreseen, is_foreign, rulings

_PATIENCE = 4
"""So many calls in a row without an answer are enough."""


class StageFault(Exception):
    """The stage, not the client, did something impossible: a harness error."""


class NotWithThisClient(Exception):
    """The client stands in the way of what a story has: it keeps the card, for instance, that another would hold."""


class StoryFault(StageFault):
    """Office, service or card are not as the story has it: a harness error, unless the client led away from it."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What every conversation is played under.

    Attributes:
        faults: Faults that are ordered anew when one begins, `verify:2:tear-after`.
        noise: What a platform says to the card before the client does, by its name.

    """

    faults: tuple[str, ...] = ()
    noise: str = ""


UNDISTURBED = Conditions()


class Trial:
    """Plays one client with one card on one stage; each `begin` opens a new conversation on the card as issued.

    Args:
        stage: Where it is played; its cards are the trial's.
        client: Who is judged.
        docket: Where rulings go.
        conditions: What every conversation is played under.

    """

    def __init__(
        self, stage: AnyStage, client: ClientUnderTest, docket: Docket, conditions: Conditions = UNDISTURBED
    ) -> None:
        self.stage = stage
        self.client = client
        self.docket = docket
        self.cast = Cast(stage)
        self.broken: set[str] = set()
        """The requirements that this conversation has broken."""
        self.over = False
        """Whether the client has lost the card for good, so that nothing more can be learned here."""
        self.hopeless = False
        """Whether the client has stopped answering at all: nothing more can be learned, and each try costs time."""
        self.acts: list[Act] = []
        """What was played of a random life; nothing of a story, which has a name."""
        self.said: Outcome | None = None
        """What the client said last in this conversation."""
        self.as_issued: Holder = ORDINARY.card.holder
        """Whose card was laid on the reader at the beginning, with the PINs of then."""
        self._conditions = conditions
        self._accident = ""
        self._confirmed = True
        self._is_judged = False
        """Whether the last turn was judged already, as one in which a fault happened."""
        self._doubtful: set[PinKind] = set()
        """PINs at whose entry the power was lost: whether a try is spent is not told by any answer."""
        self._power_is_kept = False
        self._breakdowns = 0
        self._observer = Observer()
        trace = stage.truth.trace()
        self.is_blind = trace is None
        """Whether nobody but the client sees the card: what only a trace can show is inconclusive."""
        self._mark = len(trace or ())
        self._mishaps = len(stage.truth.mishaps())
        self._told_by = ""
        self._disturbed = False
        self._lines: list[Line] = []
        self.cast.open(ORDINARY)

    @property
    def oracle(self) -> PinOracle:
        """What is foreseen of the card that is in the reader."""
        return self.cast.oracle

    @property
    def conversation(self) -> tuple[Line, ...]:
        """What was said and done since it was opened."""
        return tuple(self._lines)

    def begin(self, told_by: str, setting: Setting = ORDINARY) -> None:
        """Close the client's session and put the cards back to what they were: a new conversation."""
        self._end_disturbances()
        if self.offers(Close()):
            self._note_breakdown(self.client.perform(Close()))
        self.make_way()
        self.cast.open(setting)
        list(self._observer.pin_commands(self._take_exchanges()))
        self.broken, self.over = set(), self.hopeless
        self._told_by, self._disturbed, self._lines = told_by, True, []
        self.acts, self.as_issued, self.said = [], setting.card.holder, None
        for fault in self._conditions.faults:
            self.order(fault)
        if self._conditions.noise:
            self.stage.noise(self._conditions.noise)
            self.look_away()
            self.happened(Deed.NOISE, self._conditions.noise)

    @property
    def is_disturbed(self) -> bool:
        """Whether things go wrong that no story has."""
        return bool(self._conditions.faults)

    @contextmanager
    def apart(self) -> Iterator[Docket]:
        """Play with a client that was just started, and have the rulings noted somewhere else."""
        docket, acts, broken = self.docket, self.acts, self.broken
        self.docket = Docket()
        self.client.restart()
        try:
            yield self.docket
        finally:
            self.docket, self.acts, self.broken = docket, acts, broken

    def offers(self, call: Played) -> bool:
        """Whether the client offers what the call asks for."""
        known = not isinstance(call, TriesLeft | VerifyPin | ChangePin) or call.pin in self.client.pins
        return known and operation_of(call) in self.client.operations

    def foresee(self, call: Played) -> Prospect | None:
        """Say what the PIN entry in a call will come to, where it carries one."""
        return foreseen(call, self.oracle, away=self._scene(call).is_out_of_reach)

    def call(self, call: Played, *, last_try_ok: bool = True) -> Turn:
        """Ask the client, and judge what it did and what it said."""
        self._pause()
        turn = self._perform(call, last_try_ok=last_try_ok)
        if self._is_judged:
            return turn
        can_recover = not isinstance(call, Close) and not turn.scene.is_out_of_reach and (turn.touched or turn.lost)
        if self._disturbed and can_recover and turn.answer.breakdown is None:
            turn = self._recover(turn)
            if self.over or self._is_judged:
                return turn  # charged to recovery, or to what happened then, and to nothing else
        self._charge_first(rulings(turn, self.oracle, self.stage.truth))
        self.hold_card_to_oracle()
        return turn

    def deed(
        self, deed: Deed, *, passes: timedelta = timedelta(), until: datetime | None = None, card: str = ""
    ) -> None:
        """Do something to the card, to the client's process or to the time."""
        self._pause()
        match deed:
            case Deed.EJECT_AND_INSERT:
                self.cast.eject()
                self.cast.insert()
            case Deed.EJECT:
                self.cast.eject()
            case Deed.INSERT if card:
                self.cast.swap(card)
            case Deed.INSERT:
                self.cast.insert()
            case Deed.POWER_CYCLE:
                self.make_way()
                self.stage.power_cycle()
            case Deed.WARM_RESET:
                self.make_way()
                self.stage.warm_reset()
            case Deed.RESTART:
                self.client.restart()
            case Deed.TIME_PASSES:
                self._let_time_pass(passes, until)
            case Deed.PAUSE:
                return
            case _:
                raise ValueError(f"{deed.value}: this is nothing that the harness just does")
        self.happened(deed, card, disturbs=deed is not Deed.TIME_PASSES)

    def order(self, fault: str) -> None:
        """Order a fault: `verify:1:tear-after` happens at the next entry."""
        self.stage.fault(fault)
        self.happened(Deed.FAULT, fault)

    def accident(self, name: str) -> None:
        """Let an accident happen, which lasts until `put_right`."""
        self._pause()
        self.make_way()
        try:
            self.stage.accident(name)
        except OSError as error:
            raise NotWithThisClient(str(error)) from None
        self._accident = name
        self.look_away()
        self.happened(Deed.ACCIDENT, name, disturbs=True)

    def put_right(self) -> None:
        """End the accident that lasts."""
        self._pause()
        self.stage.put_right()
        self._accident = ""
        self.look_away()
        self.happened(Deed.PUT_RIGHT, disturbs=True)

    def keep_power(self) -> None:
        """Have another program keep a connection to the card, so that the client's own end does not cut the power."""
        self._pause()
        self.make_way()
        self.stage.keep_power()
        self._power_is_kept = True
        self.look_away()
        self.happened(Deed.KEEPS_POWER)

    def look(self) -> None:
        """Judge whether another program can use the card now; without PC/SC there is nobody who could forbid it."""
        self._pause()
        free = self.stage.is_free()
        self.look_away()
        self.happened(Deed.LOOKS)
        if free is not None:
            self._judge_hold(is_free=free)

    def make_way(self) -> None:
        """End the client's hold on the card, if it has one: everybody else would wait for ever."""
        if self.cast.inserted and not self._accident and self.stage.is_free() is False:
            self._judge_hold(is_free=False)
        self.look_away()

    def _judge_hold(self, *, is_free: bool) -> None:
        self._charge(ruling(NO_HOLD, is_free, Phrase("free-card"), Phrase("held-card")))
        if not is_free:
            self.client.restart()

    def happened(self, deed: Deed, detail: str = "", *, disturbs: bool = False) -> None:
        """Note what was done outside of the client, and judge what it did meanwhile."""
        self._disturbed = self._disturbed or disturbs
        self._pause(deed, detail)

    def look_away(self) -> tuple[Exchange, ...]:
        """Take what another program did to the card: it is counted, and not held against the client."""
        exchanges = tuple(self._take_exchanges())
        self._count(exchanges)
        return exchanges

    def hold_card_to_oracle(self) -> None:
        """Raise `StageFault` where the card's counters are not the oracle's."""
        doubtful, self._doubtful = self._doubtful, set()
        for pin, left in self.oracle.left.items():
            truth = self.stage.truth.tries_left(pin.value)
            if truth is None or (pin in doubtful and self.oracle.settle(pin, truth)):
                continue
            if truth != left:
                raise StageFault(f"the card has {truth} tries left at {pin.value}, the oracle counts {left}")

    def _let_time_pass(self, passes: timedelta, until: datetime | None) -> None:
        if until is not None:
            self.stage.clock.set(until)
        self.stage.clock.advance(passes)

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
        self.stage.call_off()
        leak = find_leak(self.client.output(), self.oracle.holder.pins)
        self._charge(ruling(PIN_NOT_PRINTED, leak is None, Phrase("no-pin"), Phrase("pin-printed", (leak,))))

    def _perform(self, call: Played, *, last_try_ok: bool = True) -> Turn:
        entered, prospect = entered_in(call), self.foresee(call)
        entry = entry_kind(entered, self.oracle) if entered else None
        can_confirm = "last_try_ok" in self.client.features
        answer = self.client.perform(call, last_try_ok=last_try_ok and can_confirm)
        self._confirmed, self.said = last_try_ok or not can_confirm, answer.outcome
        self._note_breakdown(answer)
        exchanges = self._take_exchanges()
        self._lines.append(CallLine(call, entry, answer, seen(exchanges)))
        if self.is_blind:
            commands = presumed(call, entered, prospect, answer, self.oracle)
            self._count_commands(commands)
            self._note_what_is_unseen(answer, asked=isinstance(call, TriesLeft))
        else:
            commands = self._count(exchanges)
        turn = Turn(
            call,
            entered,
            prospect,
            answer,
            commands,
            self._scene(call),
            asked_afterwards=asked_last(exchanges),
            touched=bool(exchanges) or self.is_blind,
            refused=was_refused(exchanges) or self.is_blind,
        )
        if isinstance(call, Close) and self._power_is_kept:
            self._charge(self._judge_close())
        self._is_judged = self._judge_mishaps(turn)
        return turn

    def _scene(self, call: Played) -> Scene:
        profile = self.oracle.holder.profile
        return Scene(
            away=not self.cast.inserted,
            accident=self._accident,
            foreign=is_foreign(profile, call),
            predecessor=profile == PREDECESSOR,
            confirmed=self._confirmed,
            former=self.cast.former_certificates(),
            blind=self.is_blind,
        )

    def _judge_close(self) -> Ruling:
        """Judge what a client leaves on a card that stays under power.

        A reader cuts the power without waiting for the card; what another program then asks for is answered afterwards.
        """
        if self.cast.inserted:
            self.stage.is_free()
            self.look_away()
        verified = next((pin for pin in self.oracle.left if self.stage.truth.verified(pin.value)), None)
        return ruling(
            CLOSE_FORGETS, verified is None, Phrase("nothing-verified"), Phrase("still-verified", (verified,))
        )

    def _judge_mishaps(self, turn: Turn) -> bool:
        """Judge a call in which a fault happened; tell if that is all there is to be judged."""
        lines = self.stage.truth.mishaps(self._mishaps)
        self._mishaps += len(lines)
        mishaps = [Mishap.parse(line) for line in lines]
        special = [told for told in (judge_mishap(turn, mishap) for mishap in mishaps) if told is not None]
        if special:
            broke = Phrase("broke-down", (turn.answer.breakdown, turn.answer.message))
            answered = ruling(ANSWERS, turn.answer.breakdown is None, Phrase("an-answer"), broke)
            self._charge_first(chain([answered], *special))
        elif mishaps:
            self._charge_first(rulings(turn, self.oracle, self.stage.truth))
        self.hold_card_to_oracle()
        if any(mishap.ends_connection for mishap in mishaps):
            self.deed(Deed.EJECT_AND_INSERT)
        return bool(mishaps)

    def _end_disturbances(self) -> None:
        """Let nothing of the last conversation reach into the next."""
        self.stage.call_off()
        self._mishaps = len(self.stage.truth.mishaps())
        if self._accident:
            self.stage.put_right()
            self._accident = ""
        if self._power_is_kept:
            self.stage.let_go()
            self._power_is_kept = False

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
        if self._is_judged:
            return again
        if again.lost and (afresh := self._with_new_client(turn.call)).lost:
            return afresh  # it cannot do this at all
        self.over = again.lost
        late, said = (RECOVERS, again.said) if again.lost else (RECOVERS_AT_ONCE, turn.said)
        self._charge(ruling(late, False, Phrase("works"), said))
        return again

    def _with_new_client(self, call: Played) -> Turn:
        """Ask once more, of a client that was just started: it has nothing to recover from."""
        self.client.restart()
        self._pause(Deed.RESTART)
        return self._perform(call)

    def _pause(self, deed: Deed = Deed.PAUSE, detail: str = "") -> None:
        """Judge what the card saw while nobody asked for anything."""
        exchanges = self._take_exchanges()
        commands = self._count(exchanges)
        if commands or deed is not Deed.PAUSE:
            self._lines.append(DeedLine(deed, seen(exchanges), detail))
        self._charge(judge_no_entry(IDLE_IS_SILENT, commands))

    def _count(self, exchanges: Sequence[Exchange]) -> tuple[PinCommand, ...]:
        commands = tuple(self._observer.pin_commands(exchanges))
        self._count_commands(commands)
        return commands

    def _note_what_is_unseen(self, answer: Answer, *, asked: bool) -> None:
        if asked or answer.tries is not None:
            self.docket.cannot_judge(TRIES_ARE_THE_CARDS, Phrase("unseen"))

    def _count_commands(self, commands: Sequence[PinCommand]) -> None:
        for command in commands:
            if command.pin not in self.oracle.left:
                continue
            if command.cut_short:
                self._doubtful.add(command.pin)
            elif command.counts:
                self.oracle.count(command.pin, command.data.decode("latin-1"))
            elif command.changes and command.sw == 0x9000:
                self.oracle.set({command.pin: command.data.decode("latin-1")})

    def _take_exchanges(self) -> Sequence[Exchange]:
        exchanges = self.stage.truth.trace(self._mark) or ()
        self._mark += len(exchanges)
        return exchanges

    def _charge_first(self, all_rulings: Iterator[Ruling]) -> None:
        """Charge the first violation of a turn only: what follows from it is not a second fault."""
        for each in all_rulings:
            self._charge(each)
            if each.violation:
                return

    def _charge(self, each: Ruling) -> None:
        if self.is_blind and each.requirement.id in NEEDS_TRACE:
            self.docket.cannot_judge(each.requirement, Phrase("unseen"))
            return
        self.docket.put_to_the_test(each.requirement)
        if each.violation:
            self.broken.add(each.requirement.id)
            acts, left = tuple(self.acts), dict(self.oracle.left)
            self.docket.charge(Finding(each.violation, self.conversation, self._told_by, acts, left))
