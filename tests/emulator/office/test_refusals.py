"""One rule for every errand there is: who is refused has changed nothing, and a PIN that was wrong cost its one try."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.card import Memory
from mynacard_emulator.clock import OPENING
from mynacard_emulator.office.calendar import next_opening
from mynacard_emulator.office.errands import ERRANDS, ErrandError
from mynacard_emulator.office.refusal import Refusal
from mynacard_emulator.office.registry import AgentCase, Registry
from mynacard_emulator.office.visit import Visit
from mynacard_emulator.office.visitor import Actor, DocumentKind
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.world import Snapshot, World

PINS_OF = {
    "adult": ("auth", "sign", "juki", "text"),
    "shared-pin": ("auth", "sign", "juki", "text"),
    "child": ("auth", "juki", "text"),
    "no-certificates": ("juki", "text"),
    "face-auth": (),
    "juki-card": ("sign",),
}
EVERYWHERE = [(desk, name) for desk, names in ERRANDS.items() for name in names]
MOSTLY, SELDOM = st.sampled_from([True, True, True, False]), st.sampled_from([False, False, True])
PAUSES = [timedelta(), timedelta(hours=8), timedelta(days=6), timedelta(days=91)]
FOURTEEN, WINDOW = datetime(2026, 5, 29, 10, tzinfo=JST), datetime(2029, 12, 3, 10, tzinfo=JST)
"""Before the child's fifteenth birthday; and when an adult's certificates are renewed."""

NAMES = st.sampled_from(["auth", "sign", "juki", "text", "number_a"])
RIGHT = {"auth": "1234", "sign": "ABC123", "juki": "2345", "text": "3456"}
VALUES = st.sampled_from([*RIGHT.values(), "1111", "5927", "NEW456", "ABCDEF", "12", "", "１２３４"])
PAPERS = st.lists(
    st.sampled_from([*(kind.value for kind in DocumentKind), "passport:2026-11-19", "driving_licence:2030-12-31"]),
    max_size=3,
)

WORDS: Mapping[str, st.SearchStrategy[object]] = {
    "pin": NAMES | st.sampled_from(["1234", "ABC123"]),
    **dict.fromkeys(("new", "confirm", "typed", "auth_pin", "sign_pin", "card_sign_pin"), VALUES),
    **{pin: st.just(value) | VALUES for pin, value in RIGHT.items()},
    "resets": st.dictionaries(NAMES, VALUES, max_size=2),
    "kind": st.sampled_from(["auth", "sign", "both"]),
    "police_number": st.just("26-01234"),
    "reason": st.sampled_from(["lost", "stolen", "damaged", "locked", "ended", "bored"]),
    "lane": st.sampled_from(["normal", "express", "slow"]),
    "store": st.sampled_from(["both", "sign-only", "closed"]),
    "face": st.sampled_from(["match", "differs"]),
    "platform": st.sampled_from(["android", "iphone", "pager"]),
    "address": st.sampled_from(["東京都架空市見本町７－８－９", ""]),
    "municipality_code": st.sampled_from(["99002", "99001", "x"]),
    "prefecture": st.just("Osaka-fu"),
    "city": st.just("Sora-shi"),
    "name": st.sampled_from(["架空　次郎", ""]),
    "sex": st.sampled_from(["female", "none"]),
    "born": st.just(date(1981, 3, 4)),
    "continuing": st.booleans(),
}
"""What each parameter of an errand may be told, sense or nonsense."""

VISITORS = st.fixed_dictionaries(
    {},
    optional={
        "by": st.sampled_from([actor.value for actor in Actor]),
        "documents": PAPERS,
        "own_documents": PAPERS | st.just(["driving_licence", "health_insurance"]),
        "bring_card": st.booleans(),
        "same_household": st.booleans(),
        "register_in_city": st.booleans(),
        "reply_form": st.booleans(),
    },
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An errand by its name, and what is said of it."""

    errand: str
    details: Mapping[str, object]


SENSIBLE: Mapping[str, Mapping[str, object]] = {
    "counter.reset_pin": {"pin": "auth", "new": "5927"},
    "counter.issue_certificates": {"auth": "5927", "sign": "NEW456"},
    "counter.renew": {"auth": "1234", "sign": "ABC123", "juki": "2345"},
    "counter.convert_to_normal": {"auth": "5927", "juki": "6038", "text": "7149", "sign": "NEW456"},
    "counter.continue_use": {"juki": "2345"},
    "civil_register.move": {"address": "東京都架空市見本町７－８－９", "municipality_code": "99002"},
    "app.reserve": {"pin": "sign", "typed": "1234", "face": "match"},
    "kiosk.reset": {"pin": "sign", "typed": "1234", "new": "NEW456"},
    "online.revoke": {"kind": "sign", "pin": "ABC123"},
    "phone.enrol": {"sign_pin": "ABC123", "auth": "5927", "sign": "NEW456"},
}
"""What people do come for."""


