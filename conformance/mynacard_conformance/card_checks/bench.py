"""What a check has in its hands: the card, and what its tester knows and allows.

No PIN leaves here but through `hit` and `miss`, which count first what the card would pay: so a card that has to be
given back keeps its tries, whatever a check asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from mynacard_conformance.ports import CardUnderTest
from mynacard_conformance.verdict import SeenAPDU

from . import apdu, places
from .apdu import Answer
from .check import CannotJudge, NotCovered, need
from .places import Application, File, Pin

if TYPE_CHECKING:
    from mynacard_conformance.adapters.pcsc_reader import PcscReader

_WAKING = apdu.command(0x00, 0xA4, 0x00, 0x00)
"""What clients throw away after power-on: one card answered 6F00 to its first command, whatever it was."""
_ABSENT = (0x6A82, 0x6A88)
_BLOCKED = (0x6984, 0x6983)
_CUT_SHORT = 0x6282
"""What no card of this kind says at the end of a file, and the standard has."""
_STAYS, _STAYS_FOR_GOOD = 1, 2


@dataclass(frozen=True, slots=True)
class Allowance:
    """What the tester knows and allows.

    Attributes:
        pins: The values of the card's PINs, as far as they are known.
        spends: Whether wrong PINs may be entered; the last try is never spent.
        expendable: Whether the card need not be given back: PINs may be locked and changed, those that are known.

    """

    pins: Mapping[Pin, bytes] = field(default_factory=dict, repr=False)
    spends: bool = False
    expendable: bool = False


class Hand(Protocol):
    """Somebody at the card."""

    def take_out(self) -> None:
        """Take it out of the reader."""
        ...

    def put_in(self) -> None:
        """Put it in again."""
        ...

    def order(self, accident: str) -> None:
        """Let something go wrong at its next command, in one line as `Stage.fault` has it."""
        ...


class Bench:
    """A card on the bench.

    Args:
        card: The card.
        allowance: What its tester knows and allows.
        renew: Makes it as it was at the beginning, where somebody can; then nothing is too dear.
        reader: The PC/SC reader that it is in.
        hand: Takes it out and puts it in, where there is somebody who can.

    Attributes:
        conversation: What was said since the last `begin`, without PINs and without what files hold.
        notes: Which of several known ways this card has, by the question.
        trusted: Whether the query of the tries was found to be free.
        issued: What each PIN of this card had left at the beginning.
        tries: What each may still be reckoned to have: never more than it has.
        refuted: PINs whose value the card did not accept when it was first entered; they are not entered again.
        in_pieces, misshapen: The first answers that no card of this kind gives.

    """

    def __init__(
        self,
        card: CardUnderTest,
        allowance: Allowance,
        renew: Callable[[], None] | None = None,
        *,
        reader: PcscReader | None = None,
        hand: Hand | None = None,
    ) -> None:
        self.card = card
        self.allowance = allowance
        self.atr = b""
        self.conversation: list[SeenAPDU] = []
        self.notes: dict[str, str] = {}
        self.trusted = True
        self.issued: dict[Pin, int] = {}
        self.tries: dict[Pin, int] = {}
        self.refuted: set[Pin] = set()
        self.in_pieces: SeenAPDU | None = None
        self.misshapen: SeenAPDU | None = None
        self.reader = reader
        self.hand = hand
        self._renew = renew
        self._proven: set[Pin] = set()
        self._spent: set[Pin] = set()

    @property
    def renewable(self) -> bool:
        """Whether nothing that is done to the card lasts."""
        return self._renew is not None

    # ---------------------------------------------------------------- power

    def begin(self) -> None:
        """Begin a check: the card as it was, if somebody can make it so, and newly powered on."""
        if self._renew is not None:
            self._renew()
            self.tries = dict(self.issued)
            self._spent.clear()
        self.send(apdu.select(places.SECURITY_DOMAIN))
        self.power_on()
        self.conversation.clear()

    def power_on(self) -> None:
        """Cut the power and supply it again, and wake the card."""
        self.atr = self.card.power_on()
        self._note_event("power on")
        if self.send(_WAKING).sw == 0x6F00:
            self.notes["first-command"] = "6F00"

    def reset(self) -> None:
        """Reset the card with its power on."""
        self.card.reset()
        self._note_event("warm reset")

    # ---------------------------------------------------------------- commands

    def send(self, raw: bytes) -> Answer:
        """Send a command with no PIN in it."""
        if apdu.carries_pin(raw):
            raise ValueError("a PIN goes by `hit`, `miss` or `change`, which count what it costs")
        return self._exchange(raw)

    def application(self, application: Application) -> None:
        """Select an application; a card without it is not judged by what is in it."""
        answer = self.send(apdu.select(application.aid))
        if answer.sw == 0x6A82:
            raise NotCovered("no-application", application.name)
        need(answer, f"SELECT {application.name}")

    def file(self, file: File) -> None:
        """Select a file in its application; likewise."""
        self.application(file.application)
        answer = self.send(apdu.select_file(file.fid))
        if answer.sw == 0x6A82:
            raise NotCovered("no-file", str(file))
        need(answer, f"SELECT {file}")

    def content(self, file: File) -> bytes:
        """Read a whole file, block by block; it has to be open."""
        self.file(file)
        return self.content_here(str(file))

    def content_here(self, what: str) -> bytes:
        """Read the whole current file, in blocks that every reader takes."""
        content = b""
        while len(content) < 0x8000:
            answer = self.send(apdu.read(len(content), 0xF0))
            if answer.sw == 0x6B00 and content:
                break
            if answer.sw != _CUT_SHORT:
                need(answer, f"READ BINARY {what}")
            content += answer.data
            if len(answer.data) < 0xF0:
                break
        return content

    # ---------------------------------------------------------------- PINs

    def ask(self, pin: Pin) -> Answer:
        """Select a PIN and ask how many tries it has left."""
        self.file(pin)
        return self.send(apdu.query())

    def left(self, pin: Pin) -> int:
        """Tell how many tries a PIN has left; where the card says only that it is verified, ask it once it is not."""
        if not self.trusted:
            raise CannotJudge("query-not-free")
        answer = self.ask(pin)
        if answer.done:
            self.power_on()
            answer = self.ask(pin)
        return self.count(answer, pin)

    def count(self, answer: Answer, pin: Pin) -> int:
        """Read the number out of the answer to a query."""
        if answer.tries is not None:
            return answer.tries
        if answer.sw in _BLOCKED:
            return 0
        raise CannotJudge("query-needed", pin.name, f"{answer.sw:04X}")

    def known(self, *wanted: Pin) -> Pin:
        """The first of these PINs (or of all) that the tester knows, that the card has, and that is not blocked."""
        usable = [pin for pin in wanted or places.PINS if self.usable(pin)]
        if usable:
            return next((pin for pin in usable if self.renewable or self.tries[pin] > _STAYS), usable[0])
        names = ", ".join(pin.name for pin in wanted)
        raise NotCovered("pin-unknown", names) if names else NotCovered("no-pin-known")

    def usable(self, pin: Pin) -> bool:
        """Whether a PIN can be entered right."""
        return pin in self.allowance.pins and pin not in self.refuted and self.tries.get(pin, 0) > 0

    def hit(self, pin: Pin, *, sfi: int = 0) -> Answer:
        """Enter the right PIN at the current file, or at one that is named."""
        if not self.usable(pin):
            raise NotCovered("pin-unknown", pin.name)
        if pin not in self._proven and self.tries[pin] <= _STAYS and not self.renewable:
            raise NotCovered("last-try", pin.name)
        answer = self._exchange(apdu.verify(self.allowance.pins[pin], sfi))
        if answer.done:
            self._proven.add(pin)
            self._see_what_came_back(pin, sfi)
        elif answer.tries is not None and (pin not in self._proven or not self.renewable):
            self.refuted.add(pin)
        return answer

    def _see_what_came_back(self, pin: Pin, sfi: int) -> None:
        """Ask how many tries a success gave back, where some were spent."""
        if self.renewable:
            self.tries[pin] = self.issued[pin]
        elif pin in self._spent:
            self.tries[pin] = min(pin.limit, self._exchange(apdu.query(sfi)).tries or self.tries[pin])

    def open(self, *pins: Pin) -> None:
        """Select the application of these PINs, and verify them; they have to be accepted."""
        for pin in pins:
            self.file(pin)
            need(self.hit(pin), f"VERIFY {pin.name}")

    def wrong(self, pin: Pin) -> bytes:
        """A value of the right form that is not the PIN's, as far as that is known."""
        right = self.allowance.pins.get(pin)
        return pin.form if pin.form != right else pin.form[:-1] + b"1"

    def miss(self, pin: Pin, value: bytes | None = None, *, sfi: int = 0, raw: bytes | None = None) -> Answer:
        """Enter something wrong at the current file, if the card can pay for it and its tester allows that.

        `raw` is a command that should cost nothing, and might.
        """
        self.dare(pin)
        return self._pay(pin, self._exchange(raw or apdu.verify(self.wrong(pin) if value is None else value, sfi)))

    def exhaust(self, pin: Pin) -> list[Answer]:
        """Enter wrong PINs at the current file until none is accepted any more; the answers, the last of them too."""
        if not (self.renewable or (self.allowance.expendable and pin in self.allowance.pins)):
            raise NotCovered("would-lock", pin.name)
        answers = []
        for _ in range(16):
            answers.append(self._pay(pin, self._exchange(apdu.verify(self.wrong(pin)))))
            if answers[-1].tries in (None, 0):
                break
        return answers

    def lock(self, *wanted: Pin) -> Pin:
        """Have a locked PIN whose value is known: one that was locked before, or else one of these."""
        locked = (pin for pin in wanted if self.tries.get(pin) == 0 and pin in self.allowance.pins)
        pin = next((pin for pin in locked if pin not in self.refuted), None) or self.known(*wanted)
        self.file(pin)
        last = self.exhaust(pin)[-1]
        if last.tries != 0 and not last.refused:
            raise CannotJudge("not-locked", pin.name, f"{last.sw:04X}")
        return pin

    def change(self, new: bytes, pin: Pin, *, ins: int = 0x24, p1: int = 0x01, cla: int = 0x00) -> Answer:
        """Change the current PIN, if the card is expendable; whoever does changes it back."""
        if not (self.renewable or (self.allowance.expendable and pin in self.allowance.pins)):
            raise NotCovered("would-change", pin.name)
        return self._exchange(apdu.command(cla, ins, p1, 0x80, new))

    def enter(self, value: bytes, pin: Pin, *, sfi: int = 0) -> Answer:
        """Enter what was right, or should be, at the current file or one that is named; at expendable cards only."""
        if not (self.renewable or (self.allowance.expendable and pin in self.allowance.pins)):
            raise NotCovered("would-change", pin.name)
        return self._exchange(apdu.verify(value, sfi))

    def dare(self, pin: Pin) -> None:
        """Go on only if the card can pay for a wrong entry at this PIN, and its tester allows it."""
        if not self.trusted:
            raise CannotJudge("query-not-free")
        if self.renewable:
            return
        if not (self.allowance.spends or self.allowance.expendable):
            raise NotCovered("would-cost-a-try", pin.name)
        if self.tries.get(pin, 0) <= (_STAYS if pin in self._proven else _STAYS_FOR_GOOD):
            raise NotCovered("last-try", pin.name)
        self._spent.add(pin)

    def tidy(self) -> None:
        """Give back the tries that were spent, with the PINs that are known, and see what is left everywhere.

        Where tries are missing that cannot be given back, and were not spent there, no more are spent.
        """
        if self._renew is not None or not self._spent:
            return
        spent, self._spent = self._spent, set()
        for pin in self.tries:
            with suppress(CannotJudge, NotCovered):  # what is not known is reckoned to be gone
                left = self.left(pin)
                if left < self.issued[pin] and pin not in spent and not self.usable(pin):
                    self.trusted = False
                if left < pin.limit and self.usable(pin):
                    self.power_on()
                    self.file(pin)
                    self.hit(pin)
                    left = self.left(pin)
                self.tries[pin] = left

    def _pay(self, pin: Pin, answer: Answer) -> Answer:
        """Reckon with one try less, or with what the card says, if that is fewer."""
        told = 0 if answer.sw in _BLOCKED else answer.tries
        reckoned = max(0, self.tries.get(pin, 0) - 1)
        self.tries[pin] = reckoned if told is None else min(told, reckoned)
        return answer

    # ---------------------------------------------------------------- the wire

    def _exchange(self, raw: bytes) -> Answer:
        response = self.card.transmit(raw)
        answer = Answer.of(response)
        seen = SeenAPDU(apdu.written(raw), apdu.summed_up(response))
        self.conversation.append(seen)
        if answer.sw >> 8 in (0x61, 0x6C):
            self.in_pieces = self.in_pieces or seen
        if answer.sw >> 12 not in (6, 9) or (answer.data and answer.sw not in (0x9000, _CUT_SHORT)):
            self.misshapen = self.misshapen or seen
        return answer

    def _note_event(self, event: str) -> None:
        self.conversation.append(SeenAPDU(event, ""))
