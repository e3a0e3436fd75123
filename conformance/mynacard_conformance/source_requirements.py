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
from typing import Any


@unique
class Layer(Enum):
    """Which part of the whole can fulfil a requirement."""

    CARD = "card"
    COUNTER = "counter"
    KIOSK = "kiosk"
    CA = "certificates"
    CLIENT = "client"
    PORTAL = "portal"
    MKPF = "mykey"
    ELIG = "eligibility"
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


@dataclass(frozen=True, slots=True)
class Chapter:
    """What the source documents require about one thing, in their order."""

    title: str
    title_ja: str
    requirements: tuple[SourceRequirement, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """Every chapter, in the order of its requirements."""
    import tomllib  # noqa: PLC0415 - `--help` needs neither this nor the file
    from importlib.resources import files  # noqa: PLC0415 - the same

    text = files("mynacard_conformance").joinpath("source_requirements.toml").read_text(encoding="utf-8")
    return tuple(
        Chapter(chapter["en"], chapter["ja"], tuple(_read(*entry) for entry in chapter["requirements"].items()))
        for chapter in tomllib.loads(text)["chapters"]
    )


@cache
def source_requirements() -> Mapping[str, SourceRequirement]:
    """Every requirement by its id, in their order."""
    return MappingProxyType({each.id: each for chapter in chapters() for each in chapter.requirements})


def _read(name: str, entry: Mapping[str, Any]) -> SourceRequirement:
    layers = tuple(Layer[layer] for layer in entry["layers"])
    return SourceRequirement(name, layers, entry["en"], entry["ja"], entry.get("testable", True))
