"""What can happen in a life, family by family; an errand that the office does not offer is passed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from mynacard_conformance.model import dates
from mynacard_conformance.model.card import Standing
from mynacard_conformance.model.holder import MAX_TRIES, WRONG
from mynacard_conformance.model.visitor import Visitor
from mynacard_conformance.outcome import KeyKind, Outcome, PinKind

from .machine import SERVICES, LifeMachine

_TYPED = {PinKind.SIGN: "XXX999", PinKind.AUTH: "0000", PinKind.JUKI: "0000", PinKind.TEXT: "0000"}
"""A well-formed value of each PIN that is never chosen."""
NEW: Final = {PinKind.SIGN: "NEW456", PinKind.AUTH: "9876", PinKind.JUKI: "8765", PinKind.TEXT: "7654"}
AGAIN: Final = {PinKind.SIGN: "ABC123", PinKind.AUTH: "1234", PinKind.JUKI: "2345", PinKind.TEXT: "3456"}
MALFORMED: Final = {PinKind.SIGN: "ABCDEF", PinKind.AUTH: "12345", PinKind.JUKI: "12a4", PinKind.TEXT: ""}

JPKI_PINS = st.sampled_from((PinKind.AUTH, PinKind.SIGN))
PINS = st.sampled_from((PinKind.AUTH, PinKind.SIGN, PinKind.JUKI, PinKind.TEXT))
KINDS = st.sampled_from(tuple(KeyKind))
CHOICES = st.sampled_from((NEW, AGAIN))
MOSTLY = st.sampled_from((True,) * 7 + (False,))
"""Whether somebody does what they should."""

VISITORS = st.sampled_from(
    (
        *((Visitor(),) * 8),
        Visitor(documents=()),
        Visitor(documents=("driving_licence:2026-11-20",)),
        Visitor(bring_card=False),
        Visitor(by="legal_representative", own_documents=("passport", "health_insurance"), same_household=True),
        Visitor(by="voluntary_agent", own_documents=("health_insurance", "pension_book")),
        Visitor(by="voluntary_agent", own_documents=("driving_licence", "health_insurance")),
        Visitor(by="voluntary_agent", own_documents=("driving_licence", "health_insurance"), reply_form=True),
    )
)


class HolderRules(LifeMachine):
    """What the holder does at home, or a finder with the card."""

    @rule(pin=PINS, right=st.booleans())
    def enter(self, pin: PinKind, right: bool) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Enter a PIN, right or wrong: only success and authority give tries back (F-014)."""
        card = self.life.card
        if pin not in card.pins:
            return
        answer = self.client.verify_pin(pin, card.pins[pin] if right else _TYPED[pin])
        if card.left[pin] and right:
            expected, card.left[pin] = Outcome.OK, MAX_TRIES[pin]
        else:
            card.left[pin] = max(card.left[pin] - 1, 0)
            expected = Outcome.WRONG_PIN if card.left[pin] else Outcome.LOCKED
        self.agree(answer.outcome is expected, f"the {pin.value} PIN came to {answer.outcome.value}")

    @rule(pin=JPKI_PINS)
    def lock(self, pin: PinKind) -> None:
        """Enter wrong values until it is locked."""
        for _ in range(self.life.card.left.get(pin, 0)):
            self.enter(pin, right=False)

    @rule(pin=JPKI_PINS, choice=CHOICES)
    def change(self, pin: PinKind, choice: dict[PinKind, str]) -> None:
        """Change a PIN that is known; a locked one cannot be changed (R-047, R-048)."""
        card = self.life.card
        if pin not in card.pins:
            return
        answer = self.client.change_pin(pin, card.pins[pin], choice[pin])
        expected = Outcome.OK if card.left[pin] else Outcome.LOCKED
        self.agree(answer.outcome is expected, f"changing the {pin.value} PIN came to {answer.outcome.value}")
        if answer.outcome is Outcome.OK:
            card.set_pin(pin, choice[pin])

    @rule(service=st.sampled_from(SERVICES))
    def log_in_to_a_service(self, service: str) -> None:
        """Use the auth certificate."""
        paper = self.papers.get(KeyKind.AUTH)
        proof = None if paper is None else self.prove(service)
        if paper is not None and proof is not None:
            self.log_in(paper, proof)
            self.sign_in_advance(paper)

    @rule()
    def log_in_with_what_was_signed_before(self) -> None:
        """Show what was signed before time passed, or before the certificate was replaced."""
        for paper in (*reversed(self.old_papers), *self.papers.values()):
            if paper.proofs:
                self.log_in(paper, paper.proofs.pop())
                break

    @rule()
    def pay_with_points(self) -> None:
        """Pay with a point of the MyKey platform."""
        self.pay()

    @rule(kind=KINDS, right=MOSTLY)
    def revoke_online(self, kind: KeyKind, right: bool) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Have a certificate revoked by the client software (F-061)."""
        if right and self.life.card.pins:
            value = self.life.card.pins.get(kind.pin, _TYPED[kind.pin])
        else:
            value = WRONG[kind.pin]
        self.go("online.revoke", kind=kind.value, pin=value)


class TimeRules(LifeMachine):
    """What time alone does."""

    @rule(
        by=st.sampled_from(
            (
                timedelta(seconds=1),
                timedelta(hours=1),
                timedelta(hours=24),
                timedelta(days=3, seconds=1),
                timedelta(days=91),
            )
        )
    )
    def wait(self, by: timedelta) -> None:
        """Let time pass."""
        self.pass_time(by)

    @rule(second=st.sampled_from((0, 1)))
    def wait_for_the_end_of_a_reservation(self, second: int) -> None:
        """Until its last second, or the first that is too late."""
        ends = [reservation.end for reservation in self.life.reservations.values()]
        self._wait_until(max(ends, default=self.life.at) + timedelta(seconds=second))

    @rule(day=st.sampled_from((-1, 0)))
    def wait_for_renewal(self, day: int) -> None:
        """Until the last day before renewal, or its first."""
        if (auth := self.life.card.certificates.get(KeyKind.AUTH)) is not None:
            opens = dates.renewal_opens(auth.not_after.astimezone(dates.JST).date())
            noon = datetime.combine(opens, datetime.min.time(), dates.JST) + timedelta(days=day, hours=12)
            self._wait_until(noon)

    @rule(second=st.sampled_from((0, 1)))
    def wait_for_the_end_of_a_certificate(self, second: int) -> None:
        """Until its last second, or the first that is too late."""
        if (auth := self.life.card.certificates.get(KeyKind.AUTH)) is not None:
            self._wait_until(auth.not_after + timedelta(seconds=second))

    def _wait_until(self, when: datetime) -> None:
        if when > self.life.at:
            self.pass_time(when - self.life.at)


class CounterRules(LifeMachine):
    """What can be done at the municipal counter."""

    def visit(
        self, errand: str, visitor: Visitor, details: Mapping[str, object], *, punctual: bool = True
    ) -> str | None:
        """Go to the counter, when it is open or just now; a holder has the papers that are good today."""
        if punctual:
            self.open_desk()
        return self.go(errand, **visitor.details(), **details)

    @rule(
        pin=PINS, choice=st.sampled_from((NEW, NEW, AGAIN, MALFORMED)), visitor=VISITORS, punctual=MOSTLY, same=MOSTLY
    )
    def reset_pin(
        self,
        pin: PinKind,
        choice: dict[PinKind, str],
        visitor: Visitor,
        punctual: bool,  # noqa: FBT001 - Hypothesis passes keywords
        same: bool,  # noqa: FBT001 - the same
    ) -> None:
        """Have a PIN reset (R-018)."""
        new = choice[pin]
        confirm = new if same else NEW[PinKind.SIGN] + "X"
        details = {"pin": pin.value, "new": new, "confirm": confirm}
        self.visit("counter.reset_pin", visitor, details, punctual=punctual)

    @rule(wanted=st.sampled_from((("auth", "sign"), ("sign",), ("auth",))), choice=CHOICES, visitor=VISITORS)
    def issue_certificates(self, wanted: tuple[str, ...], choice: dict[PinKind, str], visitor: Visitor) -> None:
        """Have certificates issued where there are none that are good (F-050)."""
        self.visit("counter.issue_certificates", visitor, {kind: choice[PinKind(kind)] for kind in wanted})

    @rule(right=MOSTLY, forgotten=st.sampled_from((None, None, PinKind.SIGN)))
    def renew(self, right: bool, forgotten: PinKind | None) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Renew the certificates, with the PINs typed or, where forgotten, set anew (F-045)."""
        self.open_desk()
        pins = self.life.card.pins
        typed = {
            pin.value: pins.get(pin, _TYPED[pin]) if right or pin is not PinKind.SIGN else _TYPED[pin]
            for pin in (PinKind.AUTH, PinKind.SIGN, PinKind.JUKI)
            if pin is not forgotten
        }
        resets = {} if forgotten is None else {"resets": {forgotten.value: NEW[forgotten]}}
        self.go("counter.renew", **typed, **resets)

    @rule(pin=PINS)
    def unblock(self, pin: PinKind) -> None:
        """Ask for a PIN to be unblocked and kept (F-025)."""
        self.visit("counter.unblock_pin", Visitor(), {"pin": pin.value})

    @rule(visitor=VISITORS)
    def convert_to_face_auth(self, visitor: Visitor) -> None:
        """Have the PINs taken away (F-069)."""
        self.visit("counter.convert_to_face_auth", visitor, {})

    @rule(choice=CHOICES, sign=st.booleans())
    def convert_to_normal(self, choice: dict[PinKind, str], sign: bool) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Have PINs set again (F-071)."""
        pins = {pin.value: value for pin, value in choice.items() if sign or pin is not PinKind.SIGN}
        self.visit("counter.convert_to_normal", Visitor(), pins)

    @rule(choice=CHOICES)
    def release(self, choice: dict[PinKind, str]) -> None:
        """Have a card that was found released (F-054, F-056)."""
        self.visit("counter.release", Visitor(), {kind.value: choice[kind.pin] for kind in KeyKind})

    @rule(right=MOSTLY)
    def continue_use(self, right: bool) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Have the card continued after a move (F-064)."""
        juki = self.life.card.pins.get(PinKind.JUKI, "") if right else _TYPED[PinKind.JUKI]
        self.visit("counter.continue_use", Visitor(), {"juki": juki})