@st.composite
def sensible_errands(draw: st.DrawFn) -> Asked:
    """Something that can be done, said without a mistake or with one."""
    errand = draw(st.sampled_from([name for name in SENSIBLE if tuple(name.split(".")) in EVERYWHERE]))
    mistake = draw(st.none() | st.sampled_from(sorted(SENSIBLE[errand])))
    wrong = {} if mistake is None else {mistake: draw(WORDS[mistake])}
    visitor = draw(VISITORS) if errand.startswith("counter.") and draw(SELDOM) else {}
    return Asked(errand, {**SENSIBLE[errand], **wrong, **visitor})


@st.composite
def any_errands(draw: st.DrawFn, office: object) -> Asked:
    """Any errand that there is, with words for all its parameters that have to have some, and for some others."""
    desk, name = draw(st.sampled_from(EVERYWHERE))
    parameters = inspect.signature(getattr(getattr(office, desk), name)).parameters
    told: dict[str, object] = {}
    for word, parameter in parameters.items():
        if word in ("visitor", "card", "phone"):
            continue
        if parameter.default is inspect.Parameter.empty or draw(MOSTLY if word in RIGHT else SELDOM):
            told[word] = draw(WORDS[word])
    visitor = draw(VISITORS) if "visitor" in parameters and draw(SELDOM) else {}
    return Asked(f"{desk}.{name}", {**told, **visitor})


def times(now: datetime) -> st.SearchStrategy[datetime]:
    """Any of the times to come; mostly one at which the counter is open."""
    later = st.sampled_from(PAUSES).map(lambda pause: now + pause)
    return st.one_of(later.map(next_opening), later.map(next_opening), later)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A world with any card in its reader, with any tries left."""
    profile = draw(st.sampled_from(sorted(PINS_OF)))
    pins: dict[str, Any] = {pin: draw(st.sampled_from([3, 3, 3, 1, "locked"])) for pin in PINS_OF[profile]}
    world = World(at=draw(st.sampled_from([OPENING, FOURTEEN])))
    world.insert(world.issue(profile, **pins))
    world.clock.set(draw(st.sampled_from([world.clock.now, WINDOW])))
    return world


@given(st.data())
def test_whatever_is_refused_has_changed_nothing_and_a_wrong_pin_costs_one_try(data: st.DataObject) -> None:
    world = data.draw(worlds())
    for _ in range(data.draw(st.integers(1, 8))):
        world.clock.set(data.draw(times(world.clock.now)))
        asked = data.draw(sensible_errands() | any_errands(world.office))
        before, registry = world.snapshot(), world.office.standing
        try:
            visit = world.office.perform(asked.errand, **asked.details)
        except ErrandError:
            visit = Visit(refusal=Refusal.NOT_REGISTERED)
        event(f"{asked.errand}: {visit.outcome}")
        if not visit.done:
            hold_registry_to(visit, registry, world.office.standing)
            hold_chips_to(visit, asked, before, world.snapshot())


def hold_registry_to(visit: Visit, before: Registry, after: Registry) -> None:
    """An agent's case may be new; everything else is as it was."""
    news = {key: entry for key, entry in after.entries.items() if before.entries.get(key) != entry}
    opened = visit.refusal is Refusal.SECOND_VISIT_REQUIRED
    assert all(opened and isinstance(entry, AgentCase) and not entry.done for entry in news.values())
    assert before.entries.keys() <= after.entries.keys()


def hold_chips_to(visit: Visit, asked: Asked, before: Snapshot, after: Snapshot) -> None:
    """The PIN that stopped the errand has one try less, those that were typed before it may have all of theirs."""
    assert [issued for issued, _ in before.cards] == [issued for issued, _ in after.cards]
    values = {value.encode() for value in asked.details.values() if isinstance(value, str)}
    spent = [
        pin for (_, old), (_, new) in zip(before.cards, after.cards, strict=True) for pin in _spent(old, new, values)
    ]
    failure = visit.pin
    if failure is None:
        assert not spent
    else:
        assert spent in ([], [(failure.pin, failure.tries_left)])
        assert spent or not failure.tries_left


def _spent(before: Memory, after: Memory, typed: Collection[bytes]) -> Iterator[tuple[str, int]]:
    """The PINs that have one try less, with what they have; no other change is allowed but the one of a right entry."""
    names = {path: pin for pin, paths in PINS.items() for path in paths}
    for path, old in before.reference_data.items():
        new = after.reference_data[path]
        assert new.value == old.value
        if new.counter == old.counter:
            continue
        if new.counter.left == old.counter.left - 1:
            yield names[path], new.counter.left
        else:
            assert new.counter == old.counter.restore()
            assert old.value in typed
            assert old.counter.left
