"""What the holder has done at the office in a random life, with what must come of it."""

from __future__ import annotations

from mynacard_conformance.judge.outside import Visits, visit
from mynacard_conformance.judge.trial import Trial
from mynacard_conformance.model.setting import Effects
from mynacard_conformance.outcome import PinKind

_TYPED_AT_RENEWAL = (PinKind.SIGN, PinKind.AUTH, PinKind.JUKI)


def reset(trial: Trial, pin: PinKind, new: str) -> None:
    """Have the counter set a PIN anew (R-018)."""
    visit(trial, Visits("counter.reset_pin", {"pin": pin.value, "new": new}, effects=Effects(sets={pin: new})))


def renew(trial: Trial) -> None:
    """Have the counter renew both certificates, as far as the PINs that are typed there are not locked (F-045)."""
    oracle = trial.oracle
    if not all(oracle.left.get(pin) for pin in _TYPED_AT_RENEWAL):
        return
    typed = {pin.value: oracle.holder.pins[pin] for pin in _TYPED_AT_RENEWAL}
    effects = Effects(restores=_TYPED_AT_RENEWAL, replaces=("auth", "sign"))
    visit(trial, Visits("counter.renew", typed, effects=effects))
