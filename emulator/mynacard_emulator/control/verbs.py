"""The table of what can be asked of a world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from mynacard_emulator import profiles
from mynacard_emulator.applications.pins import PINS
from mynacard_emulator.readers.faults import ACCIDENTS, NOISES
from mynacard_emulator.readers.names import MOST_READERS
from mynacard_emulator.rest.schema import Schema, choice, each, many, number, or_null, text, thing, truth
from mynacard_emulator.rest.verb import Verb
from mynacard_emulator.services import actions
from mynacard_emulator.services.services import LOGINS

from . import acts
from .acts import Controls
from .errands import CARD, MOST_CARDS, errands

MOST_TRIES = 15
LONGEST_TRACE = 1000
_MOMENT = text("A time with its zone.", format="date-time")
_DAY = text("A day.", format="date")
_COUNT = number(most=2**53 - 1)
_SNAPSHOT_NAME = text("A snapshot.", longest=20)
_READER_NUMBER = number(most=MOST_READERS - 1)
_TRIES = each(number("Tries left; 0 is locked.", most=MOST_TRIES), tuple(PINS))

READER = thing(
    {
        "reader": _READER_NUMBER,
        "name": or_null(text("What it is called in PC/SC; null where that is not decided here.")),
        "card": or_null(number("Which card is in; null where none is.", least=1, most=MOST_CARDS)),
        "noticed": truth("Whether the reader has seen that card, and powered it on."),
    }
)
CARD_STATE = thing(
    {
        "card": number("Its number here.", least=1, most=MOST_CARDS),
        "profile": text(),
        "ends": _DAY,
        "tries": _TRIES,
    }
)
SNAPSHOT = thing({"snapshot": _SNAPSHOT_NAME, "taken_at": _MOMENT})
CLOCK = thing({"now": _MOMENT})
_FAULT = text("One line, such as verify:1:tear-after.", longest=200)
FAULT = thing({"fault": _FAULT})
FAULTS = thing(
    {
        "ordered": many(_FAULT),
        "happened": many(thing({"command": _COUNT, "fault": _FAULT})),
    }
)
ACCIDENT = thing(
    {
        "accident": text(),
        "holder": text("What the holder sees or does."),
        "ends": text("What the holder does about it; here, DELETE."),
    }
)
STATE = thing(
    {
        "now": _MOMENT,
        "readers": many(READER),
        "cards": many(CARD_STATE),
        "snapshots": many(_SNAPSHOT_NAME),
        "exchanges": _COUNT,
    }
)
TRACE = thing(
    {
        "exchanges": many(
            thing(
                {
                    "number": _COUNT,
                    "reader": _READER_NUMBER,
                    "event": choice(["command", "power_on", "power_off", "reset", "insert", "eject"]),
                    "command": text("In hex, with dots for the bytes of a PIN.", longest=140_000),
                    "response": text("In hex.", longest=140_000),
                }
            )
        ),
        "next": _COUNT,
    }
)
VISIT = thing(
    {
        "outcome": text("ok, wrong_pin, locked, or why it was refused."),
        "done": truth(),
        "tries_left": or_null(number("What the card said of a PIN that was wrong.", most=MOST_TRIES)),
        "says": many(text("What the office says, in English.")),
        "card": or_null(number("The card that was handed over.", least=1, most=MOST_CARDS)),
        "ready_on": or_null(_DAY),
    }
)
PATH_PARAMETERS: Mapping[str, Schema] = {
    "reader": number("A reader's number; the first is 0.", most=MOST_READERS - 1),
    "card": number("A card's number.", least=1, most=MOST_CARDS),
    "snapshot": _SNAPSHOT_NAME,
    "service": choice(LOGINS),
}
"""What stands in a path in braces."""


def verbs() -> tuple[Verb[Controls], ...]:
    """Every verb there is."""
    return tuple(replace(verb, parts=PATH_PARAMETERS) for verb in _verbs())


def _verbs() -> tuple[Verb[Controls], ...]:
    which = thing({"card": CARD}, optional=["card"])
    new = thing({"profile": choice(profiles.names()), "tries": _TRIES}, optional=["tries"])
    span = {name: number(most=most) for name, most in (("days", 40_000), ("hours", 24_000), ("minutes", 1_440_000))}
    opening = truth("Then go on to when the desks open next.")
    moved = thing({"set": _MOMENT, **span, "opening": opening}, optional=["set", *span, "opening"])
    since = {"since": _COUNT, "limit": number(least=1, most=LONGEST_TRACE)}
    card, reader, snapshot = "/readers/{reader}/card", "/readers/{reader}", "/snapshots/{snapshot}"
    ordered, mishap = f"{reader}/faults", f"{reader}/accident"
    by_name = thing({"name": choice([accident.name for accident in ACCIDENTS])})
    says = thing({"name": choice([noise.name for noise in NOISES])})
    return (
        Verb("state", "GET", "/state", acts.state, "All that is so now, but no values of PINs.", STATE),
        Verb("cards", "GET", "/cards", acts.cards, "The cards of this world.", many(CARD_STATE)),
        Verb("issue", "POST", "/cards", acts.issue, "Make a card from a built-in profile.", CARD_STATE, 201, new),
        Verb("card", "GET", "/cards/{card}", acts.one_card, "One card: its tries left.", CARD_STATE),
        Verb("reader", "GET", reader, acts.reader, "What is in a reader.", READER),
        Verb("insert", "POST", card, acts.insert, "Put a card into the empty reader.", READER, 201, which),
        Verb("swap", "PUT", card, acts.swap, "Take out the card that is in, and put another in.", READER, 200, which),
        Verb("eject", "DELETE", card, acts.eject, "Take the card out, also in the middle of a command.", READER),
        Verb("reset", "POST", f"{reader}/reset", acts.reset, "Reset the card with its power on.", READER),
        Verb("power_cycle", "POST", f"{reader}/power_cycle", acts.power_cycle, "Cut its power for a moment.", READER),
        Verb("faults", "GET", ordered, acts.faults, "The faults that are ordered or have happened.", FAULTS),
        Verb("fault", "POST", ordered, acts.fault, "Order a fault at a command.", FAULTS, 201, FAULT),
        Verb("call_off", "DELETE", ordered, acts.call_off, "Call off what has not happened yet.", FAULTS),
        Verb("accident", "POST", mishap, acts.accident, "Let an accident happen on the desk.", ACCIDENT, 201, by_name),
        Verb("put_right", "DELETE", mishap, acts.put_right, "End every accident, and call off all faults.", READER),
        Verb(
            "noise", "POST", f"{reader}/noise", acts.noise, "Let a platform say its own to the card.", READER, 200, says
        ),
        Verb("snapshots", "GET", "/snapshots", acts.snapshots, "What is remembered.", many(SNAPSHOT)),
        Verb("snapshot", "POST", "/snapshots", acts.snapshot, "Remember cards, registry and time.", SNAPSHOT, 201),
        Verb("restore", "POST", f"{snapshot}/restore", acts.restore, "Go back to what was then.", STATE),
        Verb("forget", "DELETE", snapshot, acts.forget, "Forget a snapshot.", SNAPSHOT),
        Verb("trace", "GET", "/trace", acts.trace, "What was asked and answered, PINs masked.", TRACE, query=since),
        Verb("clock", "GET", "/clock", acts.clock, "The time in this world.", CLOCK),
        Verb("move_clock", "POST", "/clock", acts.move_clock, "Let time pass.", CLOCK, 200, moved),
        Verb(
            "challenge",
            "POST",
            "/services/{service}/challenge",
            acts.challenge,
            "Bytes that a service wants signed.",
            actions.CHALLENGE,
        ),
        Verb("log", "GET", "/services/log", acts.log, "What the services were asked, granted or not.", actions.LOG),
        *(
            Verb(
                name,
                "POST",
                f"/office/{name}",
                partial(acts.errand, name),
                "An errand at the office.",
                VISIT,
                200,
                told,
            )
            for name, told in errands().items()
        ),
        *(
            Verb(
                f"services.{name}",
                "POST",
                f"/services/{name}",
                partial(acts.action, name),
                actions.summary_of(name),
                actions.SERVED,
                200,
                told,
            )
            for name, told in actions.actions().items()
        ),
    )
