"""What the card checks catch: every faulty card, the requirements it was caught for, and how much that took.

    python -m benchmarks.card_sensitivity

A card that a directed check catches needs no random life; of the others it is said how many were played, those of
shrinking among them.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from mynacard_conformance.card_checks import places
from mynacard_conformance.card_checks.bench import Allowance, Bench
from mynacard_conformance.card_checks.judging import judge
from mynacard_conformance.card_checks.lives import Lives
from mynacard_conformance.card_checks.verdicts import CardReport
from mynacard_emulator import profiles
from mynacard_emulator.card import PinPath
from mynacard_fixtures.cards import FAULTY, WITH_A_PAST, FaultyCard

_SEEDS = range(10)
_LIVES = 400


def _judged(faulty: type[FaultyCard], lives: Lives | None) -> CardReport:
    profile = profiles.adult()
    card = faulty(profile)
    memory = card.state.memory
    known = {
        pin: issued
        for pin in places.PINS
        if (data := profile.pins.get(PinPath(pin.application.aid, pin.fid))) and (issued := data.initial) is not None
    }
    bench = Bench(card, Allowance(known, spends=True, expendable=True), lambda: card.write(memory))
    return judge(bench, faulty.__name__, lives=lives)


def _row(faulty: type[FaultyCard], broken: frozenset[str], lives: int) -> str:
    others = sorted(broken - {faulty.fault})
    verdict = faulty.fault if faulty.fault in broken else "NOT CAUGHT"
    also = f", also {', '.join(others)}" if others else ""
    return f"| {faulty.__name__} | {verdict}{also} | {lives} |"


def _with_a_past(faulty: type[FaultyCard]) -> tuple[frozenset[str], int]:
    """Try seed by seed; how many lives were played in all."""
    played = 0
    for seed in _SEEDS:
        report = _judged(faulty, Lives(_LIVES, seed=seed, ceiling=600.0))
        played += report.lives
        if report.broken:
            return report.broken, played
    return frozenset(), played


def main(faulty: Sequence[type[FaultyCard]] = FAULTY, with_a_past: Sequence[type[FaultyCard]] = WITH_A_PAST) -> None:
    begun = time.monotonic()
    print("| fault | caught by | lives |")
    print("|---|---|---|")
    caught = 0
    for each in faulty:
        broken = _judged(each, None).broken
        caught += each.fault in broken
        print(_row(each, broken, 0))
    for each in with_a_past:
        broken, lives = _with_a_past(each)
        caught += each.fault in broken
        print(_row(each, broken, lives))
    took = time.monotonic() - begun
    print(f"\n{caught} of {len(faulty) + len(with_a_past)} caught for their own fault, in {took:.0f} s")


if __name__ == "__main__":
    main()
