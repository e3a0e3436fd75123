"""What is played in a random life, in words: so it can be written down without a PIN, and played again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from mynacard_conformance.judge import outside
from mynacard_conformance.judge.trial import Trial
from mynacard_conformance.model.holder import WRONG
from mynacard_conformance.outcome import (
    Call,
    CertificateKind,
    ChangePin,
    Close,
    HashKind,
    KeyKind,
    PinKind,
    ReadAttributes,
    ReadCertificate,
    ReadMyNumber,
    Sign,
    TriesLeft,
    VerifyPin,
)
from mynacard_conformance.verdict import Act, Deed

from . import errands

NEW: Mapping[PinKind, tuple[str, ...]] = MappingProxyType(
    {
        PinKind.AUTH: ("7391", "8240"),
        PinKind.SIGN: ("NEW456", "OTHER7890123456X"),
        PinKind.TEXT: ("6173", "9052"),
    }
)
"""Values that holders choose when they change a PIN; on no card of the harness from the start."""

MALFORMED: Mapping[PinKind, tuple[str, ...]] = MappingProxyType(
    {
        PinKind.AUTH: ("123", "12345", "12a4", ""),
        PinKind.SIGN: ("ABC12", "ABC123ABC123ABC12", "ABC-123", ""),
        PinKind.TEXT: ("345", "34567", "34b6", ""),
    }
)
"""What somebody types who is thinking of another PIN, or not looking."""

_DEEDS: Mapping[str, Deed] = MappingProxyType(
    {
        deed.value.replace(" ", "-"): deed
        for deed in (Deed.EJECT_AND_INSERT, Deed.EJECT, Deed.INSERT, Deed.POWER_CYCLE, Deed.WARM_RESET, Deed.RESTART)
    }
)


class UnknownActError(ValueError):
    """These words are no act; the message says which."""


def play(act: Act, trial: Trial) -> None:
    """Play one act; a call that the client does not offer is left out. Raises `UnknownActError`."""
    match act:
        case (deed,) if deed in _DEEDS:
            trial.deed(_DEEDS[deed])
        case ("fault", line):
            trial.order(line)
        case ("keep-power",):
            trial.keep_power()
        case ("look",):
            trial.look()
        case ("put-in", card):
            trial.deed(Deed.INSERT, card=card)
        case ("reset-at-counter", pin, new):
            errands.reset(trial, PinKind(pin), typed(PinKind(pin), new, trial))
        case ("renew-at-counter",):
            errands.renew(trial)
        case ("other-enters", pin, how):
            with _understanding(act):
                value = typed(PinKind(pin), how, trial)
            outside.present(trial, PinKind(pin), value)
        case _:
            with _understanding(act):
                call = call_of(act, trial)
            if trial.offers(call):
                trial.call(call)


@contextmanager
def _understanding(act: Act) -> Iterator[None]:
    try:
        yield
    except (KeyError, ValueError, IndexError):
        raise UnknownActError(f"no such act: {' '.join(act)}") from None


def call_of(act: Act, trial: Trial) -> Call:  # noqa: PLR0911 - one arm a call
    """The call that an act stands for, with the PINs that the holder would type now."""
    match act:
        case ("query", pin):
            return TriesLeft(PinKind(pin))
        case ("enter", pin, how):
            return VerifyPin(PinKind(pin), typed(PinKind(pin), how, trial))
        case ("change", pin, how, new):
            return ChangePin(PinKind(pin), typed(PinKind(pin), how, trial), typed(PinKind(pin), new, trial))
        case ("read", kind, how):
            return ReadCertificate(CertificateKind(kind), _maybe(PinKind.SIGN, how, trial))
        case ("sign", key, digest, message, how):
            value = _maybe(KeyKind(key).pin, how, trial)
            return Sign(KeyKind(key), HashKind(digest), bytes.fromhex(message), value)
        case ("my-number", how):
            return ReadMyNumber(_maybe(PinKind.TEXT, how, trial))
        case ("attributes", how):
            return ReadAttributes(_maybe(PinKind.TEXT, how, trial))
        case ("close",):
            return Close()
        case _:
            raise UnknownActError


def typed(pin: PinKind, how: str, trial: Trial) -> str:  # noqa: PLR0911 - one arm a way
    """What somebody types: `right`, `old` (as issued), `wrong`, `wide`, `lower`, `new-1`, `malformed-0`."""
    right = trial.oracle.holder.pins.get(pin, WRONG[pin])
    match how.partition("-"):
        case "right", "", "":
            return right
        case "old", "", "":
            return trial.as_issued.pins.get(pin, WRONG[pin])
        case "wrong", "", "":
            return WRONG[pin]
        case "wide", "", "":
            return wide(right)
        case "lower", "", "":
            return right.lower()
        case "new", "-", number:
            return NEW[pin][int(number)]
        case "malformed", "-", number:
            return MALFORMED[pin][int(number)]
        case _:
            raise UnknownActError


def wide(value: str) -> str:
    """Write the same in full-width characters."""
    return value.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


def _maybe(pin: PinKind, how: str, trial: Trial) -> str | None:
    return None if how == "none" else typed(pin, how, trial)
