"""What a request does to the world: one function for each verb, which gets what was given and answers in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import count

from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.cards import UnknownPinError
from mynacard_emulator.office.calendar import next_opening
from mynacard_emulator.office.errands import ErrandError
from mynacard_emulator.office.messages import of_visit
from mynacard_emulator.personalise.dates import JST
from mynacard_emulator.pki.errors import IssuerError
from mynacard_emulator.readers.faults import NoAccident, NoFault
from mynacard_emulator.readers.port import ReaderError
from mynacard_emulator.rest.problems import Problem, Refused
from mynacard_emulator.rest.schema import JSON
from mynacard_emulator.rest.verb import Given
from mynacard_emulator.services import actions
from mynacard_emulator.storage import StoredFileError
from mynacard_emulator.transcript import masked
from mynacard_emulator.world import NoCardError, Recent, Snapshot, World, WorldCard

from .errands import MOST_CARDS, understood

MOST_SNAPSHOTS, MOST_FAULTS, MOST_HAPPENED = 100, 100, 1000
"""How much is kept."""
LAST_YEAR = 2199
"""Beyond it the clock is not moved: calendars have an end."""


class Controls:
    """A world and the names by which the outside knows its cards, which are numbers from 1 on, and snapshots.

    `recent` is where the world notes what its cards see.

    Not thread-safe: whoever has it carries out one verb after the other.
    """

    def __init__(self, world: World, recent: Recent) -> None:
        self.world = world
        self.recent = recent
        self.snapshots: dict[str, Snapshot] = {}
        self.numbers = count(1)

    def card(self, number: int) -> WorldCard:
        """The card of that number; raise `Refused`."""
        cards = self.world.cards
        if number > len(cards):
            raise Refused(Problem.NOT_FOUND, f"there is no card {number}; there are {len(cards)}")
        return cards[number - 1]

    def number(self, card: WorldCard) -> int:
        """The number of a card."""
        return self.world.cards.index(card) + 1

    def reader(self, given: Given, *, inserted: bool | None = None) -> int:
        """The number of the reader that is asked about; raise `Refused` where it is not as it should be."""
        reader: int = given["reader"]
        if reader >= len(self.world.readers):
            raise Refused(
                Problem.NOT_FOUND, f"there is no reader {reader}; the last one is {len(self.world.readers) - 1}"
            )
        occupied = self.world.card_in(reader) is not None
        if inserted and not occupied:
            raise Refused(Problem.EMPTY, "no card is in the reader; insert one first")
        if inserted is False and occupied:
            raise Refused(Problem.OCCUPIED, "a card is in the reader; eject it first, or swap the cards with PUT")
        return reader


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what an emulator's user can do wrong into `Refused`."""
    try:
        yield
    except ErrandError as error:
        raise Refused(Problem.INVALID, str(error)) from None
    except (UnknownPinError, IssuerError) as error:
        raise Refused(Problem.CONFLICT, str(error)) from None
    except NoCardError:
        raise Refused(Problem.CONFLICT, "no card was ever inserted; insert one, or name a card") from None
    except (ReaderError, StoredFileError, OSError) as error:
        raise Refused(Problem.READER, str(error)) from None


def state(controls: Controls, _given: Given) -> JSON:
    """Tell what is so now."""
    world = controls.world
    return {
        "now": world.clock.now.isoformat(),
        "readers": [_reader(controls, number) for number in range(len(world.readers))],
        "cards": [_card(controls, card) for card in controls.world.cards],
        "snapshots": list(controls.snapshots),
        "exchanges": controls.recent.total,
    }


def cards(controls: Controls, _given: Given) -> JSON:
    """List the cards."""
    return [_card(controls, card) for card in controls.world.cards]


def one_card(controls: Controls, given: Given) -> JSON:
    """Tell of one card."""
    return _card(controls, controls.card(given["card"]))


def issue(controls: Controls, given: Given) -> JSON:
    """Make another card."""
    if len(controls.world.cards) >= MOST_CARDS:
        raise Refused(Problem.FULL, f"a world has at most {MOST_CARDS} cards; swap those that are there")
    card = controls.world.issue(given["profile"], **given.get("tries", {}))
    return _card(controls, card)


