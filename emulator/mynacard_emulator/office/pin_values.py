"""Which PINs an office knows, which values it sets, and what it says of those that are easily guessed."""

from __future__ import annotations

from itertools import pairwise

from mynacard_emulator.applications.pins import reference_data
from mynacard_emulator.personalise.holder import Holder
from mynacard_emulator.personalise.pins import PinKind, format_problem

from .desk import Desk
from .refusal import Refusal, Refused

EASILY_GUESSED = "This PIN is easily guessed; a birthday, a row of digits or one digit throughout is no secret."
_KINDS = {kind.value: kind for kind in PinKind}


def pin_kind(desk: Desk, name: str) -> PinKind:
    """The PIN of this name, which has a value on the card; raise `Refused` where there is none."""
    kind = _KINDS.get(name)
    data = reference_data(desk.chip.card.state.memory, name)
    if kind is None or data is None or data.value is None:
        raise Refused(Refusal.PIN_ABSENT)
    return kind


def require_format(desk: Desk, kind: PinKind, value: str) -> None:
    """Refuse a value that may not be set (R-006, R-008, D-05)."""
    if format_problem(kind, value, require_mix=desk.policy.require_mix):
        raise Refused(Refusal.PIN_FORMAT)


def advice(holder: Holder, *values: str) -> tuple[str, ...]:
    """What the desk says of values that it sets, however weak they are (F-004)."""
    return (EASILY_GUESSED,) if any(_is_weak(holder, value) for value in values) else ()


def _is_weak(holder: Holder, value: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(value)}
    birthday = holder.born.strftime("%Y%m%d")
    return (len(steps) == 1 and steps <= {-1, 0, 1}) or value in (birthday[:4], birthday[4:])
