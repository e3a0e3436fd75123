"""The counter's errands about cards: lost, replaced, collected, found, continued, returned."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TypeVar

from mynacard_emulator.personalise.era import era_birth_date
from mynacard_emulator.personalise.issued import IssuedCard
from mynacard_emulator.personalise.pins import PinKind, Pins
from mynacard_emulator.personalise.rewriting import rewritten
from mynacard_emulator.pki.names import CertKind

from . import certification, reissue
from .desk import CarryOut, Desk
from .errands import ErrandError
from .evidence import admit
from .pin_values import advice, require_format
from .policy import HoldPolicy
from .refusal import Refusal, Refused
from .registry import CardEntry, LossReport
from .reissue import Lane, Reason
from .states import CardEvent, CardState, CertEvent, CertState
from .visit import Visit
from .visitor import PRINCIPAL, Visitor

_OVER = (CardState.EXPIRED, CardState.ABOLISHED)
_WORDS = TypeVar("_WORDS", bound=Enum)


class CardErrands:
    """What can be done about cards at the counter."""

    _carry_out: CarryOut

    def report_loss(
        self, police_number: str | None = None, *, visitor: Visitor = PRINCIPAL, card: object = None
    ) -> Visit:
        """Report a card lost, with the receipt number of the police where there is one (R-099, R-100)."""

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand="report_loss", with_card=False)
            _require_not_over(desk.card)
            desk.put(reissue.report(desk, police_number))

        return self._carry_out(work, card, brought=False)

    def apply_reissue(  # noqa: PLR0913 - the lines of the application form, and who brings it
        self,
        reason: str = "lost",
        police_number: str | None = None,
        lane: str = "normal",
        *,
        auth: str | None = None,
        sign: str | None = None,
        juki: str | None = None,
        text: str | None = None,
        visitor: Visitor = PRINCIPAL,
        card: object = None,
    ) -> Visit:
        """Apply for a new card, whose PINs are chosen now and set when it is handed over (F-062, D-21).

        `reason` is one of `Reason`; any other, such as a locked PIN, is none. The old card ends here and now. The new
        one has the certificates whose PINs are given, and can be collected from `Visit.ready_on` on.
        """
        chosen = {PinKind.AUTH: auth, PinKind.SIGN: sign, PinKind.JUKI: juki, PinKind.TEXT: text}
        speed = _word(Lane, lane, "lane")

        def work(desk: Desk) -> Visit:
            admit(desk, visitor, errand="apply_reissue", with_card=False)
            why = _reason(reason)
            _require_replaceable(desk, why)
            if why.is_loss:
                _report(desk, police_number)
            if speed is Lane.EXPRESS:
                reissue.require_express(desk, why)
            pins = _pins(desk, chosen)
            if why is not Reason.ENDED:
                _abolish(desk)
            ordered = reissue.order(desk, pins, speed)
            given = [value for value in chosen.values() if value is not None]
            return Visit(advice=advice(desk.person.holder, *given), ready_on=ordered.made)

        return self._carry_out(work, card, brought=False)

    def collect(self, *, visitor: Visitor = PRINCIPAL, card: object = None) -> Visit:
        """Collect the card that was applied for in the place of this one; it is `Visit.card`."""

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand="collect", with_card=False)
            ordered = reissue.ordered(desk)
            if ordered is None:
                raise Refused(Refusal.NO_CARD)
            reissue.deliver(desk, *ordered)

        return self._carry_out(work, card, brought=False)

    def discard(self, *, card: object = None) -> Visit:
        """Give up the card that was applied for in the place of this one, as an office does that nobody comes to."""

        def work(desk: Desk) -> None:
            ordered = reissue.ordered(desk)
            if ordered is None:
                raise Refused(Refusal.NO_CARD)
            reissue.discard(desk, ordered[0])

        return self._carry_out(work, card, brought=False)

    def return_card(self, *, visitor: Visitor = PRINCIPAL, card: object = None) -> Visit:
        """Give a card back for good; its certificates are revoked."""

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand="return_card")
            _abolish(desk)

        return self._carry_out(work, card, brought=False)

    def release(
        self, auth: str | None = None, sign: str | None = None, *, visitor: Visitor = PRINCIPAL, card: object = None
    ) -> Visit:
        """Release a suspended card that was found (F-054).

        Certificates are issued anew as the office's policy has it (D-03); for these a new PIN may be given, `""` keeps
        the old one and restores its tries, and None leaves it alone.
        """
        given = {CertKind.AUTH: auth, CertKind.SIGN: sign}

        def work(desk: Desk) -> Visit:
            admit(desk, visitor, errand="release")
            desk.put(replace(desk.card.after(CardEvent.RELEASE), suspended_at=None))
            _forget_loss(desk)
            anew = {kind: given[kind] for kind in _not_resumed(desk)}
            for kind, value in anew.items():
                _set_pin(desk, kind, value)
            certification.revoke(desk, CertEvent.REPLACE_AFTER_HOLD, *anew)
            for kind in anew:
                certification.issue(desk, kind)
            return Visit(advice=advice(desk.person.holder, *(value for value in anew.values() if value)))

        return self._carry_out(work, card, brought=visitor.card)

    def continue_use(
        self, juki: str, sign: str | None = None, *, visitor: Visitor = PRINCIPAL, card: object = None
    ) -> Visit:
        """Have face and chip say what is so after a move or a change of name (F-064); the register PIN is typed.

        With a sign PIN (`""`: the one that is set) a sign certificate is issued anew; without it there is none.
        """

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand="continue_use")
            entry = desk.living_card()
            fresh = _rewritten(desk, entry)
            if sign is not None:
                certification.require_eligible(desk.person, CertKind.SIGN, desk.day)
                _require_none_living(desk, CertKind.SIGN)
                _set_pin(desk, CertKind.SIGN, sign)
            desk.type_in(PinKind.JUKI.value, juki)
            desk.issued = fresh
            desk.put(replace(entry.after(CardEvent.CONTINUE_USE), moved=None))
            if sign is not None:
                certification.issue(desk, CertKind.SIGN)

        return self._carry_out(work, card, brought=visitor.card)

    def report_leak(self, kind: str, *, visitor: Visitor = PRINCIPAL, card: object = None) -> Visit:
        """Report that somebody else has the key of a certificate, `auth` or `sign` (F-061)."""
        which = _word(CertKind, kind, "kind")

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand="report_leak", with_card=False)
            _require_not_over(desk.card)
            if not any(certification.living(desk, which)):
                raise Refused(Refusal.CERT_NOT_VALID)
            certification.revoke(desk, CertEvent.LEAK, which)

        return self._carry_out(work, card, brought=False)

    def revive(self, *, visitor: Visitor = PRINCIPAL, card: object = None) -> Visit:
        """Refuse: a card that has ended never comes back (F-057)."""

        def work(desk: Desk) -> None:
            admit(desk, visitor, errand="revive")
            _require_not_over(desk.card)
            raise Refused(Refusal.WRONG_STATE)

        return self._carry_out(work, card, brought=False)


def _word(words: type[_WORDS], said: str, name: str) -> _WORDS:
    try:
        return words(said)
    except ValueError:
        known = ", ".join(str(word.value) for word in words)
        raise ErrandError(f"{name}: {said!r} is none of {known}") from None


def _reason(said: str) -> Reason:
    try:
        return Reason(said.replace("-", "_"))
    except ValueError:
        raise Refused(Refusal.NOT_A_REASON) from None


def _require_not_over(card: CardEntry) -> None:
    if card.state in _OVER:
        raise Refused(Refusal.CARD_ABOLISHED)


def _require_replaceable(desk: Desk, reason: Reason) -> None:
    """Refuse where the card has ended, or, for that reason, where it has not, or its holder has another."""
    if reason is not Reason.ENDED:
        _require_not_over(desk.card)
        return
    if desk.person.died is not None:
        raise Refused(Refusal.NOT_REGISTERED)
    theirs = (entry for entry in desk.registry.all(CardEntry) if entry.person == desk.person.id)
    if any(entry.state not in _OVER for entry in theirs):
        raise Refused(Refusal.WRONG_STATE)


def _report(desk: Desk, police_number: str | None) -> None:
    loss = reissue.report(desk, police_number)
    if desk.policy.require_police_number and not loss.police_number:
        raise Refused(Refusal.POLICE_NUMBER_MISSING)
    desk.put(loss)


def _pins(desk: Desk, chosen: dict[PinKind, str | None]) -> Pins:
    """The PINs on the form; those of register and text are never left out (R-015)."""
    if chosen[PinKind.SIGN] is not None:
        certification.require_eligible(desk.person, CertKind.SIGN, desk.day)
    for kind, value in chosen.items():
        if value is not None or kind in (PinKind.JUKI, PinKind.TEXT):
            require_format(desk, kind, value or "")
    return Pins(**{kind.value: value for kind, value in chosen.items()})


def _abolish(desk: Desk) -> None:
    desk.put(desk.card.after(CardEvent.ABOLISH))
    certification.revoke(desk, CertEvent.ABOLISH)


def _forget_loss(desk: Desk) -> None:
    loss = desk.registry.find(LossReport, desk.card.serial)
    if loss is not None:
        desk.registry = desk.registry.without(loss)


def _not_resumed(desk: Desk) -> list[CertKind]:
    """Resume what the policy has resumed; return what is issued anew, `AUTH` first."""
    if desk.policy.hold_policy is HoldPolicy.AUTH_RESUMES:
        certification.revoke(desk, CertEvent.RESUME, CertKind.AUTH)
    held = {entry.kind for entry in certification.living(desk) if entry.state is CertState.ON_HOLD}
    return [kind for kind in (CertKind.AUTH, CertKind.SIGN) if kind in held]


def _set_pin(desk: Desk, kind: CertKind, value: str | None) -> None:
    if value:
        require_format(desk, PinKind(kind.value), value)
    if value is not None:
        desk.pins[kind.value] = value


def _require_none_living(desk: Desk, kind: CertKind) -> None:
    if any(certification.living(desk, kind)):
        raise Refused(Refusal.WRONG_STATE)


def _rewritten(desk: Desk, card: CardEntry) -> IssuedCard:
    """The card as it is to be; raise `Refused` where it says all that is so already."""
    person, old = desk.person, desk.content
    if card.moved is None and (old.holder, old.municipality) == (person.holder, person.municipality):
        raise Refused(Refusal.WRONG_STATE)
    new = rewritten(old, holder=person.holder, municipality=person.municipality)
    if new.number_b != old.number_b:
        desk.pins |= dict.fromkeys(("number_b", "visual_number_b"), new.number_b)
        desk.pins["birth_date"] = era_birth_date(person.holder.born)
    return new
