"""The oracle of the office: which refusals an errand meets, and what is so after one that was carried out.

It is written from the facts and not from anybody's code. The facts give the reasons for a refusal and not their order,
so what is foreseen is a set: any reason that holds may be the answer, and `ok` only where none does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import TypeAlias

from mynacard_conformance.outcome import KeyKind, PinKind

from . import dates
from .card import Standing
from .certificate import Reason
from .holder import MAX_TRIES, well_formed
from .life import Life, Order
from .reservation import OTHER, SINCE, Reservation
from .visitor import Case, Visitor, turned_away

OK = "ok"
PIN_OUTCOMES = frozenset({"wrong_pin", "locked"})

Details: TypeAlias = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Errand:
    """An errand that can be foreseen.

    Attributes:
        reasons: Every reason for which it is refused, each in one word.
        effect: What is so once it was carried out.
        typed: The PINs that are typed for it, and their values.
        locked: What is said of a PIN that was locked before.
        at_the_counter: Whether somebody has to come to the counter for it.
        shows_card: Whether they have to show the card there.

    """

    reasons: Callable[[Life, Details], Iterator[str]]
    effect: Callable[[Life, Details], None]
    typed: Callable[[Life, Details], Mapping[PinKind, str]] = lambda _, __: {}
    locked: str = "locked"
    at_the_counter: bool = False
    shows_card: bool = True


def foresee(life: Life, name: str, details: Details) -> frozenset[str]:
    """Which outcomes an errand may have; nothing is changed."""
    errand = ERRANDS[name]
    stopped = {_typed(life, pin, value, errand.locked) for pin, value in errand.typed(life, details).items()} - {OK}
    shown = details if errand.shows_card else {**details, "bring_card": True}
    door = _door(life, shown, life.cases.get(_case(name, details))) if errand.at_the_counter else ()
    return frozenset({*door, *errand.reasons(life, details), *stopped} or {OK})


def settle(life: Life, name: str, details: Details, outcome: str) -> dict[PinKind, frozenset[int]]:
    """Take note of an outcome that was foreseen; return the tries that each PIN may have now.

    Where the order of typing is open, so are the tries: PINs typed before the one that stopped the errand have all of
    theirs again, those after it are as they were.
    """
    errand = ERRANDS[name]
    before = dict(life.card.left)
    typed = errand.typed(life, details)
    if outcome == OK:
        errand.effect(life, details)
        if details.get("reply_form"):
            life.cases.pop(_case(name, details), None)
        tries = {pin: frozenset({left}) for pin, left in life.card.left.items()}
        full = {pin: frozenset({MAX_TRIES[pin]}) for pin in typed if pin in life.card.left}
        return tries | full
    if outcome == "second_visit_required":
        life.cases.setdefault(_case(name, details), Case(life.at))
    tries = {pin: frozenset({left}) for pin, left in before.items()}
    for pin, value in typed.items():
        if pin in before:
            tries[pin] |= _after_typing(before[pin], MAX_TRIES[pin], right=life.card.pins[pin] == value)
    return tries


def _after_typing(left: int, most: int, *, right: bool) -> frozenset[int]:
    if not left:
        return frozenset({0})
    return frozenset({most if right else left - 1})


def _typed(life: Life, pin: PinKind, value: str, locked: str) -> str:
    if pin not in life.card.pins:
        return "pin_absent"
    if not life.card.left[pin]:
        return locked
    if life.card.pins[pin] == value:
        return OK
    return "locked" if life.card.left[pin] == 1 else "wrong_pin"


def _case(name: str, details: Details) -> str:
    """What an agent's case is about: the errand and, where PINs are its subject, the PIN."""
    return f"{name} {details.get('pin', '')}"


# ---------------------------------------------------------------- what many errands ask


def _said(details: Details, name: str) -> str | None:
    value = details.get(name)
    return None if value is None else str(value)


def _living(life: Life) -> Iterator[str]:
    """A card that is suspended or over is good for nothing else (5a.1)."""
    match life.card.standing:
        case Standing.SUSPENDED:
            yield "card_suspended"
        case Standing.EXPIRED | Standing.ABOLISHED:
            yield "card_abolished"
        case Standing.ACTIVE:
            return


