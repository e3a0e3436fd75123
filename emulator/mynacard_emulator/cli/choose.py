"""Which card a verb is about: one in a file, or a fresh one from a profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import click

from mynacard_emulator import profiles
from mynacard_emulator.card import Card, Profile
from mynacard_emulator.cards import CardInHand, with_state
from mynacard_emulator.personalise.issued import IssuedCard

F = TypeVar("F", bound=Callable[..., Any])

FaultyCard: TypeAlias = Callable[[Profile], Card]
"""Makes a card with one mistake; a class, its docstring says which, and its `fault` what requirement that breaks."""

DEFAULT_PROFILE = profiles.ADULT


def profile_option(function: F) -> F:
    """Add `--profile`."""
    return click.option(
        "--profile",
        metavar="NAME|TOML",
        help=f"A built-in profile (see `mynacard profiles`) or a TOML file; default {DEFAULT_PROFILE}.",
    )(function)


def state_option(function: F) -> F:
    """Add `--state`."""
    return click.option(
        "--state",
        metavar="PIN=TRIES,…",
        default="",
        help="Tries left of PINs at the start, such as `auth=locked,sign=1`.",
    )(function)


def faulty_cards() -> dict[str, FaultyCard]:
    """Every card with one fault that packages offer in the entry-point group `mynacard.faulty_cards`, by name."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - few cards are faulty

    known: dict[str, FaultyCard] = {}
    for entry in entry_points(group="mynacard.faulty_cards"):
        known |= entry.load()
    return known


def faulty_card(name: str) -> FaultyCard:
    """The card with this fault; raise `UsageError` for one that nobody knows."""
    from difflib import get_close_matches  # noqa: PLC0415 - few are mistyped

    known = faulty_cards()
    if name not in known:
        close = get_close_matches(name, known, n=3, cutoff=0.4)
        raise click.UsageError(f"--faulty {name!r}: no such fault; near it are {', '.join(close or sorted(known)[:3])}")
    return known[name]


def spoil(card: CardInHand, name: str, state: str) -> None:
    """Put a card with one fault in the place of an honest one; raise `UsageError` for a fault that nobody knows.

    Its memory is its own, since some faults are in what its issuer wrote; `state` is as for the honest one.
    """
    faulty = faulty_card(name)(card.card.profile)
    faulty.write(with_state(faulty.state.memory, read_state(state)))
    card.card = faulty


def read_state(given: str) -> Mapping[str, str]:
    """Read `auth=locked,sign=1`; raise `UsageError` for anything of another form."""
    state: dict[str, str] = {}
    for part in filter(None, given.split(",")):
        name, equals, value = part.partition("=")
        if not equals:
            raise click.UsageError(f"--state {part!r}: write PIN=TRIES, such as auth=locked or sign=1")
        state[name.strip()] = value.strip()
    return state


def whose(issued: IssuedCard) -> str:
    """Whose card it is, and that it is a test card."""
    return f"{issued.holder.name if issued.jpki else 'a card that is none of ours'} (test card)"


def take(file: Path | None, profile: str | None, state: str = "", *, sync: bool = False) -> CardInHand:
    """Take the card in hand: out of its file, or made from a profile and living in memory."""
    if file is None:
        return CardInHand.in_memory(profiles.load(profile or DEFAULT_PROFILE), read_state(state))
    if profile is not None:
        raise click.UsageError("a card comes from a FILE or from a --profile, not from both")
    if state:
        raise click.UsageError("--state is for new cards; a card in a file remembers its own")
    return CardInHand.open(file, sync=sync)