class CardRules(CounterRules):
    """A card that is lost, and another in its place."""

    @rule(number=st.sampled_from((None, "12345")))
    def report_loss(self, number: str | None) -> None:
        """Report the loss (R-099, R-100)."""
        self.visit("counter.report_loss", Visitor(bring_card=False), {"police_number": number})

    @rule(
        reason=st.sampled_from(("lost", "lost", "damaged", "locked", "ended")),
        number=st.sampled_from(("12345", "12345", None)),
        lane=st.sampled_from(("normal", "express")),
        choice=st.sampled_from((NEW, NEW, NEW, MALFORMED)),
        without=st.sampled_from((None, None, PinKind.SIGN, PinKind.JUKI)),
        visitor=VISITORS,
    )
    def apply_reissue(  # noqa: PLR0913, PLR0917 - the lines of a form, which Hypothesis passes by name
        self,
        reason: str,
        number: str | None,
        lane: str,
        choice: dict[PinKind, str],
        without: PinKind | None,
        visitor: Visitor,
    ) -> None:
        """Apply for another card (R-100)."""
        pins = {pin.value: value for pin, value in choice.items() if pin is not without}
        form = {"reason": reason, "police_number": number, "lane": lane, **pins}
        self.visit("counter.apply_reissue", visitor, form)

    @rule(visitor=VISITORS, patient=MOSTLY)
    def collect(self, visitor: Visitor, patient: bool) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Collect it (F-062)."""
        order = self.life.order
        if patient and order is not None and order.ready_on is not None and order.ready_on > self.life.today:
            self.pass_time(timedelta(days=(order.ready_on - self.life.today).days))
        self.visit("counter.collect", visitor, {})

    @rule(sure=st.integers(0, 5))
    def return_card(self, sure: int) -> None:
        """Give the card back (5a.1); rarely, or lives were short."""
        if not sure:
            self.visit("counter.return_card", Visitor(), {})

    @rule(kind=KINDS)
    def report_leak(self, kind: KeyKind) -> None:
        """Tell that a key leaked (F-061)."""
        self.visit("counter.report_leak", Visitor(), {"kind": kind.value})

    @rule()
    def revive(self) -> None:
        """Ask for a card back that has ended (F-057)."""
        self.visit("counter.revive", Visitor(), {})


class RegisterRules(LifeMachine):
    """What the resident register and the hotline learn."""

    def __init__(self) -> None:
        super().__init__()
        self.moves = 0

    @rule()
    def suspend(self) -> None:
        """Lose the card, and telephone (F-053)."""
        self.go("hotline.suspend")

    @rule()
    def ask_for_release_by_phone(self) -> None:
        """Telephone again: in vain (F-054)."""
        self.go("hotline.release")

    @rule(pin=JPKI_PINS)
    def ask_for_a_reset_by_phone(self, pin: PinKind) -> None:
        """Telephone the helpline: in vain (R-034)."""
        self.go("helpline.reset_pin", pin=pin.value)

    @rule(name=st.sampled_from(("架空　太郎", "見本　次郎", "見本　三郎")))
    def rename(self, name: str) -> None:
        """Take another name (F-058)."""
        if name != self.life.name:
            self.go("civil_register.rename", name=name)

    @rule(far=st.booleans(), house=st.integers(1, 9))
    def move(self, far: bool, house: int) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Move, within the town or to another (F-058, F-064)."""
        self.moves += 1
        town = f"99{self.moves + 1:03}"
        address = f"東京都架空市見本町{house}－{self.moves}"
        self.go("civil_register.move", address=address, **({"municipality_code": town} if far else {}))

    @precondition(lambda self: self.world is not None and self.life.card.standing is not Standing.ACTIVE)
    @rule()
    def die(self) -> None:
        """Die (F-066); rarely, or lives were short."""
        self.go("civil_register.die")