def reader(controls: Controls, given: Given) -> JSON:
    """Tell what is in a reader."""
    return _reader(controls, controls.reader(given))


def insert(controls: Controls, given: Given) -> JSON:
    """Put a card in."""
    reader = controls.reader(given, inserted=False)
    controls.world.insert(_wanted(controls, given), reader)
    return _reader(controls, reader)


def swap(controls: Controls, given: Given) -> JSON:
    """Take the card out, if one is in, and put another in."""
    reader = controls.reader(given)
    controls.world.swap(_wanted(controls, given), reader)
    return _reader(controls, reader)


def eject(controls: Controls, given: Given) -> JSON:
    """Take the card out."""
    reader = controls.reader(given, inserted=True)
    controls.world.eject(reader)
    return _reader(controls, reader)


def reset(controls: Controls, given: Given) -> JSON:
    """Reset the card with its power on."""
    reader = controls.reader(given, inserted=True)
    controls.world.warm_reset(reader)
    return _reader(controls, reader)


def power_cycle(controls: Controls, given: Given) -> JSON:
    """Cut the card's power for a moment."""
    reader = controls.reader(given, inserted=True)
    controls.world.power_cycle(reader)
    return _reader(controls, reader)


def faults(controls: Controls, given: Given) -> JSON:
    """Tell which accidents are ordered at a reader, and which have happened."""
    kept = controls.world.faults_of(controls.reader(given))
    happened: list[JSON] = [{"command": one.command, "fault": str(one.fault)} for one in kept.happened[-MOST_HAPPENED:]]
    return {"ordered": [str(one) for one in kept.ordered], "happened": happened}


def fault(controls: Controls, given: Given) -> JSON:
    """Order an accident at a command."""
    kept = controls.world.faults_of(controls.reader(given))
    if len(kept.ordered) >= MOST_FAULTS:
        raise Refused(Problem.FULL, f"at most {MOST_FAULTS} faults are waiting; call them off first")
    try:
        kept.order(given["fault"])
    except NoFault as error:
        raise Refused(Problem.INVALID, str(error)) from None
    return faults(controls, given)


def call_off(controls: Controls, given: Given) -> JSON:
    """Call off what has not happened yet."""
    controls.world.faults_of(controls.reader(given)).call_off()
    return faults(controls, given)


def accident(controls: Controls, given: Given) -> JSON:
    """Let an accident happen."""
    try:
        happened = controls.world.accident(given["name"], controls.reader(given))
    except NoAccident as error:
        raise Refused(Problem.CONFLICT, str(error)) from None
    return {"accident": happened.name, "holder": happened.holder, "ends": happened.ends}


def put_right(controls: Controls, given: Given) -> JSON:
    """End every accident, and call off every fault."""
    reader = controls.reader(given)
    controls.world.put_right(reader)
    return _reader(controls, reader)


def noise(controls: Controls, given: Given) -> JSON:
    """Let a platform say its own."""
    reader = controls.reader(given, inserted=True)
    controls.world.noise(given["name"], reader)
    return _reader(controls, reader)


def snapshot(controls: Controls, _given: Given) -> JSON:
    """Remember what is now."""
    if len(controls.snapshots) >= MOST_SNAPSHOTS:
        raise Refused(Problem.FULL, f"at most {MOST_SNAPSHOTS} snapshots are kept; delete one first")
    name = str(next(controls.numbers))
    controls.snapshots[name] = controls.world.snapshot()
    return _snapshot(controls, name)


def snapshots(controls: Controls, _given: Given) -> JSON:
    """List what is remembered."""
    return [_snapshot(controls, name) for name in controls.snapshots]


def restore(controls: Controls, given: Given) -> JSON:
    """Go back to what was then."""
    controls.world.restore(_remembered(controls, given["snapshot"]))
    return state(controls, {})


def forget(controls: Controls, given: Given) -> JSON:
    """Forget a snapshot."""
    _remembered(controls, given["snapshot"])
    return {"snapshot": given["snapshot"], "taken_at": controls.snapshots.pop(given["snapshot"]).now.isoformat()}