def _door(life: Life, details: Details, case: Case | None) -> Iterator[str]:
    """The counter's door; whoever says nothing of it comes in person, with card and licence."""
    words = {word: details[word] for word in Visitor.__slots__ if word in details}
    visitor = Visitor(**words)  # type: ignore[arg-type] # details are words and values
    yield from turned_away(visitor, at=life.at, born=life.born, guardianship=life.guardianship, case=case)


def _settable(pin: PinKind, value: str | None) -> Iterator[str]:
    """An authority sets no PIN that is malformed, nor a sign PIN without a letter and a digit (D-05)."""
    mixed = pin is not PinKind.SIGN or bool(value and re.search("[A-Z]", value) and re.search("[0-9]", value))
    if value is None or not value.isascii() or not well_formed(pin, value) or value != value.upper() or not mixed:
        yield "pin_format"


def _pin(details: Details) -> PinKind:
    return PinKind(str(details["pin"]))


# ---------------------------------------------------------------- PINs at the counter


def _reset_reasons(life: Life, details: Details) -> Iterator[str]:
    pin, new = _pin(details), _said(details, "new")
    yield from _living(life)
    yield from _settable(pin, new)
    if "confirm" in details and details["confirm"] != new:
        yield "confirmation_mismatch"
    if pin not in life.card.pins:
        yield from ("pin_absent", "cert_absent")


def _reset(life: Life, details: Details) -> None:
    life.card.set_pin(_pin(details), str(details["new"]))


def _unblock_reasons(life: Life, details: Details) -> Iterator[str]:
    """A lock is lifted, and the value kept; there is nothing to lift where no lock is (F-025, D-09)."""
    yield from _living(life)
    if _pin(details) not in life.card.pins:
        yield "pin_absent"
    elif life.card.left[_pin(details)]:
        yield "wrong_state"


def _unblock(life: Life, details: Details) -> None:
    life.card.left[_pin(details)] = MAX_TRIES[_pin(details)]


# ---------------------------------------------------------------- certificates at the counter


def _chosen(details: Details) -> dict[KeyKind, str]:
    """The kinds of certificate that are wanted, and the PIN of each; an empty one keeps the PIN that is set."""
    return {kind: str(details[kind.value]) for kind in KeyKind if details.get(kind.value) is not None}


def _issue_reasons(life: Life, details: Details) -> Iterator[str]:
    yield from _living(life)
    for kind, value in _chosen(details).items():
        if kind is KeyKind.SIGN and not life.may_sign:
            yield "not_eligible_for_sign"
        if kind in life.card.certificates and life.card.certificates[kind].living(life.at):
            yield "wrong_state"
        if life.card.face_authentication:
            yield from ("wrong_state", "pin_absent", "not_eligible_for_sign")
        if value:
            yield from _settable(kind.pin, value)
        elif kind.pin not in life.card.pins:
            yield from ("pin_absent", "pin_format")


def _issue(life: Life, details: Details) -> None:
    for kind in (KeyKind.AUTH, KeyKind.SIGN):
        value = _chosen(details).get(kind)
        if value is None:
            continue
        life.certificate(kind)
        if value:
            life.card.set_pin(kind.pin, value)


_RENEWAL_PINS = {"auth": PinKind.AUTH, "sign": PinKind.SIGN, "juki": PinKind.JUKI}


def _resets(details: Details) -> dict[PinKind, str]:
    resets = details.get("resets") or {}
    return {PinKind(pin): str(new) for pin, new in resets.items()} if isinstance(resets, Mapping) else {}


def _due(life: Life) -> list[KeyKind]:
    """What a renewal replaces: certificates that are good, or have ended by themselves."""
    kinds = (kind for kind in (KeyKind.AUTH, KeyKind.SIGN) if kind in life.card.certificates)
    return [kind for kind in kinds if life.card.certificates[kind].renewable(life.at)]


def _renewal_typed(life: Life, details: Details) -> dict[PinKind, str]:
    """The PINs of the certificates and of the register (F-045), except those that were forgotten."""
    if life.card.face_authentication:
        return {}
    asked = (*(kind.pin for kind in _due(life)), PinKind.JUKI)
    return {pin: str(details.get(pin.value, "")) for pin in asked if pin not in _resets(details)}