class StoreRules(LifeMachine):
    """The app and the kiosk."""

    @rule(
        pin=st.sampled_from((PinKind.SIGN, PinKind.AUTH, PinKind.SIGN, PinKind.AUTH, PinKind.JUKI)),
        right=MOSTLY,
        face=st.sampled_from(("match", "match", "match", "differs", None)),
    )
    def reserve(self, pin: PinKind, right: bool, face: str | None) -> None:  # noqa: FBT001 - Hypothesis passes keywords
        """Reserve a reset with the app (R-039, R-042)."""
        self.go("app.reserve", pin=pin.value, typed=self._typed(pin, right=right), face=face)

    @rule(
        pin=st.sampled_from((PinKind.SIGN, PinKind.AUTH, PinKind.SIGN, PinKind.AUTH, PinKind.JUKI)),
        right=MOSTLY,
        choice=st.sampled_from((NEW, NEW, AGAIN, MALFORMED)),
        store=st.sampled_from(("both", "both", "sign-only")),
        on_the_way=st.booleans(),
        by_day=MOSTLY,
    )
    def kiosk(  # noqa: PLR0913 - what decides it
        self, *, pin: PinKind, right: bool, choice: dict[PinKind, str], store: str, on_the_way: bool, by_day: bool
    ) -> None:
        """Have a PIN reset at a store, for which one may reserve on the way (R-041, R-044)."""
        if by_day and not dates.kiosk_is_open(self.life.at):
            self.pass_time(timedelta(hours=8))
        typed = self._typed(pin, right=right)
        if on_the_way:
            self.go("app.reserve", pin=pin.value, typed=typed, face="match")
        self.go("kiosk.reset", pin=pin.value, typed=typed, new=choice[pin], store=store)

    def _typed(self, pin: PinKind, *, right: bool) -> str:
        other = PinKind.AUTH if pin is PinKind.SIGN else PinKind.SIGN
        return self.life.card.pins.get(other, _TYPED[other]) if right else _TYPED[other]


class WholeLife(HolderRules, TimeRules, CardRules, RegisterRules, StoreRules):
    """Everything that can happen in a life."""