def trace(controls: Controls, given: Given) -> JSON:
    """Tell what the cards and their reader were asked and answered."""
    first, exchanges = controls.recent.since(given.get("since", 0), given.get("limit", 1000))
    told: list[JSON] = [
        {
            "number": number,
            "reader": exchange.reader,
            "event": exchange.event,
            "command": masked(exchange.command),
            "response": exchange.response.hex().upper(),
        }
        for number, exchange in enumerate(exchanges, first)
    ]
    return {"exchanges": told, "next": first + len(told)}


def errand(name: str, controls: Controls, given: Given) -> JSON:
    """Have an errand carried out, with the card away from the reader for as long as it takes."""
    try:
        details = understood(given, controls.card)
    except ValueError:
        raise Refused(Problem.INVALID, "a document is written as KIND or KIND:2027-03-31; see /openapi.json") from None
    visit = controls.world.office.perform(name, **details)
    return {
        "outcome": visit.outcome,
        "done": visit.done,
        "tries_left": visit.tries_left,
        "says": list(of_visit(name, visit, "en")),
        "card": controls.number(visit.card) if isinstance(visit.card, WorldCard) else None,
        "ready_on": None if visit.ready_on is None else visit.ready_on.isoformat(),
    }


def action(name: str, controls: Controls, given: Given) -> JSON:
    """Ask a service for something."""
    return actions.carry_out(controls.world.services, name, given)


def challenge(controls: Controls, given: Given) -> JSON:
    """Have a service give out bytes to be signed."""
    return actions.challenge(controls.world.services, given["service"])


def log(controls: Controls, _given: Given) -> JSON:
    """Tell all that the services were asked for."""
    return actions.log(controls.world.services)


def clock(controls: Controls, _given: Given) -> JSON:
    """Tell the time."""
    return {"now": controls.world.clock.now.isoformat()}


def move_clock(controls: Controls, given: Given) -> JSON:
    """Let time pass."""
    now = controls.world.clock.now
    try:
        at = datetime.fromisoformat(given["set"]).astimezone(JST) if "set" in given else now
        at += timedelta(days=given.get("days", 0), hours=given.get("hours", 0), minutes=given.get("minutes", 0))
        if at.year > LAST_YEAR:
            raise Refused(Problem.CONFLICT, f"the clock goes up to the year {LAST_YEAR}")
        controls.world.clock.set(next_opening(at) if given.get("opening") else at)
    except (OverflowError, ValueError):
        raise Refused(Problem.CONFLICT, f"the clock stands at {now.isoformat()} and never runs backwards") from None
    return clock(controls, {})


def _wanted(controls: Controls, given: Given) -> WorldCard:
    """The card that is named; else the one that was last in this reader, and where none was, in any."""
    world, reader = controls.world, given["reader"]
    with suppress(NoCardError):
        card = controls.card(given["card"]) if "card" in given else world.last_in(reader)
        return _at_hand(world, card, reader)
    return _at_hand(world, world.current, reader)


def _at_hand(world: World, card: WorldCard, reader: int) -> WorldCard:
    if world.reader_of(card) not in {None, reader}:
        raise Refused(Problem.CONFLICT, f"this card is in reader {world.reader_of(card)}; eject it there first")
    return card


def _reader(controls: Controls, reader: int) -> JSON:
    world = controls.world
    card = world.card_in(reader)
    return {
        "reader": reader,
        "name": world.connect(reader).reader,
        "card": None if card is None else controls.number(card),
        "noticed": world.noticed(reader),
    }


def _card(controls: Controls, card: WorldCard) -> JSON:
    tries = {pin: card.in_hand.tries_left(pin) for pin in PINS}
    return {
        "card": controls.number(card),
        "profile": card.in_hand.issued.name,
        "ends": card.in_hand.issued.not_after.isoformat(),
        "tries": {pin: left for pin, left in tries.items() if left is not None},
    }


def _remembered(controls: Controls, name: str) -> Snapshot:
    if name not in controls.snapshots:
        raise Refused(Problem.NOT_FOUND, "there is no snapshot of that name; see GET /snapshots")
    return controls.snapshots[name]


def _snapshot(controls: Controls, name: str) -> JSON:
    return {"snapshot": name, "taken_at": controls.snapshots[name].now.isoformat()}
