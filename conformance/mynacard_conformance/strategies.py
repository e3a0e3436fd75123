"""What Hypothesis draws for other people's property tests: cards, what people type, commands that cost nothing, lives.

Values only: nothing here holds a card or a client, so that what is drawn can be printed, shrunk and played again.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import Enum, unique

from hypothesis import strategies as st

from .card_checks import apdu, places
from .concerns import rules
from .concerns.acts import MALFORMED, wide
from .model.holder import FOREIGNER, LONG_TEXT, MAX_TRIES, N1, SEX_UNKNOWN, WRONG, Holder
from .model.setting import CardInStory, Setting
from .outcome import PinKind
from .verdict import Act

__all__ = [
    "HOLDERS",
    "PINS",
    "Attempt",
    "AttemptKind",
    "any_bytes",
    "cards",
    "harmless_commands",
    "lives",
    "pin_attempts",
    "settings",
    "strange_commands",
]

HOLDERS = (N1, LONG_TEXT, FOREIGNER, SEX_UNKNOWN)
"""Holders of cards on which all PINs of `PINS` are set."""

PINS = (PinKind.AUTH, PinKind.SIGN, PinKind.TEXT)
"""The PINs that people type into programs."""


# ---------------------------------------------------------------- cards


def cards(
    holders: Sequence[Holder] = HOLDERS, *, pins: Collection[PinKind] = PINS, locked: bool = True
) -> st.SearchStrategy[CardInStory]:
    """Draw cards with any number of tries left of these PINs; without `locked`, at least one of each.

    `issue(card.holder.profile, **card.order)` makes such a card, and `card.holder.pins` is what its holder knows.
    """
    least = 0 if locked else 1
    tries = st.fixed_dictionaries({}, optional={pin: st.integers(least, MAX_TRIES[pin]) for pin in pins})
    return st.builds(lambda holder, left: CardInStory(holder=holder, tries=left), st.sampled_from(holders), tries)


def settings(
    holders: Sequence[Holder] = HOLDERS, *, pins: Collection[PinKind] = PINS, locked: bool = True
) -> st.SearchStrategy[Setting]:
    """Draw how a story begins, for what is told as the harness tells its own: such a card, in the stage's own time."""
    return cards(holders, pins=pins, locked=locked).map(lambda card: Setting(card=card))


# ---------------------------------------------------------------- what people type


@unique
class AttemptKind(Enum):
    """What somebody types where a PIN is asked for."""

    RIGHT = "right"
    WRONG = "wrong"
    MALFORMED = "malformed"
    WIDE = "wide"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An entry, exactly as a user types it.

    Attributes:
        pin: The PIN that is asked for.
        kind: Right, in the right form but wrong on every card of the harness, in no form that the PIN can have (F-002),
            or right but in full-width characters or lower case.
        value: What is typed; it is not shown.

    """

    pin: PinKind
    kind: AttemptKind
    value: str = field(repr=False)


def pin_attempts(
    holder: Holder = N1, *, pins: Collection[PinKind] = PINS, kinds: Collection[AttemptKind] = tuple(AttemptKind)
) -> st.SearchStrategy[Attempt]:
    """Draw what a holder types for these PINs; lower case is drawn where it is another value, as of a sign PIN.

    Raises `ValueError` where there is nothing to draw.
    """
    attempts = [Attempt(pin, kind, value) for pin in pins for kind in kinds for value in _values(holder, pin, kind)]
    if not attempts:
        raise ValueError(f"the holder of {holder.profile!r} has no such PIN, or types nothing of such a kind for it")
    return st.sampled_from(attempts)


def _values(holder: Holder, pin: PinKind, kind: AttemptKind) -> Collection[str]:
    right = holder.pins.get(pin)
    if right is None:
        return ()
    match kind:
        case AttemptKind.RIGHT:
            return (right,)
        case AttemptKind.WRONG:
            return (WRONG[pin],)
        case AttemptKind.MALFORMED:
            return MALFORMED.get(pin, ())
        case AttemptKind.WIDE:
            return (wide(right),)
        case AttemptKind.LOWER:
            return {right.lower()} - {right}


# ---------------------------------------------------------------- commands


_BYTE = st.integers(0, 255)
_FILES = st.sampled_from(sorted({each.fid for each in vars(places).values() if isinstance(each, places.File)}))
_SHORT_IDENTIFIERS = st.integers(1, 30)
_LE = st.sampled_from((0, 1, 4, 256)) | st.integers(0, 65_536)
_READING = (0xA4, 0xB0, 0xB2, 0xCA, 0x84)
"""SELECT, READ BINARY, READ RECORD, GET DATA, GET CHALLENGE: what they do is forgotten at power-off."""


def harmless_commands() -> st.SearchStrategy[bytes]:
    """Draw command APDUs that mean something on this card and cost nothing, in whatever order they come.

    They select, read, and ask for the tries left. None carries a PIN, and none writes or signs.
    """
    return st.one_of(
        st.sampled_from(places.APPLICATIONS).map(lambda application: apdu.select(application.aid)),
        _FILES.map(apdu.select_file),
        st.builds(apdu.read, st.integers(0, 0x7FFF), st.integers(0, 256)),
        st.builds(apdu.read_by_name, _SHORT_IDENTIFIERS, _BYTE, st.integers(0, 256)),
        st.builds(lambda number, sfi: apdu.read_record(number, sfi=sfi), _BYTE, st.integers(0, 30)),
        st.builds(apdu.query, st.just(0) | _SHORT_IDENTIFIERS),
        st.builds(apdu.get_data, st.integers(0, 0xFFFF)),
    )


def strange_commands() -> st.SearchStrategy[bytes]:
    """Draw what has the header of a reading command and any parameters, lengths and data; also such costs nothing.

    Many end early or say more than follows.
    """
    whole = st.builds(
        apdu.command,
        st.just(0x00),
        st.sampled_from(_READING),
        _BYTE,
        _BYTE,
        st.binary(max_size=300),
        st.none() | _LE,
    )
    return whole | st.builds(lambda raw, length: raw[:length], whole, st.integers(0, 12))


def any_bytes() -> st.SearchStrategy[bytes]:
    """Draw any bytes at all. One of them may be a VERIFY: these are for emulated cards alone."""
    return st.binary(max_size=300)


# ---------------------------------------------------------------- lives


def lives(*, max_size: int = 14) -> st.SearchStrategy[tuple[Act, ...]]:
    """Draw what a holder does with a client and a card, in the words in which findings are written down.

    `concerns.acts.play` plays one act on a `Trial`; no PIN is in them. They need neither an office nor faults.
    """
    return st.lists(_acts(), max_size=max_size).map(tuple)


def _acts() -> st.SearchStrategy[Act]:
    right_or_not = st.sampled_from(("right", "none"))
    known_or_not = st.sampled_from(("right", "wrong"))
    typed = st.sampled_from(("right", "wrong", "wide", "lower", "old", "new-0", "malformed-0"))
    alone = [("close",), ("warm-reset",), ("power-cycle",)]
    return st.one_of(
        st.tuples(st.just("query"), rules.PINS),
        st.tuples(st.just("enter"), rules.PINS, typed),
        st.tuples(st.just("change"), rules.PINS, known_or_not, st.sampled_from(("new-0", "new-1", "malformed-0"))),
        st.tuples(st.just("read"), rules.CERTIFICATES, right_or_not),
        st.tuples(st.just("sign"), rules.KEYS, rules.DIGESTS, rules.MESSAGES, right_or_not),
        st.tuples(st.sampled_from(("my-number", "attributes")), right_or_not),
        st.sampled_from(alone),
    )