def _renewal_reasons(life: Life, details: Details) -> Iterator[str]:
    yield from _living(life)
    due = _due(life)
    if not due:
        yield from ("cert_absent", "cert_not_valid")
    ends = [life.card.certificates[kind].not_after for kind in due if life.card.good(kind, life.at)]
    if ends and life.today < dates.renewal_opens(min(ends).astimezone(dates.JST).date()):
        yield "outside_window"
    for pin, new in _resets(details).items():
        yield from _settable(pin, new)
        if pin not in life.card.pins:
            yield "pin_absent"


def _renew(life: Life, details: Details) -> None:
    typed = _renewal_typed(life, details)
    for kind in _due(life):
        life.certificate(kind, in_time=life.card.good(kind, life.at))
    for pin, new in _resets(details).items():
        life.card.set_pin(pin, new)
    for pin in typed:
        life.card.left[pin] = MAX_TRIES[pin]


def _to_face_reasons(life: Life, _: Details) -> Iterator[str]:
    yield from _living(life)
    if life.card.face_authentication:
        yield "wrong_state"
    if not life.card.good(KeyKind.AUTH, life.at):
        yield from ("cert_absent", "cert_not_valid")


def _to_face(life: Life, _: Details) -> None:
    """The PINs go, and the sign certificate with its PIN (F-069)."""
    life.card.face_authentication = True
    life.card.revoke(life.at, Reason.CESSATION_OF_OPERATION, KeyKind.SIGN)
    if KeyKind.SIGN in life.card.certificates:
        life.card.replaced.append(life.card.certificates.pop(KeyKind.SIGN))
    life.card.forget_pins()


def _to_normal_reasons(life: Life, details: Details) -> Iterator[str]:
    yield from _living(life)
    if not life.card.face_authentication:
        yield "wrong_state"
    for pin, value in _four(details).items():
        yield from _settable(pin, value)


def _to_normal(life: Life, details: Details) -> None:
    life.card.face_authentication = False
    for pin, value in _four(details).items():
        life.card.set_pin(pin, value)
    if details.get("sign") is not None:
        life.certificate(KeyKind.SIGN)


def _four(details: Details) -> dict[PinKind, str]:
    return {pin: str(details[pin.value]) for pin in PinKind if details.get(pin.value) is not None}


# ---------------------------------------------------------------- loss, release, another card


def _suspend_reasons(life: Life, _: Details) -> Iterator[str]:
    yield from _living(life)


def _suspend(life: Life, _: Details) -> None:
    life.card.standing = Standing.SUSPENDED
    for certificate in life.card.certificates.values():
        certificate.hold(life.at)


def _always(reason: str) -> Errand:
    def reasons(_: Life, __: Details) -> Iterator[str]:
        yield reason

    return Errand(reasons, _nothing)


def _nothing(_: Life, __: Details) -> None:
    """Change nothing."""


def _release_reasons(life: Life, details: Details) -> Iterator[str]:
    if life.card.standing is Standing.ACTIVE:
        yield "wrong_state"
    elif life.card.standing is not Standing.SUSPENDED:
        yield "card_abolished"
    for kind in KeyKind:
        held = kind in life.card.certificates and life.card.certificates[kind].held
        if held and life.card.certificates[kind].living(life.at):
            yield from _settable(kind.pin, _said(details, kind.value))


def _release(life: Life, details: Details) -> None:
    """Certificates that were held are issued anew, both (D-03)."""
    life.card.standing, life.lost_since, life.police_number = Standing.ACTIVE, None, None
    for kind in (KeyKind.AUTH, KeyKind.SIGN):
        old = life.card.certificates.get(kind)
        if old is not None and old.held and old.living(life.at):
            life.certificate(kind)
            life.card.set_pin(kind.pin, str(details[kind.value]))


def _over(life: Life) -> bool:
    return life.card.standing in (Standing.ABOLISHED, Standing.EXPIRED)


def _loss_reasons(life: Life, _: Details) -> Iterator[str]:
    if _over(life):
        yield "card_abolished"


def _report_loss(life: Life, details: Details) -> None:
    life.lost_since = life.lost_since or life.today
    life.police_number = _said(details, "police_number") or life.police_number


_LOSSES = frozenset({"lost", "stolen"})
_OTHER_REASONS = frozenset({"damaged", "notes_full", "ended"})


