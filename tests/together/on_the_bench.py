"""An emulated card on the bench of the card checks, with a tester who knows all its PINs."""

from __future__ import annotations

from functools import cache

from mynacard_conformance.card_checks import places
from mynacard_conformance.card_checks.bench import Allowance, Bench
from mynacard_conformance.card_checks.judging import judge
from mynacard_conformance.card_checks.verdicts import CardReport
from mynacard_emulator import profiles
from mynacard_emulator.card import Card, PinPath, Profile


@cache
def profile(name: str) -> Profile:
    """The card of a built-in profile."""
    return profiles.load(name).profile()


def all_known(profile: Profile, *, spends: bool, expendable: bool) -> Allowance:
    """Somebody who knows every PIN of this card that was set."""
    issued = {
        pin: data.initial
        for pin in places.PINS
        if (data := profile.pins.get(PinPath(pin.application.aid, pin.fid))) and data.initial is not None
    }
    return Allowance(issued, spends=spends, expendable=expendable)


class InReader:
    """A card as a reader has it: its power is cut before it is supplied again, and it is asked for its ATR."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.transmit = card.transmit

    def power_on(self) -> bytes:
        """Cold reset."""
        self.card.power_off()
        self.card.power_on()
        return self.card.atr

    def reset(self) -> bytes:
        """Warm reset."""
        self.card.reset()
        return self.card.atr


def bench_for(card: Card) -> Bench:
    """A bench with this card, which is as it was for every check."""
    memory = card.state.memory
    return Bench(InReader(card), all_known(card.profile, spends=True, expendable=True), lambda: card.write(memory))


def judge_card(card: Card) -> CardReport:
    """Judge it by every check."""
    return judge(bench_for(card), card.profile.name)
