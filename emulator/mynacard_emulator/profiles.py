"""The built-in profiles, and cards made from these or from a file of one's own.

Nothing heavy is imported before a card is asked for.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from .card import Profile
    from .personalise.issued import IssuedCard
    from .personalise.spec import ProfileSpec

ADULT = "adult"
NO_CERTIFICATES = "no-certificates"


def adult() -> Profile:
    """A card of 架空　太郎 with both certificates, good today."""
    return load(ADULT).profile()


def no_certificates() -> Profile:
    """A card of 架空　花子, who wanted no certificates: its sign and auth PIN were never set."""
    return load(NO_CERTIFICATES).profile()


def load(name_or_path: str | Path, *, today: date | None = None, seed: int = 0, fresh_keys: bool = False) -> IssuedCard:
    """Personalise a card from a built-in profile, or from a TOML file.

    What ends in `.toml` or has a slash in it is a path. `today` is the day of personalisation, by default the day it is
    in Japan; profile, day and seed decide every byte, unless fresh keys are asked for: a built-in card that was made
    before is not made again. Raises `ProfileError`.
    """
    # Here, not above: with cryptography these take longer than all the rest of a command.
    from .personalise import dates  # noqa: PLC0415 - see above
    from .personalise.issue import personalise  # noqa: PLC0415 - see above
    from .pki.keys import fresh_set  # noqa: PLC0415 - see above

    day = today or dates.today()
    if fresh_keys:
        return personalise(spec(name_or_path), today=day, seed=seed, keys=fresh_set())
    if _is_path(name_or_path):  # a file may have changed since it was read
        return personalise(spec(name_or_path), today=day, seed=seed)
    return _built_in(str(name_or_path), day, seed)


def to_order(  # noqa: PLR0913 - what an issuer can be told
    name_or_path: str | Path,
    *,
    today: date,
    seed: int = 0,
    born: date | None = None,
    made: date | None = None,
    stay_until: date | None = None,
    behaviour: Mapping[str, str] | None = None,
) -> IssuedCard:
    """Personalise a card whose holder was born, and which was made or ends, on another day than its profile says.

    A card with days of its own keeps them, whether it has run out by `today` or not. `behaviour` answers open questions
    about the card by name and word. Raises `ProfileError`, and `UnknownAnswerError`.
    """
    from .personalise import answers  # noqa: PLC0415 - start-up
    from .personalise.issue import personalise  # noqa: PLC0415 - start-up

    base = spec(name_or_path)
    card = base.card
    if made or stay_until:
        day = made or card.made
        card = replace(card, made=day, handed_over=day, stay_until=stay_until or card.stay_until, keep_dates=True)
    holder = replace(base.holder, born=born) if born else base.holder
    ordered = replace(base, card=card, holder=holder)
    if behaviour:
        ordered = replace(ordered, behaviour=answers.behaviour(behaviour))
    return personalise(ordered, today=today, seed=seed)


@lru_cache(maxsize=32)  # frozen through and through, so that all who ask may have the same one
def _built_in(name: str, today: date, seed: int) -> IssuedCard:
    from .personalise.issue import personalise  # noqa: PLC0415 - start-up

    return personalise(spec(name), today=today, seed=seed)


def spec(name_or_path: str | Path) -> ProfileSpec:
    """Read a profile without making a card; raise `ProfileError`."""
    from pathlib import Path  # noqa: PLC0415 - start-up

    from .personalise import profile_file  # noqa: PLC0415 - start-up

    if _is_path(name_or_path):
        return profile_file.read(Path(name_or_path))
    name = str(name_or_path)
    return profile_file.parse(text(name), source=f"{name}.toml", name=name)


def names() -> tuple[str, ...]:
    """The built-in profiles."""
    found = (entry.name.removesuffix(".toml") for entry in _directory().iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(found))


def text(name: str) -> str:
    """The TOML of a built-in profile, to read or to start from; raise `ProfileError` for an unknown name."""
    if name in names():
        return (_directory() / f"{name}.toml").read_text(encoding="utf-8")
    from difflib import get_close_matches  # noqa: PLC0415 - start-up

    from .personalise.errors import ProfileError  # noqa: PLC0415 - start-up

    close = get_close_matches(name, names(), n=1)
    hint = f"did you mean {close[0]!r}?" if close else "a file of your own ends in .toml."
    raise ProfileError(f"no built-in profile is called {name!r}; {hint} Built in are: {', '.join(names())}")


def _is_path(name_or_path: str | Path) -> bool:
    return not isinstance(name_or_path, str) or name_or_path.endswith(".toml") or "/" in name_or_path


def _directory() -> Traversable:
    from importlib.resources import files  # noqa: PLC0415 - start-up

    return files("mynacard_fixtures") / "profiles"