def _reissue_reasons(life: Life, details: Details) -> Iterator[str]:
    reason = details.get("reason", "lost")
    if reason not in _LOSSES | _OTHER_REASONS:
        yield "not_a_reason"
    if reason in _LOSSES and not (details.get("police_number") or life.police_number):
        yield "police_number_missing"
    if reason != "ended" and _over(life):
        yield "card_abolished"
    if reason == "ended" and (not _over(life) or life.order is not None):
        yield "wrong_state"
    if life.dead:
        yield "not_registered"
    if details.get("lane") == "express":
        yield from _express(life, reason)
    for pin in (PinKind.JUKI, PinKind.TEXT, PinKind.AUTH, PinKind.SIGN):
        if pin in (PinKind.JUKI, PinKind.TEXT) or details.get(pin.value) is not None:
            yield from _settable(pin, _said(details, pin.value))


def _express(life: Life, reason: object) -> Iterator[str]:
    """Only since 2 December 2024, for a lost card up to 30 days after the report, and not where one ended (F-063)."""
    late = reason in _LOSSES and life.lost_since is not None and life.today > life.lost_since + timedelta(days=30)
    if late or life.today < date(2024, 12, 2) or reason == "ended":
        yield "express_not_offered"


def _reissue(life: Life, details: Details) -> None:
    """The old card is abolished when another is applied for (F-062)."""
    if details.get("reason", "lost") in _LOSSES:
        _report_loss(life, details)
    life.order = Order(_four(details), express=details.get("lane") == "express")
    if not _over(life):
        life.card.abolish(life.at)


def _collect_reasons(life: Life, _: Details) -> Iterator[str]:
    if life.order is None:
        yield "no_card"
    elif life.order.ready_on is None or life.today < life.order.ready_on:
        yield "wrong_state"


def _collect(life: Life, _: Details) -> None:
    if life.order is not None:
        life.collect(life.order)


def _return(life: Life, _: Details) -> None:
    life.card.abolish(life.at)


def _leak_reasons(life: Life, details: Details) -> Iterator[str]:
    if _over(life):
        yield "card_abolished"
    kind = KeyKind(str(details["kind"]))
    if kind not in life.card.certificates or not life.card.certificates[kind].living(life.at):
        yield from ("cert_not_valid", "cert_absent")


def _leak(life: Life, details: Details) -> None:
    life.card.revoke(life.at, Reason.KEY_COMPROMISE, KeyKind(str(details["kind"])))


def _revive_reasons(life: Life, _: Details) -> Iterator[str]:
    """What is over never comes back; what is not over need not (F-057)."""
    yield "card_abolished" if _over(life) else "wrong_state"


# ---------------------------------------------------------------- the resident register


def _alive(life: Life, _: Details) -> Iterator[str]:
    if life.dead:
        yield from ("not_registered", "card_abolished")


def _renamed(life: Life, details: Details) -> None:
    life.name = str(details["name"])
    life.attribute_changed()


def _moved(life: Life, details: Details) -> None:
    life.address = str(details["address"])
    life.attribute_changed()
    if details.get("municipality_code") is not None and life.card.standing in (Standing.ACTIVE, Standing.SUSPENDED):
        life.card.moved = life.card.moved or life.today


def _die(life: Life, _: Details) -> None:
    life.dead, life.order = True, None
    if life.card.standing in (Standing.ACTIVE, Standing.SUSPENDED):
        life.card.abolish(life.at)


def _continue_reasons(life: Life, _: Details) -> Iterator[str]:
    yield from _living(life)
    if life.card.moved is None and life.card.says == (life.name, life.address):
        yield "wrong_state"


def _continue_typed(_: Life, details: Details) -> dict[PinKind, str]:
    return {PinKind.JUKI: str(details["juki"])}


def _continued(life: Life, _: Details) -> None:
    life.card.moved, life.card.says = None, (life.name, life.address)
    life.card.left[PinKind.JUKI] = MAX_TRIES[PinKind.JUKI]


# ---------------------------------------------------------------- the app and the kiosk


def _other(_: Life, details: Details) -> dict[PinKind, str]:
    pin = _pin(details)
    return {OTHER[pin]: str(details["typed"])} if pin in OTHER else {}


def _store_reasons(life: Life, details: Details) -> Iterator[str]:
    pin = _pin(details)
    if pin not in OTHER:
        yield "service_not_offered"
        return
    if life.today < SINCE[pin]:
        yield "feature_not_yet_available"
    yield from _living(life)
    if not all(life.card.good(kind, life.at) for kind in KeyKind):
        yield "cert_not_valid"


