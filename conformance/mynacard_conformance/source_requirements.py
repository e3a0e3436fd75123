"""What the source documents require of the whole: 185 sentences, R-001 to R-185, of which scenarios try out 164.

`requirements` is about clients, and finer; this is what everything is traced back to. The sentences are in
`source_requirements.toml`, chapter by chapter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from functools import cache
from types import MappingProxyType


@unique
class Layer(Enum):
    """Which part of the whole can fulfil a requirement."""

    CARD = "the card"
    COUNTER = "the municipal counter"
    KIOSK = "the kiosk and its app"
    CA = "certificates and their status"
    CLIENT = "the client and its reader"
    PORTAL = "Myna Portal"
    MKPF = "the MyKey platform"
    ELIG = "the eligibility app"
    DOC = "information"


@dataclass(frozen=True, slots=True)
class SourceRequirement:
    """One thing that a source document says.

    Attributes:
        id: R-001 to R-185; it never changes its meaning.
        layers: Whose affair it is.
        sentence: What is required, in English.
        sentence_ja: The same in Japanese.
        testable: Whether a scenario can try it out; the others are for information.

    """

    id: str
    layers: tuple[Layer, ...]
    sentence: str
    sentence_ja: str
    testable: bool


@cache
def source_requirements() -> Mapping[str, SourceRequirement]:
    """Every requirement by its id, in their order."""
    import tomllib  # noqa: PLC0415 - `--help` needs neither this nor the file
    from importlib.resources import files  # noqa: PLC0415 - the same

    text = files("mynacard_conformance").joinpath("source_requirements.toml").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            name: SourceRequirement(
                name,
                tuple(Layer[layer] for layer in entry["layers"]),
                entry["en"],
                entry["ja"],
                entry.get("testable", True),
            )
            for name, entry in tomllib.loads(text).items()
        }
    )