def _reserve_reasons(life: Life, details: Details) -> Iterator[str]:
    yield from _store_reasons(life, details)
    if _pin(details) is PinKind.SIGN and details.get("face") != "match":
        yield "face_mismatch"


def _reserve(life: Life, details: Details) -> None:
    pin = _pin(details)
    life.reservations[pin] = Reservation(life.card, pin, life.at)
    life.card.left[OTHER[pin]] = MAX_TRIES[OTHER[pin]]


def _kiosk_reasons(life: Life, details: Details) -> Iterator[str]:
    yield from _store_reasons(life, details)
    pin = _pin(details)
    if not dates.kiosk_is_open(life.at):
        yield "desk_closed"
    if pin is PinKind.AUTH and details.get("store") == "sign-only":
        yield "service_not_offered"
    if pin in OTHER:
        reservation = life.reservations.get(pin)
        problem = "reservation_missing" if reservation is None else reservation.problem(life.card, life.at)
        if problem is not None:
            yield problem
    yield from _settable(pin, _said(details, "new"))


def _kiosk(life: Life, details: Details) -> None:
    pin = _pin(details)
    life.reservations[pin].used = True
    life.card.set_pin(pin, str(details["new"]))
    life.card.left[OTHER[pin]] = MAX_TRIES[OTHER[pin]]


# ---------------------------------------------------------------- online


def _online_typed(_: Life, details: Details) -> dict[PinKind, str]:
    return {KeyKind(str(details["kind"])).pin: str(details["pin"])}


def _online_reasons(life: Life, details: Details) -> Iterator[str]:
    kind = KeyKind(str(details["kind"]))
    if not life.card.good(kind, life.at):
        yield from ("cert_not_valid", "cert_absent")
    yield from _living(life)


def _revoke_online(life: Life, details: Details) -> None:
    kind = KeyKind(str(details["kind"]))
    life.card.revoke(life.at, Reason.CESSATION_OF_OPERATION, kind)
    life.card.left[kind.pin] = MAX_TRIES[kind.pin]


ERRANDS: Mapping[str, Errand] = MappingProxyType(
    {
        "counter.reset_pin": Errand(_reset_reasons, _reset, at_the_counter=True),
        "counter.unblock_pin": Errand(_unblock_reasons, _unblock, at_the_counter=True),
        "counter.issue_certificates": Errand(_issue_reasons, _issue, at_the_counter=True),
        "counter.renew": Errand(_renewal_reasons, _renew, _renewal_typed, at_the_counter=True),
        "counter.convert_to_face_auth": Errand(_to_face_reasons, _to_face, at_the_counter=True),
        "counter.convert_to_normal": Errand(_to_normal_reasons, _to_normal, at_the_counter=True),
        "counter.release": Errand(_release_reasons, _release, at_the_counter=True),
        "counter.report_loss": Errand(_loss_reasons, _report_loss, at_the_counter=True, shows_card=False),
        "counter.apply_reissue": Errand(_reissue_reasons, _reissue, at_the_counter=True, shows_card=False),
        "counter.collect": Errand(_collect_reasons, _collect, at_the_counter=True, shows_card=False),
        "counter.return_card": Errand(_loss_reasons, _return, at_the_counter=True),
        "counter.report_leak": Errand(_leak_reasons, _leak, at_the_counter=True, shows_card=False),
        "counter.revive": Errand(_revive_reasons, _nothing, at_the_counter=True),
        "counter.continue_use": Errand(_continue_reasons, _continued, _continue_typed, at_the_counter=True),
        "hotline.suspend": Errand(_suspend_reasons, _suspend),
        "hotline.release": _always("phone_cannot_release"),
        "helpline.reset_pin": _always("helpline_cannot_reset"),
        "civil_register.rename": Errand(_alive, _renamed),
        "civil_register.move": Errand(_alive, _moved),
        "civil_register.die": Errand(_alive, _die),
        "app.reserve": Errand(_reserve_reasons, _reserve, _other, "prerequisite_pin_locked"),
        "kiosk.reset": Errand(_kiosk_reasons, _kiosk, _other, "prerequisite_pin_locked"),
        "online.revoke": Errand(_online_reasons, _revoke_online, _online_typed),
    }
)
"""Every errand that can be foreseen, by its name."""
